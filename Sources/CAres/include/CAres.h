// Questions to DNS servers on c-ares: one channel, one thread that turns it, answers taken one by one. Servers, search
// list and options are those of resolv.conf. Nothing here is thread-safe but apus_dns_wake.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A channel with its open questions.
typedef struct apus_dns apus_dns;
/// What came of one question.
typedef struct apus_dns_answer apus_dns_answer;

/// Negative numbers leave a setting to resolv.conf.
typedef struct {
    int timeout_ms;
    int tries;
    int servers;
} apus_dns_options;

/// NULL when memory or descriptors are exhausted; `status` then holds a c-ares code.
apus_dns *apus_dns_open(const apus_dns_options *options, int *status);
/// Open questions are forgotten.
void apus_dns_close(apus_dns *dns);
/// Has apus_dns_turn return. From any thread.
void apus_dns_wake(apus_dns *dns);
/// Asks for records of a type. The answer comes with `number`.
void apus_dns_ask(apus_dns *dns, uint64_t number, const char *name, int type, int uses_search_list);
/// Waits at most so long for something to happen, and handles it.
void apus_dns_turn(apus_dns *dns, int milliseconds);
/// The next question that has been answered, or given up; NULL when there is none. Free it.
apus_dns_answer *apus_dns_next(apus_dns *dns);
void apus_dns_free(apus_dns_answer *answer);

uint64_t apus_dns_number(const apus_dns_answer *answer);
/// 0, or a c-ares code. Some failures come with a message from the server.
int apus_dns_status(const apus_dns_answer *answer);
/// The message as it came; NULL and 0 when there is none.
const uint8_t *apus_dns_bytes(const apus_dns_answer *answer, size_t *count);
/// Whether the code says that the name, or records of that type, do not exist.
int apus_dns_is_negative(int status);
const char *apus_dns_text(int status);
