/* SPDX-License-Identifier: BSD-3-Clause */
/* What the network might do to an exchange is noticed: bits flipped, blocks swapped, a block sent
 * twice. */
#include "comm/exchange.h"

#include "traffic.h"

/* What is between the ranks in the following tests: a layer that changes what is sent, in one
 * round. */
static enum { FAITHFUL, FLIP, SWAP, STALE } harm;
static uint64_t harm_round; /* the round to harm; counts down */
static struct seeded harm_seeded;
static bool harmed;

/* Changes one bit of one block. */
static void flip(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    int rank = (int)seeded_below(&harm_seeded, (size_t)size);
    for (int i = 0; i < size && counts[rank] == 0; i++)
        rank = (rank + 1) % size;
    if (counts[rank] > 0) {
        size_t bit = seeded_below(&harm_seeded, (size_t)counts[rank] * 8);
        bytes[(size_t)offsets[rank] + bit / 8] ^= (uint8_t)(1 << bit % 8);
        harmed = true;
    }
}

/* Exchanges two blocks of the same length. */
static void swap(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    for (int a = 0; a < size; a++)
        for (int b = 0; b < a && !harmed; b++)
            if (counts[a] == counts[b] && counts[a] > 0) {
                for (int i = 0; i < counts[a]; i++) {
                    uint8_t byte = bytes[offsets[a] + i];
                    bytes[offsets[a] + i] = bytes[offsets[b] + i];
                    bytes[offsets[b] + i] = byte;
                }
                harmed = true;
            }
}

/* Sends the block of the round before once more, where that had the same length. */
static void repeat(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    static uint8_t last[1 << 20];
    static int last_counts[64], last_offsets[64];
    for (int rank = 0; harm_round == 0 && rank < size; rank++)
        if (counts[rank] > 0 && counts[rank] == last_counts[rank]) {
            memcpy(bytes + offsets[rank], last + last_offsets[rank], (size_t)counts[rank]);
            harmed = true;
        }
    for (int rank = 0; rank < size; rank++) {
        last_counts[rank] = counts[rank];
        last_offsets[rank] = offsets[rank];
        memcpy(last + offsets[rank], bytes + offsets[rank], (size_t)counts[rank]);
    }
}

int MPI_Ialltoallv(const void *sendbuf, const int counts[], const int offsets[], MPI_Datatype type,
                   void *recvbuf, const int recvcounts[], const int recvoffsets[],
                   MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)sendbuf;
    int size, rank;
    MPI_Comm_size(comm, &size);
    MPI_Comm_rank(comm, &rank);
    if (rank == size - 1 && harm == STALE)
        repeat(bytes, counts, offsets, size);
    if (rank == size - 1 && harm_round == 0 && harm == FLIP)
        flip(bytes, counts, offsets, size);
    if (rank == size - 1 && harm_round == 0 && harm == SWAP)
        swap(bytes, counts, offsets, size);
    harm_round--;
    return PMPI_Ialltoallv(sendbuf, counts, offsets, type, recvbuf, recvcounts, recvoffsets,
                           recvtype, comm, request);
}

/* One shuffle with harm done in one of its rounds; whether it was noticed must be whether it was
 * done. */
static bool harm_once(struct job *job, int kind, uint64_t round, uint64_t seed)
{
    const struct traffic traffic = {ANY, ANY, 60, 40};
    struct shuffle shuffle = {0};
    struct box outbox, inbox;
    harm_seeded = (struct seeded){seed};
    harm_round = round;
    harmed = false;
    job->env.fail = (struct fail){0};
    make_boxes(job, &outbox, &inbox);
    EXPECT(shuffle_init(job, &shuffle, SHARE, false));
    fill(job, &traffic, &outbox);
    harm = kind;
    bool ok = shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
    harm = FAITHFUL;
    bool anywhere = !spmd_all(!harmed);
    EXPECT(ok == !anywhere);
    EXPECT(ok || job->env.fail.code == FAIL_VERIFY);
    shuffle_free(job, &shuffle);
    box_free(&outbox);
    box_free(&inbox);
    return anywhere;
}

static void harm_many(struct job *job, int kind, int cases)
{
    int done = 0;
    setenv("WC_ROUND_BYTES", "128", 1);
    for (int i = 0; i < cases; i++)
        done += harm_once(job, kind, 1 + (uint64_t)i % 8, (uint64_t)i);
    unsetenv("WC_ROUND_BYTES");
    EXPECT(done > cases / 4 || job->comm.size == 1 || (kind == SWAP && job->comm.size == 2));
}

static void any_flipped_bit_is_noticed(struct job *job)
{
    harm_many(job, FLIP, 200);
}

static void swapped_blocks_are_noticed(struct job *job)
{
    harm_many(job, SWAP, 16);
}

static void a_block_sent_twice_is_noticed(struct job *job)
{
    harm_many(job, STALE, 16);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(any_flipped_bit_is_noticed),
        SPMD_TEST(swapped_blocks_are_noticed),
        SPMD_TEST(a_block_sent_twice_is_noticed),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
