/* Progress by small messages to rank 0. A message is the number of bytes mapped; LAST says that a
 * rank sends no more, so that rank 0 can take every message before the run ends. A rank has at most
 * one message under way. */
#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { TAG = 1 };

#define LAST UINT64_MAX

static void take(struct job *job)
{
    struct progress *progress = &job->progress;
    for (;;) {
        int there = 0;
        uint64_t done;
        MPI_Status status;
        MPI_Iprobe(MPI_ANY_SOURCE, TAG, job->comm.world, &there, &status);
        if (!there)
            return;
        MPI_Recv(&done, 1, MPI_UINT64_T, status.MPI_SOURCE, TAG, job->comm.world,
                 MPI_STATUS_IGNORE);
        if (done == LAST)
            progress->finished++;
        else
            progress->done[status.MPI_SOURCE] = done;
    }
}

static void show(struct job *job)
{
    struct progress *progress = &job->progress;
    char done_text[16], total_text[16], rate_text[16];
    uint64_t done = job->mapped_bytes;
    for (int rank = 1; rank < job->comm.size; rank++)
        done += progress->done[rank];
    double seconds =
        timing_work_s(&job->timing) + (double)(timing_now() - job->timing.since_ns) / 1e9;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    fprintf(stderr, "%s: %s: %s", job->options.program, timing_names[job->timing.phase],
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

static void send(struct job *job, uint64_t done)
{
    struct progress *progress = &job->progress;
    progress->sent = done;
    MPI_Isend(&progress->sent, 1, MPI_UINT64_T, 0, TAG, job->comm.world, &progress->sending);
}

void progress_poll(struct job *job)
{
    struct progress *progress = &job->progress;
    if (!progress->done || timing_now() < progress->next_ns)
        return;
    progress->next_ns = timing_now() + (uint64_t)(job->options.progress_s * 1e9);
    if (comm_is_root(job)) {
        take(job);
        show(job);
        return;
    }
    int free = 1;
    MPI_Test(&progress->sending, &free, MPI_STATUS_IGNORE);
    if (free && progress->sent != job->mapped_bytes)
        send(job, job->mapped_bytes);
}

void progress_finish(struct job *job)
{
    struct progress *progress = &job->progress;
    if (!progress->done)
        return;
    if (comm_is_root(job)) {
        while (progress->finished < job->comm.size - 1)
            take(job);
    } else {
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        send(job, LAST);
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
    }
    mem_free(&job->mem, progress->done, (size_t)job->comm.size * sizeof *progress->done);
    progress->done = NULL;
}
