#include "CCurl.h"

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

// The library, opened once for the process and never closed.

static struct {
    CURLcode (*global_init)(long);
    const char *(*easy_strerror)(CURLcode);
    char *(*version)(void);
    CURL *(*easy_init)(void);
    void (*easy_cleanup)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_getinfo)(CURL *, CURLINFO, ...);
    CURLM *(*multi_init)(void);
    CURLMcode (*multi_cleanup)(CURLM *);
    CURLMcode (*multi_setopt)(CURLM *, CURLMoption, ...);
    CURLMcode (*multi_add_handle)(CURLM *, CURL *);
    CURLMcode (*multi_remove_handle)(CURLM *, CURL *);
    CURLMcode (*multi_socket_action)(CURLM *, curl_socket_t, int, int *);
    CURLMcode (*multi_assign)(CURLM *, curl_socket_t, void *);
    CURLMsg *(*multi_info_read)(CURLM *, int *);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
} lib;

static pthread_once_t opened = PTHREAD_ONCE_INIT;
static char failure[256];

static void open_library(void) {
    static const char *names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
    void *handle = NULL;
    for (size_t i = 0; !handle && i < sizeof names / sizeof *names; i++) {
        handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
        const char *reason = handle ? NULL : dlerror();
        if (reason && i == 0) snprintf(failure, sizeof failure, "%s", reason);
    }
    if (!handle) return;
    failure[0] = 0;
    struct {
        const char *name;
        void *place;
    } needed[] = {
        {"curl_global_init", &lib.global_init}, {"curl_easy_strerror", &lib.easy_strerror},
        {"curl_version", &lib.version}, {"curl_easy_init", &lib.easy_init},
        {"curl_easy_cleanup", &lib.easy_cleanup}, {"curl_easy_setopt", &lib.easy_setopt},
        {"curl_easy_getinfo", &lib.easy_getinfo}, {"curl_multi_init", &lib.multi_init},
        {"curl_multi_cleanup", &lib.multi_cleanup}, {"curl_multi_setopt", &lib.multi_setopt},
        {"curl_multi_add_handle", &lib.multi_add_handle}, {"curl_multi_remove_handle", &lib.multi_remove_handle},
        {"curl_multi_socket_action", &lib.multi_socket_action}, {"curl_multi_assign", &lib.multi_assign},
        {"curl_multi_info_read", &lib.multi_info_read}, {"curl_slist_append", &lib.slist_append},
        {"curl_slist_free_all", &lib.slist_free_all},
    };
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        void *symbol = dlsym(handle, needed[i].name);
        if (!symbol) {
            snprintf(failure, sizeof failure, "libcurl has no %s", needed[i].name);
            return;
        }
        memcpy(needed[i].place, &symbol, sizeof symbol);
    }
    CURLcode code = lib.global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) snprintf(failure, sizeof failure, "libcurl does not start: %s", lib.easy_strerror(code));
}

const char *apus_curl_open(void) {
    pthread_once(&opened, open_library);
    return failure[0] ? failure : NULL;
}

const char *apus_curl_version(void) { return lib.version ? lib.version() : ""; }

const char *apus_curl_text(int code) {
    return lib.easy_strerror ? lib.easy_strerror((CURLcode)code) : "libcurl is not loaded";
}

// Engines.

struct apus_http {
    CURLM *multi;
    int poller;
    int bell;
    int64_t deadline; // when libcurl wants to be called, milliseconds; -1 never
};

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *known) {
    (void)easy;
    apus_http *http = user;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(http->poller, EPOLL_CTL_DEL, socket, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = socket};
    if (what & CURL_POLL_IN) event.events |= EPOLLIN;
    if (what & CURL_POLL_OUT) event.events |= EPOLLOUT;
    // A descriptor that was closed and opened again is new to epoll, whatever libcurl thinks.
    if (!known || epoll_ctl(http->poller, EPOLL_CTL_MOD, socket, &event) != 0) {
        if (epoll_ctl(http->poller, EPOLL_CTL_ADD, socket, &event) != 0 && errno == EEXIST)
            epoll_ctl(http->poller, EPOLL_CTL_MOD, socket, &event);
        lib.multi_assign(http->multi, socket, http);
    }
    return 0;
}

