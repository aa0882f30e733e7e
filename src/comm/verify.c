/* The proof of a run. 128-bit sums travel as four 32-bit limbs in 64-bit words: sums of up to 2^32
 * ranks cannot overflow. Collectives: verify_input: Iallreduce, Iallgather, agree. verify_tally:
 * Iallreduce. */
#include "job.h"

#include "agree.h"

#include <inttypes.h>
#include <stdlib.h>

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
        return fail_set(&job->fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " %ss in %s, %" PRIu64 " in %s",
                        first.tokens, job->mapper.noun, from, second.tokens, to);
    if (job->options.verify && first.keyed != second.keyed)
        return fail_set(&job->fail, FAIL_VERIFY,
                        "verification failed: the keyed sums of %s and %s differ", from, to);
    return true;
}

/* Each stretch must begin where the one before it ended, or at the start of a file when that one
 * ended with its file. */
static bool check_seams(struct job *job, const struct verify_seam *seams)
{
    const struct verify_seam *last = NULL;
    for (int rank = 0; rank < job->comm.size; rank++) {
        const struct verify_seam *seam = &seams[rank];
        if (!seam->known)
            continue;
        bool same =
            last && seam->first_file == last->last_file && seam->first_offset == last->last_offset;
        bool next =
            (!last || last->last_offset == last->last_file_bytes) && seam->first_offset == 0;
        if (!same && !next)
            return fail_set(&job->fail, FAIL_VERIFY,
                            "verification failed: the stretch of rank %d begins at byte %" PRIu64
                            " of file %" PRIu64 ", not where the one before it ends",
                            rank, seam->first_offset, seam->first_file + 1);
        last = seam;
    }
    return true;
}

bool verify_input(struct job *job, uint64_t input_bytes)
{
    struct verify_input *input = &job->verify.input;
    uint64_t seen = input->record_bytes + input->gap_bytes;
    struct verify_seam *seams = calloc((size_t)job->comm.size, sizeof *seams);
    bool ok = seams || fail_set(&job->fail, FAIL_MEMORY, "memory: no room for the seams");
    comm_sum(job, &seen, 1);
    if (!agree(job, ok)) {
        free(seams);
        return false;
    }
    comm_collect(job, &input->seam, sizeof *seams, seams);
    if (seen != input_bytes)
        ok = fail_set(&job->fail, FAIL_VERIFY,
                      "verification failed: %" PRIu64 " bytes of input were seen of %" PRIu64, seen,
                      input_bytes);
    ok = ok && (job->totals.root_input || check_seams(job, seams));
    free(seams);
    return agree(job, ok);
}
