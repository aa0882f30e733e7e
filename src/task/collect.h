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

    /* The text of commands is counted as it comes, like that of files (--pre): no results of tasks
     * are left, and nothing here knows of it. */
    COLLECT_WORDS,
    COLLECT_LINES,
};

/* What is kept of the results of a task. */
struct collect_form {
    enum collect collect;
    bool whole; /* what a command printed keeps the newline at its end */
};

/* Which result of which task. */
struct collect_place {
    uint32_t file, part;
    uint64_t offset;
};

/* Local. How --collect names it. */
const char *collect_name(enum collect collect);

/* Local. The one of that name; false if there is none. */
bool collect_find(const char *name, enum collect *collect);

/* Local. Whether frames are what collect_add can add; if not, says why in `reason`. */
bool collect_check(enum collect collect, const uint8_t *frames, size_t len, char *reason,
                   size_t reason_bytes);

/* Local. Adds what is combined by key among frames that collect_check found right. False with fail
 * set. */
bool collect_add(const struct collect_form *form, struct outcome *outcome, const uint8_t *frames,
                 size_t len, struct box *outbox, struct fail *fail);

/* Local. The next of the results that are kept as they are, among the same frames from *at on;
 * *bytes is borrowed from them. False where there are no more. */
bool collect_next(const struct collect_form *form, const uint8_t **at, const uint8_t *end,
                  const uint8_t **bytes, size_t *len);

/* Local. Tallies a result, which is a token whose hash depends on its place. */
void collect_tally(const struct collect_place *place, const uint8_t *bytes, size_t len,
                   struct tally *tally);

#endif
