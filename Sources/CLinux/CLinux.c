#include "CLinux.h"

_Thread_local struct apus_virtual_clock apus_clock;

void apus_virtual_clock_set(int64_t monotonic_ms, int64_t wall_us) {
    apus_clock.monotonic_ms = monotonic_ms;
    apus_clock.wall_us = wall_us;
    apus_clock.is_on = 1;
}

void apus_virtual_clock_clear(void) { apus_clock.is_on = 0; }
