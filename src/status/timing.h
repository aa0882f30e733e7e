/* SPDX-License-Identifier: BSD-3-Clause */
/* timing: how long each phase takes on this rank, and what it moved. */
#ifndef TIMING_H
#define TIMING_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of the table. The fields of timing_names follow. */
enum timing_phase {
    TIMING_START,
    TIMING_PLAN,
    TIMING_SCATTER,
    TIMING_MAP,
    TIMING_SHUFFLE,
    TIMING_REDUCE,
    TIMING_SORT,
    TIMING_GATHER,
    TIMING_SYNC,
    TIMING_PHASES,
};

struct timing {
    enum timing_phase phase;
    uint64_t since_ns;
    uint64_t spent_ns[TIMING_PHASES];
    uint64_t bytes[TIMING_PHASES];         /* moved between ranks */
    uint64_t network_bytes[TIMING_PHASES]; /* of these, between hosts */
};

extern const char *const timing_names[TIMING_PHASES];

/* Local. The clock of the run starts, in TIMING_START. */
void timing_init(struct timing *timing);

/* Local. Seconds from the first look at the input to the last byte handed to the system: all phases
 * but the start of MPI and the final fsync, and the one that goes on as far as it has come. */
double timing_work_s(const struct timing *timing);

/* Local. Bytes that this rank sent or got in the phase, to or from another rank; `far`: on another
 * host. */
void timing_moved(struct timing *timing, enum timing_phase phase, uint64_t bytes, bool far);

/* Local. From now on time belongs to `phase`; returns the phase before. */
enum timing_phase timing_enter(struct timing *timing, enum timing_phase phase);

#endif
