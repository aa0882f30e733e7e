/* SPDX-License-Identifier: BSD-3-Clause */
/* told_many: a run of any number of ranks that is made up, with everything that a page can show. */
#ifndef TOLD_MANY_H
#define TOLD_MANY_H

#include "status/snapshot.h"

#include "check.h"

#include <stdio.h>

enum { TOLD_MANY_RARE = 400, TOLD_MANY_FREQUENT = 1200 };

struct told_many {
    struct snapshot snapshot;
    struct snapshot_totals totals;
    struct snapshot_rank *ranks;
    struct snapshot_history history;
    struct failures failures;
    struct snapshot_line spectrum[TOLD_MANY_RARE + TOLD_MANY_FREQUENT];
    char *text;
    size_t len;
};

/* As in a text of words: half of them occur once. */
static inline void told_many_words(struct told_many *told)
{
    struct snapshot_totals *totals = &told->totals;
    size_t len = 0;
    totals->words = totals->distinct = 0;
    for (uint64_t m = 1; m <= TOLD_MANY_RARE; m++)
        told->spectrum[len++] = (struct snapshot_line){m, 1 + 18000 / (m * (m + 1))};
    for (uint64_t i = 0; i < TOLD_MANY_FREQUENT; i++)
        told->spectrum[len++] =
            (struct snapshot_line){TOLD_MANY_RARE + 80000 / (TOLD_MANY_FREQUENT - i) + i, 1};
    for (size_t i = 0; i < len; i++) {
        totals->words += told->spectrum[i].count * told->spectrum[i].keys;
        totals->distinct += told->spectrum[i].keys;
    }
    totals->written_words = totals->distinct;
    told->snapshot.spectrum = told->spectrum;
    told->snapshot.spectrum_len = len;
}

static inline void told_many_rank(struct told_many *told, int number, int hosts)
{
    struct snapshot_rank *rank = &told->ranks[number];
    struct seeded seeded = {(uint64_t)number + 1};
    const uint64_t host = (uint64_t)number * (uint64_t)hosts / (uint64_t)told->snapshot.size;
    snprintf(rank->host, sizeof rank->host, "node%03d", (int)host + 1);
    rank->host_index = host;
    rank->work.mapped_bytes = (40 << 20) + seeded_below(&seeded, 20 << 20);
    rank->work.step = (struct snapshot_step){.phase = TIMING_MAP, .done = 10, .all = 20};
    rank->work.tasks =
        (struct snapshot_tasks){20 + seeded_below(&seeded, 20), seeded_below(&seeded, 2), 1,
                                (4 + seeded_below(&seeded, 4)) * 1000000000};
    rank->running = (struct snapshot_running){.number = 1000 + (uint64_t)number,
                                              .ns = seeded_below(&seeded, 90) * 1000000000};
    snprintf(rank->running.text, sizeof rank->running.text, "simulate --seed %d --steps 100000",
             number);
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        rank->spent_ns[phase] =
            (phase == TIMING_MAP ? 8 : 1) * (100000000 + seeded_below(&seeded, 100000000));
    rank->bytes[TIMING_SHUFFLE] = 3 << 20;
    rank->network_bytes[TIMING_SHUFFLE] = hosts > 1 ? 2 << 20 : 0;
    rank->peak_bytes = (300 << 20) + seeded_below(&seeded, 50 << 20);
    rank->resident_bytes = 400 << 20;
}

/* A run in its middle; told_many_free takes it back. */
static inline void told_many_make(struct told_many *told, int ranks, int hosts, bool tasks)
{
    *told = (struct told_many){.ranks = calloc((size_t)ranks, sizeof *told->ranks)};
    assert_non_null(told->ranks);
    told->snapshot = (struct snapshot){
        .program = "wc",
        .count = tasks ? "results" : "words",
        .noun = tasks ? "result" : "word",
        .kernel = "avx2",
        .output = tasks ? "results.txt" : "counts.tsv",
        .runs_tasks = tasks,
        .verifies = true,
        .by_host = hosts > 1,
        .memory_bytes = (uint64_t)2 << 30,
        .begun_ns = 1800000000000000000,
        .now_ns = 1800000095000000000,
        .phase = TIMING_MAP,
        .seconds = 94.2,
        .expected_bytes = (uint64_t)ranks * (80 << 20),
        .share = 0.432,
        .left_s = 124,
        .read_tasks = tasks ? (uint64_t)ranks * 50 : 0,
        .all_read = true,
        .totals = &told->totals,
        .failures = &told->failures,
        .history = &told->history,
        .size = ranks,
        .hosts = hosts,
        .ranks = told->ranks,
    };
    for (int rank = 0; rank < ranks; rank++) {
        told_many_rank(told, rank, hosts);
        const struct snapshot_work *work = &told->ranks[rank].work;
        told->snapshot.work.mapped_bytes += work->mapped_bytes;
        told->snapshot.work.tasks.done += work->tasks.done;
        told->snapshot.work.tasks.failed += work->tasks.failed;
        told->snapshot.work.tasks.running += work->tasks.running;
        told->snapshot.work.tasks.busy_ns += work->tasks.busy_ns;
    }
    struct seeded seeded = {9};
    told->history.len = SNAPSHOT_POINTS;
    for (size_t i = 1; i < SNAPSHOT_POINTS; i++)
        told->history.points[i] = (struct snapshot_point){
            (float)i * 0.4f, told->history.points[i - 1].done
                                 + (float)(ranks * (800000 + (int)seeded_below(&seeded, 300000)))
                                       / (tasks ? 1e6f : 1.0f)};
    told_many_words(told);
}

/* The run has ended well. */
static inline void told_many_end(struct told_many *told)
{
    struct snapshot *snapshot = &told->snapshot;
    snapshot->state = SNAPSHOT_DONE;
    told->totals.input_bytes = snapshot->expected_bytes;
    told->totals.files = 12;
    told->totals.output_bytes = 123456;
    told->totals.fingerprint = 0x0123456789abcdef;
    told->totals.rounds = 2;
    if (snapshot->runs_tasks) {
        told->totals.tasks = snapshot->read_tasks;
        told->totals.failed_tasks = told->failures.len;
    }
}

/* What `print` writes. */
static inline const char *told_many_by(struct told_many *told,
                                       void (*print)(FILE *file, const struct snapshot *snapshot))
{
    free(told->text);
    FILE *file = open_memstream(&told->text, &told->len);
    assert_non_null(file);
    print(file, &told->snapshot);
    assert_int_equal(fclose(file), 0);
    return told->text;
}

static inline void told_many_free(struct told_many *told)
{
    free(told->text);
    free(told->ranks);
}

#endif