static int set_timer(CURLM *multi, long milliseconds, void *user) {
    (void)multi;
    apus_http *http = user;
    http->deadline = milliseconds < 0 ? -1 : now_ms() + milliseconds;
    return 0;
}

apus_http *apus_http_new(long connections, long cached) {
    if (apus_curl_open()) return NULL;
    apus_http *http = calloc(1, sizeof *http);
    if (!http) return NULL;
    http->deadline = -1;
    http->multi = lib.multi_init();
    http->poller = epoll_create1(EPOLL_CLOEXEC);
    http->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = http->bell};
    if (!http->multi || http->poller < 0 || http->bell < 0 ||
        epoll_ctl(http->poller, EPOLL_CTL_ADD, http->bell, &event) != 0) {
        apus_http_free(http);
        return NULL;
    }
    if (connections <= 0) {
        struct rlimit files;
        connections = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 16384 ? (long)files.rlim_cur / 2 : 8192;
    }
    lib.multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    lib.multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    lib.multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    lib.multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    lib.multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
    lib.multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, cached);
    return http;
}

void apus_http_free(apus_http *http) {
    if (http->multi) lib.multi_cleanup(http->multi);
    if (http->poller >= 0) close(http->poller);
    if (http->bell >= 0) close(http->bell);
    free(http);
}

void apus_http_wake(apus_http *http) {
    uint64_t one = 1;
    ssize_t written = write(http->bell, &one, sizeof one);
    (void)written; // full means rung already
}

