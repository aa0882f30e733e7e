/* SPDX-License-Identifier: BSD-3-Clause */
/* mpiwc: exact counts of the words of a text of any size, on one core or on a cluster.
 *
 * This is the table of contents. All ranks run job_run together:
 *
 *   plan ─ scatter ─┬─ map ─ shuffle ─ reduce ─┬─ finish ─ sort ─ gather ─ report
 *                   └──── until no input left ─┘
 *
 * A stage returns true on all ranks or false on all ranks; only main prints an error, and only rank
 * 0. */
#include "child.h"
#include "compare.h"
#include "gather.h"
#include "job.h"
#include "map.h"
#include "plan.h"
#include "reduce.h"
#include "report.h"
#include "scatter.h"
#include "shuffle.h"
#include "signals.h"
#include "sort.h"
#include "streams.h"
#include "topology.h"
#include "work.h"

#include <stdio.h>

/* The input was seen whole, and everything counted arrived. */
static bool count_totals(struct job *job, const struct plan *plan, const struct shuffle *shuffle)
{
    struct job_totals *totals = &job->totals;
    comm_share(job, &totals->input_bytes, sizeof totals->input_bytes);
    if (!totals->root_input)
        totals->input_bytes = plan->total_bytes;
    return verify_input(job, totals->input_bytes, plan->stretches) && shuffle_check(job, shuffle);
}

static bool count_words(struct job *job, const struct plan *plan, struct reduce *reduce)
{
    struct scatter scatter = {0};
    struct map map = {.deal = &scatter.deal};
    struct shuffle shuffle = {0};
    struct box outbox = {0}, inbox = {0};
    bool ok = map_init(job, &map, &outbox);
    report_say(job, "memory: %zu bytes a rank; %zu buckets of the hash space each",
               job->env.budget.memory_bytes, job->env.budget.buckets);
    ok = ok && shuffle_init(job, &shuffle, job->env.budget.buckets, job->by_host);
    ok = ok && scatter_run(job, plan, &scatter, &map.input);
    ok = ok && reduce_init(job, reduce, &inbox);
    while (ok && map_left(job, &map)) {
        ok = scatter_round(job, &scatter, &map.input);
        ok = ok && map_round(job, &map, &outbox);
        ok = ok && shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
        ok = ok && reduce_add(job, reduce, &inbox);
    }
    ok = ok && count_totals(job, plan, &shuffle);
    shuffle_free(job, &shuffle);
    scatter_free(job, &scatter);
    map_free(job, &map);
    box_free(&outbox);
    box_free(&inbox);
    return ok && reduce_finish(job, reduce);
}

static bool run_tasks(struct job *job, const struct plan *plan, struct reduce *reduce)
{
    struct work work = {0};
    struct shuffle shuffle = {0};
    struct box outbox = {0}, inbox = {0};
    bool ok = work_init(job, plan, &work, &outbox);
    ok = ok && shuffle_init(job, &shuffle, job->env.budget.buckets, job->by_host);
    ok = ok && reduce_init(job, reduce, &inbox);
    while (ok && work_left(job, &work)) {
        ok = work_round(job, &work, &outbox);
        ok = ok && shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
        ok = ok && reduce_add(job, reduce, &inbox);
    }
    ok = ok && count_totals(job, plan, &shuffle) && work_check(job, &work);
    shuffle_free(job, &shuffle);
    work_free(job, &work);
    box_free(&outbox);
    box_free(&inbox);
    return ok && reduce_finish(job, reduce);
}

bool job_run(struct job *job)
{
    struct plan plan = {0};
    struct gather gather = {.output.fd = -1};
    struct reduce reduce = {0};
    struct sort sort = {0};
    struct report report = {.record.fd = -1};
    bool ok = plan_run(job, &plan);
    ok = ok && gather_open(job, &gather);
    ok = ok && report_open(job, &report, &gather.output);
    ok = ok && (options_tasks(&job->env.options) ? run_tasks : count_words)(job, &plan, &reduce);
    ok = ok && sort_run(job, &reduce.distinct, &sort);
    ok = ok && gather_run(job, &gather, &sort);
    ok = ok && report_run(job, &report);
    ok = ok && gather_commit(job, &gather);
    ok = ok && report_commit(job, &report);
    progress_finish(job);
    if (ok)
        report_print(job, &report);
    report_free(job, &report);
    sort_free(&sort);
    reduce_free(&reduce);
    gather_close(&gather);
    plan_free(&plan);
    return ok;
}

static void print_failure(const struct job *job)
{
    fprintf(stderr, "%s: %s\n", job->env.options.program, job->env.fail.text);
    if (job->env.fail.code == FAIL_USAGE)
        fprintf(stderr, "try: %s --help\n", job->env.options.program);
}

/* Visible, because the simulator of clusters loads the program as a library. */
__attribute__((visibility("default"))) int main(int argc, char **argv)
{
    struct job job = {0};
    if (child_wanted(argc, argv))
        return child_main(argc, argv);
    streams_open();
    signals_init();
    timing_init(&job.timing);
    if (options_parse(argc, argv, comm_launched_rank() > 0, &job.env.options, &job.env.fail)
        == OPTIONS_DONE)
        return FAIL_NONE;
    comm_init(&job, &argc, &argv);
    bool ok = job_init(&job, argc, argv);
    ok = ok && topology_report(&job);
    if (ok
        && (job.env.options.files_len > 0 || job.env.options.files_from || job.env.options.range))
        ok = job.env.options.compare ? compare_run(&job, argc, argv) : job_run(&job);
    if (!ok && comm_is_root(&job))
        print_failure(&job);
    job_free(&job);
    comm_free(&job);
    MPI_Finalize();
    return !ok ? job.env.fail.code : job.totals.failed_tasks ? FAIL_TASKS : FAIL_NONE;
}
