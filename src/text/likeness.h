/* SPDX-License-Identifier: BSD-3-Clause */
/* likeness: which of several names was meant by one that is none of them. */
#ifndef LIKENESS_H
#define LIKENESS_H

#include <stddef.h>

/* Filled by likeness_try; `best` is NULL while no name is like what was given. */
struct likeness {
    const char *given; /* not terminated */
    size_t given_len;
    const char *best;
    size_t distance;
};

/* Local. How many letters are wrong, missing, too many, or stand before their neighbour (optimal
 * string alignment). SIZE_MAX for names of over 63 bytes. */
size_t likeness_distance(const char *a, size_t a_len, const char *b, size_t b_len);

/* Local. Takes `name`, a string that must live on, for the best one if it is one typo from what was
 * given, or two in six letters or more, and nearer than all before it. */
void likeness_try(struct likeness *likeness, const char *name);

#endif
