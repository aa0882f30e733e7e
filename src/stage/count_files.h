/* SPDX-License-Identifier: BSD-3-Clause */
/* count_files: the inputs of a run that are count files, open on every rank. */
#ifndef COUNT_FILES_H
#define COUNT_FILES_H

#include "counts/counts_reader.h"

struct job;

struct count_files {
    struct counts_reader *readers;
    size_t len;
    struct counts_meta meta; /* of what all of them are together */

    /* Private. */
    char *names; /* one after another, each ended by a NUL */
    size_t names_bytes;
};

/* Collective: agree, Ibcast twice, agree, Ibcast, agree. Finds the inputs on rank 0 and opens them
 * on all. FAIL_INPUT: one is no count file, harmed, or not what rank 0 sees; FAIL_USAGE: they were
 * counted by different rules, one has not all counts and is to be added to others, or the output is
 * among them. False, agreed; count_files_close is due either way. */
bool count_files_open(struct job *job, struct count_files *files);

/* Local. Idempotent; also of {0}. */
void count_files_close(struct job *job, struct count_files *files);

#endif
