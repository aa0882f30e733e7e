/* SPDX-License-Identifier: BSD-3-Clause */
/* Each rank has a range of keys of all files: it begins behind the first chapter that ends at its
 * splitter or beyond, and goes on to the first that ends at the next splitter or beyond. So what it
 * writes are whole chapters, whose bytes nobody else has to know. That is done in rounds, so that
 * some write while others merge.
 *
 * Collectives, in order: those of gather_open and report_open; agree, Ibcast
 * (splitters); agree; for each round agree (merged), those of counts_output_place, agree (written);
 * Iallreduce, agree, agree; those of counts_output_finish, report_run and report_commit.
 */
#include "stage/merge_counts.h"

#include "comm/agree.h"
#include "counts/counts_merge.h"
#include "job.h"
#include "stage/counted_by.h"
#include "stage/counts_output.h"
#include "stage/gather.h"
#include "stage/report.h"
#include "stage/split_keys.h"

#include <inttypes.h>
#include <stdlib.h>

/* A range begins with what is read for no one, and ends behind its splitter: a chapter each, which
 * is half a MiB. Of long ranges that is little; what they come to is held, for which there should
 * be memory. */
enum {
    STEP_RECORDS = 4096,
    ROUND_MIN_BYTES = 4 << 20,
    ROUND_MAX_BYTES = 32 << 20,
    ROUND_SHARE = 16, /* of the memory */
    ROUNDS_MAX = 64,
};

/* What became of the rows of the files. */
struct merged {
    uint64_t rows, left_out;                          /* of the files; keys */
    unsigned __int128 sum, sum_left_out, sum_written; /* of counts */
};

struct merging {
    struct job *job;
    struct count_files *files;
    struct gather gather;
    struct counts_output out;
    struct split_key *keys; /* one less than ranges */
    int ranks;              /* that merge */
    uint64_t rounds, round;
    struct merged range, all; /* of this rank: in this round, in all before */
};

static size_t ranges_of(const struct merging *merging)
{
    return (size_t)merging->ranks * (size_t)merging->rounds;
}

/* The splitter at which the range of this rank begins, or ends; NULL: there is none. */
static const struct split_key *splitter(const struct merging *merging, int next)
{
    const size_t i =
        (size_t)merging->round * (size_t)merging->ranks + (size_t)(merging->job->comm.rank + next);
    return i > 0 && i < ranges_of(merging) ? &merging->keys[i - 1] : NULL;
}

/* Bytes of the files that a rank merges in a round. */
static uint64_t round_bytes(const struct job *job)
{
#ifdef FAULT_POINTS
    if (getenv("WC_ROUND_BYTES"))
        return strtoull(getenv("WC_ROUND_BYTES"), NULL, 10);
#endif
    const size_t share = job->env.budget.memory_bytes / ROUND_SHARE;
    return share < ROUND_MIN_BYTES ? ROUND_MIN_BYTES
         : share > ROUND_MAX_BYTES ? ROUND_MAX_BYTES
                                   : share;
}

/* One rank writes while it merges anyway. */
static uint64_t rounds_of(const struct job *job, const struct count_files *files, int ranks)
{
    const uint64_t rounds = 1 + files->bytes / ((uint64_t)ranks * round_bytes(job));
    return ranks == 1 ? 1 : rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX;
}

/* Rank 0 looks for the splitters. */
static bool find_splitters(struct merging *merging)
{
    struct job *job = merging->job;
    merging->ranks = merging->gather.to_root ? 1 : job->comm.size;
    merging->rounds = rounds_of(job, merging->files, merging->ranks);
    const size_t bytes = ranges_of(merging) * sizeof *merging->keys;
    merging->keys = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    bool ok = merging->keys != NULL;
    if (ok && comm_is_root(job))
        ok = split_keys_find(&job->env.mem, merging->files->readers, merging->files->len,
                             ranges_of(merging), merging->keys, &job->env.fail);
    if (!agree(job, ok))
        return false;
    comm_bcast(job, merging->keys, bytes);
    return true;
}

/* Goes behind the first chapter that ends where the range begins or beyond; the files are there. */
static bool skip_chapter(struct merging *merging, struct counts_merge *merge, bool *ended)
{
    struct job *job = merging->job;
    const struct record *record = &merge->record;
    const struct split_key *end = splitter(merging, 1);
    bool behind = false;
    for (uint64_t step = 1; !behind && counts_merge_next(merge, NULL, &job->env.fail); step++) {
        behind = record->count >= job->env.options.min_count
              && counts_writer_ends_chapter(record_bytes(record), record->len);
        if (step % STEP_RECORDS == 0)
            comm_step(job);
    }
    *ended = !behind || (end && split_keys_reach(record, end));
    return job->env.fail.code == FAIL_NONE;
}

/* Adds the key at hand to the range. *ended: a chapter ends with it, at the end or beyond. */
static bool add(struct merging *merging, const struct counts_merge *merge, bool *ended)
{
    const struct record *record = &merge->record;
    const struct split_key *end = splitter(merging, 1);
    merging->range.rows += merge->files;
    merging->range.sum += record->count;
    if (record->count < merging->job->env.options.min_count) {
        merging->range.left_out++;
        merging->range.sum_left_out += record->count;
        return true;
    }
    const bool ok = counts_output_add(&merging->out, record);
    *ended = merging->out.writer.chapter && end && split_keys_reach(record, end);
    return ok;
}

