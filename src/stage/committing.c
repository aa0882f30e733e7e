/* SPDX-License-Identifier: BSD-3-Clause */
/* A commit. First the logs are on the disk of all ranks, then rank 0 says that they count.
 *
 * Collectives, in order. agree; Iallgather (sizes), agree, Igatherv in rounds, agree. */
#include "stage/committing.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "data/spill_run.h"
#include "job.h"
#include "stage/checkpoint.h"
#include "stage/reduce.h"

enum { ROUND_BYTES = 1 << 20 };

/* What a rank says for a commit; indexes of runs and done ranges follow. */
struct part {
    struct committed_sums seen;
    uint64_t tokens, keyed_low, keyed_high;
    uint64_t log_bytes, buckets, runs, done;
    uint64_t checksum; /* of all else */
};

static uint64_t part_checksum(const struct part *part, const void *rest, size_t len)
{
    const uint64_t head = XXH3_64bits(part, offsetof(struct part, checksum));
    return XXH3_64bits_withSeed(rest, len, head);
}

/* Brings all that was counted to the log of this rank, and says so in `mine`. */
static bool write_log(struct job *job, struct reduce *reduce, struct buffer *mine)
{
    struct env *env = &job->env;
    struct checkpoint *checkpoint = job->checkpoint;
    struct part part = {.seen = checkpoint->seen,
                        .tokens = job->verify.mapped.tokens,
                        .keyed_low = (uint64_t)job->verify.mapped.keyed,
                        .keyed_high = (uint64_t)(job->verify.mapped.keyed >> 64),
                        .buckets = reduce->parts.len,
                        .done = checkpoint->finished.len};
    if (!fail_point(&env->fail, "checkpoint", job->comm.rank)
        || !reduce_put_by(job, reduce, &part.log_bytes))
        return false;
    part.runs = reduce->spill.runs_len;
    bool ok = env_append(env, mine, &part, sizeof part);
    for (size_t i = 0; ok && i < part.runs; i++) {
        const uint64_t index = reduce->spill.runs[i].index;
        ok = env_append(env, mine, &index, sizeof index);
    }
    ok = ok
      && env_append(env, mine, checkpoint->finished.ranges,
                    part.done * sizeof *checkpoint->finished.ranges);
    if (!ok)
        return false;
    part.checksum = part_checksum(&part, mine->bytes + sizeof part, mine->len - sizeof part);
    memcpy(mine->bytes, &part, sizeof part);
    return true;
}

static void add_sums(struct committed_sums *sums, const struct committed_sums *more)
{
    sums->record_bytes += more->record_bytes;
    sums->gap_bytes += more->gap_bytes;
    sums->decoded_bytes += more->decoded_bytes;
    sums->boundary_sum += more->boundary_sum;
    sums->records += more->records;
    sums->without += more->without;
    sums->bad += more->bad;
    sums->lines += more->lines;
    sums->bad_lines += more->bad_lines;
}

/* What one rank has said, `len` bytes. */
static bool add_part(struct job *job, uint64_t rank, const uint8_t *at, size_t len,
                     struct committed_count *count, struct committed_start *start,
                     struct tally *tally)
{
    struct env *env = &job->env;
    struct checkpoint *checkpoint = job->checkpoint;
    struct buffer *sections = checkpoint->commit.sections;
    struct part part;
    if (len < sizeof part)
        return fail_set(&env->fail, FAIL_VERIFY, "verification failed: a part of a commit");
    memcpy(&part, at, sizeof part);
    at += sizeof part;
    len -= sizeof part;
    if (part.checksum != part_checksum(&part, at, len)
        || len != part.runs * sizeof(uint64_t) + part.done * sizeof(struct done_range))
        return fail_set(&env->fail, FAIL_VERIFY,
                        "verification failed: what a rank said of its log arrived with a wrong "
                        "checksum");
    const struct committed_log log = {checkpoint->start,
                                      rank,
                                      part.log_bytes,
                                      part.buckets,
                                      committed_len(&checkpoint->commit, COMMITTED_RUNS),
                                      part.runs};
    const size_t runs_bytes = part.runs * sizeof(uint64_t);
    add_sums(&count->sums, &part.seen);
    tally_join(tally, &(struct tally){part.tokens,
                                      (unsigned __int128)part.keyed_high << 64 | part.keyed_low});
    start->tokens = tally->tokens;
    return (part.runs == 0 || env_append(env, &sections[COMMITTED_LOGS], &log, sizeof log))
        && env_append(env, &sections[COMMITTED_RUNS], at, runs_bytes)
        && env_append(env, &sections[COMMITTED_DONE], at + runs_bytes, len - runs_bytes);
}

