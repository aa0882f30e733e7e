/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators and waiting. */
#include "job.h"

#include "comm/collective.h"
#include "comm/seal.h"
#include "comm/start.h"
#include "comm/start_watch.h"
#include "host/clock.h"
#include "status/redraw.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    SPINS = 100,           /* then give way to other ranks on this core */
    YIELDS = 1000,         /* then sleep */
    SLEEP_MAX_NS = 200000, /* a network buffer at 10 Gbit/s fills in about this time */
    TURN_NS = 1000000,     /* who gave way for so long gave a turn to somebody who computes */
    CROWDED_NS = 1000000000,
};

static bool over; /* the error handler knows no job */

/* The error handler of our communicator: MPI or the network is broken, nothing can be agreed on any
 * more. */
static void abort_run(MPI_Comm *comm, int *code, ...)
{
    if (over || lost_tolerates(*code))
        return;
    char text[MPI_MAX_ERROR_STRING] = "", host[COMM_HOST_BYTES] = "";
    int len = 0, rank = -1;
    MPI_Error_string(*code, text, &len);
    MPI_Comm_rank(*comm, &rank);
    gethostname(host, sizeof host - 1);
    redraw_erase();
    fprintf(stderr, "%s: MPI: %s (rank %d, %s)\n", program_invocation_short_name, text, rank, host);
    MPI_Abort(*comm, FAIL_PEER);
}

/* Others may be in MPI_Finalize when the last messages are awaited. Then mpirun of Open MPI 4.1.4
 * does not survive MPI_Abort: of 120 times it hung 19 times and crashed 10 times. So this rank goes
 * there as well, but not for long. */
static void leave(int status)
{
    over = true;
    lost_hurry(status);
    MPI_Finalize();
    _exit(status);
}

void comm_end(struct job *job)
{
    redraw_erase();
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, job->env.fail.text);
    view_end(job, NULL);
    if (job->progress.ends)
        leave(job->env.fail.code);
    MPI_Abort(job->comm.world, job->env.fail.code);
    abort();
}

bool comm_launched(void)
{
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK") || getenv("PMIX_NAMESPACE")
        || getenv("PMI_RANK");
}

bool comm_launched_by_prrte(void)
{
    return getenv("PRTE_LAUNCHED") != NULL;
}

int comm_launched_rank(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            return atoi(getenv(names[i]));
    return 0;
}

/* How many processes the launcher started, as far as it says. */
static int launched_size(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (getenv(names[i]))
            return atoi(getenv(names[i]));
    return 1;
}

/* Hosts in the order of their first ranks. */
static void number_hosts(struct job *job)
{
    struct comm *comm = &job->comm;
    int numbers[2];
    MPI_Comm_rank(comm->host, &comm->host_rank);
    MPI_Comm_size(comm->host, &comm->host_size);
    MPI_Comm_split(comm->world, comm->host_rank == 0 ? 0 : MPI_UNDEFINED, comm->rank,
                   &comm->leaders);
    if (comm->leaders != MPI_COMM_NULL) {
        MPI_Comm_rank(comm->leaders, &numbers[0]);
        MPI_Comm_size(comm->leaders, &numbers[1]);
    }
    collective_bcast(job, comm->host, 0, numbers, sizeof numbers);
    comm->host_index = numbers[0];
    comm->hosts = numbers[1];
}

/* That all ranks know the same hosts, by which they decide who talks to whom. */
static void check_hosts(struct job *job)
{
    const struct comm *comm = &job->comm;
    const size_t names = (size_t)comm->hosts * sizeof *comm->host_names;
    const uint64_t sum = XXH3_64bits(comm->host_names, names) + (uint64_t)comm->hosts;
    uint64_t most[] = {sum, ~sum};
    comm_max(job, most, 2);
    if (most[0] != ~most[1])
        seal_end(job, "the names of hosts", -1);
}

bool comm_group(struct job *job, MPI_Comm host)
{
    struct comm *comm = &job->comm;
    comm->host = host;
    memset(comm->numbers, 0, sizeof comm->numbers);
    MPI_Comm_rank(comm->world, &comm->rank);
    MPI_Comm_size(comm->world, &comm->size);
    number_hosts(job);
    const struct comm_place mine = {comm->host_index, comm->host_rank};
    comm->places = calloc((size_t)comm->size, sizeof *comm->places);
    comm->host_names = calloc((size_t)comm->hosts, sizeof *comm->host_names);
    uint64_t lack = !comm->places || !comm->host_names;
    if (lack)
        fail_set(&job->env.fail, FAIL_MEMORY, "memory: no room for a table of %d ranks",
                 comm->size);
    comm_max(job, &lack, 1);
    if (lack)
        return false;
    comm_allgather(job, &mine, sizeof mine, comm->places);
    if (comm->leaders != MPI_COMM_NULL)
        collective_allgather(job, comm->leaders, comm->host_name, COMM_HOST_BYTES,
                             comm->host_names);
    collective_bcast(job, comm->host, 0, comm->host_names,
                     (size_t)comm->hosts * sizeof *comm->host_names);
    check_hosts(job);
    return true;
}

static void take_errors(MPI_Comm comm)
{
    MPI_Errhandler handler;
    MPI_Comm_create_errhandler(abort_run, &handler);
    MPI_Comm_set_errhandler(comm, handler);
    MPI_Errhandler_free(&handler);
}

/* Our errors, and who is where, on a communicator that becomes the world. */
static bool settle(struct job *job, MPI_Comm world)
{
    MPI_Comm host;
    job->comm.world = world;
    take_errors(world);
    MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    return comm_group(job, host);
}

