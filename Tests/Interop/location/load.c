// Two kinds of load on a registrar at 127.0.0.1, for run-pauses and run-slow-store.
//
//     load pings PORT SECONDS RATE USERS
//     load registers PORT SECONDS USERS WINDOW
//
// pings: RATE requests a second, by turns OPTIONS and REGISTER that ask for the bindings of one of USERS; says how long
// answers took. registers: REGISTER with a binding for one user after the other, WINDOW of them under way at a time;
// says how many were answered 200 after the first second. Results are one line of JSON.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { SIZE = 65536, PATIENCE = 2000000 };

static int wire, own;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000ll + time.tv_nsec / 1000;
}

static void reach(int port) {
    struct sockaddr_in there = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = 32 << 20;
    socklen_t length = sizeof there;
    wire = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    setsockopt(wire, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (connect(wire, (struct sockaddr *)&there, sizeof there)) { perror("connect"); exit(1); }
    getsockname(wire, (struct sockaddr *)&there, &length);
    own = ntohs(there.sin_port);
}

// The Call-ID is the number of the request, with which an answer is recognised.
static void ask(const char *method, long user, int64_t number, const char *contact) {
    char text[1024];
    int count = snprintf(text, sizeof text,
        "%s sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%lld\r\nMax-Forwards: 70\r\n"
        "From: <sip:user%ld@127.0.0.1>;tag=%lld\r\nTo: <sip:user%ld@127.0.0.1>\r\nCall-ID: %lld\r\nCSeq: 1 %s\r\n"
        "%sContent-Length: 0\r\n\r\n",
        method, own, (long long)number, user, (long long)number, user, (long long)number, method, contact);
    if (send(wire, text, (size_t)count, 0) < 0 && errno != EAGAIN && errno != ECONNREFUSED) perror("send");
}

// The number that an answer is for; -1 when there is none, -2 when it is no 200.
static int64_t answer(void) {
    static char text[SIZE];
    ssize_t count = recv(wire, text, sizeof text - 1, 0);
    if (count <= 0) return -1;
    text[count] = 0;
    char *call = strstr(text, "Call-ID: ");
    return call && !strncmp(text, "SIP/2.0 200", 11) ? atoll(call + 9) : -2;
}

static int rising(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

static void pings(int seconds, int rate, long users) {
    long count = (long)seconds * rate, sent = 0, answered = 0, late = 0;
    int64_t *times = calloc((size_t)count, sizeof *times), *taken = calloc((size_t)count, sizeof *taken);
    int64_t begin = now(), worst = 0, when = 0;
    while (sent < count || now() < begin + seconds * 1000000ll + 1000000) {
        int64_t due = begin + sent * 1000000ll / rate, left = sent < count ? due - now() : 10000;
        if (sent < count && left <= 0) {
            // The time counts from when it was due: a pause is seen by all that were to be sent in it.
            times[sent] = due;
            if (sent % 2) ask("REGISTER", rand() % users, sent, ""); else ask("OPTIONS", 0, sent, "");
            sent++;
            continue;
        }
        struct timespec patience = {0, left > 0 ? left * 1000 : 0};
        struct pollfd ready = {wire, POLLIN, 0};
        ppoll(&ready, 1, &patience, 0);
        for (int64_t number; (number = answer()) != -1;) {
            if (number < 0 || number >= sent || taken[number]) continue;
            int64_t took = now() - times[number];
            taken[number] = took;
            answered++;
            if (took > 5000) late++;
            if (took > worst) { worst = took; when = now() - begin; }
        }
        if (answered == count) break;
    }
    qsort(taken, (size_t)count, sizeof *taken, rising);
    printf("{\"sent\": %ld, \"lost\": %ld, \"median\": %lld, \"p99\": %lld, \"p999\": %lld, \"longest\": %lld, "
           "\"longest_at\": %.2f, \"over_5ms\": %ld}\n",
           count, count - answered, (long long)taken[count / 2], (long long)taken[count * 99 / 100],
           (long long)taken[count * 999 / 1000], (long long)worst, (double)when / 1e6, late);
}

static void registers(int seconds, long users, long window) {
    int64_t *times = calloc((size_t)users, sizeof *times);
    int64_t begin = now(), measured = begin + 1000000, end = measured + seconds * 1000000ll, sum = 0;
    long next = 0, open = 0, oldest = 0, counted = 0, lost = 0, refused = 0;
    while (now() < end) {
        while (open < window && next < users) {
            char contact[128];
            snprintf(contact, sizeof contact, "Contact: <sip:user%ld@127.0.0.1:%d>;expires=3600\r\n", next, own);
            times[next] = now();
            ask("REGISTER", next, next, contact);
            next++;
            open++;
            if (next % 64 == 0) break;
        }
        struct timespec patience = {0, open < window ? 0 : 1000000};
        struct pollfd ready = {wire, POLLIN, 0};
        ppoll(&ready, 1, &patience, 0);
        for (int64_t number; (number = answer()) != -1;) {
            if (number == -2) { refused++; continue; }
            if (number >= next || !times[number]) continue;
            open--;
            if (now() >= measured) { counted++; sum += now() - times[number]; }
            times[number] = 0;
        }
        for (int64_t limit = now() - PATIENCE; oldest < next && (!times[oldest] || times[oldest] < limit); oldest++)
            if (times[oldest]) { times[oldest] = 0; open--; lost++; }
        if (next == users && open <= 0) break;
    }
    double took = (double)((now() < end ? now() : end) - measured) / 1e6;
    printf("{\"answered\": %ld, \"seconds\": %.2f, \"rate\": %.0f, \"mean_ms\": %.1f, \"lost\": %ld, \"refused\": %ld, "
           "\"users_left\": %ld}\n",
           counted, took, counted / took, counted ? (double)sum / (double)counted / 1e3 : 0.0, lost, refused, users - next);
}

int main(int count, char **words) {
    if (count != 6) { fprintf(stderr, "load pings|registers PORT SECONDS …\n"); return 2; }
    // So that it is the server that is measured where there are few processors; without the right, as it comes.
    struct sched_param first = {.sched_priority = 1};
    reach(atoi(words[2]));
    if (!strcmp(words[1], "pings")) {
        sched_setscheduler(0, SCHED_FIFO, &first);
        pings(atoi(words[3]), atoi(words[4]), atol(words[5]));
    } else {
        registers(atoi(words[3]), atol(words[4]), atol(words[5]));
    }
    return 0;
}
