#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinuxSystem.h"
#include <execinfo.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Everything here but the setup runs in a signal handler, perhaps without any memory left: no allocation, no lock of
// ours, no stdio. (backtrace may take one of the loader's: the alarm below bounds that.)

static const struct { int number; const char *name; } faults[] = {
    {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"}, {SIGABRT, "SIGABRT"},
    {SIGBUS, "SIGBUS"}, {SIGFPE, "SIGFPE"},   {SIGSEGV, "SIGSEGV"},
};
static char program[64];
static atomic_int is_syslog;
static atomic_int reporter;

static size_t put(char *line, size_t at, size_t room, const char *text) {
    while (*text && at < room) line[at++] = *text++;
    return at;
}

static size_t put_number(char *line, size_t at, size_t room, unsigned number) {
    char digits[12];
    size_t count = sizeof digits;
    digits[--count] = 0;
    do digits[--count] = (char)('0' + number % 10); while (number /= 10);
    return put(line, at, room, digits + count);
}

static int is_memory_left(void) {
    // What allocators ask the system for when they have nothing.
    size_t size = 1 << 20;
    void *piece = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (piece == MAP_FAILED) return 0;
    munmap(piece, size);
    return 1;
}

static void tell_syslog(const char *text, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    char line[320];
    // Facility daemon, severity alert.
    size_t count = put(line, 0, sizeof line, "<25>");
    for (size_t i = 0; i < length && count < sizeof line; i++) line[count++] = text[i];
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return;
    sendto(descriptor, line, count, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
    close(descriptor);
}

// Whatever the report waits for, the process ends: a lock that the thread had when it failed is never released.
static void limit_report(void) {
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);
    signal(SIGALRM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
    alarm(5);
}

static void report(int number) {
    limit_report();
    char line[256];
    size_t room = sizeof line - 1, at = put(line, 0, room, program);
    at = put(line, at, room, "[");
    at = put_number(line, at, room, (unsigned)getpid());
    at = put(line, at, room, "]: ALERT: ended by ");
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        if (faults[i].number == number) at = put(line, at, room, faults[i].name);
    }
    if (!is_memory_left()) at = put(line, at, room, ": no memory is left");
    if (atomic_load(&is_syslog)) tell_syslog(line, at);
    line[at++] = '\n';
    if (write(2, line, at) < 0) return;
    void *frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), 2);
}

static void fault(int number) {
    int none = 0, self = (int)gettid();
    if (atomic_compare_exchange_strong(&reporter, &none, self)) {
        report(number);
    } else if (none != self) {
        // Another thread is about to end the process.
        for (;;) pause();
    }
    // The action is the default again: the process ends as it would have, with a memory image where that is wanted.
    raise(number);
}

void apus_faults_report(const char *name, int to_syslog) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    return;
#endif
#endif
    strncpy(program, name, sizeof program - 1);
    atomic_store(&is_syslog, to_syslog);
    // Who asks for the runtime's own report gets that one.
    const char *runtime = getenv("SWIFT_BACKTRACE");
    if (runtime && *runtime && !strstr(runtime, "enable=no")) return;
    // The first call loads what it needs.
    void *frames[2];
    backtrace(frames, 2);
    struct sigaction action = {.sa_handler = fault, .sa_flags = SA_RESETHAND | SA_NODEFER | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigaction(faults[i].number, &action, NULL);
}
