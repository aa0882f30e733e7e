/* SPDX-License-Identifier: BSD-3-Clause */
/* expectation: what follows for a count from what a sample of its input has shown. */
#ifndef EXPECTATION_H
#define EXPECTATION_H

#include "data/census.h"
#include "stage/plan.h"
#include "status/outlook.h"

struct counts_survey;
struct job;

/* Of one kind of keys: those of the result, or the chunks that they are made of. */
struct expectation_keys {
    double tokens[CENSUS_LOTS];
    struct census_sums sums;
    /* Where all was counted: exactly these. */
    uint64_t keys, singles, record_bytes;
};

/* What was counted, on all ranks. */
struct expectation {
    size_t lots;
    bool exact, beginnings;
    double bytes[CENSUS_LOTS];   /* of each lot, as stored */
    double records[CENSUS_LOTS]; /* that were reduced */
    double counted[CENSUS_LOTS]; /* with what each had again of those before it */
    double map_s[CENSUS_LOTS], rest_s[CENSUS_LOTS]; /* of a rank, for these, and the records */
    double seconds;                                 /* that all took */
    struct expectation_keys words, chunks;          /* of chunks there are none without rules */
    uint64_t kept, line_bytes; /* exact: lines of the result, without --top, and their bytes */
    const struct counts_survey
        *counts; /* count files beside the text, if any; NULL: there are none */
    /* Keys of the last lot that were looked for in them, and found: any, and those that occurred
     * once. */
    uint64_t asked[2], found[2];
};

/* Of the keys of a run, or a part of it. */
struct expectation_sizes {
    struct estimate_range keys, record_bytes, line_bytes;
    double kept; /* lines */
};

/* Local, on rank 0. All but its command is filled in. */
struct outlook expectation_outlook(const struct job *job, const struct plan *plan,
                                   const struct expectation *seen);

#endif
