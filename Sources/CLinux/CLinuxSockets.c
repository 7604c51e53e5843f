#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// Addresses

static socklen_t to_system(struct apus_address from, struct sockaddr_in6 *to) {
    memset(to, 0, sizeof *to);
    if (!from.is_ipv6) {
        struct sockaddr_in *four = (struct sockaddr_in *)to;
        four->sin_family = AF_INET;
        four->sin_port = htons(from.port);
        four->sin_addr.s_addr = htonl((uint32_t)from.low);
        return sizeof *four;
    }
    to->sin6_family = AF_INET6;
    to->sin6_port = htons(from.port);
    to->sin6_scope_id = from.scope;
    for (int i = 0; i < 8; i++) {
        to->sin6_addr.s6_addr[i] = (uint8_t)(from.high >> (56 - 8 * i));
        to->sin6_addr.s6_addr[8 + i] = (uint8_t)(from.low >> (56 - 8 * i));
    }
    return sizeof *to;
}

static void from_system(const struct sockaddr *from, struct apus_address *to) {
    memset(to, 0, sizeof *to);
    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)from;
        to->low = ntohl(four->sin_addr.s_addr);
        to->port = ntohs(four->sin_port);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)from;
        for (int i = 0; i < 8; i++) {
            to->high = to->high << 8 | six->sin6_addr.s6_addr[i];
            to->low = to->low << 8 | six->sin6_addr.s6_addr[8 + i];
        }
        to->port = ntohs(six->sin6_port);
        to->scope = six->sin6_scope_id;
        to->is_ipv6 = 1;
    }
}

// Sockets

static int32_t result(int value) { return value < 0 ? -errno : value; }

