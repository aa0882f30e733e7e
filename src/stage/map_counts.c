/* SPDX-License-Identifier: BSD-3-Clause */
/* Each rank takes a range of the keys of all files, of one file after another.
 *
 * Collectives, in order. open: agree, Ibcast. left: Iallreduce. round: agree. check: Iallreduce,
 * agree. */
#include "stage/map_counts.h"

#include "comm/agree.h"
#include "job.h"

#include <inttypes.h>

enum { STEP_RECORDS = 4096 };

static size_t keys_bytes(const struct job *job)
{
    return (size_t)job->comm.size * sizeof(struct split_key);
}

static bool open_counts(struct job *job, void *context, const struct plan *plan)
{
    struct map_counts *map = context;
    struct count_files *files = map->files;
    struct env *env = &job->env;
    (void)plan;
    job->verify.mapped = (struct tally){0};
    job_step(job, TIMING_MAP, files->len);
    map->keys = mem_alloc(&env->mem, keys_bytes(job), &env->fail);
    bool ok = map->keys && count_files_fit(job, files);
    if (ok && comm_is_root(job))
        ok = split_keys_find(&env->mem, files->readers, files->len, (size_t)job->comm.size,
                             map->keys, &env->fail);
    if (!agree(job, ok))
        return false;
    comm_bcast(job, map->keys, keys_bytes(job));
    return true;
}

static bool counts_left(struct job *job, void *context)
{
    const struct map_counts *map = context;
    uint64_t left = map->file < map->files->len;
    comm_max(job, &left, 1);
    return left != 0;
}

static bool seek(struct job *job, struct map_counts *map)
{
    const struct split_key *begin = job->comm.rank > 0 ? &map->keys[job->comm.rank - 1] : NULL;
    map->sought = true;
    return counts_reader_seek(&map->files->readers[map->file],
                              begin ? begin->bytes : (const uint8_t *)"",
                              begin ? (size_t)begin->len : 0, &job->env.fail);
}

static void end_file(struct job *job, struct map_counts *map)
{
    const struct counts_path *path = &map->files->readers[map->file].path;
    const uint64_t bytes = count_files_share(job, path->footer.file_bytes);
    job->work.mapped_bytes += bytes;
    job->work.read_bytes += bytes;
    map->file++;
    map->sought = false;
    job->work.step.done = map->file;
}

static bool put(struct job *job, struct map_counts *map, const struct record *record,
                struct box *outbox)
{
    struct env *env = &job->env;
    const uint64_t hash = record_hash(&env->seed, record);
    map->rows++;
    map->sum += record->count;
    tally_add(&map->tally, record->count, hash);
    return parcel_add(&env->arena, &outbox->parcels[hash_bucket(hash, outbox->len)], record,
                      &env->fail);
}

/* Takes the next record of the file at hand, if it has one in the range. */
static bool take(struct job *job, struct map_counts *map, struct box *outbox)
{
    struct counts_reader *reader = &map->files->readers[map->file];
    const bool last = job->comm.rank == job->comm.size - 1;
    if (!map->sought && !seek(job, map))
        return false;
    const bool found = counts_reader_next(reader, &job->env.fail);
    if (job->env.fail.code != FAIL_NONE)
        return false;
    const struct record record = found ? counts_reader_record(reader) : (struct record){.len = 0};
    if (found && (last || !split_keys_reach(&record, &map->keys[job->comm.rank])))
        return put(job, map, &record, outbox);
    end_file(job, map);
    return true;
}

static bool round_of_counts(struct job *job, void *context, struct box *outbox)
{
    struct map_counts *map = context;
    const size_t full_bytes = job->env.arena.used_bytes + job->env.budget.outbox_bytes;
    timing_enter(&job->timing, TIMING_MAP);
    bool ok = fail_point(&job->env.fail, "counts", job->comm.rank);
    for (uint64_t step = 1;
         ok && map->file < map->files->len && job->env.arena.used_bytes < full_bytes; step++) {
        ok = take(job, map, outbox);
        if (step % STEP_RECORDS == 0)
            comm_step(job);
    }
    job->work.records = map->rows;
    job->verify.mapped = map->tally;
    return agree(job, ok);
}

/* All rows of all files were taken once. */
static bool check_counts(struct job *job, void *context, const struct plan *plan)
{
    const struct map_counts *map = context;
    const struct count_files *files = map->files;
    uint64_t sums[] = {map->rows, (uint64_t)map->sum};
    (void)plan;
    comm_sum(job, sums, 2);
    job->totals.files += files->len;
    job->totals.input_bytes += files->bytes;
    if (sums[0] != files->rows || sums[1] != (uint64_t)files->sum)
        fail_set(&job->env.fail, FAIL_VERIFY,
                 "verification failed: %" PRIu64 " of %" PRIu64
                 " keys of the count files were read, or their counts do not add up",
                 sums[0], files->rows);
    return agree(job, job->env.fail.code == FAIL_NONE);
}

static void close_counts(struct job *job, void *context)
{
    struct map_counts *map = context;
    mem_free(&job->env.mem, map->keys, map->keys ? keys_bytes(job) : 0);
    map->keys = NULL;
}

struct producer map_counts_producer(struct map_counts *map)
{
    return (struct producer){.context = map,
                             .open = open_counts,
                             .left = counts_left,
                             .round = round_of_counts,
                             .check = check_counts,
                             .close = close_counts};
}
