/* SPDX-License-Identifier: BSD-3-Clause */
/* plan: what there is to count, and how finely it is divided.
 *
 * Files may be cut at every multiple of split_bytes, the same at any number of ranks; each rank
 * gets what lies between two such places, so that all have as nearly the same number of bytes as
 * that allows, whether there are 10,000 small files or one large one. */
#ifndef PLAN_H
#define PLAN_H

#include "input/catalog.h"

struct job;

struct plan {
    struct catalog catalog;  /* rank 0: of text */
    struct catalog counts;   /* rank 0: count files, which are none of it */
    uint64_t count_files;    /* how many; on all ranks */
    uint64_t total_bytes;    /* of all files with a size, as stored; on all ranks from here on */
    uint64_t left_bytes;     /* of these, that are not counted yet: those of the catalog */
    uint64_t encoded_bytes;  /* of those that are decoded */
    uint64_t decoding_bytes; /* of memory, that this takes at most, as far as their heads say it */
    uint64_t longest_bytes;  /* of the longest stretch of a file that cannot be cut anywhere */
    uint64_t files;
    uint64_t split_bytes;
    uint64_t streams;      /* files that only rank 0 can read, once, in order */
    uint64_t boundary_sum; /* rank 0: what verify_input expects of the whole input */
    uint64_t head;         /* the first bytes of the text of the first input that is a file */
    bool sampled;    /* the catalog is of parts of the input: what is read cannot be checked */
    bool first_host; /* then: only its ranks are given any */
};

/* Collective: agree, Ibcast. Looks at the inputs on rank 0, and by how they begin chooses
 * what is counted where no option does. Fails with FAIL_INPUT (missing,
 * unreadable, a folder without -r), FAIL_USAGE (the output is one of the inputs) or FAIL_MEMORY (to
 * decode one takes too much). */
bool plan_run(struct job *job, struct plan *plan);

/* Collective: Ibcast, Iallreduce twice; nothing of a sample. Whether the inputs were seen whole,
 * each byte once. FAIL_VERIFY, agreed. */
bool plan_check(struct job *job, const struct plan *plan);

/* Local. Whether an input is what it was when it comes to us: not standard input, under any of its
 * names, where comm_launched_by_prrte. False with fail set to FAIL_INPUT. NULL is fine. */
bool plan_trusts(const char *name, struct fail *fail);

/* Local. */
void plan_free(struct plan *plan);

#endif
