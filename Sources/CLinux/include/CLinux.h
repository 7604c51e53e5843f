#pragma once
// Functions that the Glibc module does not show (they need _GNU_SOURCE) and macros Swift cannot import.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdint.h>
#include <string.h>
#include <time.h>
#include "CLinuxSystem.h"

#include "CLinuxSockets.h"

// The clock of a simulation: while it is on, the thread reads it in place of the system's clocks.
struct apus_virtual_clock {
    int64_t monotonic_ms;
    int64_t wall_us;
    int32_t is_on;
};
extern _Thread_local struct apus_virtual_clock apus_clock;

void apus_virtual_clock_set(int64_t monotonic_ms, int64_t wall_us);
void apus_virtual_clock_clear(void);

/// Has the processor fetch the cache line of `address`, for reading and writing; nothing happens where it may not be read.
static inline void apus_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

static inline int64_t apus_monotonic_coarse_ms(void) {
    if (__builtin_expect(apus_clock.is_on, 0)) return apus_clock.monotonic_ms;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int64_t apus_monotonic_ms(void) {
    if (__builtin_expect(apus_clock.is_on, 0)) return apus_clock.monotonic_ms;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline int64_t apus_wall_seconds(void) {
    if (__builtin_expect(apus_clock.is_on, 0)) return apus_clock.wall_us / 1000000;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME_COARSE, &t);
    return (int64_t)t.tv_sec;
}

static inline int64_t apus_wall_microseconds(void) {
    if (__builtin_expect(apus_clock.is_on, 0)) return apus_clock.wall_us;
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}
