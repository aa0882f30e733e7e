/* SPDX-License-Identifier: BSD-3-Clause */
/* Reduce. Records are kept as they came, by partition of the hash space, and counted one partition
 * after another in a table that fits the cache: a single large table would miss the cache for every
 * record. Combining a partition never makes it larger, so it always can be done. What is too much
 * for the memory nevertheless is spilled, all partitions at once, and comes back by partition.
 *
 * Collectives, in order. reduce_init, reduce_add, reduce_settle: agree. reduce_check: Iallreduce
 * (totals), Iallreduce (tokens and keyed sums), agree. */
#include "stage/reduce.h"

#include "comm/agree.h"
#include "data/growth.h"
#include "data/records.h"
#include "data/spill_read.h"
#include "job.h"
#include "stage/report.h"
#include "status/redraw.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    FULL_PERCENT = 90,  /* combined records above this share of the limit would have to be combined
                           all the time */
    SPILL_PERCENT = 60, /* the same, where they can be spilled */
    SMALL_PARTS = 64,   /* of as many parts of the memory each is small */
    PART_SHARE = 8,     /* of the memory, for a partition that comes from the disk */
    TABLE_BYTES = 64,   /* for a record of it while it is counted */
    SAMPLE_RECORDS = 1 << 14,
};

/* Whether there are more records than memory for them, beside what is needed yet. Tables, which
 * grow, have taken some of what there was at first. */
static bool is_full(const struct job *job, const struct reduce *reduce)
{
    const size_t used = job->env.arena.used_bytes;
    return used > reduce->limit_bytes
        || used > env_records_bytes(&job->env) + job->env.budget.outbox_bytes / 2;
}

/* Whether what is free is cut into so small chunks that the long keys of a round may find no place.
 * When all records are on the disk it is in one piece again. */
static bool is_fragmented(const struct job *job, const struct reduce *reduce)
{
    return reduce_spills(reduce) && arena_uncut(&job->env.arena) < 2 * job->env.budget.outbox_bytes;
}

static bool init_spill(struct env *env, struct reduce *reduce)
{
    struct scratch_space *space = reduce->log ? reduce->log_space : &env->space;
    if (space->len == 0)
        return true;
    if (!spill_init(&reduce->spill, &env->arena, space, env->budget.buckets, &env->fail))
        return false;
    reduce->spill.log = reduce->log;
    return true;
}

bool reduce_init(struct job *job, struct reduce *reduce, struct box *inbox)
{
    struct env *env = &job->env;
    const size_t reserve = reduce->beside_spilled ? env->budget.memory_bytes / PART_SHARE : 0;
    table_init(&reduce->table, &env->mem, &env->seed);
    job->work.received = job->work.held = job->work.distinct = job->work.singles = 0;
    bool ok = box_init(&reduce->parts, &env->arena, env->budget.buckets, &env->fail)
           && box_init(inbox, &env->arena, env->budget.buckets, &env->fail)
           && init_spill(env, reduce);
    /* There must be room for the next outbox, for what arrives meanwhile, and for tables. Where
     * there is a disk some memory is not cut into chunks, for long keys that come late. */
    const size_t most = env_records_bytes(env);
    reduce->limit_bytes = reduce_spills(reduce) ? most / 4 * 3 : most;
    reduce->limit_bytes -= reserve < reduce->limit_bytes ? reserve : reduce->limit_bytes;
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
    return fail_set(
        &job->env.fail, FAIL_MEMORY,
        "--memory: %s a rank is too little for so many different %ss: at least %s%s%s",
        mem_human(limit, job->env.mem.limit_bytes), job->env.kind.noun, mem_human(need, need_bytes),
        done, options_tasks(&job->env.options) ? "" : "; --scratch DIR would let it use the disk");
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
    return true;
}

/* Whether what is left after equal keys became one record is too much to go on with. Where there is
 * a disk it is not worth the time to do that again and again. */
static bool stays_full(const struct job *job, const struct reduce *reduce)
{
    const size_t percent = reduce_spills(reduce) ? SPILL_PERCENT : FULL_PERCENT;
    return job->env.arena.used_bytes > reduce->limit_bytes / 100 * percent;
}