int32_t apus_socket_datagram(int32_t is_ipv6) {
    return result(socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
}

int32_t apus_socket_stream(int32_t is_ipv6) {
    return result(socket(is_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
}

int32_t apus_socket_bind(int32_t descriptor, struct apus_address address) {
    struct sockaddr_in6 system;
    socklen_t length = to_system(address, &system);
    return result(bind(descriptor, (struct sockaddr *)&system, length));
}

int32_t apus_socket_listen(int32_t descriptor, int32_t backlog) { return result(listen(descriptor, backlog)); }

int32_t apus_socket_connect(int32_t descriptor, struct apus_address address) {
    struct sockaddr_in6 system;
    socklen_t length = to_system(address, &system);
    return result(connect(descriptor, (struct sockaddr *)&system, length));
}

struct apus_accepted apus_socket_accept(int32_t descriptor) {
    struct apus_accepted accepted = {0};
    struct sockaddr_in6 system = {0};
    socklen_t length = sizeof system;
    accepted.descriptor =
        result(accept4(descriptor, (struct sockaddr *)&system, &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.descriptor >= 0) from_system((struct sockaddr *)&system, &accepted.peer);
    return accepted;
}

struct apus_address apus_socket_local(int32_t descriptor) {
    struct apus_address address = {0};
    struct sockaddr_in6 system = {0};
    socklen_t length = sizeof system;
    if (getsockname(descriptor, (struct sockaddr *)&system, &length) == 0)
        from_system((struct sockaddr *)&system, &address);
    return address;
}

struct apus_address apus_route_source(struct apus_address destination) {
    struct apus_address source = {0};
    struct sockaddr_in6 system;
    socklen_t length = to_system(destination, &system);
    int descriptor = socket(destination.is_ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return source;
    // Connecting a datagram socket sends nothing: it only looks the route up.
    if (connect(descriptor, (struct sockaddr *)&system, length) == 0) source = apus_socket_local(descriptor);
    close(descriptor);
    return source;
}

int32_t apus_socket_error(int32_t descriptor) {
    int value = 0;
    socklen_t length = sizeof value;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &length) < 0) return errno;
    return value;
}

static void option_names(enum apus_option option, int *level, int *name) {
    switch (option) {
    case APUS_REUSE_ADDRESS: *level = SOL_SOCKET; *name = SO_REUSEADDR; return;
    case APUS_REUSE_PORT: *level = SOL_SOCKET; *name = SO_REUSEPORT; return;
    case APUS_IPV6_ONLY: *level = IPPROTO_IPV6; *name = IPV6_V6ONLY; return;
    case APUS_RECEIVE_BUFFER: *level = SOL_SOCKET; *name = SO_RCVBUF; return;
    case APUS_SEND_BUFFER: *level = SOL_SOCKET; *name = SO_SNDBUF; return;
    case APUS_TOS: *level = IPPROTO_IP; *name = IP_TOS; return;
    case APUS_TRAFFIC_CLASS: *level = IPPROTO_IPV6; *name = IPV6_TCLASS; return;
    case APUS_NO_DELAY: *level = IPPROTO_TCP; *name = TCP_NODELAY; return;
    case APUS_KEEPALIVE: *level = SOL_SOCKET; *name = SO_KEEPALIVE; return;
    case APUS_KEEPALIVE_IDLE: *level = IPPROTO_TCP; *name = TCP_KEEPIDLE; return;
    case APUS_KEEPALIVE_INTERVAL: *level = IPPROTO_TCP; *name = TCP_KEEPINTVL; return;
    case APUS_KEEPALIVE_COUNT: *level = IPPROTO_TCP; *name = TCP_KEEPCNT; return;
    case APUS_BIND_NO_PORT: *level = IPPROTO_IP; *name = IP_BIND_ADDRESS_NO_PORT; return;
    case APUS_DEFER_ACCEPT: *level = IPPROTO_TCP; *name = TCP_DEFER_ACCEPT; return;
    case APUS_SYN_COUNT: *level = IPPROTO_TCP; *name = TCP_SYNCNT; return;
    case APUS_FREE_BIND: *level = IPPROTO_IP; *name = IP_FREEBIND; return; // IPv6 sockets take it too
    case APUS_MTU_DISCOVERY: *level = IPPROTO_IP; *name = IP_MTU_DISCOVER; return;
    case APUS_MTU_DISCOVERY_IPV6: *level = IPPROTO_IPV6; *name = IPV6_MTU_DISCOVER; return;
    case APUS_LINGER2: *level = IPPROTO_TCP; *name = TCP_LINGER2; return;
    case APUS_QUICK_ACK: *level = IPPROTO_TCP; *name = TCP_QUICKACK; return;
    case APUS_ARRIVAL_TIME: *level = SOL_SOCKET; *name = SO_TIMESTAMPNS; return;
    case APUS_BUSY_POLL: *level = SOL_SOCKET; *name = SO_BUSY_POLL; return;
    }
    *level = -1;
    *name = -1;
}

int32_t apus_socket_set(int32_t descriptor, enum apus_option option, int32_t value) {
    int level, name;
    option_names(option, &level, &name);
    return result(setsockopt(descriptor, level, name, &value, sizeof value));
}

int32_t apus_socket_get(int32_t descriptor, enum apus_option option) {
    int level, name, value = 0;
    socklen_t length = sizeof value;
    option_names(option, &level, &name);
    return getsockopt(descriptor, level, name, &value, &length) < 0 ? -errno : value;
}

int32_t apus_socket_queue(int32_t descriptor, uint32_t *waiting, uint32_t *lost) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t length = sizeof values;
    int outcome = getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, values, &length);
    *waiting = values[SK_MEMINFO_RMEM_ALLOC];
    *lost = values[SK_MEMINFO_DROPS];
    return result(outcome);
}

int32_t apus_socket_spread(int32_t descriptor, enum apus_spread spread, uint32_t count) {
    uint32_t source = (uint32_t)(SKF_AD_OFF + (spread == APUS_SPREAD_RANDOM ? SKF_AD_RANDOM : SKF_AD_CPU));
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, source),
        BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count ? count : 1),
        BPF_STMT(BPF_RET | BPF_A, 0),
    };
    struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
    return result(setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program));
}

int32_t apus_socket_raise_buffer(int32_t descriptor, enum apus_option option, int32_t limit) {
    // The kernel doubles what it is asked for and reports the double.
    int32_t current = apus_socket_get(descriptor, option);
    if (current < 0) return current;
    if (current / 2 >= limit) return 0;
    int forced = option == APUS_RECEIVE_BUFFER ? SO_RCVBUFFORCE : SO_SNDBUFFORCE;
    if (setsockopt(descriptor, SOL_SOCKET, forced, &limit, sizeof limit) == 0) return 0;
    return apus_socket_set(descriptor, option, limit);
}

