/* Phases of the run. A rank is always in exactly one, so the phases add up to the whole. */
#include "timing.h"

#include <time.h>

const char *const timing_names[TIMING_PHASES] = {
    "start", "plan", "scatter", "map", "shuffle", "reduce", "sort", "gather", "sync",
};

uint64_t timing_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void timing_init(struct timing *timing)
{
    *timing = (struct timing){.phase = TIMING_START};
    timing->start_ns = timing->since_ns = timing_now();
}

enum timing_phase timing_enter(struct timing *timing, enum timing_phase phase)
{
    enum timing_phase before = timing->phase;
    uint64_t now = timing_now();
    timing->spent_ns[before] += now - timing->since_ns;
    timing->since_ns = now;
    timing->phase = phase;
    return before;
}
