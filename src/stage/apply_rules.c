/* SPDX-License-Identifier: BSD-3-Clause */
/* The second pass. Rules are applied where a chunk is owned, once for all of its occurrences; words
 * of different chunks meet at their owner, but frequent ones are combined here first: text without
 * blanks has long chunks, nearly all different, of words that are not. Chunks are given back as
 * they are taken, and counted for good just before.
 *
 * Collectives, in order. open: Iallreduce, agree. left: Iallreduce. round: agree. check:
 * Iallreduce, those of reduce_check, Iallreduce, agree. */
#include "stage/apply_rules.h"

#include "comm/agree.h"
#include "data/records.h"
#include "job.h"
#include "stage/combining.h"

/* Who takes the words of a chunk. */
struct taker {
    struct env *env;
    struct combiner *combiner;
    struct box *outbox;
    uint64_t count;
};

static bool take_word(void *context, const uint8_t *bytes, size_t len)
{
    const struct taker *taker = context;
    struct record word = {.count = taker->count, .len = len};
    if (len <= KEY_SHORT_MAX) {
        uint8_t padded[KEY_SHORT_MAX + 16] = {0};
        memcpy(padded, bytes, len);
        word.key = key_short(padded, (unsigned)len);
    } else {
        word.key = key_long(bytes);
        word.bytes = bytes;
    }
    return combiner_put(taker->combiner, &word, taker->outbox, &taker->env->fail);
}

/* All records of one chunk of memory. */
static bool apply(struct job *job, struct apply_rules *apply, const struct chunk *chunk,
                  struct box *outbox)
{
    struct env *env = &job->env;
    struct taker taker = {env, &apply->combiner, outbox, 0};
    struct records records = records_of_chunk(chunk);
    struct record record;
    while (records_next(&records, &record)) {
        tally_add(&apply->taken, record.count, record_hash(&env->seed, &record));
        taker.count = record.count;
        if (!rules_apply(&env->rules, record_bytes(&record), record.len, take_word, &taker,
                         &env->fail))
            return false;
        apply->invalid += env->rules.invalid ? record.count : 0;
        apply->outside += env->rules.outside * record.count;
    }
    return records_end(&records, "rules", &env->fail);
}

/* Different lists would make different words of the same chunk. */
static bool same_lists(struct job *job)
{
    const struct rules_options *options = &job->env.options.rules;
    const uint64_t stop = word_list_sum(&job->env.rules.stop),
                   vocabulary = word_list_sum(&job->env.rules.vocabulary);
    uint64_t sums[] = {stop, ~stop, vocabulary, ~vocabulary};
    comm_max(job, sums, 4);
    if (sums[0] == ~sums[1] && sums[2] == ~sums[3])
        return true;
    return fail_set(&job->env.fail, FAIL_INPUT, "%s: is not the same on all hosts",
                    sums[0] != ~sums[1] ? options->stop_file : options->vocabulary_file);
}

static bool open_chunks(struct job *job, void *context, const struct plan *plan)
{
    struct apply_rules *apply = context;
    (void)plan;
    job->verify.mapped = (struct tally){0};
    apply->vocabulary.left = job->env.options.rules.vocabulary_file != NULL;
    job->work.step.pass = 1;
    job_step(job, TIMING_MAP, apply->chunks->parts.len);
    bool ok = combining_init(job, &apply->combiner);
    return agree(job, same_lists(job) && ok);
}

static bool chunks_left(struct job *job, void *context)
{
    const struct apply_rules *apply = context;
    uint64_t left = !apply->flushed;
    comm_max(job, &left, 1);
    return left != 0;
}

/* Every rank puts its share of the vocabulary, until the outbox is full; *put grows by its bytes.
 */
static bool put_vocabulary(struct job *job, struct apply_rules *apply, struct box *outbox,
                           size_t *put)
{
    struct env *env = &job->env;
    struct taker taker = {env, &apply->combiner, outbox, 0};
    const uint64_t size = (uint64_t)job->comm.size, rank = (uint64_t)job->comm.rank;
    const size_t before = env->arena.used_bytes;
    const uint8_t *word;
    size_t len;
    while (apply->vocabulary.left && *put < env->budget.outbox_bytes) {
        apply->vocabulary.left = rules_vocabulary(&env->rules, &apply->vocabulary.at, &word, &len);
        if (apply->vocabulary.left && apply->vocabulary.words++ % size == rank
            && !take_word(&taker, word, len))
            return false;
        *put = env->arena.used_bytes - before;
    }
    return true;
}

static bool chunks_are_left(const struct apply_rules *apply)
{
    return apply->at_hand.head || reduce_left(apply->chunks);
}

static bool round_of_chunks(struct job *job, void *context, struct box *outbox)
{
    struct apply_rules *rules = context;
    struct reduce *chunks = rules->chunks;
    struct arena *arena = &job->env.arena;
    timing_enter(&job->timing, TIMING_MAP);
    size_t put = 0;
    bool ok = fail_point(&job->env.fail, "rules", job->comm.rank)
           && put_vocabulary(job, rules, outbox, &put);
    while (ok && chunks_are_left(rules) && put < job->env.budget.outbox_bytes) {
        struct chunk *chunk = parcel_shift(&rules->at_hand);
        if (!chunk) {
            ok = reduce_next(job, chunks, &rules->at_hand);
            continue;
        }
        const size_t before = arena->used_bytes;
        ok = apply(job, rules, chunk, outbox);
        put += arena->used_bytes - before;
        arena_give(arena, chunk);
        job->work.records = combiner_records(&rules->combiner);
        job->work.step.done = chunks->next_part;
        comm_step(job);
    }
    if (ok && !rules->flushed && !rules->vocabulary.left && !chunks_are_left(rules)) {
        ok = combiner_flush(&rules->combiner, outbox, &job->env.fail);
        rules->flushed = true;
        job_step(job, TIMING_SHUFFLE, 0);
    }
    job->verify.mapped = rules->combiner.tally;
    return agree(job, ok);
}

static bool check_chunks(struct job *job, void *context, const struct plan *plan)
{
    const struct apply_rules *apply = context;
    (void)plan;
    uint64_t sums[] = {apply->invalid, apply->outside};
    comm_sum(job, sums, 2);
    job->totals.invalid_words = sums[0];
    job->totals.outside_words = sums[1];
    if (!reduce_check(job, apply->chunks))
        return false;
    job->verify.keys_known = job->env.options.rules.vocabulary_file != NULL;
    job->verify.keys = apply->vocabulary.words;
    return agree(job, verify_tally(job, "reduce", &apply->chunks->reduced, "rules", &apply->taken));
}

static void close_chunks(struct job *job, void *context)
{
    struct apply_rules *apply = context;
    parcel_clear(&job->env.arena, &apply->at_hand);
    combiner_free(&apply->combiner);
    reduce_free(apply->chunks);
}

struct producer apply_rules_producer(struct apply_rules *apply)
{
    return (struct producer){.context = apply,
                             .open = open_chunks,
                             .left = chunks_left,
                             .round = round_of_chunks,
                             .check = check_chunks,
                             .close = close_chunks};
}
