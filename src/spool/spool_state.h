/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_state: how far a submission is, the file N.state. The service writes it, clients read it.
 */
#ifndef SPOOL_STATE_H
#define SPOOL_STATE_H

#include "spool/spool.h"

/* In the file they have these names, in small letters. Those from SPOOL_DONE on are final. */
enum spool_state_name {
    SPOOL_QUEUED, /* the service has seen it */
    SPOOL_RUNNING,
    SPOOL_DONE,      /* the result is complete, but for tasks that failed */
    SPOOL_FAILED,    /* the service gave it up */
    SPOOL_CANCELLED, /* N.cancel came first */
    SPOOL_REFUSED,   /* it was never begun, because of what was submitted */
};

struct spool_state {
    enum spool_state_name name;
    uint64_t tasks;        /* in all; 0: not known yet */
    uint64_t done, failed; /* of them */
    uint64_t result_bytes; /* of N.part, or of N.result, that are there and will not change */
    int exit;              /* the status of the submission, as of a run of its own; when final */
    char reason[FAIL_TEXT_BYTES]; /* of one that failed or was refused; empty: none */
};

static inline bool spool_state_final(const struct spool_state *state)
{
    return state->name >= SPOOL_DONE;
}

/* Local. `running` and so on. */
const char *spool_state_word(enum spool_state_name name);

/* Local. Reads N.state. Where there is none the state is SPOOL_QUEUED and all 0, *found false.
 * False with fail set to FAIL_INPUT when it is not what a service wrote. */
bool spool_state_read(const struct spool *spool, uint64_t number, struct spool_state *state,
                      bool *found, struct fail *fail);

/* Local. For the service: writes N.state, whole or not at all, and brings it to the disk. Before
 * that the first result_bytes of N.part must be on the disk, by fdatasync(2): hosts that share the
 * folder see them only then. False with fail set to FAIL_OUTPUT. */
bool spool_state_write(const struct spool *spool, uint64_t number, const struct spool_state *state,
                       struct fail *fail);

/* Local. For the service: N.part, which is complete and on the disk, becomes N.result, and then the
 * state, which is final, is written. After a crash between the two N.result is there without a
 * final state: the same call does the rest, where there is no N.part. False with fail set to
 * FAIL_OUTPUT. */
bool spool_state_finish(const struct spool *spool, uint64_t number, const struct spool_state *state,
                        struct fail *fail);

#endif
