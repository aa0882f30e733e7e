/* SPDX-License-Identifier: BSD-3-Clause */
/* plot: what a count shows about words, drawn from the count of counts. Each is a figure that can
 * stand by itself: what it is, of how much, and what its axes are. */
#ifndef PLOT_H
#define PLOT_H

#include "status/snapshot.h"

#include <stdio.h>

enum plot_kind {
    PLOT_RANK,     /* how often the r-th most frequent key occurs */
    PLOT_COUNTS,   /* how many keys occur m times */
    PLOT_COVERAGE, /* the share of all tokens that are one of the r most frequent keys */
    PLOT_GROWTH,   /* how many distinct keys are expected in a part of the text */
    PLOT_KINDS,
};

/* Tokens and keys of a spectrum. Those that do not occur, as of a vocabulary, are none of them. */
struct plot_sums {
    uint64_t tokens, keys, once;
};

/* Local. */
struct plot_sums plot_sums(const struct snapshot *snapshot);

/* Local. The tokens that are one of the `rank` most frequent keys. */
uint64_t plot_covered(const struct snapshot *snapshot, uint64_t rank);

/* Local. How few keys cover that share of all tokens, of 0 to 1. */
uint64_t plot_needed(const struct snapshot *snapshot, double share);

/* Local. How many distinct keys are expected, and how many that occur once, in a part of the
 * tokens: a share of 0 to 1 of them, drawn by chance (R. H. Baayen, Word Frequency Distributions,
 * 2001, binomial interpolation). */
void plot_expected(const struct snapshot *snapshot, double share, double *keys, double *once);

/* Local. Writes a plot as SVG; `alone`: as a file of its own, which holds its style. */
void plot_write(FILE *file, const struct snapshot *snapshot, enum plot_kind kind, bool alone);

#endif
