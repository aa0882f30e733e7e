/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress by small messages to rank 0 and its answers. A rank has at most one message under way,
 * and says which is its last, so that rank 0 can take every message before the run ends. */
#include "comm/progress.h"

#include "comm/watch.h"
#include "host/clock.h"
#include "job.h"
#include "status/line.h"

#include <stdio.h>
#include <time.h>

enum { TAG_NEWS = 1, TAG_ANSWER = 2 };

/* Rank 0: what has arrived. An answer is not waited for, nor is anything in it. */
static void take(struct job *job)
{
    struct progress *progress = &job->progress;
    for (;;) {
        int there = 0;
        MPI_Status status;
        MPI_Request answer;
        MPI_Iprobe(MPI_ANY_SOURCE, TAG_NEWS, job->comm.world, &there, &status);
        if (!there)
            return;
        struct progress_news news;
        MPI_Recv(&news, sizeof news, MPI_BYTE, status.MPI_SOURCE, TAG_NEWS, job->comm.world,
                 MPI_STATUS_IGNORE);
        progress->ranks[status.MPI_SOURCE] =
            (struct progress_rank){clock_ns(), news.steps, news.waiting != 0, news.last != 0};
        if (progress->known)
            progress->known[status.MPI_SOURCE].work = news.work;
        MPI_Isend(NULL, 0, MPI_BYTE, status.MPI_SOURCE, TAG_ANSWER, job->comm.world, &answer);
        MPI_Request_free(&answer);
    }
}

/* The others: answers that have arrived. */
static void take_answers(struct job *job)
{
    struct progress *progress = &job->progress;
    for (;;) {
        int there = 0;
        MPI_Iprobe(0, TAG_ANSWER, job->comm.world, &there, MPI_STATUS_IGNORE);
        if (!there)
            return;
        MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_ANSWER, job->comm.world, MPI_STATUS_IGNORE);
        progress->answers++;
        progress->moved_ns = clock_ns();
    }
}

static void send(struct job *job, bool last)
{
    struct progress *progress = &job->progress;
    progress->sent = (struct progress_news){
        .work = job->work,
        .steps = job->comm.steps,
        .waiting = job->comm.waiting,
        .last = last,
    };
    progress->sent_len++;
    MPI_Isend(&progress->sent, sizeof progress->sent, MPI_BYTE, 0, TAG_NEWS, job->comm.world,
              &progress->sending);
}

static void show(struct job *job)
{
    struct progress *progress = &job->progress;
    progress->known[0].work = job->work;
    const struct snapshot snapshot = job_snapshot(job, progress->known);
    line_progress(stderr, &snapshot);
}

/* Rank 0. Whether a line on standard error could cut off the result: see comm_launched_by_prrte. */
static bool would_disturb(const struct job *job)
{
    return job->timing.phase == TIMING_GATHER && job->totals.standard_output
        && comm_launched_by_prrte();
}

static void look_of_root(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    take(job);
    view_look(job, now);
    if (job->env.options.progress_s > 0 && now >= progress->show_ns && !would_disturb(job)) {
        progress->show_ns = now + (uint64_t)(job->env.options.progress_s * 1e9);
        show(job);
    }
}

static void look_of_others(struct job *job)
{
    int free = 1;
    take_answers(job);
    MPI_Test(&job->progress.sending, &free, MPI_STATUS_IGNORE);
    if (free)
        send(job, false);
}

/* Sends, takes, shows and watches, if it is time. */
static void look(struct job *job, bool working)
{
    struct progress *progress = &job->progress;
    const uint64_t now = clock_ns();
    (void)working;
    if (now < progress->next_ns)
        return;
    progress->next_ns = now + progress->interval_ns;
    if (comm_is_root(job))
        look_of_root(job, now);
    else
        look_of_others(job);
    watch_look(job);
}

static bool init_root(struct job *job, uint64_t now, struct fail *fail)
{
    struct progress *progress = &job->progress;
    const size_t size = (size_t)job->comm.size;
    progress->ranks = mem_alloc(&job->env.mem, size * sizeof *progress->ranks, fail);
    for (size_t rank = 0; progress->ranks && rank < size; rank++)
        progress->ranks[rank].heard_ns = now;
    if (!progress->ranks || (job->env.options.progress_s <= 0 && !job->env.options.status))
        return progress->ranks != NULL;
    progress->known = mem_alloc(&job->env.mem, size * sizeof *progress->known, fail);
    for (size_t rank = 0; progress->known && rank < size; rank++) {
        struct snapshot_rank *known = &progress->known[rank];
        memcpy(known->host, comm_host_of(job, (int)rank), sizeof known->host);
        known->host_index = (uint64_t)job->comm.places[rank].host;
    }
    return progress->known != NULL;
}

/* The shorter of two intervals; 0 is none. */
static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a && (!b || a < b) ? a : b;
}

bool progress_init(struct job *job, struct fail *fail)
{
    struct progress *progress = &job->progress;
    uint64_t show_ns = (uint64_t)(job->env.options.progress_s * 1e9);
    uint64_t watch_ns = job->comm.size > 1 ? watch_interval_ns(job) : 0;
    uint64_t view_ns = job->env.options.status ? (uint64_t)VIEW_SECONDS * 1000000000 / 2 : 0;
    uint64_t now = clock_ns();
    *progress = (struct progress){.sending = MPI_REQUEST_NULL, .polled_ns = now, .moved_ns = now};
    progress->interval_ns = sooner(view_ns, sooner(show_ns, watch_ns));
    progress->next_ns = now + progress->interval_ns;
    progress->show_ns = now + show_ns;
    if (progress->interval_ns == 0)
        return true;
    if (comm_is_root(job) && !init_root(job, now, fail))
        return false;
    comm_add_poller(job, look);
    return true;
}

/* Rank 0: whether no rank that is left has anything to say. */
static bool all_finished(const struct job *job)
{
    const struct progress_rank *ranks = job->progress.ranks;
    for (int rank = 1; rank < job->comm.size; rank++)
        if (!ranks[rank].finished && !lost_is(job, rank))
            return false;
    return true;
}

/* Between two looks of progress_finish. */
static void nap(struct job *job)
{
    comm_look(job);
    nanosleep(&(struct timespec){.tv_nsec = 10000}, NULL);
    watch_look(job);
}

void progress_finish(struct job *job)
{
    struct progress *progress = &job->progress;
    if (progress->interval_ns == 0)
        return;
    job->comm.waiting = true;
    comm_remove_poller(job, look);
    if (comm_is_root(job)) {
        while (take(job), !all_finished(job))
            nap(job);
    } else {
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        send(job, true);
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        while (take_answers(job), progress->answers < progress->sent_len)
            nap(job);
    }
    progress->interval_ns = 0;
}

void progress_free(struct job *job)
{
    struct progress *progress = &job->progress;
    const size_t size = (size_t)job->comm.size;
    mem_free(&job->env.mem, progress->ranks, size * sizeof *progress->ranks);
    mem_free(&job->env.mem, progress->known, size * sizeof *progress->known);
    progress->ranks = NULL;
    progress->known = NULL;
}
