/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators, waiting, small collectives. */
#include "job.h"

#include "comm/start_watch.h"
#include "host/clock.h"
#include "status/redraw.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SPINS = 100,           /* then give way to other ranks on this core */
    YIELDS = 1000,         /* then sleep */
    SLEEP_MAX_NS = 200000, /* a network buffer at 10 Gbit/s fills in about this time */
    TURN_NS = 1000000,     /* who gave way for so long gave a turn to somebody who computes */
    CROWDED_NS = 1000000000,
    SHARE_ROUND_BYTES = 1 << 28,
};

/* The error handler of our communicator: MPI or the network is broken, nothing can be agreed on any
 * more. */
static void abort_run(MPI_Comm *comm, int *code, ...)
{
    if (lost_tolerates(*code))
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

/* A process that nobody launched needs no daemon, no network and no session folder, which processes
 * that start at the same moment would make and remove under each other's hands. Without them MPI
 * starts in 0.1 s instead of 0.4. */
static void start_light(void)
{
    if (comm_launched())
        return;
    setenv("OMPI_MCA_ess_singleton_isolated", "1", 0);
    setenv("OMPI_MCA_orte_create_session_dirs", "0", 0);
    setenv("OMPI_MCA_pml", "ob1", 0);
    setenv("OMPI_MCA_btl", "self", 0);
}

/* Whether a file can be made in a folder: root may write anywhere but where the system forbids it.
 */
static bool takes_files(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Open MPI 5 always makes a session folder, below $TMPDIR or /tmp, and crashes where it cannot.
 * Where that takes no files, another one will do. */
static const char *writable_folder(const char *wanted)
{
    const char *const folders[] = {wanted, "/tmp", "/dev/shm", "."};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] && takes_files(folders[i]))
            return folders[i];
    return wanted;
}

/* Sets a variable, or with NULL leaves it, until take_back, which is given what this returns. */
static char *lend(const char *name, const char *value)
{
    const char *given = getenv(name);
    char *copy = given ? strdup(given) : NULL;
    if (value)
        setenv(name, value, 1);
    return copy;
}

static void take_back(const char *name, char *given)
{
    if (given)
        setenv(name, given, 1);
    else
        unsetenv(name);
    free(given);
}

/* The variables are for MPI alone: the tasks that we may run see those that were given. Looking for
 * graphics cards hwloc would ask up to ten X servers, by name, which takes seconds where names are
 * not resolved. */
static void start_mpi(int *argc, char ***argv)
{
    static const char tmpdir[] = "TMPDIR", components[] = "HWLOC_COMPONENTS";
    static const char no_graphics[] = "-gl,-opencl,-cuda,-nvml,-rsmi,-levelzero";
    int level;
    char *folder = lend(tmpdir, comm_launched() ? NULL : writable_folder(getenv(tmpdir)));
    char *looked = lend(components, getenv(components) ? NULL : no_graphics);
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level);
    take_back(tmpdir, folder);
    take_back(components, looked);
}

/* Hosts in the order of their first ranks. */
static void number_hosts(struct comm *comm)
{
    int numbers[2];
    MPI_Comm_rank(comm->host, &comm->host_rank);
    MPI_Comm_size(comm->host, &comm->host_size);
    MPI_Comm_split(comm->world, comm->host_rank == 0 ? 0 : MPI_UNDEFINED, comm->rank,
                   &comm->leaders);
    if (comm->leaders != MPI_COMM_NULL) {
        MPI_Comm_rank(comm->leaders, &numbers[0]);
        MPI_Comm_size(comm->leaders, &numbers[1]);
    }
    MPI_Bcast(numbers, 2, MPI_INT, 0, comm->host);
    comm->host_index = numbers[0];
    comm->hosts = numbers[1];
}

bool comm_group(struct comm *comm, MPI_Comm host)
{
    comm->host = host;
    MPI_Comm_rank(comm->world, &comm->rank);
    MPI_Comm_size(comm->world, &comm->size);
    number_hosts(comm);
    const struct comm_place mine = {comm->host_index, comm->host_rank};
    comm->places = calloc((size_t)comm->size, sizeof *comm->places);
    comm->host_names = calloc((size_t)comm->hosts, sizeof *comm->host_names);
    int ok = comm->places && comm->host_names;
    MPI_Allreduce(MPI_IN_PLACE, &ok, 1, MPI_INT, MPI_MIN, comm->world);
    if (!ok)
        return false;
    MPI_Allgather(&mine, 2, MPI_INT, comm->places, 2, MPI_INT, comm->world);
    if (comm->leaders != MPI_COMM_NULL)
        MPI_Allgather(comm->host_name, COMM_HOST_BYTES, MPI_CHAR, comm->host_names, COMM_HOST_BYTES,
                      MPI_CHAR, comm->leaders);
    MPI_Bcast(comm->host_names, COMM_HOST_BYTES * comm->hosts, MPI_CHAR, 0, comm->host);
    return true;
}

/* Our errors, and who is where, on a communicator that becomes the world. */
static bool settle(struct comm *comm, MPI_Comm world)
{
    MPI_Errhandler handler;
    MPI_Comm host;
    comm->world = world;
    MPI_Comm_create_errhandler(abort_run, &handler);
    MPI_Comm_set_errhandler(world, handler);
    MPI_Errhandler_free(&handler);
    MPI_Comm_split_type(world, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host);
    return comm_group(comm, host);
}

/* With our own duplicate of a communicator for all ranks. */
static void start(struct job *job, MPI_Comm all)
{
    struct comm *comm = &job->comm;
    MPI_Comm world;
    MPI_Comm_dup(all, &world);
    gethostname(comm->host_name, COMM_HOST_BYTES - 1);
    if (!settle(comm, world))
        fail_set(&job->env.fail, FAIL_MEMORY, "memory: no room for a table of %d ranks",
                 comm->size);
}

void comm_replace(struct job *job, MPI_Comm world)
{
    struct comm *comm = &job->comm;
    free(comm->places);
    free(comm->host_names);
    if (!settle(comm, world))
        MPI_Abort(world, FAIL_MEMORY);
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

static void reduce(struct job *job, uint64_t *values, int len, MPI_Op op)
{
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, values, len, MPI_UINT64_T, op, job->comm.world, &request);
    comm_wait(job, &request);
}

void comm_sum(struct job *job, uint64_t *values, int len)
{
    reduce(job, values, len, MPI_SUM);
}

void comm_max(struct job *job, uint64_t *values, int len)
{
    reduce(job, values, len, MPI_MAX);
}

uint64_t comm_exscan(struct job *job, uint64_t value)
{
    uint64_t before = 0;
    MPI_Request request;
    MPI_Iexscan(&value, &before, 1, MPI_UINT64_T, MPI_SUM, job->comm.world, &request);
    comm_wait(job, &request);
    return job->comm.rank == 0 ? 0 : before; /* rank 0's is undefined */
}

void comm_bcast(struct job *job, void *bytes, size_t len)
{
    uint8_t *at = bytes;
    while (len > 0) {
        int round = len < SHARE_ROUND_BYTES ? (int)len : SHARE_ROUND_BYTES;
        MPI_Request request;
        MPI_Ibcast(at, round, MPI_BYTE, 0, job->comm.world, &request);
        comm_wait(job, &request);
        at += round;
        len -= (size_t)round;
    }
}

void comm_allgather(struct job *job, const void *mine, int len, void *all)
{
    MPI_Request request;
    MPI_Iallgather(mine, len, MPI_BYTE, all, len, MPI_BYTE, job->comm.world, &request);
    comm_wait(job, &request);
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
