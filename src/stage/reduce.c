/* SPDX-License-Identifier: BSD-3-Clause */
/* Reduce. Records are kept as they came, by partition of the hash space, and counted one partition
 * after another in a table that fits the cache: a single large table would miss the cache for every
 * record. Combining a partition never makes it larger, so it always can be done.
 *
 * Collectives, in order. reduce_init, reduce_add: agree. reduce_check: Iallreduce (totals),
 * Iallreduce (tokens and keyed sums), agree. */
#include "stage/reduce.h"

#include "comm/agree.h"
#include "data/growth.h"
#include "data/records.h"
#include "job.h"
#include "stage/spectrum.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    FULL_PERCENT = 90, /* combined records above this share of the limit would have to be combined
                          all the time */
    FINGERPRINT_SEED = 1,
    SAMPLE_RECORDS = 1 << 14,
};

/* What there is for records beside `reserve`. */
static size_t room_beside(const struct job *job, size_t reserve)
{
    const size_t room = job->env.arena.used_bytes + arena_room(&job->env.arena);
    return room > reserve ? room - reserve : 0;
}

/* Whether there are more records than memory for them, beside what is needed yet. Tables, which
 * grow, have taken some of what there was at first. */
static bool is_full(const struct job *job, const struct reduce *reduce)
{
    const size_t used = job->env.arena.used_bytes;
    return used > reduce->limit_bytes || used > room_beside(job, job->env.budget.outbox_bytes * 2);
}

bool reduce_init(struct job *job, struct reduce *reduce, struct box *inbox)
{
    table_init(&reduce->table, &job->env.mem, &job->env.seed);
    job->work.received = job->work.distinct = job->work.singles = 0;
    bool ok = box_init(&reduce->parts, &job->env.arena, job->env.budget.buckets, &job->env.fail)
           && box_init(inbox, &job->env.arena, job->env.budget.buckets, &job->env.fail);
    /* There must be room for the next outbox, for what arrives meanwhile, and for tables. */
    reduce->limit_bytes = room_beside(job, job->env.budget.outbox_bytes * 5 / 2);
    return agree(job, ok);
}

static bool out_of_memory(struct job *job, const struct reduce *reduce)
{
    char limit[16], need[16], done[32] = "";
    uint64_t need_bytes = job->env.mem.limit_bytes - reduce->limit_bytes
                        + job->env.arena.used_bytes * 100 / FULL_PERCENT;
    if (job->expected_bytes && !options_tasks(&job->env.options))
        snprintf(done, sizeof done, " for the first %.0f %% alone",
                 100.0 * (double)job->work.mapped_bytes
                     / ((double)job->expected_bytes / job->comm.size + 1));
    return fail_set(&job->env.fail, FAIL_MEMORY,
                    "--memory: %s a rank is too little for so many different %ss: at least %s%s",
                    mem_human(limit, job->env.mem.limit_bytes), job->env.kind.noun,
                    mem_human(need, need_bytes), done);
}

/* Makes equal keys one record, in place. */
static bool compact(struct job *job, struct reduce *reduce)
{
    struct tally all = {0}, kept = {0};
    for (size_t i = 0; i < reduce->parts.len; i++) {
        struct parcel combined = {0}, *part = &reduce->parts.parcels[i];
        bool ok = !part->head
               || job->env.kind.value->combine(&reduce->table, &job->env.arena, part, 0, &combined,
                                               &all, &kept, &job->env.fail);
        *part = combined;
        if (!ok)
            return false;
        comm_step(job);
    }
    if (job->env.arena.used_bytes > reduce->limit_bytes / 100 * FULL_PERCENT)
        return out_of_memory(job, reduce);
    return true;
}

/* How many keys there are among what came so far, by a few partitions: for those who look. */
static void sample(struct job *job, struct reduce *reduce)
{
    struct growth growth = {0};
    struct box *parts = &reduce->parts;
    uint64_t records = 0;
    size_t looked = 0;
    while (looked < parts->len && records < SAMPLE_RECORDS) {
        struct parcel *part = &parts->parcels[looked++];
        parcel_settle(part);
        growth_look(&growth, &job->env.seed, part);
        records += part->records;
    }
    const double scale = (double)parts->len / (double)looked;
    job->work.distinct = (uint64_t)(growth_distinct(&growth) * scale);
    job->work.singles = (uint64_t)(growth_singles(&growth) * scale);
}

bool reduce_add(struct job *job, struct reduce *reduce, struct box *inbox)
{
    timing_enter(&job->timing, TIMING_REDUCE);
    job->work.received += box_records(inbox);
    box_join(&reduce->parts, inbox);
    sample(job, reduce);
    job->totals.rounds++;
    bool ok = fail_point(&job->env.fail, "reduce", job->comm.rank);
    if (ok && is_full(job, reduce))
        ok = compact(job, reduce);
    return agree(job, ok);
}

/* A sum that is the same for the same words and counts, whatever ranks, seed or order. */
static uint64_t fingerprint(const struct parcel *parcel)
{
    const struct hash_seed fixed = hash_seed_from(FINGERPRINT_SEED);
    uint64_t sum = 0;
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record)) {
        uint64_t count = record.count * fixed.word[2];
        sum += record.bytes
                 ? hash_fold(hash_long(&fixed, record.bytes, record.len), count)
                 : hash_short(&fixed, (struct key){record.key.lo ^ count, record.key.hi});
    }
    return sum;
}

bool reduce_next(struct job *job, struct reduce *reduce, struct parcel *out)
{
    struct parcel *part = &reduce->parts.parcels[reduce->next_part];
    struct parcel counted = {0};
    if (reduce->next_part == 0 && !fail_point(&job->env.fail, "finish", job->comm.rank))
        return false;
    reduce->next_part++;
    if (!part->head)
        return true;
    const enum timing_phase before = timing_enter(&job->timing, TIMING_REDUCE);
    bool ok =
        job->env.kind.value->combine(&reduce->table, &job->env.arena, part, reduce->min_count,
                                     &counted, &reduce->reduced, &reduce->kept, &job->env.fail);
    parcel_settle(&counted);
    reduce->distinct_words += reduce->table.short_used + reduce->table.long_used;
    reduce->kept_words += counted.records;
    if (ok && options_fingerprint(&job->env.options))
        reduce->fingerprint += fingerprint(&counted);
    ok = ok && (!reduce->spectrum || spectrum_add(job, reduce->spectrum, &counted));
    parcel_join(&job->env.arena, out, &counted);
    parcel_settle(out);
    if (!reduce_left(reduce))
        table_free(&reduce->table);
    timing_enter(&job->timing, before);
    return ok;
}

bool reduce_check(struct job *job, const struct reduce *reduce)
{
    uint64_t sums[] = {reduce->reduced.tokens, reduce->distinct_words, reduce->fingerprint};
    comm_sum(job, sums, 3);
    job->totals.words = sums[0];
    job->totals.distinct = sums[1];
    job->totals.fingerprint = sums[2];
    job->verify.kept = reduce->kept;
    if (job->verify.keys_known && job->verify.keys != sums[1])
        fail_set(&job->env.fail, FAIL_VERIFY,
                 "verification failed: %" PRIu64 " words in the vocabulary, %" PRIu64
                 " in the result",
                 job->verify.keys, sums[1]);
    return verify_tally(job, "map", &reduce->mapped, "reduce", &reduce->reduced)
        && agree(job, job->env.fail.code == FAIL_NONE);
}

void reduce_free(struct reduce *reduce)
{
    box_free(&reduce->parts);
    table_free(&reduce->table);
}
