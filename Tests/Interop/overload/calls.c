// Places calls through a proxy that record-routes, as fast as it is told to, and is the callee too.
//
//     calls SERVER CALLER CALLEE CONTACT SOCKETS PHASE...
//
// SERVER   port on 127.0.0.1 that the caller sends to
// CALLER   its first port; CALLEE the callee's first port; each has SOCKETS of them
// CONTACT  first port that the server is to send to for the callee: CALLEE, when there is nothing in between; with
//          @PORT, calls are for callee@127.0.0.1:PORT, and the server knows the contact
// PHASE    closed:CALLS:SECONDS   so many calls are always under way
//          open:RATE:SECONDS      so many begin each second, whatever becomes of the others
//          rest:0:SECONDS         none begin
//
// A call: INVITE, 180, after 10 ms 200, ACK, after 10 ms BYE, 200. Both ends repeat themselves as RFC 3261 says
// (T1 500 ms, T2 4 s). A line of JSON for each phase: what became of the calls that began in it, and a list of
// [begun, good] for each tenth of a second. Good: the call was through within 2 s, its BYE answered within 2 s more.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CALLS = 1 << 21, BATCH = 64, MESSAGE = 2048, WHEEL = 1 << 16, SLOTS = 1 << 16, SOCKETS = 8, T1 = 500, RINGING = 10 };
enum state { FREE, CALLING, PROCEEDING, TALKING, ENDING, OVER };
enum timer { REPEAT_INVITE, HANG_UP, REPEAT_BYE, FORGET, ANSWER, REPEAT_ANSWER };

struct call {
    uint32_t serial, phase, slot, begun; // milliseconds since the start
    uint32_t answered;
    uint16_t wait; // until the next repetition, milliseconds
    uint8_t state, is_answered, is_confirmed, is_late;
    uint16_t peer; // port that the INVITE came from
    char tag[48], route[160];
    char *reply; // the callee's 200, and in front of it the length of its 180
    uint16_t ringing, answer, answer_wait, answer_total;
};
struct entry { uint32_t call, serial, next; uint8_t kind; };
struct phase {
    char kind;
    double rate, seconds;
    uint64_t begun, good, late, refused, failed, lost, repeats;
    uint32_t setup[2048]; // milliseconds from INVITE to 200, the ringing left out
};

static struct call *calls;
static uint32_t *free_calls, free_count, next_serial = 1, under_way;
static struct entry *entries;
static uint32_t entry_count, entry_size, free_entry, wheel[WHEEL], wheel_now;
static struct phase phases[16];
static uint32_t (*slots)[2], phase_count, now_phase, slot_base;
static int sockets[2 * SOCKETS], socket_count;
static uint16_t server_port, caller_port, callee_port, contact_port, domain_port;
static struct sockaddr_in server;
static uint32_t now;
static uint64_t start_ns, answer_repeats;

static uint64_t nanoseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Sending: a batch for each socket.

