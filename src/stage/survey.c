/* SPDX-License-Identifier: BSD-3-Clause */
/* Survey. A lot is a part of a sample that is counted as a whole input is, up to the reduction; its
 * keys go into a census on their owner, and are given back. Lots grow, so that the sample has grown
 * by an order of magnitude or two when time is up, however fast the ranks are. A small input is
 * counted whole, as a run would do it.
 *
 * Collectives, in order. survey_run: with count files agree, and those of counts_survey_run; with
 * text agree; on several hosts, where each could read the files,
 * those of same_files_input; agree, Ibcast. For each lot agree, Ibcast, those of lot_count,
 * Iallreduce. At the end Iallreduce twice, agree. */
#include "stage/survey.h"

#include "comm/agree.h"
#include "host/clock.h"
#include "job.h"
#include "output/output.h"
#include "stage/counts_survey.h"
#include "stage/expectation.h"
#include "stage/lot.h"
#include "stage/report.h"
#include "stage/same_files.h"
#include "stage/sample.h"
#include "stage/suggestion.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

enum {
    SMALL_BYTES = 2 << 20, /* what is not more is counted whole at once */
    FIRST_SHARE = 4096,    /* the first lot: a part of the input, between these */
    FIRST_MIN_BYTES = 256 << 10,
    FIRST_MAX_BYTES = 2 << 20, /* for each rank */
    MOST_BYTES = 1 << 30,
    MOST_TIMES = 8,    /* of a sample, for each rank: more is not counted in time */
    CENSUS_SHARE = 32, /* of the memory */
    CENSUS_MAX_BYTES = 12 << 20,
    MEMORY_SHARE = 4,    /* of the memory, for what a lot may bring; */
    TEXT_RATIO = 8,      /* of a compressed one, that text is so many times as long */
    ASKED = 2048,        /* keys of a lot, on each rank, that are looked for in count files, */
    ASKED_WHOLE = 32768, /* where the lot is all there is; for each file, and not fewer than: */
    ASKED_MIN = 32,
};

static const double most_s = 3.8, least_s = 1, part_of_time = 0.25, /* of the sample */
    whole_s = 1,                                                    /* an input that takes less */
    grows = 1.3, grows_anew = 2, /* the sample with a lot; where each begins anew */
    worth = 0.06;                /* a smaller lot is not */

/* What rank 0 decides. */
enum next { NEXT_LOT, NEXT_WHOLE, NEXT_END };

struct survey {
    struct sample sample; /* rank 0 */
    struct census words, chunks;
    struct expectation seen;
    struct counts_survey counts; /* of the count files, if any */
    struct lot lot;              /* its sums are those of all ranks */
    uint64_t begun_ns;
    uint64_t taken_bytes; /* rank 0: of the input, so far, */
    double lot_s;         /* and how long the last lot took, */
    uint64_t lot_bytes;   /* which had so many; */
    double first_s;       /* and the first one */
    uint64_t first_bytes;
    bool first_host;
};

/* Where each lot has all again that the lots before it had, what it has more counts. */
static double more(const double *numbers, size_t lots, double all)
{
    for (size_t lot = 0; lot < lots; lot++)
        all -= numbers[lot];
    return fmax(all, 0);
}

static void put_keys(struct expectation *seen, struct expectation_keys *keys,
                     const struct lot_sums *sums, int chunks)
{
    const double tokens = (double)sums->tokens[chunks];
    keys->tokens[seen->lots] = seen->beginnings ? more(keys->tokens, seen->lots, tokens) : tokens;
    keys->keys = sums->keys[chunks];
    keys->singles = sums->singles[chunks];
    keys->record_bytes = sums->record_bytes[chunks];
}