int32_t apus_socket_reset_on_close(int32_t descriptor) {
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    return result(setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

int32_t apus_socket_receive_timeout(int32_t descriptor, int64_t microseconds) {
    struct timeval time = {.tv_sec = microseconds / 1000000, .tv_usec = microseconds % 1000000};
    return result(setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time));
}

int32_t apus_socket_shutdown_receive(int32_t descriptor) { return result(shutdown(descriptor, SHUT_RD)); }
int32_t apus_socket_shutdown_send(int32_t descriptor) { return result(shutdown(descriptor, SHUT_WR)); }
int32_t apus_close(int32_t descriptor) { return result(close(descriptor)); }

int64_t apus_socket_read(int32_t descriptor, void *bytes, size_t count) {
    ssize_t taken;
    do taken = recv(descriptor, bytes, count, MSG_DONTWAIT);
    while (taken < 0 && errno == EINTR);
    return taken < 0 ? -errno : taken;
}

int64_t apus_socket_read_timed(int32_t descriptor, void *bytes, size_t count, int64_t *arrived_us) {
    struct iovec vector = {.iov_base = bytes, .iov_len = count};
    // The kernel adds times of its own that nobody asked for here.
    union {
        char bytes[CMSG_SPACE(3 * sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct timespec))];
        struct cmsghdr alignment;
    } control;
    struct msghdr header = {
        .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t taken;
    *arrived_us = 0;
    do taken = recvmsg(descriptor, &header, MSG_DONTWAIT);
    while (taken < 0 && errno == EINTR);
    if (taken < 0) return -errno;
    for (struct cmsghdr *each = CMSG_FIRSTHDR(&header); each; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(each), sizeof time);
        *arrived_us = (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
    }
    return taken;
}

int64_t apus_socket_write(int32_t descriptor, const void *bytes, size_t count) {
    ssize_t taken;
    do taken = send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (taken < 0 && errno == EINTR);
    return taken < 0 ? -errno : taken;
}

int32_t apus_wait_writable(int32_t descriptor, int32_t milliseconds) {
    struct pollfd wait = {.fd = descriptor, .events = POLLOUT};
    int ready = poll(&wait, 1, milliseconds);
    return ready < 0 ? 0 : ready;
}

// Receiving in batches

// What the kernel says of a datagram beside its bytes: when it came.
union apus_control {
    char bytes[CMSG_SPACE(sizeof(struct timespec))];
    struct cmsghdr align;
};

struct apus_receiver {
    int32_t slots;
    int32_t used; // headers the last call wrote to
    size_t overflow;
    struct mmsghdr *headers;
    struct iovec *vectors; // two a slot
    struct sockaddr_in6 *addresses;
    struct apus_received *results;
    union apus_control *controls;
    uint8_t *area;
};

struct apus_receiver *apus_receiver_new(int32_t slots, size_t overflow) {
    struct apus_receiver *receiver = calloc(1, sizeof *receiver);
    if (!receiver) return NULL;
    receiver->slots = slots;
    receiver->overflow = overflow;
    receiver->headers = calloc((size_t)slots, sizeof *receiver->headers);
    receiver->vectors = calloc((size_t)slots * 2, sizeof *receiver->vectors);
    receiver->addresses = calloc((size_t)slots, sizeof *receiver->addresses);
    receiver->results = calloc((size_t)slots, sizeof *receiver->results);
    receiver->controls = calloc((size_t)slots, sizeof *receiver->controls);
    receiver->area = malloc(overflow ? (size_t)slots * overflow : 1);
    if (!receiver->headers || !receiver->vectors || !receiver->addresses || !receiver->results || !receiver->controls
        || !receiver->area) {
        apus_receiver_free(receiver);
        return NULL;
    }
    for (int32_t i = 0; i < slots; i++) {
        struct msghdr *header = &receiver->headers[i].msg_hdr;
        header->msg_name = &receiver->addresses[i];
        header->msg_namelen = sizeof receiver->addresses[i];
        header->msg_iov = &receiver->vectors[2 * i];
        header->msg_iovlen = overflow ? 2 : 1;
        header->msg_control = &receiver->controls[i];
        header->msg_controllen = sizeof receiver->controls[i];
        receiver->vectors[2 * i + 1].iov_base = receiver->area + (size_t)i * overflow;
        receiver->vectors[2 * i + 1].iov_len = overflow;
    }
    return receiver;
}

void apus_receiver_free(struct apus_receiver *receiver) {
    if (!receiver) return;
    free(receiver->headers);
    free(receiver->vectors);
    free(receiver->addresses);
    free(receiver->results);
    free(receiver->controls);
    free(receiver->area);
    free(receiver);
}

void apus_receiver_slot(struct apus_receiver *receiver, int32_t slot, void *bytes, size_t capacity) {
    receiver->vectors[2 * slot].iov_base = bytes;
    receiver->vectors[2 * slot].iov_len = capacity;
}

static void read_controls(struct msghdr *header, struct apus_received *entry) {
    entry->arrived_us = 0;
    for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
        if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_TIMESTAMPNS) continue;
        struct timespec time;
        memcpy(&time, CMSG_DATA(each), sizeof time);
        entry->arrived_us = (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
    }
}

