/* SPDX-License-Identifier: BSD-3-Clause */
/* A count has steps: its input is mapped, the records that came out of it are sent, and when all
 * are there they are counted for good and put in order, a partition after another, which is one
 * step; then the distinct keys are written. How long the map takes shows by its bytes. The steps
 * behind it take so much for each record on a rank, which is what was measured on one machine until
 * one of them runs on this one: then its own rate counts, and the others are as much faster or
 * slower as it is. Until then what shows is whether others want the processor as well.
 *
 * How many records there will be follows from those of the part that is mapped. Different keys come
 * ever more slowly: where a share s of those that were found occurred once, their number grows like
 * the s-th power of the text (s is 1 where no key occurs twice, and 0 where all are known).
 *
 * Tasks take as long as those before them did, each, and a list has as many tasks in a byte as the
 * part of it that was read. */
#include "status/forecast.h"

#include <math.h>

/* Of a record on a rank, and of a distinct key; to sync, of one on all ranks: there is one disk. */
static const struct {
    double record_s, key_s;
} cost[TIMING_PHASES] = {
    [TIMING_MAP] = {125e-9, 0}, /* rules, for chunks that are counted for good just before */
    [TIMING_SHUFFLE] = {4e-9, 0}, [TIMING_REDUCE] = {8e-9, 17e-9}, [TIMING_SORT] = {0, 32e-9},
    [TIMING_GATHER] = {0, 42e-9}, [TIMING_SYNC] = {0, 7e-9},
};

static const double trust = 0.15, /* from this part of a step on its own rate counts alone */
    unsampled = 0.4,              /* distinct keys of records of which no sample was taken */
    skipped_s = 7e-9,             /* a key that is not written */
    known_s = 0.01,               /* what takes less says nothing about the speed of the machine */
    slowest = 20, fastest = 0.2, lasting = 0.7; /* the rest of it is chance */

/* What there will be, on one rank. */
struct amounts {
    double records, distinct; /* of this pass */
    double held;              /* of the records, to be counted for good */
    double kept;              /* of the distinct keys, for the result */
};

static double at_most(double a, double b)
{
    return a < b ? a : b;
}

static double at_least(double a, double b)
{
    return a > b ? a : b;
}

static double ratio(uint64_t part, uint64_t whole)
{
    return whole > 0 ? at_most((double)part / (double)whole, 1) : 0;
}

static bool has_rules(const struct snapshot *snapshot)
{
    return snapshot->rules[0] != '\0';
}

static const struct snapshot_step *step_of(const struct snapshot *snapshot)
{
    return &snapshot->ranks[0].work.step;
}

/* The step of the whole run: rank 0 may have mapped all of its own input. */
static enum timing_phase phase_of(const struct snapshot *snapshot)
{
    const struct snapshot_step *step = step_of(snapshot);
    return snapshot->phase == TIMING_MAP && step->pass == 0 ? TIMING_MAP
                                                            : (enum timing_phase)step->phase;
}

/* Of the input, in bytes of text, or where nobody knows how many these are, in bytes as they are
 * stored: what there is, and what of it is mapped; 0: unknown. */
static uint64_t expected(const struct snapshot *snapshot)
{
    return snapshot->expected_bytes ? snapshot->expected_bytes : snapshot->expected_read;
}

static uint64_t input_of(const struct snapshot *snapshot, const struct snapshot_work *work)
{
    return snapshot->expected_bytes ? work->mapped_bytes : work->read_bytes;
}

/* The part of the input that is mapped. */
static double mapped(const struct snapshot *snapshot)
{
    const struct snapshot_step *step = step_of(snapshot);
    if (step->pass > 0)
        return step->phase == TIMING_MAP ? ratio(step->done, step->all) : 1;
    return ratio(input_of(snapshot, &snapshot->work), expected(snapshot));
}

static struct amounts amounts_of(const struct snapshot *snapshot)
{
    const struct snapshot_work *root = &snapshot->ranks[0].work;
    const double part = mapped(snapshot);
    struct amounts amounts = {.records = (double)snapshot->work.records / snapshot->size};
    if (part > 0)
        amounts.records /= part;
    if (root->step.phase >= TIMING_REDUCE) {
        const double distinct = (double)root->distinct;
        return (struct amounts){at_least((double)root->received, 1), distinct, (double)root->held,
                                distinct};
    }
    const double singles = ratio(root->singles, root->distinct);
    amounts.distinct = unsampled * amounts.records;
    if (root->received > 0 && root->distinct > 0) {
        const double grown = at_least(amounts.records / (double)root->received, 1);
        amounts.distinct = (double)root->distinct * pow(grown, singles);
    }
    const bool drops = snapshot->min_count > 1 && (root->step.pass > 0 || !has_rules(snapshot));
    amounts.kept = amounts.distinct * (drops ? 1 - singles : 1);
    amounts.held = root->held < root->received ? (double)root->held : amounts.records;
    return amounts;
}

