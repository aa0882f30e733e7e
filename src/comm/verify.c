/* SPDX-License-Identifier: BSD-3-Clause */
/* The proof of a run. 128-bit sums travel as four 32-bit limbs in 64-bit words: sums of up to 2^32
 * ranks cannot overflow. Collectives: verify_input: Iallreduce. verify_tally: Iallreduce. */
#include "job.h"

#include <inttypes.h>
#include <xxhash.h>

enum { LIMBS = 5 };

static void pack(const struct tally *tally, uint64_t limbs[LIMBS])
{
    limbs[0] = tally->tokens;
    for (int i = 0; i < 4; i++)
        limbs[1 + i] = (uint32_t)(tally->keyed >> 32 * i);
}

static struct tally unpack(const uint64_t limbs[LIMBS])
{
    struct tally tally = {.tokens = limbs[0]};
    for (int i = 0; i < 4; i++)
        tally.keyed += (unsigned __int128)limbs[1 + i] << 32 * i;
    return tally;
}

bool verify_tally(struct job *job, const char *from, const struct tally *before, const char *to,
                  const struct tally *after)
{
    uint64_t limbs[2 * LIMBS];
    pack(before, limbs);
    pack(after, limbs + LIMBS);
    comm_sum(job, limbs, 2 * LIMBS);
    struct tally first = unpack(limbs), second = unpack(limbs + LIMBS);
    if (first.tokens != second.tokens)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " %ss in %s, %" PRIu64 " in %s",
                        first.tokens, job->env.kind.noun, from, second.tokens, to);
    if (job->env.options.verify && first.keyed != second.keyed)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: the keyed sums of %s and %s differ", from, to);
    return true;
}

uint64_t verify_place(uint64_t file, uint64_t place)
{
    const uint64_t both[] = {file, place};
    return XXH3_64bits(both, sizeof both);
}

bool verify_input(struct job *job, uint64_t input_bytes, uint64_t boundary_sum)
{
    const struct verify_input *input = &job->verify.input;
    uint64_t sums[] = {
        input->record_bytes + input->gap_bytes,
        input->boundary_sum + verify_place(input->file, input->place) - verify_place(0, 0),
    };
    if (comm_is_root(job))
        sums[1] -= boundary_sum;
    comm_sum(job, sums, 2);
    if (sums[0] != input_bytes)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " bytes of input were seen of %" PRIu64,
                        sums[0], input_bytes);
    if (!job->totals.root_input && sums[1] != 0)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: as many bytes of input were seen as there are, but "
                        "some twice and some never");
    return true;
}
