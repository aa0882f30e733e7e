/* SPDX-License-Identifier: BSD-3-Clause */
/* combined: what tasks leave that is combined by key, where one rank has all of it: no shuffle. */
#ifndef COMBINED_H
#define COMBINED_H

#include "data/outcome.h"
#include "task/collect.h"

struct env;

struct combined {
    struct env *env; /* borrowed; NULL: empty */
    struct outcome outcome;
    struct box box; /* of one bucket */
    struct table table;
    uint64_t combine_at; /* records in it */
};

/* Local. False with fail set. */
bool combined_init(struct combined *combined, struct env *env);

/* Local. Adds what is combined among the frames of a task. False with fail set. */
bool combined_add(struct combined *combined, const struct collect_form *form, const uint8_t *frames,
                  size_t len);

/* Local. Hands all lines, in their order, to `put`, a piece at a time; afterwards it is empty.
 * False with fail set, or where `put` says so. */
bool combined_write(struct combined *combined,
                    bool (*put)(void *context, const uint8_t *bytes, size_t len), void *context);

/* Local. Idempotent. */
void combined_free(struct combined *combined);

#endif
