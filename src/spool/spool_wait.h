/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_wait: the results of a submission, as they come. */
#ifndef SPOOL_WAIT_H
#define SPOOL_WAIT_H

#include "spool/spool_state.h"

enum spool_wait_end { SPOOL_WAIT_ENDED, SPOOL_WAIT_INTERRUPTED, SPOOL_WAIT_FAILED };

/* Local. Writes the results of a submission to `out` as far as they are complete, waits for more,
 * and returns when its state is final, stored in *state, and all was written.
 * SPOOL_WAIT_INTERRUPTED: SIGINT came; SPOOL_WAIT_FAILED: with fail set, FAIL_INPUT where there is
 * no such submission. */
enum spool_wait_end spool_wait(const struct spool *spool, uint64_t number, int out,
                               struct spool_state *state, struct fail *fail);

#endif