static int64_t now_us(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

// As recvmmsg, asked until something is there or the time is over; then it may sleep.
static int receive_spinning(struct apus_receiver *receiver, int32_t descriptor, int64_t spin_us) {
    int64_t end = now_us() + spin_us;
    do {
        int count = recvmmsg(descriptor, receiver->headers, (unsigned)receiver->slots, MSG_DONTWAIT, NULL);
        if (count >= 0 || errno != EAGAIN) return count;
    } while (now_us() < end);
    return recvmmsg(descriptor, receiver->headers, (unsigned)receiver->slots, MSG_WAITFORONE, NULL);
}

int32_t apus_receiver_receive(struct apus_receiver *receiver, int32_t descriptor, int32_t waits, int64_t spin_us) {
    for (int32_t i = 0; i < receiver->used; i++) {
        receiver->headers[i].msg_hdr.msg_namelen = sizeof receiver->addresses[i];
        receiver->headers[i].msg_hdr.msg_controllen = sizeof receiver->controls[i];
    }
    receiver->used = 0;
    int flags = waits ? MSG_WAITFORONE : MSG_DONTWAIT;
    int count = waits && spin_us > 0
        ? receive_spinning(receiver, descriptor, spin_us)
        : recvmmsg(descriptor, receiver->headers, (unsigned)receiver->slots, flags, NULL);
    if (count < 0) return -errno;
    receiver->used = count;
    for (int i = 0; i < count; i++) {
        struct mmsghdr *header = &receiver->headers[i];
        struct apus_received *entry = &receiver->results[i];
        read_controls(&header->msg_hdr, entry);
        if (header->msg_hdr.msg_namelen == 0) receiver->addresses[i].sin6_family = AF_UNSPEC;
        from_system((const struct sockaddr *)&receiver->addresses[i], &entry->source);
        entry->length = header->msg_len;
        entry->truncated = (header->msg_hdr.msg_flags & MSG_TRUNC) != 0;
    }
    return count;
}

const struct apus_received *apus_receiver_results(const struct apus_receiver *receiver) { return receiver->results; }

const uint8_t *apus_receiver_overflow(const struct apus_receiver *receiver, int32_t slot) {
    return receiver->area + (size_t)slot * receiver->overflow;
}

// Sending in batches

union apus_segment {
    char bytes[CMSG_SPACE(sizeof(uint16_t))];
    struct cmsghdr align;
};

struct apus_sender {
    struct iovec *vectors;
    struct iovec *parts; // three a slot
    struct sockaddr_in6 *addresses;
    socklen_t *lengths;
    uint16_t *growing; // where a slot takes spaces; 0: nowhere
    struct mmsghdr *run;
    union apus_segment *segments; // one a place of the run
    size_t parts_used;
};

struct apus_sender *apus_sender_new(int32_t slots) {
    struct apus_sender *sender = calloc(1, sizeof *sender);
    if (!sender) return NULL;
    sender->vectors = calloc((size_t)slots, sizeof *sender->vectors);
    sender->parts = calloc((size_t)slots * 3, sizeof *sender->parts);
    sender->addresses = calloc((size_t)slots, sizeof *sender->addresses);
    sender->lengths = calloc((size_t)slots, sizeof *sender->lengths);
    sender->growing = calloc((size_t)slots, sizeof *sender->growing);
    sender->run = calloc((size_t)slots, sizeof *sender->run);
    sender->segments = calloc((size_t)slots, sizeof *sender->segments);
    if (!sender->vectors || !sender->parts || !sender->addresses || !sender->lengths || !sender->growing
        || !sender->run || !sender->segments) {
        apus_sender_free(sender);
        return NULL;
    }
    return sender;
}

void apus_sender_free(struct apus_sender *sender) {
    if (!sender) return;
    free(sender->vectors);
    free(sender->parts);
    free(sender->addresses);
    free(sender->lengths);
    free(sender->growing);
    free(sender->run);
    free(sender->segments);
    free(sender);
}

void apus_sender_slot(
    struct apus_sender *sender, int32_t slot, const void *bytes, size_t count, struct apus_address destination
) {
    sender->vectors[slot].iov_base = (void *)bytes;
    sender->vectors[slot].iov_len = count;
    sender->lengths[slot] = to_system(destination, &sender->addresses[slot]);
}

static struct msghdr *arrange(struct apus_sender *sender, int32_t position, int32_t slot) {
    struct msghdr *header = &sender->run[position].msg_hdr;
    header->msg_name = &sender->addresses[slot];
    header->msg_namelen = sender->lengths[slot];
    header->msg_iov = &sender->vectors[slot];
    header->msg_iovlen = 1;
    header->msg_control = NULL;
    header->msg_controllen = 0;
    return header;
}

void apus_sender_arrange(struct apus_sender *sender, int32_t position, int32_t slot) {
    if (position == 0) sender->parts_used = 0;
    arrange(sender, position, slot);
}

static int begins_as_sip(const char *bytes, const char *line_end) {
    static const char version[] = "SIP/2.0";
    size_t size = sizeof version - 1, count = (size_t)(line_end - bytes);
    if (count < size + 2 || memchr(bytes, 0, count)) return 0; // what wraps messages has zeros in front of them
    return memcmp(bytes, version, size) == 0 || memcmp(line_end - 1 - size, version, size) == 0;
}

size_t apus_growing_place(const char *bytes, size_t count) {
    static const char name[] = "content-length";
    if (count == 0) return 0;
    const char *end = bytes + count;
    const char *line = memchr(bytes, '\n', count);
    if (!line || !begins_as_sip(bytes, line)) return 0;
    for (; line; line = memchr(line, '\n', (size_t)(end - line))) {
        line++;
        if ((size_t)(end - line) < sizeof name || *line == '\r' || *line == '\n') return 0;
        if ((*line | 0x20) != 'c' || strncasecmp(line, name, sizeof name - 1) != 0) continue;
        line += sizeof name - 1;
        while (line < end && *line == ' ') line++;
        return line < end && *line == ':' ? (size_t)(line + 1 - bytes) : 0;
    }
    return 0;
}

int32_t apus_sender_can_grow(struct apus_sender *sender, int32_t slot) {
    size_t place = apus_growing_place(sender->vectors[slot].iov_base, sender->vectors[slot].iov_len);
    sender->growing[slot] = place <= UINT16_MAX ? (uint16_t)place : 0;
    return sender->growing[slot] != 0;
}

int32_t apus_socket_cuts(int32_t descriptor) {
    int none = 0;
    return setsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
}

void apus_sender_join(
    struct apus_sender *sender, int32_t position, const int32_t *slots, int32_t count, uint16_t size
) {
    static const char spaces[] = "                                ";
    _Static_assert(sizeof spaces > APUS_SENDER_GROWTH, "as many as a slot may grow by");
    if (position == 0) sender->parts_used = 0;
    struct msghdr *header = arrange(sender, position, slots[0]);
    struct iovec *parts = sender->parts + sender->parts_used;
    size_t used = 0;
    for (int32_t i = 0; i < count; i++) {
        struct iovec whole = sender->vectors[slots[i]];
        if (i == count - 1 || whole.iov_len >= size) {
            parts[used++] = whole;
            continue;
        }
        size_t place = sender->growing[slots[i]];
        parts[used++] = (struct iovec){whole.iov_base, place};
        parts[used++] = (struct iovec){(void *)spaces, size - whole.iov_len};
        parts[used++] = (struct iovec){(char *)whole.iov_base + place, whole.iov_len - place};
    }
    sender->parts_used += used;
    header->msg_iov = parts;
    header->msg_iovlen = used;
    header->msg_control = sender->segments[position].bytes;
    header->msg_controllen = sizeof sender->segments[position].bytes;
    struct cmsghdr *segment = CMSG_FIRSTHDR(header);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof size);
    memcpy(CMSG_DATA(segment), &size, sizeof size);
}