static bool merge_keys(struct merging *merging, struct counts_merge *merge)
{
    struct job *job = merging->job;
    bool ended = false;
    bool ok = !splitter(merging, 0) || skip_chapter(merging, merge, &ended);
    for (uint64_t step = 1; ok && !ended && counts_merge_next(merge, NULL, &job->env.fail);
         step++) {
        ok = add(merging, merge, &ended);
        if (step % STEP_RECORDS == 0)
            comm_step(job);
    }
    return ok && job->env.fail.code == FAIL_NONE;
}

/* Merges the range of this rank. */
static bool merge_range(struct merging *merging)
{
    const struct split_key *begin = splitter(merging, 0);
    struct count_files *files = merging->files;
    struct counts_merge merge = {0};
    struct fail *fail = &merging->job->env.fail;
    bool ok = true;
    merging->range = (struct merged){.rows = 0};
    for (size_t i = 0; ok && i < files->len; i++)
        ok = counts_reader_seek(&files->readers[i], begin ? begin->bytes : (const uint8_t *)"",
                                begin ? (size_t)begin->len : 0, fail);
    ok = ok && counts_merge_init(&merge, &merging->job->env.mem, files->readers, files->len, fail)
      && merge_keys(merging, &merge);
    counts_merge_free(&merge);
    return ok;
}

static bool make_range(struct merging *merging)
{
    return counts_output_begin(&merging->out, merging->job, &merging->gather.output, false)
        && (merging->job->comm.rank >= merging->ranks || merge_range(merging))
        && counts_output_end(&merging->out);
}

/* One range of each rank. */
static bool merge_round(struct merging *merging)
{
    struct job *job = merging->job;
    struct merged *all = &merging->all;
    bool again;
    timing_enter(&job->timing, TIMING_MAP);
    if (!agree(job, make_range(merging)))
        return false;
    timing_enter(&job->timing, TIMING_GATHER);
    bool ok = counts_output_place(&merging->out, &again);
    if (!agree(job, ok && (!again || make_range(merging))))
        return false;
    all->rows += merging->range.rows;
    all->left_out += merging->range.left_out;
    all->sum += merging->range.sum;
    all->sum_left_out += merging->range.sum_left_out;
    all->sum_written += merging->out.writer.totals.sum;
    return true;
}

/* All blocks are written. */
static bool merge_all(struct merging *merging)
{
    struct job *job = merging->job;
    job_step(job, TIMING_MAP, merging->rounds);
    bool ok = agree(job, fail_point(&job->env.fail, "merge", job->comm.rank));
    for (; ok && merging->round < merging->rounds; merging->round++) {
        ok = merge_round(merging);
        job->work.step.done = merging->round + 1;
    }
    return ok;
}

/* Every row of every file was taken once, and all counts were written or left out. */
static bool check(struct merging *merging)
{
    struct job *job = merging->job;
    const struct merged *all = &merging->all;
    uint64_t sums[] = {all->rows, (uint32_t)all->sum, (uint32_t)(all->sum >> 32),
                       (uint32_t)(all->sum >> 64), all->left_out};
    const struct count_files *files = merging->files;
    bool ok = all->sum == all->sum_written + all->sum_left_out;
    comm_sum(job, sums, 5);
    const unsigned __int128 sum =
        sums[1] + ((unsigned __int128)sums[2] << 32) + ((unsigned __int128)sums[3] << 64);
    job->totals.left_out_words = sums[4];
    ok = ok && sums[0] == files->rows && sum == files->sum;
    if (!ok)
        fail_set(&job->env.fail, FAIL_VERIFY,
                 "verification failed: %" PRIu64 " of %" PRIu64
                 " keys of the files were merged, or their counts do not add up",
                 sums[0], files->rows);
    return agree(job, ok);
}

/* Index, meta block and footer. */
static bool finish(struct merging *merging)
{
    struct job *job = merging->job;
    struct counts_totals totals;
    if (!check(merging) || !agree(job, counted_by_part(&job->env, &merging->files->meta))
        || !counts_output_finish(&merging->out, &merging->files->meta, &totals,
                                 &job->totals.output_bytes))
        return false;
    job->totals.files = merging->files->len;
    job->totals.input_bytes = merging->files->bytes;
    job->totals.words = (uint64_t)totals.sum;
    job->totals.written_words = totals.records;
    job->totals.distinct = totals.records + job->totals.left_out_words;
    return true;
}

static void close_all(struct merging *merging)
{
    counts_output_free(&merging->out);
    mem_free(&merging->job->env.mem, merging->keys, ranges_of(merging) * sizeof *merging->keys);
    gather_close(&merging->gather);
}

bool merge_counts_run(struct job *job, struct count_files *files)
{
    struct merging merging = {.job = job, .files = files, .gather.output.fd = -1};
    struct report report = REPORT_NONE;
    bool ok =
        gather_open(job, &merging.gather) && report_open(job, &report) && find_splitters(&merging);
    ok = ok && merge_all(&merging) && finish(&merging);
    ok = ok && report_run(job, &report, NULL) && report_commit(job, &report, NULL, &merging.gather);
    progress_finish(job);
    if (ok)
        report_print(job, &report);
    report_free(job, &report);
    close_all(&merging);
    return ok;
}
