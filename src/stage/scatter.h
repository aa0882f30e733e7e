/* SPDX-License-Identifier: BSD-3-Clause */
/* scatter: brings every rank its part of the input, with MPI_Scatterv.
 *
 * Where all hosts can open the files, that is a list of ranges; a word belongs to the range its
 * first byte lies in. With --schedule=dynamic a rank asks for such lists instead (split_queue.h).
 * Otherwise rank 0 reads, cuts at the ends of words, and sends the bytes themselves, a bounded
 * round at a time. */
#ifndef SCATTER_H
#define SCATTER_H

#include "comm/scatterv.h"
#include "input/root_reader.h"
#include "stage/plan.h"
#include "stage/split_queue.h"

struct scatter {
    bool root;         /* rank 0 reads for all */
    bool wanted;       /* then: what this rank got is used up */
    uint8_t *blob;     /* what we got: ranges and names, or ranges and bytes of a round */
    size_t blob_bytes; /* room */
    uint8_t *parts;    /* rank 0: the parts, one after another */
    size_t parts_bytes;
    struct scatterv_part *told; /* rank 0: of each rank's part */
    char *names; /* of the files, where rank 0 reads and messages of others must name them */
    size_t names_bytes;
    struct split_queue splits;  /* in use when job->master is */
    struct root_reader *reader; /* rank 0: where reading stands */
    int continuing; /* rank 0: who gets the next part, because its last one ended inside a record */
};

/* Collective: agree; on several hosts Ibcast and Iallreduce; Iscatter, agree, Iscatterv in rounds.
 * Decides how the input comes and hands out the ranges, or opens the master for them. FAIL_INPUT
 * where a file differs between hosts, or is missing on one and --input=shared insists. */
bool scatter_run(struct job *job, const struct plan *plan, struct scatter *scatter,
                 struct window *window);

/* Collective where rank 0 reads, otherwise nothing: Iallreduce, Iscatter, agree, Iscatterv. Feeds
 * the next round of bytes once every rank has used up the last. FAIL_INPUT. */
bool scatter_round(struct job *job, struct scatter *scatter, struct window *window);

/* Local. Idempotent. */
void scatter_free(struct job *job, struct scatter *scatter);

#endif
