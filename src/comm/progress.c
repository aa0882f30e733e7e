/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress by small messages to rank 0 and its answers. A rank has at most one message under way,
 * and says which is its last, so that rank 0 can take every message before the run ends. */
#include "comm/progress.h"

#include "comm/watch.h"
#include "host/clock.h"
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { TAG_NEWS = 1, TAG_ANSWER = 2 };
enum { HOSTS_SHOWN = 8 };

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
        struct progress_rank *rank = &progress->ranks[status.MPI_SOURCE];
        MPI_Recv(&rank->news, sizeof rank->news, MPI_BYTE, status.MPI_SOURCE, TAG_NEWS,
                 job->comm.world, MPI_STATUS_IGNORE);
        rank->heard_ns = clock_ns();
        progress->finished += rank->news.last != 0;
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
        .mapped_bytes = job->mapped_bytes,
        .tasks = progress->tasks,
        .steps = job->comm.steps,
        .waiting = job->comm.waiting,
        .last = last,
    };
    progress->sent_len++;
    MPI_Isend(&progress->sent, sizeof progress->sent, MPI_BYTE, 0, TAG_NEWS, job->comm.world,
              &progress->sending);
}

static void add_tasks(struct progress_tasks *to, const struct progress_tasks *from)
{
    to->done += from->done;
    to->failed += from->failed;
    to->running += from->running;
}

static struct progress_tasks tasks_of(const struct job *job, int rank)
{
    return rank == 0 ? job->progress.tasks : job->progress.ranks[rank].news.tasks;
}

/* Tasks, of all ranks and by host. */
static void show_tasks(const struct job *job)
{
    struct progress_tasks all = {0};
    for (int rank = 0; rank < job->comm.size; rank++) {
        struct progress_tasks tasks = tasks_of(job, rank);
        add_tasks(&all, &tasks);
    }
    fprintf(stderr, "%s: %" PRIu64 " tasks done, %" PRIu64 " tries failed, %" PRIu64 " running",
            job->env.options.program, all.done, all.failed, all.running);
    for (int host = 0; job->comm.hosts > 1 && host < job->comm.hosts && host < HOSTS_SHOWN;
         host++) {
        struct progress_tasks here = {0};
        for (int rank = 0; rank < job->comm.size; rank++) {
            struct progress_tasks tasks = tasks_of(job, rank);
            if (job->comm.places[rank].host == host)
                add_tasks(&here, &tasks);
        }
        fprintf(stderr, "%s %s %" PRIu64 "/%" PRIu64 "/%" PRIu64, host ? "," : ";",
                job->comm.host_names[host], here.done, here.failed, here.running);
    }
    fprintf(stderr, "%s\n", job->comm.hosts > HOSTS_SHOWN ? ", ..." : "");
}

static void show(struct job *job)
{
    struct progress *progress = &job->progress;
    char done_text[16], total_text[16], rate_text[16];
    uint64_t done = job->mapped_bytes;
    for (int rank = 1; rank < job->comm.size; rank++)
        done += progress->ranks[rank].news.mapped_bytes;
    double seconds =
        timing_work_s(&job->timing) + (double)(clock_ns() - job->timing.since_ns) / 1e9;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    fprintf(stderr, "%s: %s: %s", job->env.options.program, timing_names[job->timing.phase],
            mem_human(done_text, done));
    if (progress->total_bytes) {
        double left = rate > 0 ? ((double)progress->total_bytes - (double)done) / rate : 0;
        fprintf(stderr, " of %s (%.0f %%), %s/s, %.0f s left\n",
                mem_human(total_text, progress->total_bytes),
                100.0 * (double)done / (double)progress->total_bytes,
                mem_human(rate_text, (uint64_t)rate), left > 0 ? left : 0);
    } else {
        fprintf(stderr, ", %s/s\n", mem_human(rate_text, (uint64_t)rate));
    }
}

static void look_of_root(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    take(job);
    if (job->env.options.progress_s > 0 && now >= progress->show_ns) {
        progress->show_ns = now + (uint64_t)(job->env.options.progress_s * 1e9);
        if (options_tasks(&job->env.options) && job->timing.phase == TIMING_MAP)
            show_tasks(job);
        else
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

bool progress_init(struct job *job, struct fail *fail)
{
    struct progress *progress = &job->progress;
    uint64_t show_ns = (uint64_t)(job->env.options.progress_s * 1e9);
    uint64_t watch_ns = job->comm.size > 1 ? watch_interval_ns(job) : 0;
    uint64_t now = clock_ns();
    *progress = (struct progress){.sending = MPI_REQUEST_NULL, .polled_ns = now, .moved_ns = now};
    progress->interval_ns = show_ns && (!watch_ns || show_ns < watch_ns) ? show_ns : watch_ns;
    progress->next_ns = now + progress->interval_ns;
    progress->show_ns = now + show_ns;
    if (progress->interval_ns == 0)
        return true;
    comm_add_poller(job, look);
    if (!comm_is_root(job))
        return true;
    size_t size = (size_t)job->comm.size;
    progress->ranks = mem_alloc(&job->env.mem, size * sizeof *progress->ranks, fail);
    for (size_t rank = 0; progress->ranks && rank < size; rank++)
        progress->ranks[rank].heard_ns = now;
    return progress->ranks != NULL;
}

/* Between two looks of progress_finish. */
static void nap(struct job *job)
{
    nanosleep(&(struct timespec){.tv_nsec = 10000}, NULL);
    watch_look(job);
}

void progress_finish(struct job *job)
{
    struct progress *progress = &job->progress;
    size_t size = (size_t)job->comm.size;
    if (progress->interval_ns == 0)
        return;
    job->comm.waiting = true;
    comm_remove_poller(job, look);
    if (comm_is_root(job)) {
        while (take(job), progress->finished < job->comm.size - 1)
            nap(job);
    } else {
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        send(job, true);
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        while (take_answers(job), progress->answers < progress->sent_len)
            nap(job);
    }
    progress->interval_ns = 0;
    mem_free(&job->env.mem, progress->ranks, size * sizeof *progress->ranks);
    progress->ranks = NULL;
}