/* The part of the input that this rank has mapped, of what it will; 0: nobody knows. */
static double mapped_part(const struct job *job)
{
    const double all = (double)job->expected_bytes / job->comm.size;
    const double part = all > 0 ? (double)job->work.mapped_bytes / all : 0;
    return part < 1 ? part : 1;
}

/* On rank 0 once, and with --verbose each time: what is to be expected of the disk. */
static void say(const struct job *job, const struct reduce *reduce, double part)
{
    char need[16], left[16], written[16];
    const struct env *env = &job->env;
    const struct scratch_space *space = reduce->spill.space;
    const uint64_t expected = space->expected_bytes;
    const char *to = reduce->log ? "the checkpoint" : "scratch";
    report_say(job, "%s: %s a rank at %.0f %% of the input, about %s in all", to,
               mem_human(written, space->written_bytes), 100 * part,
               expected ? mem_human(need, expected) : "?");
    if (!comm_is_root(job) || env->options.quiet || space->written_bytes > 0)
        return;
    mem_human(left, scratch_space_free(space));
    redraw_erase();
    if (expected > 0)
        fprintf(stderr,
                "%s: warning: memory is full at %.0f %% of the input: about %s a rank go to "
                "%s, %s are free\n",
                env->options.program, 100 * part, mem_human(need, expected), to, left);
    else
        fprintf(stderr, "%s: warning: memory is full: words go to %s, %s are free\n",
                env->options.program, to, left);
}

static bool empty_memory(struct job *job, struct reduce *reduce)
{
    struct scratch_space *space = reduce->spill.space;
    const double part = mapped_part(job);
    if (part > 0)
        space->expected_bytes =
            (uint64_t)((double)(space->written_bytes + job->env.arena.used_bytes) / part);
    say(job, reduce, part);
    if (!spill_box(&reduce->spill, &reduce->parts, &job->env.fail))
        return false;
    arena_recut(&job->env.arena);
    return true;
}

/* Makes room. To combine a large partition takes room itself. */
static bool relieve(struct job *job, struct reduce *reduce)
{
    if (!reduce_spills(reduce) || reduce->parts.len >= SMALL_PARTS) {
        if (!compact(job, reduce))
            return false;
        if (!stays_full(job, reduce) && !is_fragmented(job, reduce))
            return true;
    }
    return reduce_spills(reduce) ? empty_memory(job, reduce) : out_of_memory(job, reduce);
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
    if (ok && (is_full(job, reduce) || is_fragmented(job, reduce)))
        ok = relieve(job, reduce);
    job->work.held = box_records(&reduce->parts) + reduce->spill.records;
    return agree(job, ok);
}

bool reduce_put_by(struct job *job, struct reduce *reduce, uint64_t *bytes)
{
    if (!spill_box(&reduce->spill, &reduce->parts, &job->env.fail)
        || !spill_sync(&reduce->spill, bytes, &job->env.fail))
        return false;
    arena_recut(&job->env.arena);
    return true;
}

bool reduce_settle(struct job *job, struct reduce *reduce)
{
    const size_t used = job->env.arena.used_bytes;
    const bool spilled = reduce->spill.records > 0;
    bool ok = true;
    if (reduce_spills(reduce) && used > reduce->limit_bytes / (spilled ? 4 : 2)
        && (spilled || reduce->followed))
        ok = empty_memory(job, reduce);
    if (reduce->spill.records > 0)
        arena_trim(&job->env.arena);
    return agree(job, ok);
}

uint64_t reduce_fingerprint(const struct hash_seed *fixed, const struct record *record)
{
    const uint64_t count = record->count * fixed->word[2];
    return record->bytes ? hash_fold(hash_long(fixed, record->bytes, record->len), count)
                         : hash_short(fixed, (struct key){record->key.lo ^ count, record->key.hi});
}

static uint64_t fingerprint(const struct parcel *parcel)
{
    const struct hash_seed fixed = hash_seed_from(REDUCE_FINGERPRINT_SEED);
    uint64_t sum = 0;
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        sum += reduce_fingerprint(&fixed, &record);
    return sum;
}

