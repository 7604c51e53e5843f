#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CLinuxSystem.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

struct apus_calendar_time apus_calendar(int64_t seconds, int is_utc) {
    time_t clock = (time_t)seconds;
    struct tm parts;
    if (is_utc) gmtime_r(&clock, &parts); else localtime_r(&clock, &parts);
    struct apus_calendar_time t = {parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                                   parts.tm_min, parts.tm_sec, parts.tm_wday, parts.tm_yday, parts.tm_isdst};
    return t;
}

static int argument_count;
static char **argument_texts;

#ifdef __GLIBC__
// glibc hands constructors what it hands main.
__attribute__((constructor)) static void keep_arguments(int count, char **texts) {
    argument_count = count;
    argument_texts = texts;
}
#endif

// The argument of an option, which stands behind its name or in the next word; NULL when `*index` is another option.
static char *argument_of(const char *option, int *index) {
    size_t length = strlen(option);
    char *text = argument_texts[*index];
    if (strncmp(text, option, length)) return NULL;
    if (text[length]) return text + length + (text[length] == '=');
    return ++*index < argument_count ? argument_texts[*index] : NULL;
}

void apus_hide_arguments(void) {
    for (int i = 1; i < argument_count; i++) {
        char *text = argument_of("-A", &i);
        if (text) {
            text = strchr(text, '=');
        } else if (i < argument_count && (text = argument_of("--modparam", &i))) {
            for (int colons = 0; text && colons < 3; colons++) text = strchr(text + (colons > 0), ':');
        }
        if (text && *text) memset(text + 1, '*', strlen(text + 1));
    }
}

struct apus_signal {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int is_raised;
};

struct apus_signal *apus_signal_make(void) {
    struct apus_signal *signal = calloc(1, sizeof *signal);
    if (!signal) abort(); // as every other allocation does
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&signal->mutex, NULL);
    pthread_cond_init(&signal->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return signal;
}

void apus_signal_free(struct apus_signal *signal) {
    pthread_cond_destroy(&signal->changed);
    pthread_mutex_destroy(&signal->mutex);
    free(signal);
}

void apus_signal_raise(struct apus_signal *signal) {
    pthread_mutex_lock(&signal->mutex);
    signal->is_raised = 1;
    pthread_cond_signal(&signal->changed);
    pthread_mutex_unlock(&signal->mutex);
}

void apus_signal_wait(struct apus_signal *signal, int milliseconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    if (milliseconds > 0) {
        end.tv_sec += milliseconds / 1000;
        end.tv_nsec += milliseconds % 1000 * 1000000L;
        if (end.tv_nsec >= 1000000000L) {
            end.tv_sec++;
            end.tv_nsec -= 1000000000L;
        }
    }
    pthread_mutex_lock(&signal->mutex);
    int code = 0;
    while (!signal->is_raised && code == 0) {
        code = milliseconds < 0 ? pthread_cond_wait(&signal->changed, &signal->mutex)
                                : pthread_cond_timedwait(&signal->changed, &signal->mutex, &end);
    }
    signal->is_raised = 0;
    pthread_mutex_unlock(&signal->mutex);
}

/* jemalloc's, where the program is linked with it: it has malloc and free of its own, in place of the C library's. */
extern int mallctl(const char *name, void *old, size_t *old_size, void *new, size_t new_size) __attribute__((weak));

void apus_memory_return(void) {
    if (mallctl) {
        /* 4096: of all arenas. */
        mallctl("arena.4096.purge", NULL, NULL, NULL, 0);
        return;
    }
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void apus_memory_settle(void) {
    if (mallctl) mallctl("arena.4096.decay", NULL, NULL, NULL, 0);
}

void apus_memory_unmap_files(void) {
    FILE *maps = fopen("/proc/self/smaps", "re");
    if (!maps) return;
    char *line = NULL;
    size_t capacity = 0;
    unsigned long begin = 0, end = 0;
    int is_candidate = 0;
    while (getline(&line, &capacity, maps) > 0) {
        unsigned long from, to, own;
        char mode[5] = "", path[2] = "";
        if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %1s", &from, &to, mode, path) >= 3) {
            begin = from;
            end = to;
            is_candidate = mode[1] == '-' && mode[3] == 'p' && path[0] == '/';
        } else if (is_candidate && sscanf(line, "Anonymous: %lu", &own) == 1 && own == 0) {
            /* Refused for locked memory, which is to stay. */
            madvise((void *)begin, end - begin, MADV_DONTNEED);
        }
    }
    free(line);
    fclose(maps);
}