int32_t apus_sender_send(struct apus_sender *sender, int32_t descriptor, int32_t from, int32_t count) {
    int sent;
    do sent = sendmmsg(descriptor, sender->run + from, (unsigned)count, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return result(sent);
}

// epoll and eventfd

static uint32_t to_epoll(uint32_t flags) {
    return (flags & APUS_READABLE ? EPOLLIN : 0) | (flags & APUS_WRITABLE ? EPOLLOUT : 0);
}

int32_t apus_epoll_new(void) { return result(epoll_create1(EPOLL_CLOEXEC)); }

static int32_t control(int32_t epoll, int operation, int32_t descriptor, uint32_t flags, uint64_t key) {
    struct epoll_event event = {.events = to_epoll(flags), .data.u64 = key};
    return result(epoll_ctl(epoll, operation, descriptor, &event));
}

int32_t apus_epoll_add(int32_t epoll, int32_t descriptor, uint32_t flags, uint64_t key) {
    return control(epoll, EPOLL_CTL_ADD, descriptor, flags, key);
}

int32_t apus_epoll_change(int32_t epoll, int32_t descriptor, uint32_t flags, uint64_t key) {
    return control(epoll, EPOLL_CTL_MOD, descriptor, flags, key);
}

int32_t apus_epoll_remove(int32_t epoll, int32_t descriptor) { return control(epoll, EPOLL_CTL_DEL, descriptor, 0, 0); }

int32_t apus_epoll_wait(int32_t epoll, struct apus_event *events, int32_t count, int32_t milliseconds) {
    struct epoll_event system[128];
    int ready = epoll_wait(epoll, system, count > 128 ? 128 : count, milliseconds);
    if (ready < 0) return -errno;
    for (int i = 0; i < ready; i++) {
        uint32_t flags = system[i].events;
        events[i].key = system[i].data.u64;
        events[i].flags = (flags & EPOLLIN ? APUS_READABLE : 0) | (flags & EPOLLOUT ? APUS_WRITABLE : 0)
            | (flags & (EPOLLERR | EPOLLHUP) ? APUS_HUNG_UP : 0);
    }
    return ready;
}

int32_t apus_eventfd_new(void) { return result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)); }