/* Into how many pieces the next partition is cut, so that it is small beside the memory. False with
 * fail set. */
static bool plan_pieces(struct job *job, struct reduce *reduce)
{
    const struct parcel *here = &reduce->parts.parcels[reduce->next_part];
    uint64_t records, bytes;
    reduce->pieces = 1;
    if (reduce->spill.records == 0)
        return true;
    if (!spill_read_size(&reduce->spill, reduce->next_part, &records, &bytes, &job->env.fail))
        return false;
    bytes += (records + here->records) * TABLE_BYTES;
    reduce->pieces += bytes / (job->env.budget.records_bytes / PART_SHARE + 1);
    return true;
}

/* Picks the records of one piece of a partition. */
struct picking {
    struct env *env;
    size_t buckets, bucket; /* of the hash space of all ranks, each piece being one; that one */
    struct parcel *to;
};

static bool pick(void *context, const struct record *record)
{
    const struct picking *picking = context;
    const uint64_t hash = record_hash(&picking->env->seed, record);
    return hash_bucket(hash, picking->buckets) != picking->bucket
        || parcel_add(&picking->env->arena, picking->to, record, &picking->env->fail);
}

/* A piece is all records of a part of the hash space: it takes another look at all of the
 * partition. */
static bool load_piece(struct job *job, struct reduce *reduce, struct parcel *piece)
{
    struct env *env = &job->env;
    struct parcel *here = &reduce->parts.parcels[reduce->next_part];
    const size_t parts = reduce->parts.len, pieces = reduce->pieces;
    const size_t part = (size_t)job->comm.rank * parts + reduce->next_part;
    struct picking picking = {env, (size_t)job->comm.size * parts * pieces,
                              part * pieces + reduce->piece, piece};
    struct records records = records_of(here);
    struct record record;
    parcel_settle(here);
    while (records_next(&records, &record))
        if (!pick(&picking, &record))
            return false;
    return records_end(&records, "reduce", &env->fail)
        && spill_read_walk(&reduce->spill, reduce->next_part, pick, &picking, &env->fail);
}

/* The next partition, or piece of it, whose records come from memory and from the disk. */
static bool load(struct job *job, struct reduce *reduce, struct parcel *part)
{
    struct parcel *here = &reduce->parts.parcels[reduce->next_part];
    bool ok = true;
    if (reduce->piece == 0 && !plan_pieces(job, reduce))
        return false;
    if (reduce->pieces > 1) {
        ok = load_piece(job, reduce, part);
    } else {
        parcel_join(&job->env.arena, part, here);
        if (reduce->spill.records > 0)
            ok = spill_read_take(&reduce->spill, reduce->next_part, part, &job->env.fail);
    }
    if (++reduce->piece < reduce->pieces)
        return ok;
    if (reduce->pieces > 1) {
        parcel_clear(&job->env.arena, here);
        ok = ok && spill_read_drop(&reduce->spill, reduce->next_part, &job->env.fail);
    }
    reduce->piece = 0;
    reduce->next_part++;
    return ok;
}

bool reduce_next(struct job *job, struct reduce *reduce, struct parcel *out)
{
    struct env *env = &job->env;
    struct parcel part = {0}, counted = {0};
    if (reduce->next_part == 0 && !fail_point(&env->fail, "finish", job->comm.rank))
        return false;
    const enum timing_phase before = timing_enter(&job->timing, TIMING_REDUCE);
    bool ok = load(job, reduce, &part);
    if (ok && part.head) {
        ok = env->kind.value->combine(&reduce->table, &env->arena, &part, reduce->min_count,
                                      &counted, &reduce->reduced, &reduce->kept, &env->fail);
        parcel_settle(&counted);
        reduce->distinct_words += reduce->table.short_used + reduce->table.long_used;
        reduce->kept_words += counted.records;
    }
    if (ok && options_fingerprint(&env->options))
        reduce->fingerprint += fingerprint(&counted);
    ok = ok && (!reduce->visitor || reduce->visitor(job, reduce->context, &counted));
    parcel_clear(&env->arena, &part);
    parcel_join(&env->arena, out, &counted);
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
    spill_free(&reduce->spill);
    table_free(&reduce->table);
}
