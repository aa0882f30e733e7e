/* SPDX-License-Identifier: BSD-3-Clause */
/* Phases of the run. A rank is always in exactly one, so the phases add up to the whole. */
#include "status/timing.h"

#include "host/clock.h"

const char *const timing_names[TIMING_PHASES] = {
    "start", "plan", "scatter", "map", "shuffle", "reduce", "sort", "gather", "sync",
};

void timing_init(struct timing *timing)
{
    *timing = (struct timing){.phase = TIMING_START};
    timing->since_ns = clock_ns();
}

double timing_work_s(const struct timing *timing)
{
    uint64_t work_ns = 0;
    for (int phase = TIMING_START + 1; phase < TIMING_SYNC; phase++)
        work_ns += timing->spent_ns[phase];
    if (timing->phase > TIMING_START && timing->phase < TIMING_SYNC)
        work_ns += clock_ns() - timing->since_ns;
    return (double)work_ns / 1e9;
}

void timing_moved(struct timing *timing, enum timing_phase phase, uint64_t bytes, bool far)
{
    timing->bytes[phase] += bytes;
    timing->network_bytes[phase] += far ? bytes : 0;
}

enum timing_phase timing_enter(struct timing *timing, enum timing_phase phase)
{
    enum timing_phase before = timing->phase;
    uint64_t now = clock_ns();
    if (now > timing->since_ns) /* a simulator of MPI sets the clock to 0 when MPI starts */
        timing->spent_ns[before] += now - timing->since_ns;
    timing->since_ns = now;
    timing->phase = phase;
    return before;
}