void apus_eventfd_signal(int32_t descriptor) {
    // It can only fail when the counter is full, and then the reader is awake already.
    uint64_t one = 1;
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

void apus_eventfd_clear(int32_t descriptor) {
    uint64_t value;
    ssize_t taken = read(descriptor, &value, sizeof value);
    (void)taken;
}

// Threads

static int wake_signal(void) { return SIGRTMIN + 5; }
static void ignore_wake(int number) { (void)number; }
static pthread_once_t wake_once = PTHREAD_ONCE_INIT;

static void install_wake(void) {
    struct sigaction action = {0};
    action.sa_handler = ignore_wake; // no SA_RESTART: the point is EINTR
    sigemptyset(&action.sa_mask);
    sigaction(wake_signal(), &action, NULL);
}

int32_t apus_thread_start(uint64_t *thread, size_t stack, apus_thread_body body, void *argument) {
    pthread_once(&wake_once, install_wake);
    sigset_t blocked, before;
    sigfillset(&blocked);
    const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) sigdelset(&blocked, open[i]);
    sigdelset(&blocked, wake_signal());
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) return -error;
    size_t usual = 0;
    if (!stack && pthread_attr_getstacksize(&attributes, &usual) == 0 && usual < APUS_STACK) stack = APUS_STACK;
    if (stack) error = pthread_attr_setstacksize(&attributes, stack);
    pthread_t started = 0;
    if (!error) {
        pthread_sigmask(SIG_SETMASK, &blocked, &before);
        error = pthread_create(&started, &attributes, body, argument);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    *thread = (uint64_t)started;
    return -error;
}

