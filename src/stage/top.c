/* SPDX-License-Identifier: BSD-3-Clause */
/* Candidates are gathered until there are twice as many as wanted; then the worse half goes, and
 * the worst of the others is the floor that a record has to pass. The more records there were, the
 * fewer pass: it is a look at two or three words for nearly all of them.
 *
 * Collectives: agree. */
#include "stage/top.h"

#include "comm/agree.h"
#include "data/records.h"
#include "job.h"

enum {
    SHARE = 32,         /* of the memory, for candidates while they are sorted */
    CUT_RECORDS = 4096, /* are gathered at least before a cut */
};

bool top_is_small(const struct job *job, uint64_t wanted)
{
    return wanted < job->env.budget.memory_bytes / SHARE / RANKING_RECORD_BYTES / 2;
}

static void drop(const struct env *env, struct top *top, const struct record *record)
{
    if (env->options.verify)
        tally_add(&top->left_out, record->count, record_hash(&env->seed, record));
    else
        top->left_out.tokens += record->count;
}

/* Leaves the first of the candidates. */
static bool cut(struct env *env, struct top *top)
{
    struct parcel *best = &top->best.parcels[0], kept = {0};
    struct ranking_run run = {0};
    struct record record;
    parcel_settle(best);
    bool ok = ranking_load(&run, ORDER_COUNT, &env->mem, best, &env->fail);
    while (ok && ranking_next(&run, &record)) {
        if (kept.records == top->wanted) {
            drop(env, top, &record);
            continue;
        }
        ok = parcel_add(&env->arena, &kept, &record, &env->fail);
        ranking_mark(ORDER_COUNT, &record, &top->floor);
    }
    ranking_free(&run);
    parcel_clear(&env->arena, best);
    *best = kept;
    top->full = true;
    return ok;
}

/* Long keys that agree with the floor as far as this looks are let pass. */
static bool is_behind(const struct top *top, const struct record *record)
{
    uint64_t word[3];
    order_words(ORDER_COUNT, record, word);
    return order_compare_words(word, top->floor.word) > 0;
}

static bool take(struct env *env, struct top *top, const struct parcel *parcel)
{
    struct parcel *best = &top->best.parcels[0];
    const uint64_t most = 2 * top->wanted > CUT_RECORDS ? 2 * top->wanted : CUT_RECORDS;
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record)) {
        if (top->full && is_behind(top, &record)) {
            drop(env, top, &record);
            continue;
        }
        if (!parcel_add(&env->arena, best, &record, &env->fail)
            || (best->records >= most && !cut(env, top)))
            return false;
    }
    return records_end(&records, "sort", &env->fail);
}

bool top_run(struct job *job, struct partitions *from, uint64_t wanted, struct top *top)
{
    struct env *env = &job->env;
    timing_enter(&job->timing, TIMING_SORT);
    job_step(job, TIMING_SORT, from->len);
    *top = (struct top){.wanted = wanted};
    bool ok = box_init(&top->best, &env->arena, 1, &env->fail);
    while (ok && partitions_left(from)) {
        struct parcel parcel = {0};
        ok = partitions_next(job, from, &parcel) && take(env, top, &parcel);
        parcel_clear(&env->arena, &parcel);
    }
    return agree(job, ok);
}

void top_free(struct top *top)
{
    box_free(&top->best);
    *top = (struct top){0};
}