int apus_privileges_limit(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -errno;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    memset(sets, 0, sizeof sets);
    if (syscall(SYS_capget, &header, sets) != 0) return -errno;
    for (int index = 0; index < _LINUX_CAPABILITY_U32S_3; index++) {
        uint32_t kept = index == CAP_NET_BIND_SERVICE / 32 ? 1u << CAP_NET_BIND_SERVICE % 32 : 0;
        sets[index].effective &= kept;
        sets[index].permitted &= kept;
        sets[index].inheritable &= kept;
    }
    return syscall(SYS_capset, &header, sets) == 0 ? 0 : -errno;
}

int64_t apus_file_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return -1;
    return limit.rlim_cur > INT64_MAX ? INT64_MAX : (int64_t)limit.rlim_cur;
}

void apus_syslog(int priority, const unsigned char *text, int length) {
    syslog(priority, "%.*s", length, (const char *)text);
}

int apus_unix_bind(const char *path, int is_datagram, int mode) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // A socket file that nobody listens on is a leftover of a server that was killed; a living one is not touched.
    int probe = socket(AF_UNIX, (is_datagram ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (probe >= 0) {
        int alive = connect(probe, (struct sockaddr *)&address, sizeof(address)) == 0;
        close(probe);
        if (alive) {
            close(fd);
            return -EADDRINUSE;
        }
    }
    struct stat info;
    if (lstat(path, &info) == 0 && S_ISSOCK(info.st_mode)) unlink(path);
    mode_t before = umask(0777 & ~(mode_t)mode);
    int bound = bind(fd, (struct sockaddr *)&address, sizeof(address));
    int code = errno;
    umask(before);
    if (bound < 0 || (!is_datagram && listen(fd, SOMAXCONN) < 0)) {
        if (bound >= 0) code = errno;
        close(fd);
        return -code;
    }
    return fd;
}

int apus_unix_connect(const char *path, int timeout_seconds) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path)) return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct timeval limit = {.tv_sec = timeout_seconds};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int code = errno;
        close(fd);
        return -code;
    }
    return fd;
}

int apus_reverse_lookup(uint64_t high, uint64_t low, int is_ipv6, char *name, size_t capacity) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl((uint32_t)low)};
    for (int i = 0; i < 8; i++) {
        six.sin6_addr.s6_addr[i] = (uint8_t)(high >> (56 - 8 * i));
        six.sin6_addr.s6_addr[8 + i] = (uint8_t)(low >> (56 - 8 * i));
    }
    const struct sockaddr *address = is_ipv6 ? (const struct sockaddr *)&six : (const struct sockaddr *)&four;
    return getnameinfo(address, is_ipv6 ? sizeof six : sizeof four, name, capacity, NULL, 0, NI_NAMEREQD) == 0 ? 0 : -1;
}

int apus_unlink(const char *path) { return unlink(path) < 0 ? -errno : 0; }

static int fifo_open(const char *path, int direction) {
    int fd = open(path, direction | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -errno;
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode)) return fd;
    close(fd);
    return -EINVAL;
}

int apus_fifo_read(const char *path) { return fifo_open(path, O_RDONLY); }
int apus_fifo_write(const char *path) { return fifo_open(path, O_WRONLY); }

int apus_fifo_make(const char *path, int mode) {
    struct stat info;
    if (lstat(path, &info) == 0) {
        if (!S_ISFIFO(info.st_mode)) return -EEXIST;
        // As with sockets: a leftover is replaced, one that a living server reads is not touched.
        int probe = fifo_open(path, O_WRONLY);
        if (probe >= 0) {
            close(probe);
            return -EADDRINUSE;
        }
        unlink(path);
    }
    mode_t before = umask(0777 & ~(mode_t)mode);
    int made = mkfifo(path, 0666 | (mode_t)mode);
    int code = errno;
    umask(before);
    return made < 0 ? -code : fifo_open(path, O_RDONLY);
}

