/* SPDX-License-Identifier: BSD-3-Clause */
/* held: what a rank was given and has not reported, in case the rank is lost. */
#ifndef HELD_H
#define HELD_H

#include "host/buffer.h"

/* {0} is empty. */
struct held {
    struct buffer tasks; /* as they were given */
    size_t at;           /* where the next report is expected */
    uint64_t len;        /* not reported */
};

/* Local. Copies the tasks that a rank is given, which has reported all before. False with fail set.
 */
bool held_give(struct held *held, struct mem *mem, const uint8_t *tasks, size_t len,
               struct fail *fail);

/* Local. A report of some of them, in any order. */
void held_take(struct held *held, const uint8_t *report, size_t len);

/* Local. Appends the report that the rank would have sent if all that is left had failed for
 * `reason`; nothing is held then. False with fail set. */
bool held_give_up(struct held *held, struct mem *mem, const char *reason, struct buffer *report,
                  struct fail *fail);

/* Local. Idempotent. */
void held_free(struct held *held, struct mem *mem);

#endif
