/* SPDX-License-Identifier: BSD-3-Clause */
/* done: which parts of the inputs were counted, for a run that goes on with the rest. */
#ifndef DONE_H
#define DONE_H

#include "input/window.h"

/* Of an input: the records that begin in a stretch of it. */
struct done_range {
    uint64_t file; /* its number in the catalog */
    uint64_t begin, end;
    uint64_t text;    /* not 0: of what is decoded from `begin` on only so many bytes of text; `end`
                         says nothing */
    uint64_t head;    /* see window_range */
    uint64_t jointed; /* 1: it has a `unit`, see window_range */
};

/* {0} with mem is empty. */
struct done {
    struct mem *mem; /* borrowed */
    struct done_range *ranges;
    size_t len, bytes;
};

/* Local. Adds a range. False with fail set to FAIL_MEMORY. */
bool done_add(struct done *done, const struct done_range *range, struct fail *fail);

/* Local. Adds a range that a window has come to the end of. False with fail set to FAIL_MEMORY. */
bool done_add_whole(struct done *done, const struct window_range *given, struct fail *fail);

/* Local. Adds what is dealt with of the range in the window, which stands between two records, and
 * whose beginning says `head`. Who goes on decodes *passed bytes of its text no more. False with
 * fail set to FAIL_MEMORY. */
bool done_add_begun(struct done *done, const struct window *window, uint64_t head, uint64_t *passed,
                    struct fail *fail);

/* Local. Orders the ranges, and makes one of those that meet. */
void done_merge(struct done *done);

/* Local. Makes of a catalog of whole files one of what is left of them; `done` is merged. False
 * with fail set to FAIL_MEMORY. */
bool done_rest(const struct done *done, struct catalog *catalog, struct fail *fail);

/* Local. Idempotent. */
void done_free(struct done *done);

#endif
