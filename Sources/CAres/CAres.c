#define _GNU_SOURCE
#include "CAres.h"

#include <ares.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct apus_dns_answer {
    apus_dns_answer *next;
    uint64_t number;
    int status;
    size_t count;
    uint8_t bytes[];
};

struct apus_dns {
    ares_channel channel;
    int wake;
    apus_dns_answer *first, *last;
};

// What c-ares gives back with an answer.
struct question {
    apus_dns *dns;
    uint64_t number;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void start_library(void) { ares_library_init(ARES_LIB_INIT_ALL); }

apus_dns *apus_dns_open(const apus_dns_options *wanted, int *status) {
    pthread_once(&once, start_library);
    *status = ARES_ENOMEM;
    apus_dns *dns = calloc(1, sizeof *dns);
    if (!dns) return NULL;
    dns->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (dns->wake < 0) {
        free(dns);
        return NULL;
    }
    struct ares_options options;
    memset(&options, 0, sizeof options);
    int mask = 0;
    if (wanted->timeout_ms > 0) {
        options.timeout = wanted->timeout_ms;
        mask |= ARES_OPT_TIMEOUTMS;
    }
    if (wanted->tries > 0) {
        options.tries = wanted->tries;
        mask |= ARES_OPT_TRIES;
    }
    *status = ares_init_options(&dns->channel, &options, mask);
    if (*status != ARES_SUCCESS) {
        close(dns->wake);
        free(dns);
        return NULL;
    }
    if (wanted->servers > 0) {
        struct ares_addr_port_node *servers = NULL;
        if (ares_get_servers_ports(dns->channel, &servers) == ARES_SUCCESS && servers) {
            struct ares_addr_port_node *last = servers;
            for (int left = wanted->servers - 1; left > 0 && last->next; left--) last = last->next;
            struct ares_addr_port_node *rest = last->next;
            last->next = NULL;
            ares_set_servers_ports(dns->channel, servers);
            last->next = rest;
            ares_free_data(servers);
        }
    }
    return dns;
}

void apus_dns_close(apus_dns *dns) {
    if (!dns) return;
    ares_destroy(dns->channel);
    apus_dns_answer *answer;
    while ((answer = apus_dns_next(dns))) free(answer);
    close(dns->wake);
    free(dns);
}

void apus_dns_wake(apus_dns *dns) {
    uint64_t one = 1;
    ssize_t written = write(dns->wake, &one, sizeof one);
    (void)written;  // a full counter wakes as well
}

static void answered(void *context, int status, int timeouts, unsigned char *bytes, int count) {
    (void)timeouts;
    struct question *question = context;
    size_t length = bytes && count > 0 ? (size_t)count : 0;
    apus_dns_answer *answer = malloc(sizeof *answer + length);
    if (answer) {
        answer->next = NULL;
        answer->number = question->number;
        answer->status = status;
        answer->count = length;
        if (length) memcpy(answer->bytes, bytes, length);
        apus_dns *dns = question->dns;
        if (dns->last) dns->last->next = answer; else dns->first = answer;
        dns->last = answer;
    }
    free(question);
}

void apus_dns_ask(apus_dns *dns, uint64_t number, const char *name, int type, int uses_search_list) {
    struct question *question = malloc(sizeof *question);
    if (!question) return;
    question->dns = dns;
    question->number = number;
    if (uses_search_list) {
        ares_search(dns->channel, name, 1, type, answered, question);
    } else {
        ares_query(dns->channel, name, 1, type, answered, question);
    }
}

void apus_dns_turn(apus_dns *dns, int milliseconds) {
    ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
    struct pollfd polled[ARES_GETSOCK_MAXNUM + 1];
    int bits = ares_getsock(dns->channel, sockets, ARES_GETSOCK_MAXNUM);
    nfds_t count = 0;
    polled[count++] = (struct pollfd){.fd = dns->wake, .events = POLLIN};
    for (int index = 0; index < ARES_GETSOCK_MAXNUM; index++) {
        short events = 0;
        if (ARES_GETSOCK_READABLE(bits, index)) events |= POLLIN;
        if (ARES_GETSOCK_WRITABLE(bits, index)) events |= POLLOUT;
        if (events) polled[count++] = (struct pollfd){.fd = sockets[index], .events = events};
    }
    struct timeval limit = {milliseconds / 1000, milliseconds % 1000 * 1000}, store;
    struct timeval *wait = ares_timeout(dns->channel, &limit, &store);
    int timeout = wait ? (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000) : milliseconds;
    int ready = poll(polled, count, timeout);
    if (ready > 0 && polled[0].revents) {
        uint64_t value;
        ssize_t got = read(dns->wake, &value, sizeof value);
        (void)got;
    }
    int handled = 0;
    if (ready > 0) {
        for (nfds_t index = 1; index < count; index++) {
            if (!polled[index].revents) continue;
            int readable = polled[index].revents & (POLLIN | POLLERR | POLLHUP);
            int writable = polled[index].revents & POLLOUT;
            ares_process_fd(
                dns->channel, readable ? polled[index].fd : ARES_SOCKET_BAD,
                writable ? polled[index].fd : ARES_SOCKET_BAD);
            handled = 1;
        }
    }
    if (!handled) ares_process_fd(dns->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

apus_dns_answer *apus_dns_next(apus_dns *dns) {
    apus_dns_answer *answer = dns->first;
    if (!answer) return NULL;
    dns->first = answer->next;
    if (!dns->first) dns->last = NULL;
    answer->next = NULL;
    return answer;
}

void apus_dns_free(apus_dns_answer *answer) { free(answer); }
uint64_t apus_dns_number(const apus_dns_answer *answer) { return answer->number; }
int apus_dns_status(const apus_dns_answer *answer) { return answer->status; }

const uint8_t *apus_dns_bytes(const apus_dns_answer *answer, size_t *count) {
    *count = answer->count;
    return answer->count ? answer->bytes : NULL;
}

int apus_dns_is_negative(int status) { return status == ARES_ENOTFOUND || status == ARES_ENODATA; }
const char *apus_dns_text(int status) { return ares_strerror(status); }
