/* SPDX-License-Identifier: BSD-3-Clause */
/* Each rank takes as many bytes of all logs, one behind the other: of a log some of its buckets, in
 * all of its runs. How many ranks have written them does not matter.
 *
 * Collectives, in order. open: agree. left: Iallreduce. round: agree. check: for each start those
 * of verify_tally, then agree. */
#include "stage/map_runs.h"

#include "comm/agree.h"
#include "data/spill_read.h"
#include "job.h"

enum { STEP_UNITS = 16 };

static const struct committed_log *log_at(const struct map_runs *map, size_t log)
{
    return (const struct committed_log *)committed_items(&map->checkpoint->commit, COMMITTED_LOGS)
         + log;
}

static size_t starts_bytes(const struct map_runs *map)
{
    return map->checkpoint->start * sizeof *map->starts;
}

static bool open_runs(struct job *job, void *context, const struct plan *plan)
{
    struct map_runs *map = context;
    const struct commit *commit = &map->checkpoint->commit;
    (void)plan;
    job->verify.mapped = (struct tally){0};
    map->logs = comm_is_root(job) ? map->checkpoint->logs : committed_len(commit, COMMITTED_LOGS);
    for (size_t i = 0; i < map->logs; i++)
        map->total_bytes += log_at(map, i)->bytes;
    job_step(job, TIMING_SHUFFLE, map->logs);
    map->starts = mem_alloc(&job->env.mem, starts_bytes(map), &job->env.fail);
    return agree(job, map->starts != NULL);
}

static bool runs_left(struct job *job, void *context)
{
    const struct map_runs *map = context;
    uint64_t left = map->log < map->logs;
    comm_max(job, &left, 1);
    return left != 0;
}

/* The bucket of the log at hand which lies at byte `at` of all logs; ranks that meet there agree.
 */
static size_t bucket_at(const struct map_runs *map, const struct committed_log *log, uint64_t at)
{
    if (at <= map->before_bytes)
        return 0;
    const uint64_t into = at - map->before_bytes;
    if (into >= log->bytes)
        return log->buckets;
    return (size_t)((unsigned __int128)into * log->buckets / log->bytes);
}

static uint64_t share_of(const struct job *job, const struct map_runs *map, int rank)
{
    return (uint64_t)((unsigned __int128)map->total_bytes * (unsigned)rank
                      / (unsigned)job->comm.size);
}

/* What this rank takes of the log at hand, which may be nothing. */
static void choose_buckets(const struct job *job, struct map_runs *map)
{
    const struct committed_log *log = log_at(map, map->log);
    const int rank = job->comm.rank;
    map->begin = map->bucket = bucket_at(map, log, share_of(job, map, rank));
    map->end = bucket_at(map, log, share_of(job, map, rank + 1));
    if (rank == job->comm.size - 1)
        map->end = log->buckets;
    map->run = 0;
}

static bool open_log(struct job *job, struct map_runs *map)
{
    struct checkpoint *checkpoint = map->checkpoint;
    const struct committed_log *log = log_at(map, map->log);
    const uint64_t *indexes = committed_items(&checkpoint->commit, COMMITTED_RUNS);
    log_folder_log(&checkpoint->folder, log->start, log->rank, map->name);
    map->open = true;
    return spill_read_open(&map->spill, &job->env.arena, &checkpoint->space, map->name, log->bytes,
                           log->buckets, indexes + log->first_run, log->runs, &job->env.fail);
}

static void end_log(struct job *job, struct map_runs *map)
{
    if (map->open)
        spill_free(&map->spill);
    map->open = false;
    map->before_bytes += log_at(map, map->log)->bytes;
    map->log++;
    job->work.step.done = map->log;
}

/* Who takes the records of a bucket. */
struct taking {
    struct job *job;
    struct map_runs *map;
    struct box *outbox;
    const struct hash_seed *seed; /* of the start */
    struct tally *start;
};

static bool take(void *context, const struct record *record)
{
    struct taking *taking = context;
    struct env *env = &taking->job->env;
    const uint64_t hash = record_hash(&env->seed, record);
    tally_add(taking->start, record->count, record_hash(taking->seed, record));
    tally_add(&taking->map->tally, record->count, hash);
    taking->map->records++;
    return parcel_add(&env->arena, &taking->outbox->parcels[hash_bucket(hash, taking->outbox->len)],
                      record, &env->fail);
}

/* The next bucket of a run, as a log is read from its beginning to its end. */
static bool read_some(struct job *job, struct map_runs *map, struct box *outbox)
{
    const struct committed_log *log = log_at(map, map->log);
    const struct committed_start *starts =
        committed_items(&map->checkpoint->commit, COMMITTED_STARTS);
    if (!map->open) {
        choose_buckets(job, map);
        if (map->begin < map->end && !open_log(job, map))
            return false;
    }
    if (map->begin >= map->end || map->run == log->runs) {
        end_log(job, map);
        return true;
    }
    struct taking taking = {job, map, outbox, &starts[log->start].seed, &map->starts[log->start]};
    if (!spill_read_run(&map->spill, map->run, map->bucket, take, &taking, &job->env.fail))
        return false;
    if (++map->bucket == map->end) {
        map->bucket = map->begin;
        map->run++;
    }
    return true;
}

static bool round_of_runs(struct job *job, void *context, struct box *outbox)
{
    struct map_runs *map = context;
    const size_t full_bytes = job->env.arena.used_bytes + job->env.budget.outbox_bytes;
    timing_enter(&job->timing, TIMING_MAP);
    bool ok = fail_point(&job->env.fail, "runs", job->comm.rank);
    for (uint64_t step = 1; ok && map->log < map->logs && job->env.arena.used_bytes < full_bytes;
         step++) {
        ok = read_some(job, map, outbox);
        if (step % STEP_UNITS == 0)
            comm_step(job);
    }
    job->work.records = map->records;
    job->verify.mapped = map->tally;
    return agree(job, ok);
}

/* All that each start has left was read once. */
static bool check_runs(struct job *job, void *context, const struct plan *plan)
{
    const struct map_runs *map = context;
    const struct committed_start *starts =
        committed_items(&map->checkpoint->commit, COMMITTED_STARTS);
    bool ok = true;
    (void)plan;
    for (uint64_t i = 0; ok && i < map->checkpoint->start; i++) {
        struct tally left = {0}, read = map->starts[i];
        if (comm_is_root(job))
            left = (struct tally){starts[i].tokens, (unsigned __int128)starts[i].keyed_high << 64
                                                        | starts[i].keyed_low};
        if (!starts[i].keyed_known)
            read.keyed = left.keyed = 0;
        ok = verify_tally(job, "the checkpoint", &left, "its logs", &read);
    }
    return agree(job, ok);
}

static void close_runs(struct job *job, void *context)
{
    struct map_runs *map = context;
    if (map->open)
        spill_free(&map->spill);
    map->open = false;
    mem_free(&job->env.mem, map->starts, map->starts ? starts_bytes(map) : 0);
    map->starts = NULL;
}

struct producer map_runs_producer(struct map_runs *map)
{
    return (struct producer){.context = map,
                             .open = open_runs,
                             .left = runs_left,
                             .round = round_of_runs,
                             .check = check_runs,
                             .close = close_runs};
}
