/* SPDX-License-Identifier: BSD-3-Clause */
/* value: what is kept for a key, and how it is combined when equal keys meet: between two hops of
 * the shuffle, where memory runs short, and at the end. One line in kind.c says which kind of key
 * has which. */
#ifndef VALUE_H
#define VALUE_H

#include "data/table.h"

struct value {
    const char *name;

    /* Local. Takes all of `parcel`, and appends one record for each key whose count is at least
     * `min_count` to `out`; `all` and `kept` are tallied as by table_count. False with fail set. */
    bool (*combine)(struct table *table, struct arena *arena, struct parcel *parcel,
                    uint64_t min_count, struct parcel *out, struct tally *all, struct tally *kept,
                    struct fail *fail);
};

/* A count; and what tasks leave behind, which may be counts, sums, least and greatest values, or
 * results. */
extern const struct value value_count, value_outcome;

#endif
