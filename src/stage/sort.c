/* SPDX-License-Identifier: BSD-3-Clause */
/* Sample sort.
 *
 *   1  every rank takes samples of its first partitions (hashing has shuffled the records)
 *   2  rank 0 sorts all samples and takes every n-th as a splitter; ranks * bins - 1 of them
 *   3  every record goes to the bin between its splitters, on the rank that has the bin
 *   4  a bin is radix sorted when it is read, small enough for the cache
 *
 * Sorting after the exchange instead of before it saves the merge of as many runs as there are
 * ranks; what is merged in the end is the run of short keys and the run of long keys of each bin.
 *
 * Collectives, in order. sort_run: agree, Iallreduce (records), agree, Iallgather (sample counts),
 * agree, gatherv_bytes (samples), Ibcast (splitters); agree, shuffle_init; per round Iallreduce
 * (left?), agree, shuffle_round, agree; at the end Ireduce_scatter_block (bytes of text).
 * sort_limit: Iexscan. sort_top: those of sort_limit, agree, those of sort_run. */
#include "stage/sort.h"

#include "comm/agree.h"
#include "comm/collective.h"
#include "comm/gatherv.h"
#include "data/records.h"
#include "job.h"
#include "stage/count_files.h"
#include "stage/shuffle.h"
#include "stage/split_keys.h"

#include <stdlib.h>

enum {
    BIN_RECORDS = 16 << 10, /* 24 bytes each: they fit L2 */
    BIN_SHARE = 32,         /* nor more than this part of the memory, while it is sorted */
    BIN_BYTES = 16 << 10,   /* nor are there more than memory for their open ends, or than these */
    BINS_MAX = 4096,
    SAMPLES_PER_BIN = 16,
    SAMPLES_PER_RANK = 256, /* ranks differ by 20 % at most, nearly always */
    SAMPLES_MAX = 64 << 10,
    SAMPLES_ROUND_BYTES = 64 << 20,
    FIRST_SHARE = 16, /* nor more than about this part of the memory in the first partitions */
};

struct samples {
    enum order order;
    struct ranking_mark *marks;
    size_t len, cap;
    double share, place; /* of so many records of each one is taken */
};

/* Where a rank stands in handing out its records. */
struct handout {
    struct partitions *from;
    struct parcel at_hand; /* taken from there, and not handed out */
    struct box outbox, inbox;
    uint64_t *text_bytes; /* of the records for each rank, as lines */
    size_t limit_bytes;   /* of records in memory, before they are spilled */
};

static size_t bins_per_rank(const struct job *job, uint64_t records)
{
    uint64_t most = job->env.budget.memory_bytes / BIN_SHARE / RANKING_RECORD_BYTES;
    uint64_t bin = most < BIN_RECORDS ? most : BIN_RECORDS;
    uint64_t bins = records / (uint64_t)job->comm.size / bin + 1;
    uint64_t cap = job->env.budget.memory_bytes / BIN_BYTES / (uint64_t)job->comm.size;
    cap = cap < BINS_MAX ? cap : BINS_MAX;
    cap = cap > job->env.budget.buckets ? cap : job->env.budget.buckets;
    return bins < cap ? (size_t)bins : (size_t)cap;
}

static uint64_t samples_wanted(const struct job *job, uint64_t records, size_t splitters)
{
    uint64_t by_rank = (uint64_t)job->comm.size * SAMPLES_PER_RANK;
    uint64_t wanted = (splitters + 1) * SAMPLES_PER_BIN;
    uint64_t most = job->env.budget.memory_bytes / 16 / sizeof(struct ranking_mark);
    wanted = wanted > by_rank ? wanted : by_rank;
    wanted = wanted < SAMPLES_MAX ? wanted : SAMPLES_MAX;
    wanted = wanted < most ? wanted : most;
    return wanted < records ? wanted : records;
}

/* Takes the first partitions, until all ranks together have enough to choose samples from, where
 * these stand for all. */
