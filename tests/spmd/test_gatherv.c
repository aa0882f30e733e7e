/* SPDX-License-Identifier: BSD-3-Clause */
/* What ranks have reaches rank 0, in their order. */
#include "comm/gatherv.h"

#include "spmd.h"

/* Parts of any size, none among them, in rounds of any size. */
static void gathered_bytes_are_in_order(struct job *job)
{
    struct seeded seeded = {1};
    const size_t size = (size_t)job->comm.size;
    const bool root = job->comm.rank == 0;
    static const size_t rounds[] = {1, 7, 64, 1000, 1 << 20};
    for (size_t i = 0; i < 10 * LEN(rounds); i++) {
        uint64_t sizes[64] = {0}, before = 0, all = 0;
        const size_t most = i % 3 ? 40 * rounds[i % LEN(rounds)] : 3;
        for (size_t rank = 0; rank < size; rank++) {
            sizes[rank] =
                seeded_below(&seeded, 3) ? seeded_below(&seeded, most < 30000 ? most : 30000) : 0;
            before += rank < (size_t)job->comm.rank ? sizes[rank] : 0;
            all += sizes[rank];
        }
        uint8_t *bytes = malloc(all + 1), *got = malloc(all + 1);
        seeded_fill(&seeded, bytes, all);
        got[all] = 0x5a;
        EXPECT(
            gatherv_bytes(job, bytes + before, sizes, root ? got : NULL, rounds[i % LEN(rounds)]));
        EXPECT(!root || (memcmp(got, bytes, all) == 0 && got[all] == 0x5a));
        free(bytes);
        free(got);
    }
}

static void a_gather_without_memory_fails_everywhere(struct job *job)
{
    const uint64_t sizes[64] = {0};
    if (job->comm.rank == 0)
        job->env.mem.limit_bytes = 0;
    EXPECT(!gatherv_bytes(job, NULL, sizes, NULL, 1 << 20));
    EXPECT(job->env.fail.code == FAIL_MEMORY);
}

/* What is between the ranks: changes one bit of what the last one sends. */
static bool harm;

int MPI_Igatherv(const void *mine, int len, MPI_Datatype type, void *all, const int counts[],
                 const int offsets[], MPI_Datatype all_type, int root, MPI_Comm comm,
                 MPI_Request *request)
{
    int rank, size;
    MPI_Comm_rank(comm, &rank);
    MPI_Comm_size(comm, &size);
    if (harm && rank == size - 1 && len > 0)
        ((uint8_t *)(uintptr_t)mine)[len / 2] ^= 4;
    harm = harm && len == 0;
    return PMPI_Igatherv(mine, len, type, all, counts, offsets, all_type, root, comm, request);
}

static void what_is_damaged_on_the_way_is_noticed(struct job *job)
{
    for (size_t round = 7; round < 1 << 20 && job->comm.size > 1; round *= 100) {
        uint64_t sizes[64] = {0};
        uint8_t *all = calloc(64, 1000), mine[1000] = {0};
        for (int rank = 0; rank < job->comm.size; rank++)
            sizes[rank] = 1000;
        job->env.fail = (struct fail){0};
        harm = true;
        EXPECT(!gatherv_bytes(job, mine, sizes, all, round));
        EXPECT(job->env.fail.code == FAIL_VERIFY);
        char sender[64];
        snprintf(sender, sizeof sender, "what was gathered of rank %d (", job->comm.size - 1);
        EXPECT(strstr(job->env.fail.text, sender));
        free(all);
    }
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(gathered_bytes_are_in_order),
        SPMD_TEST(a_gather_without_memory_fails_everywhere),
        SPMD_TEST(what_is_damaged_on_the_way_is_noticed),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
