/* SPDX-License-Identifier: BSD-3-Clause */
/* Lot. */
#include "stage/lot.h"

#include "comm/agree.h"
#include "data/records.h"
#include "host/clock.h"
#include "job.h"
#include "stage/apply_rules.h"
#include "stage/count_files.h"
#include "stage/map_words.h"
#include "stage/pass.h"

/* Who looks at the keys that were counted. */
struct look {
    struct env *env;
    struct lot *lot;
    struct census *census;
    bool chunks;
};

/* Whether count files have the key, too. Keys come in no order but that of their hash: the first of
 * them are a fair sample. */
static bool ask(const struct look *look, const struct record *record)
{
    struct lot_sums *sums = &look->lot->sums;
    const uint64_t begun = clock_ns();
    const bool once = record->count == 1;
    bool found;
    if (!count_files_have(look->lot->beside, record, &found, &look->env->fail))
        return false;
    sums->asked[0]++;
    sums->asked[1] += once;
    sums->found[0] += found;
    sums->found[1] += found && once;
    look->lot->asked_ns += clock_ns() - begun;
    return true;
}

static bool look_at(const struct look *look, const struct record *record)
{
    const struct format *format = &look->env->kind.format;
    struct lot_sums *sums = &look->lot->sums;
    const struct census_key key = {
        .hash = record_hash(&look->env->seed, record),
        .count = record->count,
        .len = record->len,
        .line_bytes = look->chunks ? 0 : format->bytes(format, record),
    };
    sums->keys[look->chunks]++;
    sums->singles[look->chunks] += record->count == 1;
    sums->record_bytes[look->chunks] += census_record_bytes(record->len, record->count);
    if (!look->chunks && record->count >= look->env->options.min_count) {
        sums->kept++;
        sums->line_bytes += key.line_bytes;
    }
    if (look->census)
        census_add(look->census, look->lot->number, &key);
    return look->chunks || !look->lot->beside || sums->asked[0] >= look->lot->most_asked
        || ask(look, record);
}

static bool look_at_all(struct job *job, void *context, const struct parcel *keys)
{
    struct records records = records_of(keys);
    struct record record;
    bool ok = true;
    while (ok && records_next(&records, &record))
        ok = look_at(context, &record);
    return ok && records_end(&records, "reduce", &job->env.fail);
}

static bool take_records(struct job *job, const struct plan *plan, const struct producer *producer,
                         struct reduce *reduce, struct lot *lot)
{
    bool ok = pass_run(job, plan, producer, 1, reduce);
    lot->sums.received += job->work.received;
    return ok;
}

/* Nobody wants the keys but who is shown them. */
static bool count_keys(struct job *job, struct reduce *reduce)
{
    bool ok = true;
    while (ok && reduce_left(reduce)) {
        struct parcel keys = {0};
        ok = reduce_next(job, reduce, &keys);
        parcel_clear(&job->env.arena, &keys);
        comm_step(job);
    }
    return agree(job, ok) && reduce_check(job, reduce);
}

/* How long this rank was in a phase since. */
static uint64_t spent(const struct job *job, enum timing_phase phase, const uint64_t *before)
{
    return job->timing.spent_ns[phase] - before[phase];
}

bool lot_count(struct job *job, struct lot *lot, const struct plan *plan)
{
    const bool rules = !rules_idle(&job->env.options.rules);
    struct look of_first = {&job->env, lot, rules ? lot->chunks : lot->words, rules},
                of_second = {&job->env, lot, lot->words, false};
    struct reduce first = {.visitor = look_at_all, .context = &of_first, .followed = rules},
                  second = {.visitor = look_at_all, .context = &of_second};
    struct map_words words = {0};
    struct apply_rules apply = {.chunks = &first};
    const struct producer of_text = map_words_producer(&words),
                          of_chunks = apply_rules_producer(&apply);
    const uint64_t stored = job->work.read_bytes;
    uint64_t before[TIMING_PHASES];
    memcpy(before, job->timing.spent_ns, sizeof before);
    lot->sums = (struct lot_sums){0};
    lot->asked_ns = 0;
    job->verify = (struct verify){0};
    job->work.step.pass = 0;
    bool ok = take_records(job, plan, &of_text, &first, lot);
    timing_enter(&job->timing, TIMING_PLAN);
    lot->sums.map_ns = spent(job, TIMING_MAP, before);
    second.beside_spilled = first.spill.records > 0;
    ok = ok && (!rules || take_records(job, plan, &of_chunks, &second, lot))
      && count_keys(job, rules ? &second : &first);
    lot->sums.tokens[rules] = first.reduced.tokens;
    if (rules)
        lot->sums.tokens[0] = second.reduced.tokens;
    timing_enter(&job->timing, TIMING_PLAN);
    lot->sums.rest_ns = spent(job, TIMING_MAP, before) - lot->sums.map_ns
                      + spent(job, TIMING_SHUFFLE, before) + spent(job, TIMING_REDUCE, before)
                      - lot->asked_ns;
    lot->sums.stored_bytes = job->work.read_bytes - stored;
    reduce_free(&first);
    reduce_free(&second);
    return ok;
}
