#pragma once
// Sockets, epoll, threads and name lookup for SIPTransport. Every call that can fail returns -errno, so the caller
// never reads errno after the fact. Addresses cross by value, in host byte order.
#include <stddef.h>
#include <stdint.h>

struct apus_address {
    uint64_t high;
    uint64_t low;
    uint32_t scope;
    uint16_t port;
    uint8_t is_ipv6;
};

struct apus_accepted {
    int32_t descriptor; // or -errno
    struct apus_address peer;
};

enum apus_option {
    APUS_REUSE_ADDRESS,
    APUS_REUSE_PORT,
    APUS_IPV6_ONLY,
    APUS_RECEIVE_BUFFER,
    APUS_SEND_BUFFER,
    APUS_TOS,
    APUS_TRAFFIC_CLASS,
    APUS_NO_DELAY,
    APUS_KEEPALIVE,
    APUS_KEEPALIVE_IDLE,
    APUS_KEEPALIVE_INTERVAL,
    APUS_KEEPALIVE_COUNT,
    APUS_BIND_NO_PORT,
    APUS_DEFER_ACCEPT,
    APUS_SYN_COUNT,
    APUS_FREE_BIND,
    APUS_MTU_DISCOVERY,
    APUS_MTU_DISCOVERY_IPV6,
    APUS_LINGER2,
    APUS_QUICK_ACK,
    APUS_ARRIVAL_TIME,
    APUS_BUSY_POLL
};

// Sockets: close-on-exec always; streams are also non-blocking.
int32_t apus_socket_datagram(int32_t is_ipv6);
int32_t apus_socket_stream(int32_t is_ipv6);
int32_t apus_socket_bind(int32_t descriptor, struct apus_address address);
int32_t apus_socket_listen(int32_t descriptor, int32_t backlog);
int32_t apus_socket_connect(int32_t descriptor, struct apus_address address);
struct apus_accepted apus_socket_accept(int32_t descriptor);
struct apus_address apus_socket_local(int32_t descriptor);
// The address that the kernel would send from to reach another; port 0 and no bits when there is no route.
struct apus_address apus_route_source(struct apus_address destination);
// The error a connect ended with, positive; 0: none.
int32_t apus_socket_error(int32_t descriptor);
int32_t apus_socket_set(int32_t descriptor, enum apus_option option, int32_t value);
int32_t apus_socket_get(int32_t descriptor, enum apus_option option);
// What waits to be received, in bytes of the kernel's memory, a little of what was received just now among it; and how
// many datagrams it had no room for since the descriptor was opened, modulo 2^32. Both 0 where it does not say.
int32_t apus_socket_queue(int32_t descriptor, uint32_t *waiting, uint32_t *lost);
// Which of the `count` descriptors bound to one address a datagram goes to: one drawn at random, or the one with the
// number of the processor that took the datagram in. For any of them, when all are bound.
enum apus_spread { APUS_SPREAD_RANDOM, APUS_SPREAD_PROCESSOR };
int32_t apus_socket_spread(int32_t descriptor, enum apus_spread spread, uint32_t count);
// Raises a buffer to limit bytes where it is smaller; past the system's own limit when privileged.
int32_t apus_socket_raise_buffer(int32_t descriptor, enum apus_option option, int32_t limit);
// close sends RST and forgets what is not sent.
int32_t apus_socket_reset_on_close(int32_t descriptor);
int32_t apus_socket_receive_timeout(int32_t descriptor, int64_t microseconds);
int32_t apus_socket_shutdown_receive(int32_t descriptor);
int32_t apus_socket_shutdown_send(int32_t descriptor);
int32_t apus_close(int32_t descriptor);
int64_t apus_socket_read(int32_t descriptor, void *bytes, size_t count);
// The same, with the time at which the kernel took the last of the bytes, by the wall clock; 0: it does not say.
int64_t apus_socket_read_timed(int32_t descriptor, void *bytes, size_t count, int64_t *arrived_us);
// Never blocks, never raises SIGPIPE.
int64_t apus_socket_write(int32_t descriptor, const void *bytes, size_t count);
// Waits until descriptor takes bytes: 1 it does, 0 timed out.
int32_t apus_wait_writable(int32_t descriptor, int32_t milliseconds);

// Receiving in batches. Each slot has a buffer of the caller's and an overflow area of its own behind it.
struct apus_receiver;
struct apus_received {
    struct apus_address source;
    int64_t arrived_us; // when the kernel took it, by the wall clock; 0: unknown
    uint32_t length;
    uint32_t truncated;
};
struct apus_receiver *apus_receiver_new(int32_t slots, size_t overflow);
void apus_receiver_free(struct apus_receiver *receiver);
void apus_receiver_slot(struct apus_receiver *receiver, int32_t slot, void *bytes, size_t capacity);
// Blocks for the first datagram if `waits`, takes what else is there. Before it sleeps it looks again and again for
// `spin_us` microseconds. Returns how many, or -errno.
int32_t apus_receiver_receive(struct apus_receiver *receiver, int32_t descriptor, int32_t waits, int64_t spin_us);
const struct apus_received *apus_receiver_results(const struct apus_receiver *receiver);
const uint8_t *apus_receiver_overflow(const struct apus_receiver *receiver, int32_t slot);