int32_t apus_thread_join(uint64_t thread) { return -pthread_join((pthread_t)thread, NULL); }
int32_t apus_thread_set_name(const char *name) { return -pthread_setname_np(pthread_self(), name); }

int32_t apus_thread_pin(int32_t cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    if (cpu < 0 || cpu >= CPU_SETSIZE) return -EINVAL;
    CPU_SET((size_t)cpu, &set);
    return -pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

int32_t apus_thread_id(void) { return (int32_t)syscall(SYS_gettid); }

int32_t apus_thread_number(void) {
    static int32_t last = 0;
    static _Thread_local int32_t own = -1;
    if (own < 0) own = __atomic_fetch_add(&last, 1, __ATOMIC_RELAXED) & INT32_MAX;
    return own;
}

int32_t apus_thread_interrupt(int32_t thread_id) {
    pthread_once(&wake_once, install_wake);
    return result((int)syscall(SYS_tgkill, getpid(), thread_id, wake_signal()));
}

int32_t apus_cpu_count(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? count : 1;
}

int32_t apus_cpu_at(int32_t position) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) < 0) return -1;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET((size_t)cpu, &set) && position-- == 0) return cpu;
    }
    return -1;
}

static _Thread_local const void *thread_context;
const void *apus_thread_context(void) { return thread_context; }
void apus_thread_set_context(const void *context) { thread_context = context; }

// Interfaces and names

static uint32_t prefix_length(const struct sockaddr *mask) {
    if (!mask) return 0;
    struct apus_address bits;
    from_system(mask, &bits);
    return (uint32_t)(__builtin_popcountll(bits.high) + __builtin_popcountll(bits.low));
}

int32_t apus_interfaces(struct apus_interface *entries, int32_t count) {
    struct ifaddrs *first = NULL;
    if (getifaddrs(&first) < 0) return -errno;
    int32_t found = 0;
    for (struct ifaddrs *each = first; each; each = each->ifa_next) {
        if (!each->ifa_addr) continue;
        if (each->ifa_addr->sa_family != AF_INET && each->ifa_addr->sa_family != AF_INET6) continue;
        if (found < count) {
            struct apus_interface *entry = &entries[found];
            memset(entry, 0, sizeof *entry);
            from_system(each->ifa_addr, &entry->address);
            entry->prefix = prefix_length(each->ifa_netmask);
            entry->flags = (each->ifa_flags & IFF_UP ? APUS_INTERFACE_UP : 0)
                | (each->ifa_flags & IFF_LOOPBACK ? APUS_INTERFACE_LOOPBACK : 0)
                | (each->ifa_flags & IFF_POINTOPOINT ? APUS_INTERFACE_POINT_TO_POINT : 0);
            strncpy(entry->name, each->ifa_name, sizeof entry->name - 1);
        }
        found++;
    }
    freeifaddrs(first);
    return found;
}

int32_t apus_lookup(const char *host, int32_t family, struct apus_address *addresses, int32_t count) {
    struct addrinfo hints = {0}, *first = NULL;
    hints.ai_family = family == 4 ? AF_INET : family == 6 ? AF_INET6 : AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM; // one entry an address, not one a protocol
    int error = getaddrinfo(host, NULL, &hints, &first);
    if (error) return error < 0 ? error : -error;
    int32_t found = 0;
    for (struct addrinfo *each = first; each && found < count; each = each->ai_next) {
        if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
        from_system(each->ai_addr, &addresses[found++]);
    }
    freeaddrinfo(first);
    return found;
}

const char *apus_lookup_error(int32_t code) { return gai_strerror(code); }
