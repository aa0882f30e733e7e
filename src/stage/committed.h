/* SPDX-License-Identifier: BSD-3-Clause */
/* committed: what the commit of a count says. Of each start of the run its ranks have left logs,
 * with all that was counted since the start before it, and the sum of that; what of the input is
 * done, and what was seen of it, is that of all starts together. */
#ifndef COMMITTED_H
#define COMMITTED_H

#include "input/done.h"
#include "input/root_reader.h"
#include "store/commit.h"
#include "text/hash.h"

struct job;
struct plan;

enum committed_section {
    COMMITTED_COUNT,  /* one struct committed_count */
    COMMITTED_STARTS, /* struct committed_start */
    COMMITTED_LOGS,   /* struct committed_log */
    COMMITTED_RUNS,   /* uint64_t: where in the log the index of a run begins */
    COMMITTED_DONE,   /* struct done_range, merged */
    COMMITTED_INPUTS, /* struct file_print: texts, then count files */
    COMMITTED_NAMES,  /* of these */
    COMMITTED_RULES,  /* by which rules is counted, as counts_meta has it */
};

/* What was seen of the input; see struct verify_input and what checks them. */
struct committed_sums {
    uint64_t record_bytes, gap_bytes, decoded_bytes, boundary_sum;
    uint64_t records, without, bad; /* of extractors */
    uint64_t lines, bad_lines;      /* that say how often a key occurs */
};

struct committed_count {
    uint64_t split_bytes, unit; /* see struct plan, struct catalog */
    uint64_t root;              /* 1: rank 0 reads for all, and stands at `place`; then nothing is
                                   said of what is done */
    struct root_reader_place place;
    struct committed_sums sums;
    uint64_t texts;       /* of the inputs */
    uint64_t rules_lines; /* in RULES */
};

struct committed_start {
    struct hash_seed seed;
    uint64_t tokens, keyed_low, keyed_high; /* a tally, by that seed; */
    uint64_t keyed_known;                   /* 0: without its keyed sum */
};

struct committed_log {
    uint64_t start, rank;
    uint64_t bytes;   /* what is behind them does not count */
    uint64_t buckets; /* of its runs */
    uint64_t first_run, runs;
};

/* Local. The items of a section, and how many there are. */
static inline void *committed_items(const struct commit *commit, enum committed_section section)
{
    return commit->sections[section].bytes;
}
size_t committed_len(const struct commit *commit, enum committed_section section);

/* Local, on rank 0. The commit of a run that has done nothing yet: which inputs there are, and by
 * which rules they are counted. False with fail set. */
bool committed_begin(struct job *job, const struct plan *plan, struct commit *commit);

/* Local. Whether what a commit says can be; it was read from `path`. False with fail set to
 * FAIL_INPUT. */
bool committed_check(const struct commit *commit, const char *path, struct fail *fail);

/* Local, on rank 0. Whether a run that would begin with `mine` goes on with what `commit`, of the
 * folder, says. False with fail set: FAIL_USAGE with the first difference. */
bool committed_same(struct job *job, const struct commit *commit, const struct commit *mine,
                    const char *folder);

#endif