static bool take_first(struct job *job, struct handout *handout)
{
    const uint64_t each = SAMPLES_MAX / (uint64_t)job->comm.size + 1;
    const uint64_t most = job->env.budget.memory_bytes / FIRST_SHARE;
    const uint64_t full_bytes = job->env.arena.used_bytes + most; /* of what comes from a disk */
    bool ok = true;
    while (ok && partitions_are_mixed(handout->from) && partitions_left(handout->from)
           && handout->at_hand.records < each
           && handout->at_hand.records * PARCEL_SHORT_MAX_BYTES < most
           && job->env.arena.used_bytes < full_bytes)
        ok = partitions_next(job, handout->from, &handout->at_hand);
    return ok;
}

/* The records that samples are chosen from. */
static uint64_t records_known(const struct handout *handout)
{
    const struct partitions *from = handout->from;
    return partitions_are_mixed(from) ? handout->at_hand.records : bins_records(from->reader.bins);
}

/* How many records of this rank one of these stands for. */
static double weight_of(const struct handout *handout)
{
    const struct partitions *from = handout->from;
    const double taken = (double)from->done + from->begun;
    return taken > 0 ? (double)from->len / taken : 1;
}

/* Takes one record of so many as `step` says, at equal distances. */
static bool sample(void *context, const struct record *record)
{
    struct samples *samples = context;
    samples->place += samples->share;
    if (samples->place >= 1) {
        samples->place -= 1;
        if (samples->len < samples->cap)
            ranking_mark(samples->order, record, &samples->marks[samples->len++]);
    }
    return true;
}

/* Of the records at hand, or where these do not stand for all, of all. */
static bool take_samples(struct env *env, struct handout *handout, struct samples *samples)
{
    struct bins *bins = handout->from->reader.bins;
    bool ok = true;
    samples->cap = (size_t)((double)records_known(handout) * samples->share) + 1;
    samples->marks = mem_alloc(&env->mem, samples->cap * sizeof *samples->marks, &env->fail);
    if (!samples->marks)
        return false;
    for (size_t i = 0; ok && bins && i < bins->box.len; i++)
        ok = bins_walk(bins, i, sample, samples, &env->fail);
    struct records records = records_of(&handout->at_hand);
    struct record record;
    while (ok && records_next(&records, &record))
        sample(samples, &record);
    return ok && records_end(&records, "sort", &env->fail);
}

/* On rank 0: as many marks of what is beside. */
static bool sample_beside(struct job *job, const struct count_files *beside, size_t len,
                          struct ranking_mark *marks)
{
    struct env *env = &job->env;
    const size_t bytes = len * sizeof(struct split_key);
    struct split_key *keys = mem_alloc(&env->mem, bytes, &env->fail);
    const bool ok =
        keys && split_keys_find(&env->mem, beside->readers, beside->len, len + 1, keys, &env->fail);
    for (size_t i = 0; ok && i < len; i++) {
        const bool is_short = keys[i].len <= KEY_SHORT_MAX;
        const struct record record = {.key = is_short ? key_short(keys[i].bytes, keys[i].len)
                                                      : key_long(keys[i].bytes),
                                      .bytes = is_short ? NULL : keys[i].bytes,
                                      .len = keys[i].len};
        ranking_mark(ORDER_KEY, &record, &marks[i]);
    }
    mem_free(&env->mem, keys, bytes);
    return ok;
}

/* Rank 0 gets everybody's samples, and `more` of what is beside. */
static bool gather_samples(struct job *job, const struct samples *mine,
                           const struct count_files *beside, size_t more, struct samples *all)
{
    const size_t size = (size_t)job->comm.size, sizes_bytes = size * sizeof(uint64_t);
    const uint64_t bytes = mine->len * sizeof *mine->marks; /* SAMPLES_MAX bounds the sum */
    uint64_t *sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail), total = 0;
    bool ok = agree(job, sizes != NULL);
    if (ok) {
        comm_allgather(job, &bytes, sizeof bytes, sizes);
        for (size_t rank = 0; rank < size; rank++)
            total += sizes[rank];
        if (comm_is_root(job)) {
            const size_t len = (size_t)total / sizeof *all->marks;
            all->len = all->cap = len + more;
            all->marks = mem_alloc(&job->env.mem, all->cap * sizeof *all->marks, &job->env.fail);
            ok = all->marks && (more == 0 || sample_beside(job, beside, more, all->marks + len));
        }
        ok = agree(job, ok)
          && gatherv_bytes(job, (const uint8_t *)mine->marks, sizes, (uint8_t *)all->marks,
                           SAMPLES_ROUND_BYTES);
    }
    mem_free(&job->env.mem, sizes, sizes_bytes);
    return ok;
}

