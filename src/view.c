/* SPDX-License-Identifier: BSD-3-Clause */
/* The view of a run.
 *
 * Collectives, with --status: agree. */
#include "view.h"

#include "comm/agree.h"
#include "host/clock.h"
#include "job.h"
#include "status/redraw.h"

#include <stdio.h>

enum { SHARE = 200 }; /* of the time, at most one part of so many is spent here */

/* A look that is due at the same time as a write comes a little before it. */
static const uint64_t SECOND_NS = 1000000000, EARLY_NS = 100000000;

/* Once. */
static void warn(struct job *job, const struct fail *fail)
{
    const struct options *options = &job->env.options;
    redraw_erase();
    if (!job->view.warned && !options->quiet)
        fprintf(stderr, "%s: warning: --status: %s: the run goes on without it\n", options->program,
                fail->text);
    job->view.warned = true;
}

static void write_files(struct job *job, const struct snapshot *snapshot)
{
    struct view *view = &job->view;
    struct fail fail = {0};
    const uint64_t begun = clock_ns();
    if (!status_folder_write(&view->folder, snapshot, &fail))
        warn(job, &fail);
    const uint64_t now = clock_ns(), often = begun + VIEW_SECONDS * SECOND_NS - EARLY_NS,
                   seldom = now + SHARE * (now - begun);
    view->next_ns = often > seldom ? often : seldom;
}

static void write_state(struct job *job)
{
    const struct snapshot snapshot = progress_snapshot(job);
    write_files(job, &snapshot);
}

/* On rank 0. */
static bool open_folder(struct job *job)
{
    struct fail fail = {0};
    switch (status_folder_open(&job->view.folder, job->env.options.status, &fail)) {
    case STATUS_FOLDER_TAKEN:
        job->env.fail = fail;
        return false;
    case STATUS_FOLDER_UNUSABLE:
        warn(job, &fail);
        break;
    case STATUS_FOLDER_OPEN:
        write_state(job);
        break;
    }
    return true;
}

bool view_open(struct job *job)
{
    return !job->env.options.status || agree(job, !comm_is_root(job) || open_folder(job));
}

void view_look(struct job *job, uint64_t now)
{
    if (job->view.next_ns > 0 && now >= job->view.next_ns)
        write_state(job);
}

void view_end(struct job *job, const struct snapshot *end)
{
    if (job->view.next_ns == 0)
        return;
    const struct snapshot snapshot =
        end ? *end : job_snapshot_of_end(job, progress_snapshot(job).ranks);
    write_files(job, &snapshot);
    status_folder_close(&job->view.folder);
    job->view.next_ns = 0;
}