/* What the lot has shown, on all ranks. */
static void note(struct job *job, struct survey *survey, uint64_t planned_bytes)
{
    struct expectation *seen = &survey->seen;
    struct lot_sums *sums = &survey->lot.sums;
    const size_t lot = seen->lots;
    const double size = job->comm.size;
    comm_sum(job, (uint64_t *)sums, sizeof *sums / sizeof(uint64_t));
    const double stored = (double)sums->stored_bytes;
    seen->bytes[lot] = seen->beginnings ? more(seen->bytes, lot, stored) : (double)planned_bytes;
    seen->records[lot] = (double)sums->received;
    put_keys(seen, &seen->words, sums, 0);
    put_keys(seen, &seen->chunks, sums, 1);
    seen->counted[lot] = seen->beginnings ? stored : (double)planned_bytes;
    seen->map_s[lot] = (double)sums->map_ns / 1e9 / size;
    seen->rest_s[lot] = (double)sums->rest_ns / 1e9 / size;
    seen->kept = sums->kept;
    seen->line_bytes = sums->line_bytes;
    memcpy(seen->asked, sums->asked, sizeof seen->asked);
    memcpy(seen->found, sums->found, sizeof seen->found);
    seen->lots++;
    report_say(job, "plan: lot %zu: %.0f bytes, %" PRIu64 " %ss, %" PRIu64 " distinct, %.3f s",
               seen->lots, seen->bytes[lot], sums->tokens[0], job->env.kind.noun, sums->keys[0],
               survey->lot_s);
}

/* What the lot that is to come may have at most, for the memory of all ranks. */
static double memory_for(const struct job *job, const struct plan *plan)
{
    return (double)job->env.budget.memory_bytes / MEMORY_SHARE * job->comm.size
         / (plan->encoded_bytes > 0 ? TEXT_RATIO : 1);
}

/* On rank 0. Whether all of the input would take so little time, and memory, that a sample is not
 * worth while. */
static bool is_small(const struct job *job, const struct survey *survey, const struct plan *plan,
                     double rate)
{
    const uint64_t limit = job->env.options.plan, all = plan->total_bytes;
    if (limit != OPTIONS_UNNAMED)
        return all <= limit;
    if (survey->seen.lots == 0)
        return all <= SMALL_BYTES;
    const double factor = (double)all / (double)survey->lot_bytes;
    return (double)all / rate <= whole_s
        && (double)(survey->lot.sums.record_bytes[0] + survey->lot.sums.record_bytes[1]) * factor
               <= memory_for(job, plan);
}

static double first_bytes(const struct job *job, double all)
{
    return fmin(fmax(all / FIRST_SHARE, FIRST_MIN_BYTES),
                fmin((double)FIRST_MAX_BYTES * job->comm.size, all / 64));
}

/* For all lots, where the whole would take so long. */
static double time_for(uint64_t limit, double all_s)
{
    return limit == OPTIONS_UNNAMED ? fmin(fmax(all_s * part_of_time, least_s), most_s) : most_s;
}

/* Bytes a second, of a lot to come. What every lot takes, whatever it has, takes most of the time
 * of the first. */
static double rate_of(const struct survey *survey)
{
    const double bytes = (double)survey->lot_bytes, seconds = fmax(survey->lot_s, 1e-3),
                 more_bytes = bytes - (double)survey->first_bytes,
                 more_s = seconds - survey->first_s;
    return more_bytes > bytes / 2 && more_s > seconds / 8 ? more_bytes / more_s : bytes / seconds;
}

/* On rank 0: what comes next; *upto is what the sample then has. */
static enum next choose(const struct job *job, const struct survey *survey, const struct plan *plan,
                        uint64_t *upto)
{
    const struct expectation *seen = &survey->seen;
    const uint64_t limit = job->env.options.plan;
    const double all = (double)plan->total_bytes, taken = (double)survey->taken_bytes,
                 rate = rate_of(survey), spent_s = (double)(clock_ns() - survey->begun_ns) / 1e9;
    const bool anew = survey->sample.longs > 0;
    if (seen->exact)
        return NEXT_END;
    if (is_small(job, survey, plan, rate))
        return NEXT_WHOLE;
    if (seen->lots == CENSUS_LOTS)
        return NEXT_END;
    double bytes = fmax(first_bytes(job, all), (double)survey->sample.least_bytes);
    if (seen->lots > 0)
        bytes = fmin(taken * ((anew ? grows_anew : grows) - 1),
                     rate * (time_for(limit, all / rate) - spent_s) - (anew ? taken : 0));
    bytes = fmin(bytes, memory_for(job, plan) - (anew ? taken : 0));
    bytes = fmin(bytes, (limit == OPTIONS_UNNAMED ? all : fmin(all, (double)limit)) - taken);
    *upto = (uint64_t)fmax(taken + bytes, 0);
    return seen->lots > 0 && bytes < taken * worth ? NEXT_END : NEXT_LOT;
}

