// HTTP transfers on libcurl's multi interface, driven by epoll. The library is opened at run time: a server that makes
// no HTTP requests does not need it. Nothing here is thread-safe but apus_http_wake and the apus_curl_ functions.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// An engine: the transfers and connections of one thread.
typedef struct apus_http apus_http;
/// One request and what comes of it.
typedef struct apus_transfer apus_transfer;

/// What can be set of a transfer, by its own number: libcurl's differ in type.
enum apus_http_text {
    APUS_HTTP_URL, APUS_HTTP_METHOD, APUS_HTTP_USER_AGENT, APUS_HTTP_USERNAME, APUS_HTTP_PASSWORD, APUS_HTTP_CA_FILE,
    APUS_HTTP_CA_PATH, APUS_HTTP_CERTIFICATE, APUS_HTTP_KEY, APUS_HTTP_CIPHERS, APUS_HTTP_PROXY, APUS_HTTP_INTERFACE,
    APUS_HTTP_TEXT_COUNT
};
enum apus_http_number {
    APUS_HTTP_TIMEOUT_MS, APUS_HTTP_CONNECT_TIMEOUT_MS, APUS_HTTP_FOLLOWS, APUS_HTTP_AUTH, APUS_HTTP_TLS_VERSION,
    APUS_HTTP_VERIFY_PEER, APUS_HTTP_VERIFY_HOST, APUS_HTTP_PROXY_PORT, APUS_HTTP_FORBIDS_REUSE, APUS_HTTP_KEEPALIVE,
    APUS_HTTP_KEEPALIVE_IDLE, APUS_HTTP_KEEPALIVE_INTERVAL, APUS_HTTP_VERSION, APUS_HTTP_VERBOSE, APUS_HTTP_NO_BODY,
    APUS_HTTP_NUMBER_COUNT
};
enum apus_http_time {
    APUS_HTTP_TOTAL, APUS_HTTP_LOOKUP, APUS_HTTP_CONNECT, APUS_HTTP_TLS, APUS_HTTP_PRETRANSFER, APUS_HTTP_FIRST_BYTE,
    APUS_HTTP_REDIRECTS, APUS_HTTP_TIME_COUNT
};

/// Opens libcurl, once. Gives NULL, or the reason why it cannot be used.
const char *apus_curl_open(void);
/// Its version and the libraries it uses; empty before it is open.
const char *apus_curl_version(void);
/// The text of a result code.
const char *apus_curl_text(int code);

/// NULL when memory or descriptors are exhausted. Transfers beyond `connections` wait for one (0: half of
/// the open files allowed); `cached` idle ones are kept.
apus_http *apus_http_new(long connections, long cached);
void apus_http_free(apus_http *http);
/// Has apus_http_turn return. From any thread.
void apus_http_wake(apus_http *http);
/// Waits at most so long for something to happen, and handles it.
void apus_http_turn(apus_http *http, int milliseconds);
/// A transfer that has ended, no longer the engine's; NULL when there is none.
apus_transfer *apus_http_done(apus_http *http);

/// `body` and `header` limit the bytes kept; what is longer is cut, and the transfer ends then.
apus_transfer *apus_transfer_new(uint64_t tag, size_t body, size_t header);
void apus_transfer_free(apus_transfer *transfer);
/// These give 0, or a result code.
int apus_transfer_set_text(apus_transfer *transfer, int what, const char *text);
int apus_transfer_set_number(apus_transfer *transfer, int what, long value);
int apus_transfer_set_body(apus_transfer *transfer, const uint8_t *bytes, size_t count);
int apus_transfer_add_header(apus_transfer *transfer, const char *line);
int apus_transfer_start(apus_http *http, apus_transfer *transfer);
/// Takes a running transfer out of the engine.
void apus_transfer_stop(apus_http *http, apus_transfer *transfer);

uint64_t apus_transfer_tag(const apus_transfer *transfer);
/// The result code: 0 when an answer came whole or was cut at its limit.
int apus_transfer_result(const apus_transfer *transfer);
/// The HTTP status, 0 when there was no answer.
int apus_transfer_status(const apus_transfer *transfer);
int apus_transfer_is_cut(const apus_transfer *transfer);
const uint8_t *apus_transfer_body(const apus_transfer *transfer, size_t *count);
/// First line and header fields of the last answer.
const uint8_t *apus_transfer_header(const apus_transfer *transfer, size_t *count);
/// Where the last answer came from; never NULL.
const char *apus_transfer_url(const apus_transfer *transfer);
/// Where it says to go instead; never NULL.
const char *apus_transfer_redirect(const apus_transfer *transfer);
/// Microseconds since the start.
int64_t apus_transfer_time(const apus_transfer *transfer, int what);
