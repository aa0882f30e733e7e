/* SPDX-License-Identifier: BSD-3-Clause */
/* collect: what becomes of the results of a task, as --collect wants it. */
#ifndef COLLECT_H
#define COLLECT_H

#include "data/outcome.h"
#include "task/frame.h"

enum collect {
    COLLECT_ORDER, /* as they are, in the order of the tasks */
    COLLECT_COUNT, /* their lines are counted */
    COLLECT_SUM,   /* their lines are KEY<TAB>INTEGER, or INTEGER: values of equal keys are added */
    COLLECT_MIN,   /* or the least of them is kept */
    COLLECT_MAX,
};

/* What is kept of the results of a task. */
struct collect_form {
    enum collect collect;
    bool marked; /* a task without results leaves a mark */
    bool whole;  /* what a command printed keeps the newline at its end */
};

/* Local. How --collect names it. */
const char *collect_name(enum collect collect);

/* Local. Whether frames are what collect_add can add; if not, says why in `reason`. */
bool collect_check(enum collect collect, const uint8_t *frames, size_t len, char *reason,
                   size_t reason_bytes);

/* Local. Adds the frames of the task at `place`, which collect_check found right. False with fail
 * set. */
bool collect_add(const struct collect_form *form, struct outcome *outcome,
                 struct outcome_place place, const uint8_t *frames, size_t len, struct box *outbox,
                 struct fail *fail);

#endif