/* The next lot; on rank 0 `step` becomes its plan. */
static bool begin_lot(struct job *job, struct survey *survey, const struct plan *plan,
                      struct plan *step, enum next *next)
{
    uint64_t told[2] = {NEXT_END, 0}, upto = 0;
    bool ok = fail_point(&job->env.fail, "survey", job->comm.rank);
    *step = *plan;
    if (ok && comm_is_root(job)) {
        *next = choose(job, survey, plan, &upto);
        ok = *next != NEXT_LOT || sample_step(&job->env, &survey->sample, upto, step);
        told[0] = *next;
        told[1] = step->total_bytes;
    }
    if (!agree(job, ok))
        return false;
    comm_bcast(job, told, sizeof told);
    *next = (enum next)told[0];
    step->total_bytes = step->left_bytes = told[1];
    step->sampled = *next == NEXT_LOT;
    step->first_host = survey->first_host;
    if (survey->seen.beginnings)
        survey->taken_bytes = upto;
    return true;
}

/* Keys of text, in the count files. */
static uint64_t most_asked(const struct survey *survey, bool whole)
{
    const uint64_t files = survey->lot.beside ? survey->lot.beside->len : 1,
                   most = whole ? ASKED_WHOLE : ASKED;
    return most / files > ASKED_MIN ? most / files : ASKED_MIN;
}

static bool run_lots(struct job *job, struct survey *survey, const struct plan *plan)
{
    struct expectation *seen = &survey->seen;
    struct plan step;
    enum next next;
    while (begin_lot(job, survey, plan, &step, &next)) {
        const uint64_t begun = clock_ns();
        if (next == NEXT_END)
            return true;
        if (next == NEXT_WHOLE)
            *seen = (struct expectation){.exact = true, .counts = seen->counts};
        survey->lot.most_asked = most_asked(survey, next == NEXT_WHOLE);
        survey->lot.words = next == NEXT_WHOLE ? NULL : &survey->words;
        survey->lot.chunks = next == NEXT_WHOLE ? NULL : &survey->chunks;
        survey->lot.number = (unsigned)seen->lots;
        if (!lot_count(job, &survey->lot, &step))
            return false;
        survey->lot_s = (double)(clock_ns() - begun) / 1e9;
        note(job, survey, step.total_bytes);
        survey->lot_bytes = seen->beginnings ? survey->lot.sums.stored_bytes : step.total_bytes;
        if (seen->lots == 1) {
            survey->first_s = survey->lot_s;
            survey->first_bytes = survey->lot_bytes;
        }
        if (!seen->beginnings)
            survey->taken_bytes += step.total_bytes;
    }
    return false;
}

/* The censuses of this rank, and on rank 0 the sample. */
static bool open_sample(struct job *job, struct survey *survey, const struct plan *plan)
{
    struct env *env = &job->env;
    const uint64_t limit = env->options.plan, most = (uint64_t)MOST_BYTES * MOST_TIMES;
    const size_t share = env->budget.memory_bytes / CENSUS_SHARE,
                 bytes = share < CENSUS_MAX_BYTES ? share : CENSUS_MAX_BYTES;
    bool ok = census_init(&survey->words, &env->mem, bytes, &env->fail)
           && (rules_idle(&env->options.rules)
               || census_init(&survey->chunks, &env->mem, bytes, &env->fail));
    if (ok && comm_is_root(job))
        ok = sample_init(env, &survey->sample, plan,
                         limit == OPTIONS_UNNAMED ? most * (uint64_t)job->comm.size : limit);
    return ok;
}

/* Whether a sample can be taken; and by whom. */
static bool can_sample(struct job *job, struct survey *survey, const struct plan *plan)
{
    bool ok = true, root = job->env.options.input == OPTIONS_INPUT_ROOT;
    if (plan->streams > 0)
        ok = fail_set(&job->env.fail, FAIL_INPUT,
                      "--plan: standard input, pipes and devices cannot be sampled: name files");
    ok = agree(job, ok) && (root || job->comm.hosts == 1 || same_files_input(job, plan, &root))
      && agree(job, open_sample(job, survey, plan));
    survey->first_host = root;
    uint64_t longs = survey->sample.longs;
    if (ok)
        comm_bcast(job, &longs, sizeof longs);
    survey->seen.beginnings = longs > 0;
    return ok;
}