static struct {
    struct mmsghdr headers[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in to[BATCH];
    char bytes[BATCH][MESSAGE];
    int count;
} out[2 * SOCKETS];

static void flush(int s) {
    int done = 0;
    while (done < out[s].count) {
        int sent = sendmmsg(sockets[s], out[s].headers + done, (unsigned)(out[s].count - done), 0);
        if (sent < 0 && errno == EAGAIN) {
            struct pollfd wait = {.fd = sockets[s], .events = POLLOUT};
            poll(&wait, 1, 10);
        }
        done += sent > 0 ? sent : 1;
    }
    out[s].count = 0;
}

static char *room(int s) {
    if (out[s].count == BATCH) flush(s);
    return out[s].bytes[out[s].count];
}

static void post(int s, int length, const struct sockaddr_in *to) {
    int i = out[s].count++;
    out[s].to[i] = *to;
    out[s].vectors[i] = (struct iovec){.iov_base = out[s].bytes[i], .iov_len = (size_t)length};
    out[s].headers[i].msg_hdr = (struct msghdr){
        .msg_name = &out[s].to[i], .msg_namelen = sizeof out[s].to[i], .msg_iov = &out[s].vectors[i], .msg_iovlen = 1};
}

// Timers: a wheel of milliseconds. An entry whose call is another by now is ignored.

static void arm(uint32_t call, int kind, uint32_t after) {
    uint32_t index = free_entry;
    if (index) {
        free_entry = entries[index].next;
    } else {
        if (entry_count + 1 >= entry_size) {
            entry_size = entry_size ? entry_size * 2 : 1 << 16;
            entries = realloc(entries, entry_size * sizeof *entries);
            if (!entries) exit(3);
        }
        index = ++entry_count;
    }
    uint32_t place = (now + (after ? after : 1)) % WHEEL;
    entries[index] = (struct entry){.call = call, .serial = calls[call].serial, .next = wheel[place], .kind = (uint8_t)kind};
    wheel[place] = index;
}

// The caller.

static int socket_of(uint32_t call) { return (int)(call % (uint32_t)socket_count); }

static void request(uint32_t index, const char *method, int cseq, char branch) {
    struct call *c = &calls[index];
    int s = socket_of(index), port = caller_port + s, is_invite = *method == 'I', contact = contact_port + s;
    static const char sdp[] =
        "v=0\r\no=caller 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 30000 RTP/AVP 0 8 101\r\n"
        "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";
    char *text = room(s);
    int n = snprintf(
        text, MESSAGE,
        "%s sip:callee@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%08x%08x%c;rport\r\n%s"
        "Max-Forwards: 70\r\nFrom: \"Caller\" <sip:caller@127.0.0.1:%d>;tag=f%08x\r\nTo: <sip:callee@127.0.0.1:%d>%s\r\n"
        "Call-ID: %08x-%08x\r\nCSeq: %d %s\r\nContact: <sip:caller@127.0.0.1:%d>\r\n%sContent-Length: %d\r\n\r\n%s",
        method, is_invite && domain_port ? domain_port : contact, port, c->serial, index, branch, is_invite ? "" : c->route, port, c->serial, contact,
        is_invite ? "" : c->tag, c->serial, index, cseq, method, port,
        is_invite ? "User-Agent: calls\r\nAllow: INVITE, ACK, CANCEL, BYE\r\nContent-Type: application/sdp\r\n" : "",
        is_invite ? (int)sizeof sdp - 1 : 0, is_invite ? sdp : "");
    post(s, n, &server);
}

static void begin(void) {
    if (!free_count) exit(4);
    uint32_t index = free_calls[--free_count];
    struct call *c = &calls[index];
    char *reply = c->reply;
    memset(c, 0, sizeof *c);
    c->reply = reply;
    c->serial = next_serial++;
    c->phase = now_phase;
    c->begun = now;
    c->state = CALLING;
    c->wait = T1;
    c->slot = slot_base + now / 100;
    if (c->slot >= SLOTS) c->slot = SLOTS - 1;
    slots[c->slot][0]++;
    phases[now_phase].begun++;
    under_way++;
    request(index, "INVITE", 1, 'i');
    arm(index, REPEAT_INVITE, T1);
}

// `linger`: for how long it still answers repetitions.
static void end(uint32_t index, uint64_t *count, uint32_t linger) {
    (*count)++;
    calls[index].state = OVER;
    under_way--;
    arm(index, FORGET, linger);
}

static void fire(struct entry e) {
    struct call *c = &calls[e.call];
    if (c->serial != e.serial) return;
    struct phase *p = &phases[c->phase];
    switch (e.kind) {
    case REPEAT_INVITE:
        if (c->state == PROCEEDING && now - c->begun > 60000) { end(e.call, &p->lost, 1); return; }
        if (c->state == PROCEEDING) { arm(e.call, REPEAT_INVITE, 5000); return; }
        if (c->state != CALLING) return;
        if (now - c->begun >= 64 * T1) { end(e.call, &p->lost, 1); return; }
        p->repeats++;
        c->wait = (uint16_t)(c->wait * 2);
        request(e.call, "INVITE", 1, 'i');
        arm(e.call, REPEAT_INVITE, c->wait);
        return;
    case HANG_UP:
        c->state = ENDING;
        c->wait = T1;
        c->answered = now; // from here on when the BYE went out
        request(e.call, "BYE", 2, 'b');
        arm(e.call, REPEAT_BYE, T1);
        return;
    case REPEAT_BYE:
        if (c->state != ENDING) return;
        if (now - c->answered >= 64 * T1) { end(e.call, &p->lost, 1); return; }
        p->repeats++;
        c->wait = c->wait * 2 > 4000 ? 4000 : (uint16_t)(c->wait * 2);
        request(e.call, "BYE", 2, 'b');
        arm(e.call, REPEAT_BYE, c->wait);
        return;
    case FORGET:
        c->state = FREE;
        c->serial = 0;
        free_calls[free_count++] = e.call;
        return;
    case ANSWER: case REPEAT_ANSWER:
        if (c->is_confirmed || c->state == OVER || c->answer_total > 64 * T1) return;
        {
            int s = socket_count + socket_of(e.call);
            memcpy(room(s), c->reply + c->ringing, c->answer);
            struct sockaddr_in peer = server;
            peer.sin_port = c->peer;
            post(s, c->answer, &peer);
        }
        answer_repeats += e.kind == REPEAT_ANSWER;
        c->is_answered = 1;
        c->answer_wait = e.kind == ANSWER ? T1 : c->answer_wait * 2 > 4000 ? 4000 : (uint16_t)(c->answer_wait * 2);
        c->answer_total = (uint16_t)(c->answer_total + c->answer_wait);
        arm(e.call, REPEAT_ANSWER, c->answer_wait);
        return;
    }
}

static const char *field(const char *text, const char *name) {
    const char *found = strstr(text, name);
    return found ? found + strlen(name) : NULL;
}

static struct call *call_of(const char *text, uint32_t *index) {
    const char *id = field(text, "\r\nCall-ID: ");
    if (!id || id[8] != '-') return NULL;
    uint32_t serial = (uint32_t)strtoul(id, NULL, 16);
    *index = (uint32_t)strtoul(id + 9, NULL, 16);
    if (*index >= MOST_CALLS || calls[*index].serial != serial) return NULL;
    return &calls[*index];
}

static void keep_dialog(struct call *c, const char *text) {
    const char *to = field(text, "\r\nTo: "), *tag = to ? strstr(to, ";tag=") : NULL;
    const char *end = to ? strstr(to, "\r\n") : NULL;
    c->tag[0] = 0;
    if (tag && tag < end) snprintf(c->tag, sizeof c->tag, "%.*s", (int)(end - tag), tag);
    const char *route = field(text, "\r\nRecord-Route: ");
    c->route[0] = 0;
    if (route) snprintf(c->route, sizeof c->route, "Route: %.*s\r\n", (int)(strstr(route, "\r\n") - route), route);
}

static void receive_reply(const char *text) {
    uint32_t index;
    struct call *c = call_of(text, &index);
    const char *cseq = field(text, "\r\nCSeq: ");
    if (!c || !cseq || c->state == FREE) return;
    int code = atoi(text + 8);
    struct phase *p = &phases[c->phase];
    if (*cseq == '2') {
        if (c->state != ENDING || code < 200) return;
        int is_good = code == 200 && !c->is_late && now - c->answered <= 2000;
        if (is_good) slots[c->slot][1]++;
        end(index, code != 200 ? &p->failed : is_good ? &p->good : &p->late, 2000);
        return;
    }
    if (code < 200) {
        if (c->state == CALLING) c->state = PROCEEDING;
        return;
    }
    if (code == 200) {
        int is_first = c->state == CALLING || c->state == PROCEEDING;
        if (is_first) keep_dialog(c, text);
        if (c->tag[0]) request(index, "ACK", 1, 'a');
        if (!is_first) return;
        c->state = TALKING;
        uint32_t took = now - c->begun;
        took = took > RINGING ? took - RINGING : 0;
        p->setup[took < 2048 ? took : 2047]++;
        if (now - c->begun > 2000) c->is_late = 1;
        arm(index, HANG_UP, 10);
        return;
    }
    int is_first = c->state == CALLING || c->state == PROCEEDING;
    if (is_first) keep_dialog(c, text);
    c->route[0] = 0;
    request(index, "ACK", 1, 'i'); // the branch of the INVITE
    if (is_first) end(index, code == 503 ? &p->refused : &p->failed, 2000);
}

// The callee.

static int make_reply(char *to, const char *text, const char *status, int port) {
    int n = sprintf(to, "SIP/2.0 %s\r\n", status);
    const char *line = strstr(text, "\r\n") + 2;
    while (*line && *line != '\r') {
        const char *end = strstr(line, "\r\n");
        if (!end) break;
        int is_to = !strncmp(line, "To:", 3);
        if (is_to || !strncmp(line, "Via:", 4) || !strncmp(line, "From:", 5) || !strncmp(line, "Call-ID:", 8)
            || !strncmp(line, "CSeq:", 5) || !strncmp(line, "Record-Route:", 13)) {
            if (n + (end - line) > MESSAGE - 200) break;
            n += sprintf(to + n, "%.*s", (int)(end - line), line);
            if (is_to && !memmem(line, (size_t)(end - line), ";tag=", 5)) n += sprintf(to + n, ";tag=callee");
            n += sprintf(to + n, "\r\n");
        }
        line = end + 2;
    }
    return n + sprintf(to + n, "Contact: <sip:callee@127.0.0.1:%d>\r\nContent-Length: 0\r\n\r\n", port);
}

static void receive_request(int s, const char *text, const struct sockaddr_in *from) {
    int contact = contact_port + s - socket_count;
    if (!strncmp(text, "BYE ", 4)) {
        uint32_t index;
        struct call *c = call_of(text, &index);
        if (c) c->is_confirmed = 1;
        post(s, make_reply(room(s), text, "200 OK", contact), from);
        return;
    }
    uint32_t index;
    struct call *c = call_of(text, &index);
    if (!c) return;
    if (!strncmp(text, "ACK ", 4)) {
        c->is_confirmed = 1;
        return;
    }
    if (strncmp(text, "INVITE ", 7) || c->state == OVER) return;
    if (!c->answer) {
        if (!c->reply && !(c->reply = malloc(2 * MESSAGE))) exit(3);
        c->ringing = (uint16_t)make_reply(c->reply, text, "180 Ringing", contact);
        c->answer = (uint16_t)make_reply(c->reply + c->ringing, text, "200 OK", contact);
        c->peer = from->sin_port;
        arm(index, ANSWER, RINGING);
    }
    int is_answered = c->is_answered != 0;
    memcpy(room(s), c->reply + (is_answered ? c->ringing : 0), is_answered ? c->answer : c->ringing);
    post(s, is_answered ? c->answer : c->ringing, from);
}

static int receive(int s) {
    static struct mmsghdr headers[BATCH];
    static struct iovec vectors[BATCH];
    static struct sockaddr_in from[BATCH];
    static char bytes[BATCH][MESSAGE + 1];
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){.iov_base = bytes[i], .iov_len = MESSAGE};
        headers[i].msg_hdr = (struct msghdr){
            .msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int count = recvmmsg(sockets[s], headers, BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++) {
        bytes[i][headers[i].msg_len] = 0;
        if (!strncmp(bytes[i], "SIP/2.0 ", 8)) {
            receive_reply(bytes[i]);
        } else if (s >= socket_count) {
            receive_request(s, bytes[i], &from[i]);
        }
    }
    return count == BATCH;
}

static int percentile(const struct phase *p, double share) {
    uint64_t all = 0, seen = 0;
    for (int i = 0; i < 2048; i++) all += p->setup[i];
    for (int i = 0; i < 2048; i++)
        if ((double)(seen += p->setup[i]) >= share * (double)all) return i;
    return 2047;
}

static void report(int index) {
    struct phase *p = &phases[index];
    uint32_t first = 0;
    double before = 0;
    for (int i = 0; i < index; i++) before += phases[i].seconds;
    first = (uint32_t)(before * 10 + 0.5);
    printf("{\"phase\":%d,\"kind\":\"%s\",\"rate\":%.0f,\"seconds\":%.1f,\"begun\":%llu,\"good\":%llu,\"late\":%llu,"
           "\"refused\":%llu,\"failed\":%llu,\"lost\":%llu,\"repeats\":%llu,\"p50_ms\":%d,\"p99_ms\":%d,\"tenths\":[",
           index, p->kind == 'c' ? "closed" : p->kind == 'o' ? "open" : "rest", p->rate, p->seconds,
           (unsigned long long)p->begun, (unsigned long long)p->good, (unsigned long long)p->late,
           (unsigned long long)p->refused, (unsigned long long)p->failed, (unsigned long long)p->lost,
           (unsigned long long)p->repeats, percentile(p, 0.5), percentile(p, 0.99));
    for (uint32_t i = 0; i < (uint32_t)(p->seconds * 10 + 0.5); i++) {
        if (first + i < SLOTS) printf("%s[%u,%u]", i ? "," : "", slots[first + i][0], slots[first + i][1]);
    }
    printf("]}\n");
}

int main(int argc, char **argv) {
    if (argc < 7 || argc - 6 > 16) return fprintf(stderr, "see the head of the source\n"), 2;
    server_port = (uint16_t)atoi(argv[1]);
    caller_port = (uint16_t)atoi(argv[2]);
    callee_port = (uint16_t)atoi(argv[3]);
    contact_port = (uint16_t)atoi(argv[4]);
    domain_port = (uint16_t)(strchr(argv[4], '@') ? atoi(strchr(argv[4], '@') + 1) : 0);
    socket_count = atoi(argv[5]);
    if (socket_count < 1 || socket_count > SOCKETS) return 2;
    for (int i = 6; i < argc; i++) {
        struct phase *p = &phases[phase_count++];
        char kind[16];
        if (sscanf(argv[i], "%15[a-z]:%lf:%lf", kind, &p->rate, &p->seconds) != 3) return 2;
        p->kind = kind[0];
    }
    calls = calloc(MOST_CALLS, sizeof *calls);
    free_calls = malloc(MOST_CALLS * sizeof *free_calls);
    slots = calloc(SLOTS, sizeof *slots);
    if (!calls || !free_calls || !slots) return 3;
    for (uint32_t i = 0; i < MOST_CALLS; i++) free_calls[free_count++] = MOST_CALLS - 1 - i;
    server = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(server_port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < 2 * socket_count; i++) {
        struct sockaddr_in own = server;
        own.sin_port = htons((uint16_t)(i < socket_count ? caller_port + i : callee_port + i - socket_count));
        sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        int size = 16 << 20;
        if (setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size))
            setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
        if (bind(sockets[i], (struct sockaddr *)&own, sizeof own)) return perror("bind"), 1;
    }
    start_ns = nanoseconds();
    // Transactions of an earlier run may still be there.
    next_serial = (uint32_t)(start_ns >> 10) | 1;
    double phase_start = 0, begun = 0;
    uint64_t worst_gap = 0, last = start_ns;
    struct pollfd polled[2 * SOCKETS];
    for (int i = 0; i < 2 * socket_count; i++) polled[i] = (struct pollfd){.fd = sockets[i], .events = POLLIN};
    for (;;) {
        uint64_t ns = nanoseconds();
        if (ns - last > worst_gap) worst_gap = ns - last;
        last = ns;
        now = (uint32_t)((ns - start_ns) / 1000000);
        double seconds = (double)(ns - start_ns) / 1e9 - phase_start;
        if (now_phase < phase_count && seconds >= phases[now_phase].seconds) {
            phase_start += phases[now_phase++].seconds;
            begun = 0;
            continue;
        }
        if (now_phase < phase_count) {
            struct phase *p = &phases[now_phase];
            if (p->kind == 'c') {
                for (int i = 0; under_way < p->rate && i < 256; i++) begin();
            } else if (p->kind == 'o') {
                for (int i = 0; begun < seconds * p->rate && i < 1024; i++, begun++) begin();
            }
        } else if (!under_way) {
            break;
        }
        int is_busy = 0;
        for (int i = 0; i < 2 * socket_count; i++)
            for (int turns = 0; turns < 8 && receive(i); turns++) is_busy = 1;
        while (wheel_now != now) {
            wheel_now++;
            uint32_t index = wheel[wheel_now % WHEEL];
            wheel[wheel_now % WHEEL] = 0;
            while (index) {
                struct entry e = entries[index];
                entries[index].next = free_entry;
                free_entry = index;
                fire(e);
                index = e.next;
            }
        }
        for (int i = 0; i < 2 * socket_count; i++) flush(i);
        struct timespec nap = {.tv_nsec = 200000};
        if (!is_busy) ppoll(polled, (nfds_t)(2 * socket_count), &nap, NULL);
    }
    for (uint32_t i = 0; i < phase_count; i++) report((int)i);
    printf("{\"worst_gap_ms\":%.1f,\"answer_repeats\":%llu}\n", (double)worst_gap / 1e6, (unsigned long long)answer_repeats);
    return 0;
}
