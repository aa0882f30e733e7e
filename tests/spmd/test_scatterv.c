/* SPDX-License-Identifier: BSD-3-Clause */
/* What rank 0 scatters reaches the ranks it is for. */
#include "comm/scatterv.h"

#include "spmd.h"

/* Parts of any size, none among them, in rounds of any size. */
static void scattered_bytes_reach_their_ranks(struct job *job)
{
    struct seeded seeded = {1};
    size_t size = (size_t)job->comm.size;
    static const size_t rounds[] = {1, 7, 64, 1000, 1 << 20};
    for (size_t i = 0; i < 10 * LEN(rounds); i++) {
        struct scatterv_part parts[64] = {{0}}, told;
        uint64_t before = 0, all = 0;
        size_t most = i % 3 ? 40 * rounds[i % LEN(rounds)] : 3;
        for (size_t rank = 0; rank < size; rank++) {
            parts[rank].bytes =
                seeded_below(&seeded, 3) ? seeded_below(&seeded, most < 30000 ? most : 30000) : 0;
            before += rank < (size_t)job->comm.rank ? parts[rank].bytes : 0;
            all += parts[rank].bytes;
        }
        const uint64_t len = parts[job->comm.rank].bytes;
        uint8_t *bytes = malloc(all + 1), *mine = malloc(len + 1);
        seeded_fill(&seeded, bytes, all);
        mine[len] = 0x5a;
        bool root = job->comm.rank == 0;
        scatterv_tell(job, root ? bytes : NULL, root ? parts : NULL, &told);
        EXPECT(told.bytes == len);
        EXPECT(scatterv_bytes(job, root ? bytes : NULL, root ? parts : NULL, &told, mine,
                              rounds[i % LEN(rounds)]));
        EXPECT(memcmp(mine, bytes + before, len) == 0);
        EXPECT(mine[len] == 0x5a);
        free(bytes);
        free(mine);
    }
}

static void a_scatter_without_memory_fails_everywhere(struct job *job)
{
    struct scatterv_part parts[64], told;
    uint8_t *bytes = calloc(64, 1000), mine[1000];
    for (size_t rank = 0; rank < 64; rank++)
        parts[rank].bytes = 1000;
    scatterv_tell(job, bytes, parts, &told);
    if (job->comm.rank == 0)
        job->env.mem.limit_bytes = 0;
    EXPECT(!scatterv_bytes(job, bytes, parts, &told, mine, 1 << 20));
    EXPECT(job->env.fail.code == FAIL_MEMORY);
    free(bytes);
}

/* What is between the ranks: changes one bit of what rank 0 sends. */
static bool harm;

int MPI_Iscatterv(const void *bytes, const int counts[], const int offsets[], MPI_Datatype type,
                  void *mine, int len, MPI_Datatype mine_type, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    int rank;
    MPI_Comm_rank(comm, &rank);
    if (harm && rank == root)
        ((uint8_t *)(uintptr_t)bytes)[offsets[1] + counts[1] / 2] ^= 4;
    harm = false;
    return PMPI_Iscatterv(bytes, counts, offsets, type, mine, len, mine_type, root, comm, request);
}

static void what_is_damaged_on_the_way_is_noticed(struct job *job)
{
    for (size_t bound = 7; bound < 1 << 20 && job->comm.size > 1; bound *= 100) {
        struct scatterv_part parts[64] = {{0}}, told;
        uint8_t *bytes = calloc(64, 1000), mine[1000];
        for (int rank = 0; rank < job->comm.size; rank++)
            parts[rank].bytes = 1000;
        job->env.fail = (struct fail){0};
        scatterv_tell(job, bytes, parts, &told);
        harm = true;
        EXPECT(!scatterv_bytes(job, bytes, parts, &told, mine, bound));
        EXPECT(job->env.fail.code == FAIL_VERIFY);
        EXPECT(strstr(job->env.fail.text, "a part of rank 0"));
        EXPECT(strstr(job->env.fail.text, "(rank 1, "));
        free(bytes);
    }
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(scattered_bytes_reach_their_ranks),
        SPMD_TEST(a_scatter_without_memory_fails_everywhere),
        SPMD_TEST(what_is_damaged_on_the_way_is_noticed),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