void apus_http_turn(apus_http *http, int milliseconds) {
    if (http->deadline >= 0) {
        int64_t left = http->deadline - now_ms();
        if (left < 0) left = 0;
        if (milliseconds < 0 || left < milliseconds) milliseconds = (int)left;
    }
    struct epoll_event events[128];
    int ready = epoll_wait(http->poller, events, 128, milliseconds);
    int running = 0;
    for (int i = 0; i < ready; i++) {
        if (events[i].data.fd == http->bell) {
            uint64_t count;
            ssize_t got = read(http->bell, &count, sizeof count);
            (void)got;
            continue;
        }
        int what = 0;
        if (events[i].events & EPOLLIN) what |= CURL_CSELECT_IN;
        if (events[i].events & EPOLLOUT) what |= CURL_CSELECT_OUT;
        if (events[i].events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
        lib.multi_socket_action(http->multi, events[i].data.fd, what, &running);
    }
    if (http->deadline >= 0 && http->deadline <= now_ms()) {
        http->deadline = -1;
        lib.multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

// Transfers.

struct bytes {
    uint8_t *start;
    size_t count, capacity, limit;
};

struct apus_transfer {
    CURL *easy;
    struct curl_slist *headers;
    uint64_t tag;
    struct bytes body, header;
    int is_cut;
    int result;
};

// Gives how many of the bytes fit.
static size_t append(struct bytes *to, const char *from, size_t count) {
    size_t room = to->limit - to->count;
    if (count > room) count = room;
    if (to->count + count > to->capacity) {
        size_t capacity = to->capacity ? to->capacity * 2 : 512;
        while (capacity < to->count + count) capacity *= 2;
        if (capacity > to->limit) capacity = to->limit;
        uint8_t *start = realloc(to->start, capacity);
        if (!start) return 0;
        to->start = start;
        to->capacity = capacity;
    }
    if (count) memcpy(to->start + to->count, from, count);
    to->count += count;
    return count;
}

static size_t take_body(char *from, size_t size, size_t count, void *user) {
    apus_transfer *transfer = user;
    size_t total = size * count, taken = append(&transfer->body, from, total);
    if (taken < total) transfer->is_cut = 1;
    return taken; // less ends the transfer
}

static size_t take_header(char *from, size_t size, size_t count, void *user) {
    apus_transfer *transfer = user;
    size_t total = size * count;
    // A redirect or a challenge begins the answer anew.
    if (total >= 5 && memcmp(from, "HTTP/", 5) == 0) transfer->header.count = 0;
    append(&transfer->header, from, total);
    return total;
}

apus_transfer *apus_transfer_new(uint64_t tag, size_t body, size_t header) {
    apus_transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer) return NULL;
    transfer->easy = lib.easy_init();
    if (!transfer->easy) {
        free(transfer);
        return NULL;
    }
    transfer->tag = tag;
    transfer->body.limit = body;
    transfer->header.limit = header;
    CURL *easy = transfer->easy;
    lib.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    lib.easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    lib.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    lib.easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    lib.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    lib.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    lib.easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
    // Thousands may be under way: small buffers.
    lib.easy_setopt(easy, CURLOPT_BUFFERSIZE, 4096L);
    lib.easy_setopt(easy, CURLOPT_MAXREDIRS, 10L);
    // Never files or other schemes, whatever a script or a redirect asks for. The newer option takes over the older.
#if LIBCURL_VERSION_NUM >= 0x075500
    lib.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    lib.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    lib.easy_setopt(easy, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
    lib.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    return transfer;
}

void apus_transfer_free(apus_transfer *transfer) {
    lib.easy_cleanup(transfer->easy);
    lib.slist_free_all(transfer->headers);
    free(transfer->body.start);
    free(transfer->header.start);
    free(transfer);
}

int apus_transfer_set_text(apus_transfer *transfer, int what, const char *text) {
    static const CURLoption options[APUS_HTTP_TEXT_COUNT] = {
        [APUS_HTTP_URL] = CURLOPT_URL,
        [APUS_HTTP_METHOD] = CURLOPT_CUSTOMREQUEST,
        [APUS_HTTP_USER_AGENT] = CURLOPT_USERAGENT,
        [APUS_HTTP_USERNAME] = CURLOPT_USERNAME,
        [APUS_HTTP_PASSWORD] = CURLOPT_PASSWORD,
        [APUS_HTTP_CA_FILE] = CURLOPT_CAINFO,
        [APUS_HTTP_CA_PATH] = CURLOPT_CAPATH,
        [APUS_HTTP_CERTIFICATE] = CURLOPT_SSLCERT,
        [APUS_HTTP_KEY] = CURLOPT_SSLKEY,
        [APUS_HTTP_CIPHERS] = CURLOPT_SSL_CIPHER_LIST,
        [APUS_HTTP_PROXY] = CURLOPT_PROXY,
        [APUS_HTTP_INTERFACE] = CURLOPT_INTERFACE,
    };
    if (what < 0 || what >= APUS_HTTP_TEXT_COUNT) return CURLE_UNKNOWN_OPTION;
    return lib.easy_setopt(transfer->easy, options[what], text);
}

int apus_transfer_set_number(apus_transfer *transfer, int what, long value) {
    static const CURLoption options[APUS_HTTP_NUMBER_COUNT] = {
        [APUS_HTTP_TIMEOUT_MS] = CURLOPT_TIMEOUT_MS,
        [APUS_HTTP_CONNECT_TIMEOUT_MS] = CURLOPT_CONNECTTIMEOUT_MS,
        [APUS_HTTP_FOLLOWS] = CURLOPT_FOLLOWLOCATION,
        [APUS_HTTP_AUTH] = CURLOPT_HTTPAUTH,
        [APUS_HTTP_TLS_VERSION] = CURLOPT_SSLVERSION,
        [APUS_HTTP_VERIFY_PEER] = CURLOPT_SSL_VERIFYPEER,
        [APUS_HTTP_VERIFY_HOST] = CURLOPT_SSL_VERIFYHOST,
        [APUS_HTTP_PROXY_PORT] = CURLOPT_PROXYPORT,
        [APUS_HTTP_FORBIDS_REUSE] = CURLOPT_FORBID_REUSE,
        [APUS_HTTP_KEEPALIVE] = CURLOPT_TCP_KEEPALIVE,
        [APUS_HTTP_KEEPALIVE_IDLE] = CURLOPT_TCP_KEEPIDLE,
        [APUS_HTTP_KEEPALIVE_INTERVAL] = CURLOPT_TCP_KEEPINTVL,
        [APUS_HTTP_VERSION] = CURLOPT_HTTP_VERSION,
        [APUS_HTTP_VERBOSE] = CURLOPT_VERBOSE,
        [APUS_HTTP_NO_BODY] = CURLOPT_NOBODY,
    };
    if (what < 0 || what >= APUS_HTTP_NUMBER_COUNT) return CURLE_UNKNOWN_OPTION;
    return lib.easy_setopt(transfer->easy, options[what], value);
}

int apus_transfer_set_body(apus_transfer *transfer, const uint8_t *bytes, size_t count) {
    int code = lib.easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : (int)lib.easy_setopt(transfer->easy, CURLOPT_COPYPOSTFIELDS, (const char *)bytes);
}

int apus_transfer_add_header(apus_transfer *transfer, const char *line) {
    struct curl_slist *longer = lib.slist_append(transfer->headers, line);
    if (!longer) return CURLE_OUT_OF_MEMORY;
    transfer->headers = longer;
    return CURLE_OK;
}

int apus_transfer_start(apus_http *http, apus_transfer *transfer) {
    if (transfer->headers) lib.easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
    return lib.multi_add_handle(http->multi, transfer->easy) == CURLM_OK ? CURLE_OK : CURLE_FAILED_INIT;
}

void apus_transfer_stop(apus_http *http, apus_transfer *transfer) {
    lib.multi_remove_handle(http->multi, transfer->easy);
    transfer->result = CURLE_ABORTED_BY_CALLBACK;
}

apus_transfer *apus_http_done(apus_http *http) {
    int left;
    CURLMsg *message;
    while ((message = lib.multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        char *known = NULL;
        CURL *easy = message->easy_handle;
        int result = message->data.result;
        lib.easy_getinfo(easy, CURLINFO_PRIVATE, &known);
        lib.multi_remove_handle(http->multi, easy);
        apus_transfer *transfer = (apus_transfer *)known;
        if (!transfer) continue;
        // Cut on purpose: what came is the answer.
        transfer->result = transfer->is_cut && result == CURLE_WRITE_ERROR ? CURLE_OK : result;
        return transfer;
    }
    return NULL;
}

uint64_t apus_transfer_tag(const apus_transfer *transfer) { return transfer->tag; }
int apus_transfer_result(const apus_transfer *transfer) { return transfer->result; }
int apus_transfer_is_cut(const apus_transfer *transfer) { return transfer->is_cut; }

int apus_transfer_status(const apus_transfer *transfer) {
    long status = 0;
    lib.easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    return (int)status;
}

const uint8_t *apus_transfer_body(const apus_transfer *transfer, size_t *count) {
    *count = transfer->body.count;
    return transfer->body.start;
}

const uint8_t *apus_transfer_header(const apus_transfer *transfer, size_t *count) {
    *count = transfer->header.count;
    return transfer->header.start;
}

const char *apus_transfer_url(const apus_transfer *transfer) {
    char *url = NULL;
    lib.easy_getinfo(transfer->easy, CURLINFO_EFFECTIVE_URL, &url);
    return url ? url : "";
}

const char *apus_transfer_redirect(const apus_transfer *transfer) {
    char *url = NULL;
    lib.easy_getinfo(transfer->easy, CURLINFO_REDIRECT_URL, &url);
    return url ? url : "";
}

int64_t apus_transfer_time(const apus_transfer *transfer, int what) {
    static const CURLINFO times[APUS_HTTP_TIME_COUNT] = {
        [APUS_HTTP_TOTAL] = CURLINFO_TOTAL_TIME_T,
        [APUS_HTTP_LOOKUP] = CURLINFO_NAMELOOKUP_TIME_T,
        [APUS_HTTP_CONNECT] = CURLINFO_CONNECT_TIME_T,
        [APUS_HTTP_TLS] = CURLINFO_APPCONNECT_TIME_T,
        [APUS_HTTP_PRETRANSFER] = CURLINFO_PRETRANSFER_TIME_T,
        [APUS_HTTP_FIRST_BYTE] = CURLINFO_STARTTRANSFER_TIME_T,
        [APUS_HTTP_REDIRECTS] = CURLINFO_REDIRECT_TIME_T,
    };
    curl_off_t microseconds = 0;
    if (what < 0 || what >= APUS_HTTP_TIME_COUNT) return 0;
    lib.easy_getinfo(transfer->easy, times[what], &microseconds);
    return microseconds;
}