static double prior_s(const struct snapshot *snapshot, enum timing_phase phase,
                      const struct amounts *amounts)
{
    if (phase == TIMING_SHUFFLE && snapshot->size == 1)
        return 0;
    if (phase >= TIMING_GATHER && snapshot->top > 0)
        return phase == TIMING_GATHER ? skipped_s * amounts->kept : 0;
    if (phase == TIMING_REDUCE) /* is part of the sort */
        return 0;
    double sum = cost[phase].record_s * amounts->records + cost[phase].key_s * amounts->kept;
    if (phase == TIMING_SYNC)
        sum *= snapshot->size;
    if (phase == TIMING_SORT)
        sum += cost[TIMING_REDUCE].record_s * amounts->held
             + cost[TIMING_REDUCE].key_s * amounts->distinct;
    return sum;
}

/* How long the step that runs takes yet, when `all_s` were expected of all of it. */
static double rest_s(const struct snapshot *snapshot, double all_s)
{
    const struct snapshot_step *step = step_of(snapshot);
    const double part = ratio(step->done, step->all), weight = at_most(part / trust, 1);
    const double own = part > 0 ? snapshot->step_s * (1 - part) / part : 0;
    const double by_time = all_s - snapshot->step_s;
    const double expected = step->all > 0 ? at_least(all_s * (1 - part), by_time) : by_time;
    return weight * own + (1 - weight) * at_least(expected, 0);
}

/* Of two passes rank 0 does not know which reduced for how long. */
static double spent_s(const struct snapshot *snapshot, enum timing_phase phase)
{
    const uint64_t *spent_ns = snapshot->ranks[0].spent_ns;
    const bool reduces = phase == TIMING_SORT && !has_rules(snapshot);
    return (double)(spent_ns[phase] + (reduces ? spent_ns[TIMING_REDUCE] : 0)) / 1e9;
}

static double crowding(const struct snapshot *snapshot)
{
    return at_least(snapshot->crowding, 1);
}

/* How much slower than the measured costs the steps of this run have been so far. */
static double slowness(const struct snapshot *snapshot, enum timing_phase phase,
                       const struct amounts *amounts)
{
    double took = 0, expected = 0;
    for (enum timing_phase done = TIMING_SORT; done <= phase && done < TIMING_SYNC; done++) {
        const double prior = prior_s(snapshot, done, amounts);
        expected += prior;
        took += done < phase ? spent_s(snapshot, done)
                             : snapshot->step_s + rest_s(snapshot, prior * crowding(snapshot));
    }
    return expected < known_s
             ? 1
             : 1 - lasting + lasting * at_least(fastest, at_most(slowest, took / expected));
}

/* The steps of the later pass, when the first one runs. */
static double second_pass_s(const struct snapshot *snapshot, double chunks)
{
    const struct amounts words = {chunks, unsampled * chunks, chunks, unsampled * chunks};
    double sum = prior_s(snapshot, TIMING_MAP, &words);
    for (enum timing_phase phase = TIMING_SHUFFLE; phase <= TIMING_SYNC; phase++)
        sum += prior_s(snapshot, phase, &words);
    return sum;
}

/* Of a step, where all are so much slower. To sync is up to the disk. */
static double expected_s(const struct snapshot *snapshot, enum timing_phase phase,
                         const struct amounts *amounts, double slow)
{
    return prior_s(snapshot, phase, amounts) * (phase == TIMING_SYNC ? 1 : slow);
}

/* The steps behind `phase`. */
static double later_s(const struct snapshot *snapshot, enum timing_phase phase,
                      const struct amounts *amounts, double slow)
{
    const bool again = has_rules(snapshot) && step_of(snapshot)->pass == 0;
    const enum timing_phase last = again ? TIMING_SHUFFLE : TIMING_SYNC;
    double sum = again ? slow * second_pass_s(snapshot, amounts->distinct) : 0;
    for (enum timing_phase later = phase + 1; later <= last; later++)
        sum += expected_s(snapshot, later, amounts, slow);
    return sum;
}

