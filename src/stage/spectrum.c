/* SPDX-License-Identifier: BSD-3-Clause */
/* The count of counts. Nearly all keys have small counts, which index an array; the others are
 * sorted. There are few different counts: n of them need more than n * n / 2 tokens.
 *
 * Collectives, in order. spectrum_open, with --count-of-counts: agree. spectrum_run, where it is
 * wanted: agree, agree, Iallgather (bytes), agree, gatherv_bytes, agree. */
#include "stage/spectrum.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "data/records.h"
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RARE_COUNTS = 4096,
    RARE_BYTES = RARE_COUNTS * sizeof(uint64_t),
    OTHERS_BYTES = 64 << 10, /* at least, between two merges */
    LINE_BYTES = 48,
    GATHER_BYTES = 16 << 20,
};

bool spectrum_open(struct job *job, struct spectrum *spectrum)
{
    const char *path = job->env.options.count_of_counts;
    return !path
        || agree(job, !comm_is_root(job) || output_create(&spectrum->output, path, &job->env.fail));
}

static int by_count(const void *a, const void *b)
{
    const struct snapshot_line *left = a, *right = b;
    return (left->count > right->count) - (left->count < right->count);
}

/* Sorts lines, and makes those of equal counts one; returns how many are left. */
static size_t merge(struct snapshot_line *lines, size_t len)
{
    size_t kept = 0;
    if (len > 0)
        qsort(lines, len, sizeof *lines, by_count);
    for (size_t i = 0; i < len; i++)
        if (kept > 0 && lines[kept - 1].count == lines[i].count)
            lines[kept - 1].keys += lines[i].keys;
        else
            lines[kept++] = lines[i];
    return kept;
}

static uint64_t *rare_counts(struct env *env, struct spectrum *spectrum)
{
    if (!spectrum->rare)
        spectrum->rare = mem_alloc(&env->mem, RARE_BYTES, &env->fail);
    return spectrum->rare;
}

/* A line for each key becomes one for each count. */
static void merge_others(struct spectrum *spectrum)
{
    struct buffer *others = &spectrum->others;
    others->len = sizeof(struct snapshot_line)
                * merge((struct snapshot_line *)(void *)others->bytes,
                        others->len / sizeof(struct snapshot_line));
    spectrum->merged_bytes = others->len;
}

bool spectrum_add(struct job *job, void *context, const struct parcel *keys)
{
    struct spectrum *spectrum = context;
    struct env *env = &job->env;
    struct records records = records_of(keys);
    struct record record;
    if (!rare_counts(env, spectrum))
        return false;
    while (records_next(&records, &record)) {
        const struct snapshot_line line = {record.count, 1};
        if (record.count < RARE_COUNTS)
            spectrum->rare[record.count]++;
        else if (!env_append(env, &spectrum->others, &line, sizeof line))
            return false;
    }
    if (spectrum->others.len > 2 * spectrum->merged_bytes + OTHERS_BYTES)
        merge_others(spectrum);
    return records_end(&records, "count of counts", &env->fail);
}

/* All lines of this rank. */
static bool sum_up(struct job *job, struct spectrum *spectrum)
{
    struct env *env = &job->env;
    struct buffer *lines = &spectrum->others;
    const uint64_t *rare = rare_counts(env, spectrum);
    bool ok = rare && fail_point(&env->fail, "spectrum", job->comm.rank);
    merge_others(spectrum);
    for (uint64_t count = 0; ok && count < RARE_COUNTS; count++) {
        const struct snapshot_line line = {count, rare[count]};
        ok = line.keys == 0 || env_append(env, lines, &line, sizeof line);
    }
    if (ok && lines->len > INT32_MAX / (size_t)job->comm.size)
        ok = fail_set(&env->fail, FAIL_OTHER, "the count of counts: too many different ones");
    return ok;
}

