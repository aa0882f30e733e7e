/* SPDX-License-Identifier: BSD-3-Clause */
/* count_files: the inputs of a run that are count files, open on every rank. */
#ifndef COUNT_FILES_H
#define COUNT_FILES_H

#include "counts/counts_reader.h"

struct job;
struct plan;

struct count_files {
    struct counts_reader *readers;
    size_t len;
    uint64_t bytes;          /* of all of them */
    bool with_text;          /* they are not all inputs */
    struct counts_meta meta; /* of what all of them are together */

    /* Private. */
    char *names; /* one after another, each ended by a NUL */
    size_t names_bytes;
};

/* Collective: agree, Ibcast, agree, Ibcast, Ibcast, agree. Opens the count files of the plan, of
 * which there are some, on all ranks. FAIL_INPUT: one is harmed, or not what rank 0 sees;
 * FAIL_USAGE: they were counted by different rules, or by others than text is in this run, or one
 * has not all counts and is to be added to others. False, agreed; count_files_close is due either
 * way. */
bool count_files_open(struct job *job, const struct plan *plan, struct count_files *files);

/* Local. Idempotent; also of {0}. */
void count_files_close(struct job *job, struct count_files *files);

#endif
