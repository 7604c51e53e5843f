#pragma once
// Small system services. System headers stay in the .c file: what they define under _GNU_SOURCE would clash with the
// Glibc module.
#include <stddef.h>
#include <stdint.h>

struct apus_calendar_time {
    int year, month, day, hour, minute, second, weekday, yearday, is_dst;
};
struct apus_calendar_time apus_calendar(int64_t seconds, int is_utc);

// A signal between threads. It takes no descriptor: those may have run out when it is needed.
struct apus_signal;
struct apus_signal *apus_signal_make(void);
void apus_signal_free(struct apus_signal *signal);
void apus_signal_raise(struct apus_signal *signal);
void apus_signal_wait(struct apus_signal *signal, int milliseconds);

// Lets this thread, and those that it starts, have no capability but that to bind ports below 1024, if it has it, and
// none more through programs that it runs. Returns 0 or -errno.
int apus_privileges_limit(void);

// Overwrites what `-A ID=` and `--modparam=m:p:t:` say in the command line that the system shows of this process.
void apus_hide_arguments(void);

// From now on a fault leaves a line and the addresses of the calls on standard error, and the line in the system's log if
// that is wanted, before it ends the process as it would have. The Swift runtime's own report, which starts a program that
// takes minutes while the process lives on, is made only when SWIFT_BACKTRACE asks for it.
void apus_faults_report(const char *name, int to_syslog);

// Gives back to the system what the allocator holds and nobody uses.
void apus_memory_return(void);
// The same for what nobody has used for ten seconds, as threads that allocate do it by the way.
void apus_memory_settle(void);
// Forgets which pages of programs and libraries have been read: those that are read again are found in the system's file
// cache. Files whose mapping has a page of this process alone, as a debugger's breakpoints make one, stay as they are.
void apus_memory_unmap_files(void);

// Files that the process may open; -1 when the system does not say.
int64_t apus_file_limit(void);

void apus_syslog(int priority, const unsigned char *text, int length);

// Blocking. The name of an address, NUL-terminated; -1 when it has none.
int apus_reverse_lookup(uint64_t high, uint64_t low, int is_ipv6, char *name, size_t capacity);

// Local control sockets. Results are descriptors, counts or negative errno values.
int apus_unix_bind(const char *path, int is_datagram, int mode);
// Blocking; reads and writes wait no longer than the limit.
int apus_unix_connect(const char *path, int timeout_seconds);
int apus_unlink(const char *path);
// A fifo that this process reads, made new: one that somebody reads is -EADDRINUSE, a file that is no fifo -EEXIST.
int apus_fifo_make(const char *path, int mode);
// The reading end of a fifo that is there, not blocking; a name that leads elsewhere is refused.
int apus_fifo_read(const char *path);
// The writing end: -ENXIO as long as nobody reads, -EINVAL for what is no fifo. Not blocking.
int apus_fifo_write(const char *path);
// Permissions, and owner and group (UINT32_MAX: as they are), of a socket or fifo.
int apus_file_permit(const char *path, int mode, uint32_t user, uint32_t group);
int apus_accept(int fd);
int64_t apus_read(int fd, unsigned char *bytes, size_t capacity);
int64_t apus_write(int fd, const unsigned char *bytes, size_t count);

// One datagram in, its sender kept for the answer. The address is a sockaddr_storage.
struct apus_unix_peer {
    _Alignas(8) unsigned char address[128];
    uint32_t length;
};
int64_t apus_receive_from(int fd, unsigned char *bytes, size_t capacity, struct apus_unix_peer *peer);
int64_t apus_send_to(int fd, const unsigned char *bytes, size_t count, const struct apus_unix_peer *peer);

// Goes to the background. The parent waits until the child reports or dies, then exits. In the child: a descriptor for
// apus_daemon_report, or a negative errno value.
int apus_daemonize(void);
void apus_daemon_report(int pipe);

// Signals as a mask of their numbers.
void apus_signals_block(uint64_t mask);
// The number of one that came; 0 when the time is over before (-1: never).
int apus_signals_wait(uint64_t mask, int milliseconds);

// Entries of a directory. `next` copies a name and gives 1 for a file, 2 for a directory, 0 at the end; hidden entries
// are left out.
void *apus_directory_open(const char *path);
int apus_directory_next(void *directory, char *name, size_t capacity);
void apus_directory_close(void *directory);
