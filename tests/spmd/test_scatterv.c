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
        uint64_t sizes[64] = {0}, before = 0, all = 0;
        size_t most = i % 3 ? 40 * rounds[i % LEN(rounds)] : 3;
        for (size_t rank = 0; rank < size; rank++) {
            sizes[rank] =
                seeded_below(&seeded, 3) ? seeded_below(&seeded, most < 30000 ? most : 30000) : 0;
            before += rank < (size_t)job->comm.rank ? sizes[rank] : 0;
            all += sizes[rank];
        }
        uint8_t *bytes = malloc(all + 1), *mine = malloc(sizes[job->comm.rank] + 1);
        seeded_fill(&seeded, bytes, all);
        mine[sizes[job->comm.rank]] = 0x5a;
        bool root = job->comm.rank == 0;
        EXPECT(scatterv_bytes(job, root ? bytes : NULL, root ? sizes : NULL, mine,
                              sizes[job->comm.rank], rounds[i % LEN(rounds)]));
        EXPECT(memcmp(mine, bytes + before, sizes[job->comm.rank]) == 0);
        EXPECT(mine[sizes[job->comm.rank]] == 0x5a);
        free(bytes);
        free(mine);
    }
}

static void a_scatter_without_memory_fails_everywhere(struct job *job)
{
    uint64_t sizes[64];
    uint8_t *bytes = calloc(64, 1000), mine[1000];
    for (size_t rank = 0; rank < 64; rank++)
        sizes[rank] = 1000;
    if (job->comm.rank == 0)
        job->env.mem.limit_bytes = 0;
    EXPECT(!scatterv_bytes(job, bytes, sizes, mine, 1000, 1 << 20));
    EXPECT(job->env.fail.code == FAIL_MEMORY);
    free(bytes);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(scattered_bytes_reach_their_ranks),
        SPMD_TEST(a_scatter_without_memory_fails_everywhere),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
