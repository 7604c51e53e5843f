// Fails whatever would open a descriptor as if the whole system had none left: preload it, and write an error number
// (23: ENFILE) as a signed 64-bit number into the file that APUS_FILES_FILE names. 0: all is well.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static const volatile int64_t *fault;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("APUS_FILES_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *bytes = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (bytes != MAP_FAILED) fault = bytes;
}

#define FAIL_OR(result)                 \
    if (fault && *fault) {              \
        errno = (int)*fault;            \
        return -1;                      \
    }                                   \
    return result

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int mode_of(int flags, va_list words) { return flags & (O_CREAT | O_TMPFILE) ? va_arg(words, int) : 0; }

#define OPEN(name)                                       \
    int name(const char *path, int flags, ...) {         \
        va_list words;                                   \
        va_start(words, flags);                          \
        int mode = mode_of(flags, words);                \
        va_end(words);                                   \
        FAIL_OR(NEXT(name)(path, flags, mode));          \
    }

#define OPEN_AT(name)                                            \
    int name(int folder, const char *path, int flags, ...) {     \
        va_list words;                                           \
        va_start(words, flags);                                  \
        int mode = mode_of(flags, words);                        \
        va_end(words);                                           \
        FAIL_OR(NEXT(name)(folder, path, flags, mode));          \
    }

OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)
int socket(int domain, int type, int protocol) { FAIL_OR(NEXT(socket)(domain, type, protocol)); }
int socketpair(int domain, int type, int protocol, int ends[2]) { FAIL_OR(NEXT(socketpair)(domain, type, protocol, ends)); }
int pipe2(int ends[2], int flags) { FAIL_OR(NEXT(pipe2)(ends, flags)); }
int eventfd(unsigned int count, int flags) { FAIL_OR(NEXT(eventfd)(count, flags)); }
int epoll_create1(int flags) { FAIL_OR(NEXT(epoll_create1)(flags)); }
int accept(int listener, struct sockaddr *peer, socklen_t *size) { FAIL_OR(NEXT(accept)(listener, peer, size)); }
int accept4(int listener, struct sockaddr *peer, socklen_t *size, int flags) {
    FAIL_OR(NEXT(accept4)(listener, peer, size, flags));
}