/* Bytes that those ranks have mapped which still do, as far as is known. */
static double active_bytes(const struct snapshot *snapshot)
{
    uint64_t active = 0;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_work *work = &snapshot->ranks[rank].work;
        active += work->step.phase <= TIMING_MAP ? input_of(snapshot, work) : 0;
    }
    return (double)(active > 0 ? active : input_of(snapshot, &snapshot->work));
}

/* For so long input has been mapped, rounds of the later phases included. */
static double mapping_s(const struct snapshot *snapshot)
{
    uint64_t sum_ns = 0;
    for (enum timing_phase phase = TIMING_SCATTER; phase <= TIMING_REDUCE; phase++)
        sum_ns += snapshot->ranks[0].spent_ns[phase];
    return (double)sum_ns / 1e9;
}

/* Of input that was dealt out before: as long as the rank that takes longest. */
static double dealt_left_s(const struct snapshot *snapshot)
{
    const double part = (double)expected(snapshot) / snapshot->size, took_s = mapping_s(snapshot);
    double left_s = 0;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_work *work = &snapshot->ranks[rank].work;
        const double done = (double)input_of(snapshot, work);
        if (work->step.phase <= TIMING_MAP && done > 0)
            left_s = at_least(left_s, (part - done) / done * took_s);
    }
    return left_s;
}

/* Of the map, by the bytes of the input. */
static double map_left_s(const struct snapshot *snapshot, const struct amounts *amounts)
{
    if (step_of(snapshot)->pass > 0)
        return rest_s(snapshot, prior_s(snapshot, TIMING_MAP, amounts));
    const double left = (double)expected(snapshot) - (double)input_of(snapshot, &snapshot->work);
    const double rate = active_bytes(snapshot) / mapping_s(snapshot);
    if (expected(snapshot) == 0 || !(rate > 0))
        return -1;
    return at_least(at_least(left, 0) / rate, snapshot->dealt ? dealt_left_s(snapshot) : 0);
}

static double count_left_s(const struct snapshot *snapshot)
{
    const enum timing_phase phase = phase_of(snapshot);
    const struct amounts amounts = amounts_of(snapshot);
    const double slow =
        phase > TIMING_SHUFFLE ? slowness(snapshot, phase, &amounts) : crowding(snapshot);
    const double here = phase == TIMING_MAP
                          ? map_left_s(snapshot, &amounts)
                          : rest_s(snapshot, expected_s(snapshot, phase, &amounts, slow));
    return phase < TIMING_MAP || here < 0 ? -1 : here + later_s(snapshot, phase, &amounts, slow);
}

/* Tasks. */

/* How many there are, as far as can be seen; 0: that is unknown. */
static double all_tasks(const struct snapshot *snapshot)
{
    const double read = ratio(snapshot->work.mapped_bytes, snapshot->expected_bytes);
    return snapshot->all_read ? (double)snapshot->read_tasks
         : read > 0           ? (double)snapshot->read_tasks / read
                              : 0;
}

static double tasks_left_s(const struct snapshot *snapshot)
{
    const struct snapshot_tasks *tasks = &snapshot->work.tasks;
    const double ended = (double)(tasks->done + tasks->failed);
    const double task_s = ended > 0 ? (double)tasks->busy_ns / 1e9 / ended : 0;
    double left = all_tasks(snapshot) - (double)tasks->done
                - (double)(snapshot->failures ? snapshot->failures->len : 0);
    double begun = 0, last_s = 0;
    if (all_tasks(snapshot) <= 0 || ended <= 0)
        return -1;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_running *running = &snapshot->ranks[rank].running;
        const double age_s = (double)running->ns / 1e9;
        if (running->number == 0)
            continue;
        begun += task_s > 0 ? at_most(age_s / task_s, 0.9) : 0;
        last_s = at_least(last_s, at_least(task_s - age_s, 0.1 * task_s));
    }
    left = at_least(left - begun, 0);
    return at_least(last_s, snapshot->step_s * left / (ended + begun));
}

void forecast_fill(struct snapshot *snapshot)
{
    const bool tasks = snapshot->runs_tasks && step_of(snapshot)->phase <= TIMING_MAP;
    const double left = tasks ? tasks_left_s(snapshot) : count_left_s(snapshot);
    snapshot->left_s = left < 0 ? -1 : left;
    snapshot->share = -1;
    if (left >= 0)
        snapshot->share =
            snapshot->seconds + left > 0 ? snapshot->seconds / (snapshot->seconds + left) : 0;
}
