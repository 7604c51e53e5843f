// Passes datagrams between whoever writes to a near port and one far port of 127.0.0.1, and loses some of them.
//
//     relay LOSS SEED NEAR FAR [NEAR FAR]...
//
// LOSS is the share lost each way. The far end sees datagrams come from NEAR + 1; what it sends there goes to the
// client that wrote last. On SIGTERM or when its input ends it says how many were passed and lost, and ends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAIRS = 8, BATCH = 64, SIZE = 65536 };

static struct { int near, far; struct sockaddr_in client, peer; } pairs[PAIRS];
static unsigned long long passed, lost;
static uint64_t state;
static volatile sig_atomic_t is_over;

static void stop(int number) { (void)number; is_over = 1; }

// xorshift64*
static double chance(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (double)(state * 0x2545F4914F6CDD1Dull >> 11) / 9007199254740992.0;
}

static int bound(int port) {
    struct sockaddr_in own = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int made = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), size = 16 << 20;
    if (setsockopt(made, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
        setsockopt(made, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (bind(made, (struct sockaddr *)&own, sizeof own)) {
        perror("bind");
        exit(1);
    }
    return made;
}

static void hand_on(int pair, int is_near, double loss) {
    static char bytes[BATCH][SIZE];
    static struct iovec vectors[BATCH];
    static struct sockaddr_in from[BATCH];
    static struct mmsghdr in[BATCH], out[BATCH];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){.iov_base = bytes[i], .iov_len = SIZE};
        in[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(is_near ? pairs[pair].near : pairs[pair].far, in, BATCH, MSG_DONTWAIT, NULL), kept = 0;
    for (int i = 0; i < count; i++) {
        if (is_near) pairs[pair].client = from[i];
        struct sockaddr_in *to = is_near ? &pairs[pair].peer : &pairs[pair].client;
        if (!to->sin_port || chance() < loss) {
            lost++;
            continue;
        }
        vectors[i].iov_len = in[i].msg_len;
        out[kept++].msg_hdr = (struct msghdr){
            .msg_name = to, .msg_namelen = sizeof *to, .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int descriptor = is_near ? pairs[pair].far : pairs[pair].near;
    for (int done = 0; done < kept;) {
        int sent = sendmmsg(descriptor, out + done, (unsigned)(kept - done), 0);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
            poll(&wait, 1, 10);
            continue;
        }
        // An error is about something sent before; the datagram counts as lost.
        done += sent > 0 ? sent : 1;
        passed += sent > 0 ? (unsigned)sent : 0;
        lost += sent > 0 ? 0 : 1;
    }
}

int main(int argc, char **argv) {
    if (argc < 5 || argc % 2 == 0 || argc > 3 + 2 * PAIRS) return fprintf(stderr, "see the head of the source\n"), 2;
    double loss = atof(argv[1]);
    int count = (argc - 3) / 2;
    state = strtoull(argv[2], NULL, 10) * 2654435769u + 88172645463325252ull;
    struct pollfd polled[2 * PAIRS + 1];
    for (int i = 0; i < count; i++) {
        int near = atoi(argv[3 + 2 * i]);
        pairs[i].near = bound(near);
        pairs[i].far = bound(near + 1);
        pairs[i].peer = (struct sockaddr_in){
            .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[4 + 2 * i])),
            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        polled[2 * i] = (struct pollfd){.fd = pairs[i].near, .events = POLLIN};
        polled[2 * i + 1] = (struct pollfd){.fd = pairs[i].far, .events = POLLIN};
    }
    polled[2 * count] = (struct pollfd){.fd = 0, .events = POLLIN};
    signal(SIGTERM, stop);
    while (!is_over) {
        if (poll(polled, (nfds_t)(2 * count + 1), 1000) <= 0) continue;
        for (int i = 0; i < 2 * count; i++)
            if (polled[i].revents) hand_on(i / 2, i % 2 == 0, loss);
        char byte;
        if (polled[2 * count].revents && read(0, &byte, 1) <= 0) break;
    }
    printf("{\"passed\":%llu,\"lost\":%llu}\n", passed, lost);
    return 0;
}
