// Counts changes of reference counts by the place in the code and the kind of object; loaded in front of the Swift
// runtime (LD_PRELOAD). SIGUSR2 begins and ends the counting. Changes of nothing and of objects that are never counted
// (the program's own data) are left out: they cost a call only.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = 1 << 15 };
struct entry { void *place, *kind; uint64_t count; int what; };
static struct entry entries[PLACES];
static volatile int counts;
static void *(*retain)(void *), *(*retain_n)(void *, uint32_t);
static void (*release)(void *), (*release_n)(void *, uint32_t);

static void note(void *object, void *place, int what) {
    if (!counts || (intptr_t)object <= 0) return; // none, or a tagged one
    if (((uint32_t *)object)[2] == UINT32_MAX) return;
    void *kind = *(void **)object;
    uint64_t hash = ((uint64_t)kind ^ (uint64_t)place << 17) * 0x9e3779b97f4a7c15u >> 49;
    for (int step = 0; step < 256; step++) {
        struct entry *entry = &entries[(hash + step) % PLACES];
        // Two threads may take one place at a time, and one of them is not counted then.
        if (!entry->count) *entry = (struct entry){place, kind, 0, what};
        if (entry->place == place && entry->kind == kind) { entry->count++; return; }
    }
}

#define PLACE __builtin_return_address(0)
void *swift_retain(void *object) { note(object, PLACE, 0); return retain(object); }
void *swift_retain_n(void *object, uint32_t n) { note(object, PLACE, 1); return retain_n(object, n); }
void swift_release(void *object) { note(object, PLACE, 2); release(object); }
void swift_release_n(void *object, uint32_t n) { note(object, PLACE, 3); release_n(object, n); }

static void toggle(int signal) { counts = !counts; }

__attribute__((constructor)) static void begin(void) {
    retain = dlsym(RTLD_NEXT, "swift_retain");
    retain_n = dlsym(RTLD_NEXT, "swift_retain_n");
    release = dlsym(RTLD_NEXT, "swift_release");
    release_n = dlsym(RTLD_NEXT, "swift_release_n");
    signal(SIGUSR2, toggle);
}

struct text { const char *bytes; uintptr_t count; };

__attribute__((destructor)) static void end(void) {
    static const char *names[] = {"retain", "retain_n", "release", "release_n"};
    const uint64_t heap_local = 0x400, heap_generic = 0x500; // what closures keep
    struct text (*name)(void *, int) = (struct text (*)(void *, int))dlsym(RTLD_DEFAULT, "swift_getTypeName");
    counts = 0;
    for (int i = 0; i < PLACES; i++) {
        struct entry *entry = &entries[i];
        if (!entry->count) continue;
        uint64_t kind = *(uint64_t *)entry->kind;
        struct text text = {"(closure)", 9};
        if (name && kind != heap_local && kind != heap_generic) text = name(entry->kind, 0);
        Dl_info info;
        if (!dladdr(entry->place, &info)) continue;
        fprintf(stderr, "site\t%lu\t%s\t%.*s\t%s\t%lx\t%s\n", entry->count, names[entry->what], (int)text.count,
            text.bytes, info.dli_fname, (unsigned long)((char *)entry->place - (char *)info.dli_fbase),
            info.dli_sname ? info.dli_sname : "?");
    }
}