static void free_samples(struct env *env, struct samples *samples)
{
    mem_free(&env->mem, samples->marks, samples->cap * sizeof *samples->marks);
}

/* Steps 1 and 2. `records` are expected on all ranks, and `beside` more. */
static bool choose_splitters(struct job *job, struct handout *handout, uint64_t records,
                             uint64_t beside, size_t len, struct sort *sort)
{
    struct ranking_splitters *splitters = &sort->splitters;
    struct samples mine = {.order = sort->bins.order, .place = 0.5}, all = {0};
    const double all_records = (double)records + (double)beside;
    const double wanted = (double)samples_wanted(job, records + beside, len);
    const double part = all_records > 0 ? wanted / all_records : 0; /* of all that are a sample */
    const double share = weight_of(handout) * part;
    mine.share = share < 1 ? share : 1;
    bool ok = take_samples(&job->env, handout, &mine);
    ok = ranking_reserve(splitters, sort->bins.order, &job->env.mem, len, &job->env.fail) && ok;
    ok = agree(job, ok)
      && gather_samples(job, &mine, sort->beside, (size_t)((double)beside * part), &all);
    if (ok && comm_is_root(job)) {
        qsort(all.marks, all.len, sizeof *all.marks, ranking_compare_marks);
        for (size_t i = 0; all.len > 0 && i < len; i++)
            splitters->marks[i] = all.marks[(i + 1) * all.len / (len + 1)];
    }
    if (ok) {
        comm_bcast(job, splitters->marks, len * sizeof *splitters->marks);
        ranking_index(splitters);
    }
    free_samples(&job->env, &mine);
    free_samples(&job->env, &all);
    return ok;
}

/* Hands out the records of one chunk. */
static bool hand_out(struct job *job, const struct sort *sort, struct handout *handout,
                     const struct chunk *chunk)
{
    const struct format *format = &job->env.kind.format;
    size_t share = handout->inbox.len;
    struct records records = records_of_chunk(chunk);
    struct record record;
    while (records_next(&records, &record)) {
        size_t bin = ranking_find(&sort->splitters, &record);
        handout->text_bytes[bin / share] += format->bytes(format, &record);
        if (!parcel_add(&job->env.arena, &handout->outbox.parcels[bin], &record, &job->env.fail))
            return false;
    }
    return records_end(&records, "sort", &job->env.fail);
}

static bool is_left(const struct handout *handout)
{
    return handout->at_hand.head || partitions_left(handout->from);
}

static size_t sums_bytes(const struct job *job)
{
    return (size_t)job->comm.size * (sizeof(uint64_t) + COLLECTIVE_ROOM_BYTES);
}

/* Step 3, on this rank, until the outbox is full. A chunk is free again as soon as it is read, so
 * the records never take twice their memory. */
static bool fill_outbox(struct job *job, const struct sort *sort, struct handout *handout)
{
    uint64_t filled = 0;
    bool ok = true;
    while (ok && is_left(handout) && filled < job->env.budget.outbox_bytes) {
        struct chunk *chunk = parcel_shift(&handout->at_hand);
        if (!chunk) {
            ok = partitions_next(job, handout->from, &handout->at_hand);
            continue;
        }
        filled += chunk->used_bytes;
        ok = hand_out(job, sort, handout, chunk);
        arena_give(&job->env.arena, chunk);
    }
    return ok;
}

static bool left_anywhere(struct job *job, const struct handout *handout)
{
    uint64_t left = is_left(handout);
    comm_max(job, &left, 1);
    return left != 0;
}

/* Takes what has arrived. What is too much for the memory is spilled, where it can be. */
static bool take_inbox(struct job *job, struct handout *handout, struct sort *sort)
{
    struct bins *bins = &sort->bins;
    box_join(&bins->box, &handout->inbox);
    return !bins_spill(bins) || job->env.arena.used_bytes <= handout->limit_bytes
        || bins_empty_memory(bins, &job->env.fail);
}

