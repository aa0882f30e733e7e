/* SPDX-License-Identifier: BSD-3-Clause */
/* plan: what there is to count, and who counts which stretch of it.
 *
 * Files are cut into pieces of split_bytes, the same at any number of ranks; each rank gets a
 * stretch of neighbouring pieces, so that all have as nearly the same number of bytes as pieces
 * allow, whether there are 10,000 small files or one large one. */
#ifndef PLAN_H
#define PLAN_H

#include "input/catalog.h"

struct job;

struct plan {
    struct catalog catalog; /* rank 0 */
    uint64_t total_bytes;   /* of all files with a size; on all ranks from here on */
    uint64_t files;
    uint64_t split_bytes;
    uint64_t streams;   /* files that only rank 0 can read, once, in order */
    uint64_t stretches; /* rank 0: what verify_input expects of the whole input */
};

/* A place in the sequence of all files: before byte `offset` of file `file`. */
struct plan_place {
    size_t file;
    uint64_t offset;
};

/* Collective: agree, Ibcast. Looks at the inputs on rank 0. Fails with FAIL_INPUT (missing,
 * unreadable, a folder without -r) or FAIL_USAGE (the output is one of the inputs). */
bool plan_run(struct job *job, struct plan *plan);

/* Local, on rank 0. The piece boundary that is nearest to byte `target` of all files, at or after
 * `from`. Cost: the files passed. */
struct plan_place plan_boundary(const struct plan *plan, struct plan_place from,
                                uint64_t from_bytes, uint64_t target, uint64_t *boundary_bytes);

/* Local. */
/* Collective: Ibcast, Iallreduce. Whether the inputs were seen whole, each byte once. FAIL_VERIFY,
 * agreed. */
bool plan_check(struct job *job, const struct plan *plan);

void plan_free(struct plan *plan);

#endif
