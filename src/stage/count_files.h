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
    uint64_t bytes, rows;    /* of all of them */
    unsigned __int128 sum;   /* of the counts of all rows */
    bool with_text;          /* they are not all inputs */
    bool late;               /* given: they are added when the text is counted and sorted */
    bool merged;             /* given: nothing but their sum is wanted, see merge_counts.h */
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

/* Local. They are input that is expected, where that is known of the texts; of files that are not
 * late count_files_open does that. */
void count_files_expect(struct job *job, const struct count_files *files);

/* Local. Whether their counts can be added to those of text: they come to 63 bits. False with
 * FAIL_INPUT. */
bool count_files_fit(struct job *job, const struct count_files *files);

/* Local. *found: one of them has the key of a record. Readers are elsewhere then. False with fail
 * set. */
bool count_files_have(struct count_files *files, const struct record *record, bool *found,
                      struct fail *fail);

/* Local. The part of so many bytes of them that is said to be this rank's. */
uint64_t count_files_share(const struct job *job, uint64_t bytes);

/* Local. Idempotent; also of {0}. */
void count_files_close(struct job *job, struct count_files *files);

#endif