/* To rank 0: those of all ranks. */
static bool gather_lines(struct job *job, const struct buffer *mine, struct buffer *all)
{
    const size_t size = (size_t)job->comm.size, sizes_bytes = size * sizeof(uint64_t);
    const uint64_t bytes = mine->len;
    uint64_t *sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail);
    bool ok = agree(job, sizes != NULL);
    if (ok) {
        size_t total = 0;
        comm_allgather(job, &bytes, sizeof bytes, sizes);
        for (size_t rank = 0; rank < size; rank++)
            total += (size_t)sizes[rank];
        ok = agree(job, !comm_is_root(job) || env_append(&job->env, all, NULL, total))
          && gatherv_bytes(job, mine->bytes, sizes, all->bytes, GATHER_BYTES);
    }
    mem_free(&job->env.mem, sizes, sizes_bytes);
    return ok;
}

/* Where no key was left out the sums of the lines must be those of the run. */
static bool check_lines(struct job *job, const struct snapshot_line *lines, size_t len)
{
    const struct snapshot_totals *totals = &job->totals;
    const struct options *options = &job->env.options;
    /* A key of a vocabulary may have the count 0. */
    const bool complete = options->min_count <= (options->rules.vocabulary_file ? 0 : 1);
    uint64_t keys = 0, tokens = 0;
    for (size_t i = 0; i < len; i++) {
        keys += lines[i].keys;
        tokens += lines[i].count * lines[i].keys;
    }
    if (complete && (keys != totals->distinct || tokens != totals->words))
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " keys in the count of counts, %" PRIu64
                        " counted",
                        keys, totals->distinct);
    return true;
}

static bool write_lines(struct job *job, struct spectrum *spectrum,
                        const struct snapshot_line *lines, size_t len)
{
    bool ok = true;
    for (size_t i = 0; ok && i < len; i++) {
        char text[LINE_BYTES];
        int bytes = snprintf(text, sizeof text, "%" PRIu64 "\t%" PRIu64 "\n", lines[i].count,
                             lines[i].keys);
        ok = output_write(&spectrum->output, text, (size_t)bytes, spectrum->bytes, &job->env.fail);
        spectrum->bytes += (size_t)bytes;
    }
    return ok && output_sync(&spectrum->output, &job->env.fail);
}

/* On rank 0: makes the lines of all ranks one list, and writes it. */
static bool finish(struct job *job, struct spectrum *spectrum)
{
    struct buffer *all = &spectrum->lines;
    struct snapshot_line *lines = (struct snapshot_line *)(void *)all->bytes;
    const size_t len = merge(lines, all->len / sizeof *lines);
    all->len = len * sizeof *lines;
    return check_lines(job, lines, len)
        && (!job->env.options.count_of_counts || write_lines(job, spectrum, lines, len));
}

bool spectrum_run(struct job *job, struct spectrum *spectrum)
{
    if (!options_spectrum(&job->env.options))
        return true;
    timing_enter(&job->timing, TIMING_REDUCE);
    return agree(job, sum_up(job, spectrum))
        && gather_lines(job, &spectrum->others, &spectrum->lines)
        && agree(job, !comm_is_root(job) || finish(job, spectrum));
}

const struct snapshot_line *spectrum_lines(const struct spectrum *spectrum, size_t *len)
{
    *len = spectrum->lines.len / sizeof(struct snapshot_line);
    return (const struct snapshot_line *)(const void *)spectrum->lines.bytes;
}

bool spectrum_commit(struct job *job, struct spectrum *spectrum)
{
    return !job->env.options.count_of_counts || !comm_is_root(job)
        || output_commit_beside(&spectrum->output, spectrum->bytes, &job->env.fail);
}

void spectrum_close(struct job *job, struct spectrum *spectrum)
{
    mem_free(&job->env.mem, spectrum->rare, RARE_BYTES);
    buffer_free(&spectrum->others, &job->env.mem);
    buffer_free(&spectrum->lines, &job->env.mem);
    output_close(&spectrum->output);
}
