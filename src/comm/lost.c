/* SPDX-License-Identifier: BSD-3-Clause */
/* Lost ranks, by the extension of MPI that is known as ULFM (W. Bland et al., Post-failure recovery
 * of MPI communication capability, Int. J. High Perform. Comput. Appl. 27, 2013). A receive from a
 * lost rank fails, which the error handler of comm lets pass in the meantime; that a rank is lost
 * is asked for, because a probe for any rank does not say so. */
#include "comm/lost.h"

#include "host/clock.h"
#include "job.h"
#include "status/redraw.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h>
#endif

enum { LOOK_NS = 50000000, HURRY_S = 5, SHORT_BYTES = 1024 };

static bool tolerant; /* the error handler knows no job */

#ifdef OMPI_HAVE_MPI_EXT_FTMPI

bool lost_allowed(void)
{
    const char *value = getenv("OMPI_MCA_mpi_ft_enable");
    return value && (strcmp(value, "1") == 0 || strcmp(value, "true") == 0);
}

static void note(struct job *job, int rank)
{
    struct lost *lost = &job->lost;
    bool found = false;
    lost->ranks[rank] = true;
    lost->len++;
    for (int other = 0; other < job->comm.size; other++)
        found |= !lost->ranks[other] && job->comm.places[other].host == job->comm.places[rank].host;
    lost->hosts += !found;
    job->task_ranks -= job->task_ranks > 1;
    redraw_erase();
    if (!job->env.options.quiet)
        fprintf(stderr, "%s: warning: rank %d (%s) is lost; others go on with what it had\n",
                job->env.options.program, rank, comm_host_of(job, rank));
    if (job->master)
        master_lost(job, rank);
}

/* Not on rank 0: without it there is nobody to work for. */
static void note_root(struct job *job)
{
    if (job->comm.rank == 1) /* for all */
        fprintf(stderr, "%s: rank 0 (%s) is lost\n", job->env.options.program,
                comm_host_of(job, 0));
    MPI_Abort(job->comm.world, FAIL_PEER);
}

static void find(struct job *job)
{
    MPI_Group failed, all;
    int len = 0;
    MPIX_Comm_get_failed(job->comm.world, &failed);
    MPI_Group_size(failed, &len);
    if (len > job->lost.len) {
        MPI_Comm_group(job->comm.world, &all);
        MPIX_Comm_failure_ack(job->comm.world);
        for (int i = 0; i < len; i++) {
            int rank;
            MPI_Group_translate_ranks(failed, 1, &i, all, &rank);
            if (rank == 0)
                note_root(job);
            else if (job->lost.ranks && !job->lost.ranks[rank])
                note(job, rank);
        }
        MPI_Group_free(&all);
    }
    MPI_Group_free(&failed);
}

bool lost_tolerates(int code)
{
    int class = MPI_SUCCESS;
    if (tolerant)
        MPI_Error_class(code, &class);
    return class == MPIX_ERR_PROC_FAILED || class == MPIX_ERR_PROC_FAILED_PENDING;
}

static MPI_Comm without_lost(MPI_Comm world)
{
    MPI_Comm left;
    MPIX_Comm_shrink(world, &left);
    return left;
}

#else

bool lost_allowed(void)
{
    return false;
}

static void find(struct job *job)
{
    (void)job;
}

bool lost_tolerates(int code)
{
    (void)code;
    return false;
}

static MPI_Comm without_lost(MPI_Comm world)
{
    return world;
}

#endif

static int last_status;

static void leave(int number)
{
    (void)number;
    _exit(last_status);
}

void lost_hurry(int status)
{
    last_status = status;
    signal(SIGALRM, leave);
    alarm(HURRY_S);
}

static void look(struct job *job, bool working)
{
    const uint64_t now = clock_ns();
    (void)working;
    if (now < job->lost.look_ns)
        return;
    job->lost.look_ns = now + LOOK_NS;
    find(job);
}

bool lost_is(const struct job *job, int rank)
{
    return job->lost.ranks && job->lost.ranks[rank];
}

bool lost_look(struct job *job, int rank)
{
    if (job->lost.ranks)
        find(job);
    return lost_is(job, rank);
}

/* A receive that is given up stays with MPI, which must not find a stack that has gone. */
bool lost_receive(struct job *job, void *bytes, int len, int rank, int tag)
{
    static uint8_t arrived[SHORT_BYTES];
    MPI_Request request;
    int done = 0;
    if (!job->lost.ranks) {
        MPI_Recv(bytes, len, MPI_BYTE, rank, tag, job->comm.world, MPI_STATUS_IGNORE);
        return true;
    }
    assert(len <= SHORT_BYTES);
    MPI_Irecv(arrived, len, MPI_BYTE, rank, tag, job->comm.world, &request);
    while (!done && !lost_look(job, rank))
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
    if (done)
        memcpy(bytes, arrived, (size_t)len);
    return done != 0;
}

bool lost_wait(struct job *job, MPI_Request *request, int rank)
{
    if (!job->lost.ranks)
        comm_wait(job, request);
    else
        while (!comm_poll(job, request))
            if (lost_is(job, rank))
                return false;
    return true;
}

bool lost_begin(struct job *job, struct fail *fail)
{
    struct lost *lost = &job->lost;
    *lost = (struct lost){.all = job->comm.size};
    if (!lost_allowed())
        return true;
    comm_add_poller(job, look);
    if (!comm_is_root(job))
        return true;
    lost->ranks = mem_alloc(&job->env.mem, (size_t)lost->all * sizeof *lost->ranks, fail);
    if (!lost->ranks)
        return false;
    tolerant = true;
    return true;
}

void lost_end(struct job *job)
{
    struct lost *lost = &job->lost;
    if (!lost_allowed() || lost->all == 0)
        return;
    progress_finish(job); /* its messages are those of the old world */
    comm_remove_poller(job, look);
    if (lost->ranks) {
        tolerant = false;
        mem_free(&job->env.mem, lost->ranks, (size_t)lost->all * sizeof *lost->ranks);
        lost->ranks = NULL;
    }
    job->totals.lost_ranks = (uint64_t)lost->len;
    comm_replace(job, without_lost(job->comm.world));
}
