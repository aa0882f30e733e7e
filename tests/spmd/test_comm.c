/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators, waiting, and the small collectives. */
#include "spmd.h"

#include <sys/resource.h>
#include <time.h>

static void ranks_and_hosts_are_what_mpi_says(struct job *job)
{
    int rank, size, first = job->comm.host_rank == 0, firsts;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    EXPECT(job->comm.rank == rank && job->comm.size == size);
    EXPECT(comm_is_root(job) == (rank == 0));
    EXPECT(job->comm.host_rank >= 0 && job->comm.host_rank < job->comm.host_size);
    EXPECT(job->comm.host_size <= size && job->comm.host_index < job->comm.hosts);
    MPI_Allreduce(&first, &firsts, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    EXPECT(firsts == job->comm.hosts);
    EXPECT((job->comm.leaders != MPI_COMM_NULL) == first);
    EXPECT(rank != 0 || (job->comm.host_index == 0 && first));
    EXPECT(job->comm.host_name[0] != '\0');
    EXPECT(comm_launched_rank() == rank);
}

static void sums_and_maxima_are_over_all_ranks(struct job *job)
{
    struct seeded seeded = {1};
    for (int round = 0; round < 50; round++) {
        uint64_t mine[20], sums[20] = {0}, most[20] = {0}, values[20];
        int len = 1 + (int)seeded_below(&seeded, LEN(mine));
        for (int rank = 0; rank < job->comm.size; rank++)
            for (int i = 0; i < len; i++) {
                uint64_t value = seeded_next(&seeded) >> seeded_below(&seeded, 64);
                sums[i] += value; /* modulo 2^64, as MPI does */
                most[i] = value > most[i] ? value : most[i];
                if (rank == job->comm.rank)
                    mine[i] = value;
            }
        memcpy(values, mine, sizeof values);
        comm_sum(job, values, len);
        EXPECT(memcmp(values, sums, (size_t)len * sizeof *values) == 0);
        memcpy(values, mine, sizeof values);
        comm_max(job, values, len);
        EXPECT(memcmp(values, most, (size_t)len * sizeof *values) == 0);
    }
}

static void the_sum_before_leaves_out_this_rank_and_those_after(struct job *job)
{
    for (uint64_t factor = 1; factor < (uint64_t)1 << 60; factor *= 1000) {
        uint64_t before = 0;
        for (uint64_t rank = 0; rank < (uint64_t)job->comm.rank; rank++)
            before += (rank + 3) * factor;
        EXPECT(comm_exscan(job, ((uint64_t)job->comm.rank + 3) * factor) == before);
    }
}

/* Larger ones, beyond what goes in one round, only when asked for: they take as much memory on
 * every rank. */
static void what_rank_0_shares_all_have(struct job *job)
{
    static const size_t sizes[] = {0, 1, 7, 4096, (1 << 20) + 3, ((size_t)257 << 20) + 5};
    for (size_t i = 0; i < LEN(sizes); i++) {
        if (sizes[i] > 100 << 20 && !getenv("WC_TEST_LONG"))
            continue;
        struct seeded seeded = {i};
        uint8_t *bytes = malloc(sizes[i] + 1), *expected = malloc(sizes[i] + 1);
        seeded_fill(&seeded, expected, sizes[i]);
        memset(bytes, 0, sizes[i]);
        bytes[sizes[i]] = 0x5a;
        if (job->comm.rank == 0)
            memcpy(bytes, expected, sizes[i]);
        comm_bcast(job, bytes, sizes[i]);
        EXPECT(memcmp(bytes, expected, sizes[i]) == 0);
        EXPECT(bytes[sizes[i]] == 0x5a);
        free(bytes);
        free(expected);
    }
}

static void collected_bytes_stand_in_the_order_of_the_ranks(struct job *job)
{
    for (int len = 1; len <= 100; len += 33) {
        uint8_t *mine = malloc((size_t)len), *all = malloc((size_t)(len * job->comm.size));
        memset(mine, job->comm.rank + 1, (size_t)len);
        comm_allgather(job, mine, len, all);
        for (int i = 0; i < len * job->comm.size; i++)
            EXPECT(all[i] == i / len + 1);
        free(mine);
        free(all);
    }
}

static double processor_seconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
         + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* The last rank is late; the others must not use a core to wait for it. */
static void ranks_that_wait_sleep(struct job *job)
{
    uint64_t value = 1;
    double before;
    MPI_Barrier(MPI_COMM_WORLD);
    before = processor_seconds();
    if (job->comm.rank == job->comm.size - 1)
        nanosleep(&(struct timespec){.tv_nsec = 400000000}, NULL);
    comm_sum(job, &value, 1);
    EXPECT(value == (uint64_t)job->comm.size);
    EXPECT(processor_seconds() - before < 0.2);
}

static void a_poll_does_not_wait(struct job *job)
{
    uint64_t value = 1;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, &value, 1, MPI_UINT64_T, MPI_SUM, job->comm.world, &request);
    while (!comm_poll(job, &request))
        continue;
    EXPECT(value == (uint64_t)job->comm.size);
}

static uint64_t looks_waiting, looks_working;

static void count_looks(struct job *job, bool working)
{
    EXPECT(working != job->comm.waiting);
    *(working ? &looks_working : &looks_waiting) += 1;
}

static void pollers_are_called_while_a_rank_waits_and_works(struct job *job)
{
    const uint64_t steps = job->comm.steps;
    uint64_t value = 1;
    looks_waiting = looks_working = 0;
    comm_add_poller(job, count_looks);
    comm_sum(job, &value, 1);
    EXPECT(looks_waiting > 0 && looks_working == 0);
    comm_step(job);
    EXPECT(looks_working == 1);
    EXPECT(job->comm.steps - steps == 2); /* a collective, and a piece of work */
    looks_waiting = 0;
    comm_remove_poller(job, count_looks);
    comm_sum(job, &value, 1);
    comm_step(job);
    comm_look(job);
    EXPECT(looks_waiting == 0 && looks_working == 1);
}

/* Ours is a duplicate: what others send in the world does not reach it. */
static void our_messages_are_apart_from_those_of_others(struct job *job)
{
    int other = (job->comm.rank + 1) % job->comm.size, there = 1, word = 7;
    MPI_Request request;
    MPI_Isend(&word, 1, MPI_INT, other, 1, MPI_COMM_WORLD, &request);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, job->comm.world, &there, MPI_STATUS_IGNORE);
    EXPECT(!there);
    MPI_Recv(&word, 1, MPI_INT, MPI_ANY_SOURCE, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(ranks_and_hosts_are_what_mpi_says),
        SPMD_TEST(sums_and_maxima_are_over_all_ranks),
        SPMD_TEST(the_sum_before_leaves_out_this_rank_and_those_after),
        SPMD_TEST(what_rank_0_shares_all_have),
        SPMD_TEST(collected_bytes_stand_in_the_order_of_the_ranks),
        SPMD_TEST(ranks_that_wait_sleep),
        SPMD_TEST(a_poll_does_not_wait),
        SPMD_TEST(pollers_are_called_while_a_rank_waits_and_works),
        SPMD_TEST(our_messages_are_apart_from_those_of_others),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
