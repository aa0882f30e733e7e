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

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(gathered_bytes_are_in_order),
        SPMD_TEST(a_gather_without_memory_fails_everywhere),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
