/* SPDX-License-Identifier: BSD-3-Clause */
/* mpiwc: exact counts of the words of a text of any size, on one core or on a cluster.
 *
 * The command line, the ranks, the run (pipeline.c), and the exit status. Only main prints an
 * error, and only on rank 0. */
#include "client.h"
#include "comm/start_watch.h"
#include "host/clock.h"
#include "host/signals.h"
#include "host/streams.h"
#include "input/filter_child.h"
#include "job.h"
#include "pipeline.h"
#include "stage/compare.h"
#include "stage/placement.h"
#include "stage/serve.h"
#include "status/redraw.h"
#include "task/child.h"

#include <errno.h>
#include <stdio.h>

static void print_failure(const struct job *job)
{
    redraw_erase();
    fprintf(stderr, "%s: %s\n", job->env.options.program, job->env.fail.text);
    if (job->env.fail.code == FAIL_USAGE)
        fprintf(stderr, "try: %s --help\n", job->env.options.program);
}

/* The exit status, where what was printed has come out. */
static int end_of_printing(struct job *job, int status)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || status != FAIL_NONE)
        return status;
    fail_errno(&job->env.fail, FAIL_OUTPUT, "standard output", errno);
    print_failure(job);
    return FAIL_OUTPUT;
}

/* What one process does, which is no rank. */
static int ask_service(struct job *job)
{
    int status;
    if (client_run(&job->env.options, &status, &job->env.fail))
        return end_of_printing(job, status);
    print_failure(job);
    return job->env.fail.code;
}

/* Visible, because the simulator of clusters loads the program as a library. */
__attribute__((visibility("default"))) int main(int argc, char **argv)
{
    struct job job = {.begun_ns = clock_calendar_ns()};
    if (child_wanted(argc, argv))
        return child_main(argc, argv);
    if (filter_child_wanted(argc, argv))
        return filter_child_main(argc, argv);
    streams_open();
    signals_init();
    timing_init(&job.timing);
    const bool first = comm_launched_rank() == 0;
    const enum options_next next =
        options_parse(argc, argv, !first, &job.env.options, &job.env.fail);
    if (next == OPTIONS_DONE)
        return end_of_printing(&job, FAIL_NONE);
    if (next == OPTIONS_RUN && options_client(&job.env.options))
        return first ? ask_service(&job) : FAIL_NONE;
    comm_init(&job, &argc, &argv);
    bool ok = job_init(&job, argc, argv);
    start_watch_end();
    ok = ok && view_open(&job);
    ok = ok && placement_report(&job);
    if (ok && options_service(&job.env.options))
        ok = serve_run(&job);
    else if (ok
             && (job.env.options.files_len > 0 || job.env.options.files_from
                 || job.env.options.range))
        ok = job.env.options.compare ? compare_run(&job, argc, argv) : pipeline_run(&job);
    if (!ok && comm_is_root(&job))
        print_failure(&job);
    const int status = !ok                               ? job.env.fail.code
                     : job.totals.wound_down             ? FAIL_WOUND_DOWN
                     : options_service(&job.env.options) ? FAIL_NONE
                     : job.totals.failed_tasks           ? FAIL_TASKS
                                                         : FAIL_NONE;
    view_end(&job, NULL);
    if (job.totals.lost_ranks > 0)
        lost_hurry(status);
    job_free(&job);
    comm_finish(&job);
    return status;
}
