// Counts changes of reference counts by object and thread; loaded in front of the Swift runtime (LD_PRELOAD).
// At the end: the kinds of objects whose counts several threads changed. Each change of one of these takes the cache
// line of the object away from whoever had it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 16, THREADS = 64 };
struct entry { void *object, *kind; uint64_t count; };
struct table { struct entry entries[SLOTS]; uint64_t all, lost; };
static struct table *tables[THREADS];
static int table_count;
static _Thread_local struct table *own;
static _Thread_local int busy;
static void *(*retain)(void *), *(*retain_n)(void *, uint32_t);
static void (*release)(void *), (*release_n)(void *, uint32_t);

static void note(void *object) {
    if ((intptr_t)object <= 0 || busy) return; // none, or a tagged one
    // A count that is never changed: an object of the program's own data.
    if (((uint32_t *)object)[2] == UINT32_MAX) return;
    if (!own) {
        busy = 1;
        int number = __atomic_fetch_add(&table_count, 1, __ATOMIC_RELAXED);
        if (number >= THREADS) return; // stays busy: a thread that is not counted
        own = tables[number] = calloc(1, sizeof *own);
        busy = 0;
    }
    own->all++;
    uint64_t hash = (uint64_t)object * 0x9e3779b97f4a7c15u >> 48;
    for (int step = 0; step < 16; step++) {
        struct entry *entry = &own->entries[(hash + step) % SLOTS];
        if (!entry->object) { entry->object = object; entry->kind = *(void **)object; }
        if (entry->object == object) {
            // Another object at the same place.
            if (entry->kind != *(void **)object) { entry->kind = *(void **)object; entry->count = 0; }
            entry->count++;
            return;
        }
    }
    // Objects of single messages fill the table: one that was seen little makes room.
    struct entry *entry = &own->entries[(hash + 15) % SLOTS];
    if (entry->count < 64) *entry = (struct entry){object, *(void **)object, 1};
    else own->lost++;
}

void *swift_retain(void *object) { note(object); return retain(object); }
void *swift_retain_n(void *object, uint32_t n) { note(object); return retain_n(object, n); }
void swift_release(void *object) { note(object); release(object); }
void swift_release_n(void *object, uint32_t n) { note(object); release_n(object, n); }

__attribute__((constructor)) static void begin(void) {
    retain = dlsym(RTLD_NEXT, "swift_retain");
    retain_n = dlsym(RTLD_NEXT, "swift_retain_n");
    release = dlsym(RTLD_NEXT, "swift_release");
    release_n = dlsym(RTLD_NEXT, "swift_release_n");
}

struct text { const char *bytes; uintptr_t count; };

__attribute__((destructor)) static void end(void) {
    busy = 1;
    struct text (*name)(void *, int) = (struct text (*)(void *, int))dlsym(RTLD_DEFAULT, "swift_getTypeName");
    static struct { void *kind; uint64_t count; int objects; } kinds[512];
    int count = 0, threads = table_count < THREADS ? table_count : THREADS;
    uint64_t all = 0, lost = 0;
    for (int t = 0; t < threads; t++) {
        if (!tables[t]) continue;
        all += tables[t]->all;
        lost += tables[t]->lost;
        for (int i = 0; i < SLOTS; i++) {
            struct entry *entry = &tables[t]->entries[i];
            // Few changes are of the start, or of places that were used again.
            if (!entry->object || entry->count < 1000) continue;
            uint64_t sum = entry->count;
            int sharers = 1;
            for (int u = 0; u < threads; u++) {
                if (u == t || !tables[u]) continue;
                for (int k = 0; k < 16; k++) {
                    uint64_t hash = (uint64_t)entry->object * 0x9e3779b97f4a7c15u >> 48;
                    struct entry *other = &tables[u]->entries[(hash + k) % SLOTS];
                    if (other->object != entry->object || other->kind != entry->kind || other->count < 1000) continue;
                    sum += other->count;
                    sharers++;
                    other->count = 0;
                    break;
                }
            }
            entry->count = 0;
            if (sharers < 2) continue;
            int k = 0;
            while (k < count && kinds[k].kind != entry->kind) k++;
            if (k == 512) continue;
            if (k == count) kinds[count++].kind = entry->kind;
            kinds[k].count += sum;
            kinds[k].objects++;
        }
    }
    fprintf(stderr, "counts: %lu changes, %lu not attributed\n", all, lost);
    for (int k = 0; k < count; k++) {
        struct text text = name ? name(kinds[k].kind, 1) : (struct text){"?", 1};
        fprintf(stderr, "counts: %lu %d %.*s\n", kinds[k].count, kinds[k].objects, (int)text.count, text.bytes);
    }
}