/* The censuses of all ranks. */
static void sum_up(struct job *job, struct survey *survey)
{
    struct census_sums *words = &survey->seen.words.sums, *chunks = &survey->seen.chunks.sums;
    census_sum(&survey->words, words);
    census_sum(&survey->chunks, chunks);
    comm_sum(job, (uint64_t *)words, sizeof *words / sizeof(uint64_t));
    comm_sum(job, (uint64_t *)chunks, sizeof *chunks / sizeof(uint64_t));
}

static bool write_text(struct job *job, const char *path, const char *text, size_t len)
{
    struct output output = {.fd = -1};
    const bool ok = output_create(&output, path, &job->env.fail)
                 && output_write(&output, text, len, 0, &job->env.fail)
                 && output_sync(&output, &job->env.fail)
                 && output_commit(&output, len, &job->env.fail);
    output_close(&output);
    return ok;
}

static bool write_object(struct job *job, const struct outlook *outlook)
{
    const char *path = job->env.options.json;
    size_t len;
    if (!path)
        return true;
    char *text = outlook_json(outlook, &len);
    const bool ok = text ? write_text(job, path, text, len)
                         : fail_errno(&job->env.fail, FAIL_MEMORY, path, ENOMEM);
    free(text);
    return ok;
}

static bool write_lines(struct job *job, const struct outlook *outlook)
{
    char *text = NULL;
    size_t len;
    if (job->env.options.quiet)
        return true;
    FILE *file = open_memstream(&text, &len);
    if (file)
        outlook_print(file, outlook);
    const bool ok = file && fclose(file) == 0
                      ? write_text(job, NULL, text, len)
                      : fail_errno(&job->env.fail, FAIL_MEMORY, "--plan", ENOMEM);
    free(text);
    return ok;
}

/* On rank 0. Of nothing nothing follows. */
static bool found_any(struct job *job, const struct expectation *seen)
{
    double tokens = seen->exact;
    for (size_t lot = 0; lot < seen->lots; lot++)
        tokens += seen->words.tokens[lot];
    return tokens > 0
        || fail_set(&job->env.fail, FAIL_INPUT,
                    "--plan: there is no %s in the sample: a larger one is needed (--plan=SIZE)",
                    job->env.kind.noun);
}

/* On rank 0. */
static bool conclude(struct job *job, struct survey *survey, const struct plan *plan)
{
    struct env *env = &job->env;
    struct buffer command = {0};
    if (!found_any(job, &survey->seen))
        return false;
    survey->seen.seconds = (double)(clock_ns() - survey->begun_ns) / 1e9;
    struct outlook outlook = expectation_outlook(job, plan, &survey->seen);
    const bool fits = outlook.memory_bytes <= outlook.limit_bytes;
    const struct suggestion suggestion = {
        outlook.ranks, fits ? outlook.memory_bytes : outlook.spill_memory_bytes, !fits};
    bool ok = suggestion_make(&suggestion, &env->options, &command, &env->mem, &env->fail);
    outlook.command = (const char *)command.bytes;
    ok = ok && write_object(job, &outlook) && write_lines(job, &outlook);
    buffer_free(&command, &env->mem);
    return ok;
}

/* What the text comes to. Nothing is known of it before. */
static bool look_at_text(struct job *job, struct survey *survey, const struct plan *plan)
{
    if (plan->files == 0) {
        survey->seen.exact = true;
        return true;
    }
    return can_sample(job, survey, plan) && run_lots(job, survey, plan);
}

static bool look_at_counts(struct job *job, struct survey *survey, struct count_files *files)
{
    if (files->len == 0)
        return true;
    survey->seen.counts = &survey->counts;
    survey->lot.beside = files;
    return agree(job, files->merged || count_files_fit(job, files))
        && counts_survey_run(job, files, &survey->counts);
}

bool survey_run(struct job *job, const struct plan *plan, struct count_files *files)
{
    struct survey survey = {.begun_ns = clock_ns()};
    job->expected_bytes = job->expected_read = 0; /* of the input: the sample is not all of it */
    bool ok = look_at_counts(job, &survey, files) && look_at_text(job, &survey, plan);
    if (ok)
        sum_up(job, &survey);
    progress_finish(job);
    ok = ok && agree(job, !comm_is_root(job) || conclude(job, &survey, plan));
    sample_free(&job->env, &survey.sample);
    census_free(&survey.words);
    census_free(&survey.chunks);
    return ok;
}
