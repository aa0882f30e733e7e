/* SPDX-License-Identifier: BSD-3-Clause */
/* spmd: what the tests of collective modules share. Every rank runs every test; a test has passed
 * when all ranks say so, and all end with the same status. The sum over the ranks is made by MPI
 * itself, not by what is tested. */
#ifndef SPMD_H
#define SPMD_H

#include "job.h"

#include "../unit/naive.h"
#include "../unit/seeded.h"
#include "../unit/slow.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LEN(array) (sizeof(array) / sizeof *(array))

/* False on this rank fails the test that runs, and goes on. */
#define EXPECT(condition) spmd_expect(condition, #condition, __LINE__)

enum {
    SPMD_LIMIT_S = 60,
    SPMD_MEMORY_BYTES = 1 << 30,
    SPMD_SLAB_BYTES = 64 << 10,
    SPMD_SHOWN_MAX = 10
};

struct spmd_test {
    const char *name;
    void (*run)(struct job *job); /* collective; starts with an empty job, and memory to use */
};

#define SPMD_TEST(function)                                                                        \
    {                                                                                              \
#function, function                                                                        \
    }

static struct {
    const char *test;
    int rank, number, failed, shown;
    bool good;
} spmd;

static inline bool spmd_expect(bool ok, const char *text, int line)
{
    if (!ok && spmd.good && spmd.shown++ < SPMD_SHOWN_MAX)
        fprintf(stderr, "# %s: rank %d, line %d: %s\n", spmd.test, spmd.rank, line, text);
    spmd.good = spmd.good && ok;
    return ok;
}

/* A hang is a failure with a name. */
static inline void spmd_hang(int number)
{
    static const char words[] = "not ok - hangs: ";
    (void)number;
    if (write(STDOUT_FILENO, words, sizeof words - 1) < 0
        || write(STDOUT_FILENO, spmd.test, strlen(spmd.test)) < 0
        || write(STDOUT_FILENO, "\n", 1) < 0)
        _exit(2);
    _exit(1);
}

/* Local. Ends when the request is done. The ranks of a test share few cores with what else runs,
 * and MPI's own way to wait computes. */
static inline void spmd_wait(MPI_Request *request)
{
    int done = 0;
    while (MPI_Test(request, &done, MPI_STATUS_IGNORE), !done)
        nanosleep(&(struct timespec){.tv_nsec = 20000}, NULL);
}

/* Collective. Whether this holds on all ranks. */
static inline bool spmd_all(bool mine)
{
    int ok = mine;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, &ok, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD, &request);
    spmd_wait(&request);
    return ok;
}

/* Collective. Whether these bytes are the same on all ranks. */
static inline bool spmd_same(const void *bytes, size_t len)
{
    void *root = malloc(len);
    memcpy(root, bytes, len);
    MPI_Request request;
    MPI_Ibcast(root, (int)len, MPI_BYTE, 0, MPI_COMM_WORLD, &request);
    spmd_wait(&request);
    bool same = memcmp(root, bytes, len) == 0;
    free(root);
    return spmd_all(same);
}

/* Collective. One line of the protocol, by rank 0. */
static inline void spmd_report(bool mine, const char *format, ...)
{
    bool ok = spmd_all(mine);
    va_list arguments;
    spmd.number++;
    spmd.failed += !ok;
    if (spmd.rank != 0)
        return;
    printf("%s %d - ", ok ? "ok" : "not ok", spmd.number);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

/* Collective. Runs one test with an empty job on the communicators of `comm`. */
static inline void spmd_run_one(const struct comm *comm, const struct spmd_test *test)
{
    struct job job = {
        .comm = *comm,
        .env.options = {.program = "wc", .count = "words", .min_count = 1, .verify = true}};
    env_choose(&job.env);
    timing_init(&job.timing);
    job.env.mem.limit_bytes = job.env.budget.memory_bytes = SPMD_MEMORY_BYTES;
    job.env.seed = hash_seed_from(1);
    arena_init(&job.env.arena, &job.env.mem, SPMD_SLAB_BYTES, 0);
    spmd.test = test->name;
    spmd.good = true;
    alarm(SPMD_LIMIT_S * slow());
    test->run(&job);
    alarm(0);
    size_t chunks = job.env.arena.used_bytes;
    arena_free(&job.env.arena);
    EXPECT(chunks == 0 && job.env.mem.used_bytes == 0); /* everything was given back */
}

/* Collective. Starts MPI, with the communicators that all tests use. */
static inline struct comm spmd_begin(int argc, char **argv)
{
    struct job job = {0};
    signal(SIGALRM, spmd_hang);
    comm_init(&job, &argc, &argv);
    spmd.rank = job.comm.rank;
    return job.comm;
}

/* Collective. The same ranks, as if they were on other hosts: rank r is on host `host_of[r]`. Free
 * it with spmd_free_hosts. */
static inline struct comm spmd_hosts(const struct comm *comm, const int *host_of)
{
    struct comm other = *comm;
    MPI_Comm host;
    MPI_Comm_dup(comm->world, &other.world);
    MPI_Comm_split(other.world, host_of[comm->rank], comm->rank, &host);
    struct job job = {.comm = other};
    EXPECT(comm_group(&job, host));
    return job.comm;
}

static inline void spmd_free_hosts(struct comm *comm)
{
    struct job job = {.comm = *comm};
    comm_free(&job);
}

/* Collective. Ends MPI; returns the exit status. */
static inline int spmd_end(const struct comm *comm)
{
    struct job job = {.comm = *comm};
    if (spmd.rank == 0)
        printf("1..%d\n", spmd.number);
    comm_free(&job);
    MPI_Finalize();
    return spmd.failed > 0;
}

/* Collective. Runs the tests; returns the exit status. */
static inline int spmd_run(int argc, char **argv, const struct spmd_test *tests, size_t len)
{
    struct comm comm = spmd_begin(argc, argv);
    for (size_t i = 0; i < len; i++) {
        spmd_run_one(&comm, &tests[i]);
        spmd_report(spmd.good, "%s", tests[i].name);
    }
    return spmd_end(&comm);
}

/* A number of the environment. */
static inline uint64_t spmd_setting(const char *name, uint64_t otherwise)
{
    return getenv(name) ? strtoull(getenv(name), NULL, 10) : otherwise;
}

#endif