int apus_file_permit(const char *path, int mode, uint32_t user, uint32_t group) {
    // Whoever may write the directory may put another file there; the run directory is the server's own.
    struct stat info;
    if (lstat(path, &info) < 0) return -errno;
    if (!S_ISFIFO(info.st_mode) && !S_ISSOCK(info.st_mode)) return -EINVAL;
    if ((user != UINT32_MAX || group != UINT32_MAX) && lchown(path, user, group) < 0) return -errno;
    return chmod(path, (mode_t)mode) < 0 ? -errno : 0;
}

int apus_accept(int fd) {
    int made = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    return made < 0 ? -errno : made;
}

int64_t apus_read(int fd, unsigned char *bytes, size_t capacity) {
    ssize_t taken = read(fd, bytes, capacity);
    return taken < 0 ? -errno : taken;
}

int64_t apus_write(int fd, const unsigned char *bytes, size_t count) {
    ssize_t taken = send(fd, bytes, count, MSG_NOSIGNAL);
    if (taken < 0 && errno == ENOTSOCK) taken = write(fd, bytes, count);
    return taken < 0 ? -errno : taken;
}

int64_t apus_receive_from(int fd, unsigned char *bytes, size_t capacity, struct apus_unix_peer *peer) {
    socklen_t length = sizeof(peer->address);
    ssize_t taken = recvfrom(fd, bytes, capacity, MSG_DONTWAIT, (struct sockaddr *)peer->address, &length);
    peer->length = length;
    return taken < 0 ? -errno : taken;
}

int64_t apus_send_to(int fd, const unsigned char *bytes, size_t count, const struct apus_unix_peer *peer) {
    if (peer->length <= sizeof(sa_family_t)) return -EDESTADDRREQ;
    const struct sockaddr *to = (const struct sockaddr *)peer->address;
    ssize_t taken = sendto(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL, to, peer->length);
    return taken < 0 ? -errno : taken;
}

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

int apus_daemonize(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -errno;
    pid_t child = fork();
    if (child < 0) {
        int code = errno;
        close(ends[0]);
        close(ends[1]);
        return -code;
    }
    if (child > 0) {
        close(ends[1]);
        unsigned char word = 0;
        ssize_t taken;
        do taken = read(ends[0], &word, 1); while (taken < 0 && errno == EINTR);
        _exit(taken == 1 ? 0 : 255);
    }
    close(ends[0]);
    setsid();
    return ends[1];
}

void apus_daemon_report(int pipe) {
    unsigned char word = 1;
    ssize_t done = write(pipe, &word, 1);
    (void)done;
    close(pipe);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        if (null > 2) close(null);
    }
}

static void fill(sigset_t *set, uint64_t mask) {
    sigemptyset(set);
    for (int number = 1; number < 64; number++)
        if (mask >> number & 1) sigaddset(set, number);
}

void apus_signals_block(uint64_t mask) {
    sigset_t set;
    fill(&set, mask);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int apus_signals_wait(uint64_t mask, int milliseconds) {
    sigset_t set;
    struct timespec limit = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L};
    fill(&set, mask);
    while (1) {
        int number = sigtimedwait(&set, NULL, milliseconds < 0 ? NULL : &limit);
        if (number > 0) return number;
        if (errno == EAGAIN) return 0;
    }
}

void *apus_directory_open(const char *path) { return opendir(path); }

int apus_directory_next(void *directory, char *name, size_t capacity) {
    struct dirent *entry;
    while ((entry = readdir((DIR *)directory)) != NULL) {
        if (entry->d_name[0] == '.' || strlen(entry->d_name) >= capacity) continue;
        strcpy(name, entry->d_name);
        struct stat info;
        // Links are followed to files, not to directories: those may lead back.
        if (fstatat(dirfd((DIR *)directory), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        if (S_ISDIR(info.st_mode)) return 2;
        if (S_ISREG(info.st_mode) || S_ISLNK(info.st_mode)) return 1;
    }
    return 0;
}

void apus_directory_close(void *directory) { closedir((DIR *)directory); }
