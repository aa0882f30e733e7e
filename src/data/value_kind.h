/* SPDX-License-Identifier: BSD-3-Clause */
/* value_kind: the kinds of things that tasks leave behind: in the frames of a task, in a journal,
 * and as the first byte of the keys that they become. Written to disk: a number never changes. */
#ifndef VALUE_KIND_H
#define VALUE_KIND_H

#include <stdbool.h>

/* In the order in which they stand in a result. */
enum value_kind {
    VALUE_KIND_RESULT = 1, /* bytes as they are */
    VALUE_KIND_SUM,        /* a number for a key: those of equal keys are added */
    VALUE_KIND_MIN,        /* or the least of them is kept */
    VALUE_KIND_MAX,        /* or the greatest */
    VALUE_KIND_COUNT,      /* a key, counted like a word */
};

/* Local. Whether a number read from somewhere is one of them. */
static inline bool value_kind_is(unsigned number)
{
    return number >= VALUE_KIND_RESULT && number <= VALUE_KIND_COUNT;
}

/* Local. Whether it is a number for a key. */
static inline bool value_kind_is_number(unsigned number)
{
    return number >= VALUE_KIND_SUM && number <= VALUE_KIND_MAX;
}

#endif
