/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of contents. All ranks run it together:
 *
 *   plan ─ scatter ─ pass (producer ─ shuffle ─ reduce)* ─ sort ─ gather ─ report
 *
 * The producer is text through a mapper, or tasks; scatter is part of the first. Where rules say
 * what a word is, chunks of text are counted first, and a second pass makes words of each distinct
 * one. Count files are a second producer of the last pass, or come to the gather where the result
 * is one. A stage returns true on all ranks or false on all ranks. */
#include "pipeline.h"

#include "job.h"
#include "stage/apply_rules.h"
#include "stage/checkpoint.h"
#include "stage/compare.h"
#include "stage/gather_counts.h"
#include "stage/map_counts.h"
#include "stage/map_runs.h"
#include "stage/map_tasks.h"
#include "stage/map_words.h"
#include "stage/merge_counts.h"
#include "stage/pass.h"
#include "stage/plan.h"
#include "stage/report.h"
#include "stage/sort.h"
#include "stage/spectrum.h"
#include "stage/survey.h"
#include "stage/top.h"

/* What was counted of text can be taken up again. */
static void log_to_checkpoint(struct job *job, struct reduce *reduce)
{
    if (!job->checkpoint)
        return;
    reduce->log = job->checkpoint->log;
    reduce->log_space = &job->checkpoint->space;
}

/* What count files hold are words already: it enters the last pass. What earlier starts of the run
 * have left is added where their text would be. */
static bool count(struct job *job, const struct plan *plan, struct gather *gather,
                  struct count_files *files, struct reduce *reduce)
{
    struct map_words words = {0};
    struct map_tasks tasks = {.results = &gather->results};
    struct map_counts counts = {.files = files};
    struct reduce chunks = {.min_count = 1, .followed = true};
    struct map_runs runs = {.checkpoint = job->checkpoint};
    struct apply_rules apply = {.chunks = &chunks};
    struct producer text[3] = {options_tasks(&job->env.options) ? map_tasks_producer(&tasks)
                                                                : map_words_producer(&words)};
    const struct producer of_files = map_counts_producer(&counts);
    const bool of_files_too = files->len > 0 && !files->late;
    size_t len = 1;
    if (job->checkpoint && job->checkpoint->resumed)
        text[len++] = map_runs_producer(&runs);
    if (rules_idle(&job->env.options.rules)) {
        if (of_files_too)
            text[len++] = of_files;
        log_to_checkpoint(job, reduce);
        return pass_run(job, plan, text, len, reduce);
    }
    log_to_checkpoint(job, &chunks);
    bool ok = pass_run(job, plan, text, len, &chunks);
    if (ok && !job->totals.wound_down) {
        const struct producer words_of_chunks[] = {apply_rules_producer(&apply), of_files};
        reduce->beside_spilled = chunks.spill.records > 0;
        ok = pass_run(job, plan, words_of_chunks, of_files_too ? 2 : 1, reduce);
    }
    reduce_free(&chunks);
    return ok;
}

/* The most frequent ones are known when all are sorted by count, whatever the order wanted. */
static bool put_in_order(struct job *job, struct reduce *reduce, struct sort *sort)
{
    const struct options *options = &job->env.options;
    const bool few = options->top > 0 && top_is_small(job, options->top);
    const bool cut = options->top > 0 && options->sort == ORDER_KEY;
    struct partitions counted = partitions_of_reduce(reduce);
    struct top top = {0};
    bool ok = !few || top_run(job, &counted, options->top, &top);
    if (few)
        counted = partitions_of_box(&top.best);
    ok = ok && sort_run(job, &counted, cut ? ORDER_COUNT : options->sort, sort)
      && reduce_check(job, reduce);
    tally_join(&sort->left_out, &top.left_out);
    top_free(&top);
    return ok && (!cut || sort_top(job, sort, options->top));
}

/* What becomes of what was counted. */
static bool conclude(struct job *job, struct gather *gather, const struct count_files *files,
                     struct spectrum *spectrum, struct reduce *reduce, struct sort *sort,
                     struct report *report)
{
    bool ok = put_in_order(job, reduce, sort);
    ok = ok && spectrum_run(job, spectrum);
    ok = ok
      && (job->env.options.counts ? gather_counts_run(job, gather, sort, files)
                                  : gather_run(job, gather, sort));
    ok = ok && report_run(job, report, spectrum);
    return ok && compare_results(job) && report_commit(job, report, spectrum, gather);
}

/* The journal has what was done, and nothing else is left of it but the record. */
static bool wind_down(struct job *job, struct report *report)
{
    return report_run(job, report, NULL) && report_commit(job, report, NULL, NULL);
}

/* All of the run that is behind the plan. */
static bool run(struct job *job, struct plan *plan, struct count_files *files)
{
    struct checkpoint checkpoint;
    struct gather gather = {.output.fd = -1};
    struct spectrum spectrum = {.output.fd = -1};
    struct reduce reduce = {.min_count = files->late ? 1 : job->env.options.min_count,
                            .visitor = options_spectrum(&job->env.options) ? spectrum_add : NULL,
                            .context = &spectrum};
    struct sort sort = {.beside = files->late ? files : NULL};
    struct report report = REPORT_NONE;
    bool ok = gather_open(job, &gather);
    ok = ok && spectrum_open(job, &spectrum);
    ok = ok && report_open(job, &report);
    ok = ok && (!job->env.options.checkpoint || checkpoint_open(job, &checkpoint, plan));
    ok = ok && count(job, plan, &gather, files, &reduce);
    if (ok && job->totals.wound_down)
        ok = wind_down(job, &report);
    else if (ok && (ok = conclude(job, &gather, files, &spectrum, &reduce, &sort, &report)))
        checkpoint_clear(job);
    progress_finish(job);
    if (ok)
        report_print(job, &report);
    report_free(job, &report);
    spectrum_close(job, &spectrum);
    sort_free(&sort);
    reduce_free(&reduce);
    gather_close(&gather);
    checkpoint_close(job);
    return ok;
}

/* Nothing but the sum of count files is wanted. */
static bool only_adds_up(const struct job *job, const struct plan *plan)
{
    const struct options *options = &job->env.options;
    return options->counts && plan->files == 0 && plan->count_files > 0 && options->top == 0
        && !options->count_of_counts && !options->report && !options->plot;
}

/* A count file is in the order of one that is the result: what was counted of text is merged with
 * it, which spares its keys the shuffle, the table and the sort. What looks at all keys before they
 * are in order wants them there. */
static bool adds_late(const struct job *job, const struct plan *plan)
{
    const struct options *options = &job->env.options;
    return options->counts && plan->files > 0 && plan->count_files > 0 && options->top == 0
        && !options_spectrum(options) && !options->rules.vocabulary_file;
}

bool pipeline_run(struct job *job)
{
    struct plan plan = {0};
    struct count_files files = {0};
    bool ok = plan_run(job, &plan);
    files.late = ok && adds_late(job, &plan);
    files.merged = ok && only_adds_up(job, &plan);
    ok = ok && (plan.count_files == 0 || count_files_open(job, &plan, &files));
    job->can_be_left = job->can_be_left && !files.merged;
    if (ok)
        ok = job->env.options.plan > 0 ? survey_run(job, &plan, &files)
           : files.merged              ? merge_counts_run(job, &files)
                                       : run(job, &plan, &files);
    progress_finish(job);
    count_files_close(job, &files);
    plan_free(&plan);
    return ok;
}
