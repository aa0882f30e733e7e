/* SPDX-License-Identifier: BSD-3-Clause */
/* gather: the result, in one place: every rank writes its range of a file that all hosts share, or
 * rank 0 collects the text with MPI_Gatherv and writes it in order. Results of tasks that are not
 * combined by key are written before, as they come. Nothing whole in one memory. */
#ifndef GATHER_H
#define GATHER_H

#include "stage/result_writer.h"
#include "stage/sort.h"

struct job;

struct gather {
    struct output output;
    struct outdir folder;         /* with --results, on rank 0, instead of the output */
    struct result_writer results; /* of tasks; on rank 0 */
    struct outdir_file combined;  /* what is combined by key, in the folder */
    XXH3_state_t *checksum;       /* of what rank 0 writes to the output */
    uint64_t written_bytes;       /* of results, before all else */
    bool to_root;                 /* rank 0 writes everything else */
};

/* Collective: agree; with -o on several hosts also Ibcast and Iallreduce; agree. Opens the output,
 * before any work is done for nothing. FAIL_OUTPUT. */
bool gather_open(struct job *job, struct gather *gather);

/* Collective: with tasks Ibcast; Iexscan, Iallgather, agree; Igatherv in rounds, agree, where rank
 * 0 writes; then the verification (agree, Iallreduce, Iallgather, agree), agree, Iallreduce. Writes
 * the sorted records and brings them to the disk. FAIL_OUTPUT, FAIL_VERIFY. */
bool gather_run(struct job *job, struct gather *gather, struct sort *sort);

/* Collective: progress_finish. No message is wanted any more that could be lost: from here on only
 * rank 0 may fail. */
bool gather_settle(struct job *job);

/* Local. On rank 0 gives the result its name. FAIL_OUTPUT. */
bool gather_commit(struct job *job, struct gather *gather);

/* Local. Closes, and removes what is not committed; idempotent. */
void gather_close(struct gather *gather);

#endif