/* Rank 0: what all have said, behind what the starts before this one have left. What is done only
 * grows. */
static bool write_commit(struct job *job, const uint8_t *parts, const uint64_t *sizes)
{
    struct env *env = &job->env;
    struct checkpoint *checkpoint = job->checkpoint;
    struct buffer *sections = checkpoint->commit.sections;
    struct committed_count *count = committed_items(&checkpoint->commit, COMMITTED_COUNT);
    struct committed_start start = {.seed = env->seed, .keyed_known = env->options.verify};
    struct tally tally = {0};
    char path[PATH_MAX];
    bool ok = true;
    sections[COMMITTED_STARTS].len = checkpoint->start * sizeof start;
    sections[COMMITTED_LOGS].len = checkpoint->logs * sizeof(struct committed_log);
    sections[COMMITTED_RUNS].len = checkpoint->runs * sizeof(uint64_t);
    count->root = checkpoint->root;
    count->place = checkpoint->place;
    count->sums = (struct committed_sums){0};
    for (int rank = 0; ok && rank < job->comm.size; parts += sizes[rank++])
        ok = add_part(job, (uint64_t)rank, parts, sizes[rank], count, &start, &tally);
    start.keyed_low = (uint64_t)tally.keyed;
    start.keyed_high = (uint64_t)(tally.keyed >> 64);
    if (!ok || !env_append(env, &sections[COMMITTED_STARTS], &start, sizeof start))
        return false;
    struct done done = {.ranges = committed_items(&checkpoint->commit, COMMITTED_DONE),
                        .len = committed_len(&checkpoint->commit, COMMITTED_DONE)};
    done_merge(&done);
    sections[COMMITTED_DONE].len = done.len * sizeof *done.ranges;
    log_folder_commit(&checkpoint->folder, path);
    return commit_write(&checkpoint->commit, path, &env->fail);
}

static bool gather_and_write(struct job *job, const struct buffer *mine)
{
    struct env *env = &job->env;
    const size_t sizes_bytes = (size_t)job->comm.size * sizeof(uint64_t);
    const uint64_t len = mine->len;
    uint64_t *sizes = mem_alloc(&env->mem, sizes_bytes, &env->fail), sum = 0;
    struct buffer all = {0};
    bool ok = agree(job, sizes != NULL);
    if (ok)
        comm_allgather(job, &len, sizeof len, sizes);
    for (int rank = 0; ok && rank < job->comm.size; rank++)
        sum += sizes[rank];
    ok = ok && agree(job, !comm_is_root(job) || env_append(env, &all, NULL, sum))
      && gatherv_bytes(job, mine->bytes, sizes, all.bytes, ROUND_BYTES)
      && agree(job, !comm_is_root(job) || write_commit(job, all.bytes, sizes));
    buffer_free(&all, &env->mem);
    mem_free(&env->mem, sizes, sizes_bytes);
    return ok;
}

bool committing_run(struct job *job, struct reduce *reduce)
{
    struct buffer mine = {0};
    bool ok = agree(job, write_log(job, reduce, &mine)) && gather_and_write(job, &mine);
    buffer_free(&mine, &job->env.mem);
    return ok;
}
