/* SPDX-License-Identifier: BSD-3-Clause */
/* sample: parts of the inputs at random places of all of them, in steps: whoever has taken some has
 * a fair sample, and the next step is as fair.
 *
 * A part is a piece of a file, or all of a small one. A file that can be cut only at its joints has
 * parts between these. What lies between two of them may be too long for a part: as much as of the
 * others is then taken of it, but from its beginning, and every step takes all again that the steps
 * before it have taken. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include "stage/plan.h"

struct env;

struct sample {
    const struct plan *plan;   /* borrowed; of all there is */
    struct sample_unit *units; /* in random order, but for the long ones, which come first */
    size_t len, longs, taken;  /* in `units`: all, long ones, those taken of the others */
    uint64_t units_bytes;      /* of memory */
    uint64_t others_bytes;     /* of the input, but for what is long */
    uint64_t long_bytes;       /* of what is long, as stored */
    double longs_share;        /* how many times that is what those in `units` have */
    uint64_t least_bytes;      /* that a step has of these */
    uint64_t taken_bytes;      /* of the others */
    struct catalog catalog;    /* of the last step; of all there is it borrows names and joints */
    size_t entries;            /* room in it */
};

/* Local, on rank 0. Chooses the parts, about `most_bytes` together or fewer where there is no
 * memory for more. False with fail set. */
bool sample_init(struct env *env, struct sample *sample, const struct plan *plan,
                 uint64_t most_bytes);

/* Local, on rank 0. Makes `step` the plan to count what is to be counted, so that as many bytes are
 * taken. Valid until the next one. False with fail set. */
bool sample_step(struct env *env, struct sample *sample, uint64_t bytes, struct plan *step);

/* Local. Idempotent. */
void sample_free(struct env *env, struct sample *sample);

#endif
