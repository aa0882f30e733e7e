/* SPDX-License-Identifier: BSD-3-Clause */
/* told: a run that is made up, for the tests of what a run says about itself. */
#ifndef TOLD_H
#define TOLD_H

#include "status/snapshot.h"

#include "check.h"

#include <stdio.h>

enum { TOLD_RANKS = 3, TOLD_HOSTS = 2 };

struct told {
    struct snapshot snapshot;
    struct snapshot_totals totals;
    struct snapshot_rank ranks[TOLD_RANKS];
    struct failures failures;
    char text[16 << 10];
};

/* Two ranks on `n01`, the third on `n02`; rank r has r + 1 times what rank 0 has. */
static inline void told_make(struct told *told)
{
    *told = (struct told){.totals = {
                              .input_bytes = 6000000,
                              .files = 1,
                              .words = 1234567,
                              .distinct = 1,
                              .written_words = 1,
                              .output_bytes = 999,
                              .rounds = 2,
                          }};
    for (size_t r = 0; r < TOLD_RANKS; r++) {
        struct snapshot_rank *rank = &told->ranks[r];
        strcpy(rank->host, r < 2 ? "n01" : "n02");
        rank->host_index = r / 2;
        rank->work = (struct snapshot_work){.mapped_bytes = (r + 1) * 1000000,
                                            .tasks = {10 * (r + 1), r, 1, (r + 1) * 500000000}};
        for (int phase = 0; phase < TIMING_PHASES; phase++)
            rank->spent_ns[phase] = (r + 1) * 250000000;
        rank->bytes[TIMING_SHUFFLE] = 1 << 20;
        rank->network_bytes[TIMING_SHUFFLE] = r == 2 ? 1 << 20 : 0;
        rank->peak_bytes = (r + 1) << 20;
        rank->resident_bytes = (r + 1) << 21;
        CPU_SET(r, &rank->binding.processors);
    }
    told->snapshot = (struct snapshot){
        .program = "wc",
        .count = "words",
        .noun = "word",
        .kernel = "avx2",
        .output = "counts",
        .verifies = true,
        .memory_bytes = 1 << 30,
        .phase = TIMING_MAP,
        .seconds = 2,
        .expected_bytes = 12000000,
        .work = {.mapped_bytes = 6000000, .tasks = {60, 3, 3, 3000000000}},
        .totals = &told->totals,
        .failures = &told->failures,
        .size = TOLD_RANKS,
        .hosts = TOLD_HOSTS,
        .ranks = told->ranks,
    };
}

/* What `print` writes. */
static inline const char *told_by(struct told *told,
                                  void (*print)(FILE *file, const struct snapshot *snapshot))
{
    FILE *file = fmemopen(told->text, sizeof told->text, "w");
    assert_non_null(file);
    print(file, &told->snapshot);
    assert_int_equal(fclose(file), 0);
    return told->text;
}

#endif