/* When the last records are in, all of those that were spilled have to be sorted: that needs the
 * memory. */
static bool settle(struct job *job, struct sort *sort)
{
    struct bins *bins = &sort->bins;
    if (bins->spill.records == 0)
        return true;
    if (!bins_empty_memory(bins, &job->env.fail))
        return false;
    arena_trim(&job->env.arena);
    return true;
}

/* Step 3: all rounds. */
static bool distribute(struct job *job, struct handout *handout, size_t bins, struct sort *sort)
{
    struct env *env = &job->env;
    struct shuffle shuffle = {0};
    size_t size = (size_t)job->comm.size;
    handout->text_bytes = mem_alloc(&env->mem, sums_bytes(job), &env->fail);
    bool ok = handout->text_bytes
           && box_init(&handout->outbox, &env->arena, bins * size, &env->fail)
           && box_init(&handout->inbox, &env->arena, bins, &env->fail)
           && bins_init(&sort->bins, sort->bins.order, &env->arena, &env->space, bins, &env->fail);
    ok = agree(job, ok) && shuffle_init(job, &shuffle, bins, false);
    const bool from_disk = handout->from->reduce && handout->from->reduce->spill.records > 0;
    handout->limit_bytes = env_records_bytes(env) / (from_disk ? 2 : 1);
    while (ok && left_anywhere(job, handout)) {
        ok = agree(job, fill_outbox(job, sort, handout))
          && shuffle_round(job, TIMING_SORT, &shuffle, &handout->outbox, &handout->inbox)
          && agree(job, take_inbox(job, handout, sort));
    }
    if (ok) {
        sort->text_bytes =
            collective_sum_for_each(job, handout->text_bytes, handout->text_bytes + size);
        ok = agree(job, shuffle_check(job, &shuffle));
    }
    shuffle_free(job, &shuffle);
    return ok;
}

static void free_handout(struct job *job, struct handout *handout)
{
    parcel_clear(&job->env.arena, &handout->at_hand);
    box_free(&handout->outbox);
    box_free(&handout->inbox);
    mem_free(&job->env.mem, handout->text_bytes, sums_bytes(job));
}

bool sort_run(struct job *job, struct partitions *from, enum order order, struct sort *sort)
{
    struct handout handout = {.from = from};
    timing_enter(&job->timing, TIMING_SORT);
    job_step(job, TIMING_SORT, from->len);
    sort->bins.order = order;
    bool ok =
        agree(job, fail_point(&job->env.fail, "sort", job->comm.rank) && take_first(job, &handout));
    uint64_t records = (uint64_t)((double)records_known(&handout) * weight_of(&handout));
    if (ok)
        comm_sum(job, &records, 1);
    /* One rank takes all of them anyway. */
    const uint64_t beside = sort->beside && job->comm.size > 1 ? sort->beside->rows : 0;
    size_t bins = bins_per_rank(job, records + beside), all_bins = bins * (size_t)job->comm.size;
    if (ok && all_bins > 1)
        ok = choose_splitters(job, &handout, records, beside, all_bins - 1, sort);
    ok = ok && distribute(job, &handout, bins, sort);
    free_handout(job, &handout);
    ok = ok && agree(job, settle(job, sort));
    sort->records = bins_records(&sort->bins);
    return ok;
}

uint64_t sort_limit(struct job *job, const struct sort *sort, uint64_t top)
{
    uint64_t before = comm_exscan(job, sort->records);
    uint64_t left = top > before ? top - before : 0;
    return top == 0 || left > sort->records ? sort->records : left;
}

bool sort_top(struct job *job, struct sort *sort, uint64_t top)
{
    const uint64_t limit = sort_limit(job, sort, top);
    struct sort by_key = {0};
    struct partitions first = partitions_of_bins(&sort->bins, limit, &sort->left_out);
    bool ok = sort_run(job, &first, ORDER_KEY, &by_key);
    partitions_close(&first);
    by_key.left_out = sort->left_out;
    sort_free(sort);
    *sort = by_key;
    return ok;
}

void sort_free(struct sort *sort)
{
    bins_free(&sort->bins);
    ranking_free_splitters(&sort->splitters);
    *sort = (struct sort){0};
}