// Sending in batches: slots are filled in any order, arranged into a run per descriptor, and runs are sent.
struct apus_sender;
struct apus_sender *apus_sender_new(int32_t slots);
void apus_sender_free(struct apus_sender *sender);
void apus_sender_slot(
    struct apus_sender *sender, int32_t slot, const void *bytes, size_t count, struct apus_address destination
);
void apus_sender_arrange(struct apus_sender *sender, int32_t position, int32_t slot);
// Behind the colon of Content-Length in the header of a SIP message, where any white space may be (RFC 3261 §25.1); 0 when
// there is none.
size_t apus_growing_place(const char *bytes, size_t count);
// Whether a slot holds a SIP message that can be made up to APUS_SENDER_GROWTH bytes longer, by spaces in front of the
// value of Content-Length. To be asked before the slot is joined to longer ones.
enum { APUS_SENDER_GROWTH = 32 };
int32_t apus_sender_can_grow(struct apus_sender *sender, int32_t slot);
// Whether the kernel cuts up what leaves as one; one that knows nothing of it would send all as one datagram.
int32_t apus_socket_cuts(int32_t descriptor);
// Arranges several slots, all for the destination of the first, as one, which the kernel takes on its way once and cuts
// up at the end (UDP_SEGMENT). The last may be shorter than `size`; others that are must be able to grow to it.
void apus_sender_join(
    struct apus_sender *sender, int32_t position, const int32_t *slots, int32_t count, uint16_t size
);
// Sends positions from..<from+count. Returns how many the kernel took (at least 1), or -errno of the first; of one that is
// several, EIO, EINVAL, EMSGSIZE… say that it cannot do that here.
int32_t apus_sender_send(struct apus_sender *sender, int32_t descriptor, int32_t from, int32_t count);

// epoll and eventfd.
enum { APUS_READABLE = 1, APUS_WRITABLE = 2, APUS_HUNG_UP = 4 };
struct apus_event {
    uint64_t key;
    uint32_t flags;
};
int32_t apus_epoll_new(void);
int32_t apus_epoll_add(int32_t epoll, int32_t descriptor, uint32_t flags, uint64_t key);
int32_t apus_epoll_change(int32_t epoll, int32_t descriptor, uint32_t flags, uint64_t key);
int32_t apus_epoll_remove(int32_t epoll, int32_t descriptor);
int32_t apus_epoll_wait(int32_t epoll, struct apus_event *events, int32_t count, int32_t milliseconds);
int32_t apus_eventfd_new(void);
void apus_eventfd_signal(int32_t descriptor);
void apus_eventfd_clear(int32_t descriptor);

// Threads. A new thread blocks every signal but faults and the wake signal: signals go to the thread that asked.
typedef void *(*apus_thread_body)(void *);
// A stack of 0 bytes means APUS_STACK, or more where the process gives its threads more.
enum { APUS_STACK = 8 << 20 };
int32_t apus_thread_start(uint64_t *thread, size_t stack, apus_thread_body body, void *argument);
int32_t apus_thread_join(uint64_t thread);
int32_t apus_thread_set_name(const char *name);
int32_t apus_thread_pin(int32_t cpu);
int32_t apus_thread_id(void);
// Counts from 0, in the order in which threads first asked.
int32_t apus_thread_number(void);
// Makes a blocking call of that thread end with EINTR. The handler does nothing.
int32_t apus_thread_interrupt(int32_t thread_id);
int32_t apus_cpu_count(void);
// The n-th CPU this process may run on, or -1.
int32_t apus_cpu_at(int32_t position);
// One pointer per thread: the event loop it runs.
const void *apus_thread_context(void);
void apus_thread_set_context(const void *context);

// Interfaces and names.
enum { APUS_INTERFACE_UP = 1, APUS_INTERFACE_LOOPBACK = 2, APUS_INTERFACE_POINT_TO_POINT = 4 };
struct apus_interface {
    struct apus_address address;
    uint32_t flags;
    uint32_t prefix;
    char name[16];
};
// Fills up to count entries; returns how many there are in all, or -errno.
int32_t apus_interfaces(struct apus_interface *entries, int32_t count);
// Blocking. family 4, 6 or 0 (both). Returns how many addresses, or a negative EAI code.
int32_t apus_lookup(const char *host, int32_t family, struct apus_address *addresses, int32_t count);
const char *apus_lookup_error(int32_t code);