/* With our own duplicate of a communicator for all ranks. */
static void start(struct job *job, MPI_Comm all)
{
    struct comm *comm = &job->comm;
    MPI_Comm world;
    take_errors(all); /* and of what has no communicator */
    MPI_Comm_dup(all, &world);
    gethostname(comm->host_name, COMM_HOST_BYTES - 1);
    settle(job, world);
}

void comm_replace(struct job *job, MPI_Comm world)
{
    struct comm *comm = &job->comm;
    free(comm->places);
    free(comm->host_names);
    comm->places = NULL;
    comm->host_names = NULL;
    if (settle(job, world))
        return;
    while (comm->places && comm->host_names)
        pause(); /* the rank that has no memory ends all */
    job->env.fail = (struct fail){0};
    fail_set(&job->env.fail, FAIL_MEMORY, "memory: no room for a table of %d ranks (rank %d, %s)",
             comm->size, comm->rank, comm->host_name);
    comm_end(job);
}

void comm_init_alone(struct job *job)
{
    start(job, MPI_COMM_SELF);
}

void comm_init(struct job *job, int *argc, char ***argv)
{
    struct comm *comm = &job->comm;
    int running = 0;
    start_light();
    MPI_Initialized(&running);
    if (comm_launched() && launched_size() > 1)
        start_watch_begin(job->env.options.program, job->env.options.timeout_s,
                          comm_launched_rank());
    if (!running)
        start_mpi(argc, argv);
    start_watch_connect();
    start(job, MPI_COMM_WORLD);
    if (comm->size < launched_size())
        fail_set(&job->env.fail, FAIL_PEER,
                 "started as one of %d processes that MPI does not connect (srun --mpi=pmix?)",
                 launched_size());
}

void comm_free(struct job *job)
{
    struct comm *comm = &job->comm;
    if (comm->leaders != MPI_COMM_NULL)
        MPI_Comm_free(&comm->leaders);
    MPI_Comm_free(&comm->host);
    MPI_Comm_free(&comm->world);
    free(comm->places);
    free(comm->host_names);
    comm->places = NULL;
    comm->host_names = NULL;
}

void comm_settle(void)
{
    over = true;
}

void comm_finish(struct job *job)
{
    comm_settle();
    comm_free(job);
    MPI_Finalize();
}

void comm_add_poller(struct job *job, comm_poller *poller)
{
    struct comm *comm = &job->comm;
    assert(comm->pollers_len < COMM_POLLERS);
    comm->pollers[comm->pollers_len++] = poller;
}

void comm_remove_poller(struct job *job, comm_poller *poller)
{
    struct comm *comm = &job->comm;
    size_t len = 0;
    for (size_t i = 0; i < comm->pollers_len; i++)
        if (comm->pollers[i] != poller)
            comm->pollers[len++] = comm->pollers[i];
    comm->pollers_len = len;
}

static void call_pollers(struct job *job, bool working)
{
    for (size_t i = 0; i < job->comm.pollers_len; i++)
        job->comm.pollers[i](job, working);
}

void comm_look(struct job *job)
{
    call_pollers(job, false);
}

void comm_step(struct job *job)
{
    job->comm.steps++;
    call_pollers(job, true);
}

bool comm_poll(struct job *job, MPI_Request *request)
{
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    call_pollers(job, false);
    return done;
}

/* To yield is quick where the others wait as well. Beside processes that compute each yield costs a
 * turn of theirs, several milliseconds, while one who sleeps is woken before them. */
static void give_way(struct comm *comm)
{
    uint64_t before_ns = clock_ns();
    sched_yield();
    uint64_t after_ns = clock_ns();
    if (after_ns - before_ns > TURN_NS)
        comm->crowded_until_ns = after_ns + CROWDED_NS;
}

void comm_wait(struct job *job, MPI_Request *request)
{
    struct comm *comm = &job->comm;
    long sleep_ns = 1000;
    comm->waiting = true;
    for (long looks = 0; !comm_poll(job, request); looks++) {
        if (looks < SPINS)
            continue;
        if (looks < YIELDS && clock_ns() >= comm->crowded_until_ns) {
            give_way(comm);
            continue;
        }
        if (looks % COMM_LOOKS != 0)
            continue;
        nanosleep(&(struct timespec){.tv_nsec = sleep_ns}, NULL);
        sleep_ns = sleep_ns * 2 < SLEEP_MAX_NS ? sleep_ns * 2 : SLEEP_MAX_NS;
    }
    comm->waiting = false;
    comm->steps++;
}

void comm_sum(struct job *job, uint64_t *values, int len)
{
    collective_reduce(job, job->comm.world, COLLECTIVE_SUM, values, len);
}

void comm_max(struct job *job, uint64_t *values, int len)
{
    collective_reduce(job, job->comm.world, COLLECTIVE_MAX, values, len);
}

uint64_t comm_exscan(struct job *job, uint64_t value)
{
    return collective_exscan(job, value);
}

void comm_bcast(struct job *job, void *bytes, size_t len)
{
    collective_bcast(job, job->comm.world, 0, bytes, len);
}

void comm_allgather(struct job *job, const void *mine, int len, void *all)
{
    collective_allgather(job, job->comm.world, mine, len, all);
}

const char *comm_host_of(const struct job *job, int rank)
{
    return job->comm.host_names[job->comm.places[rank].host];
}

bool comm_is_far(const struct job *job, int rank)
{
    return job->comm.places[rank].host != job->comm.host_index;
}

bool comm_is_root(const struct job *job)
{
    return job->comm.rank == 0;
}
