/* SPDX-License-Identifier: BSD-3-Clause */
/* The context: what all ranks must agree on before the first stage, and every size that follows
 * from the memory of a rank.
 *
 * Collectives, in order: Ibcast and Iallreduce (digest), agree, Ibcast (topology, on each host),
 * Iallreduce (memory), Ibcast (seed), agree. */
#include "job.h"

#include "agree.h"

#include <sys/random.h>
#include <xxhash.h>

enum {
    MEMORY_MIN_BYTES = 4 << 20,
    RESERVE_MIN_BYTES = 64 << 20, /* for MPI, libraries and the system */
    SHARE_BUCKETS =
        4096, /* buckets of all ranks together: each has its own open cache line while mapping */
    SHARE_MIN = 16,          /* of one rank, so that partitions fit its cache */
    BUCKET_BYTES = 64 << 10, /* no more buckets than memory for this much in each */
    OUTBOX_MAX_BYTES = 64 << 20,
    ROUND_MAX_BYTES = 64 << 20,
    LEFT_MAX_BYTES = 8 << 20, /* beside all records: to sort a bin of them and to write text */
};

/* Ranks that were started with other arguments, or from another build, would wait for each other
 * for ever. */
static bool same_everywhere(struct job *job, int argc, char **argv)
{
    XXH3_state_t *state = XXH3_createState();
    uint64_t digest = 0;
    if (state) {
        XXH3_64bits_reset(state);
        XXH3_64bits_update(state, VERSION, sizeof VERSION);
        for (int i = 1; i < argc; i++)
            XXH3_64bits_update(state, argv[i], strlen(argv[i]) + 1);
        digest = XXH3_64bits_digest(state);
    }
    XXH3_freeState(state);
    uint64_t root = digest;
    comm_share(job, &root, sizeof root);
    bool ok =
        root == digest
        || fail_set(&job->fail, FAIL_PEER,
                    "another version or other arguments than on rank 0 (this one is " VERSION ")");
    return agree(job, ok);
}

/* One rank of a host loads hwloc, the others get its facts. */
static void share_topology(struct job *job)
{
    MPI_Request request;
    if (job->comm.host_rank == 0)
        topo_load(&job->topo);
    if (job->comm.host_size == 1)
        return;
    MPI_Ibcast(&job->topo, sizeof job->topo, MPI_BYTE, 0, job->comm.host, &request);
    comm_wait(job, &request);
}

/* Memory of this rank, and of the one that has least. */
static bool share_memory(struct job *job)
{
    uint64_t here = topo_memory(&job->topo);
    uint64_t reserve = here / 8 > RESERVE_MIN_BYTES ? here / 8 : RESERVE_MIN_BYTES;
    uint64_t mine = job->options.memory_bytes;
    if (mine == 0)
        mine = (here > reserve ? here - reserve : here / 2) / (uint64_t)job->comm.host_size;
    uint64_t least = UINT64_MAX - mine; /* the least by way of the greatest */
    comm_max(job, &least, 1);
    least = UINT64_MAX - least;
    job->mem.limit_bytes = mine;
    job->memory_bytes = least;
    if (least < MEMORY_MIN_BYTES)
        return fail_set(&job->fail, FAIL_MEMORY, "--memory: at least 4M a rank are needed");
    return true;
}

static void choose_sizes(struct job *job)
{
    size_t memory = job->memory_bytes, ranks = (size_t)job->comm.size;
    size_t slab = memory / 64;
    size_t buckets = memory / BUCKET_BYTES < SHARE_BUCKETS ? memory / BUCKET_BYTES : SHARE_BUCKETS;
    job->share = buckets / ranks > SHARE_MIN ? buckets / ranks : SHARE_MIN;
    if (job->share * ranks * BUCKET_BYTES / 16 > memory)
        job->share = 1;
    job->outbox_bytes = memory / 16 < OUTBOX_MAX_BYTES ? memory / 16 : OUTBOX_MAX_BYTES;
    job->round_bytes = memory / 16 < ROUND_MAX_BYTES ? memory / 16 : ROUND_MAX_BYTES;
    slab = slab < 64 << 10 ? 64 << 10 : slab > 2 << 20 ? 2 << 20 : slab;
    size_t left = memory / 8 < LEFT_MAX_BYTES ? memory / 8 : LEFT_MAX_BYTES;
    arena_init(&job->arena, &job->mem, slab, left);
    if (job->options.block_bytes > memory / 8)
        job->options.block_bytes = memory / 8;
}

/* Worth it where ranks of a host have words to combine before they cross the network. */
static bool shuffle_by_host(const struct job *job)
{
    bool useful = job->comm.hosts > 1 && job->comm.size > job->comm.hosts;
    return job->options.shuffle == OPTIONS_SHUFFLE_HOST
        || (job->options.shuffle == OPTIONS_SHUFFLE_AUTO && useful && job->options.combine);
}

static bool share_seed(struct job *job)
{
    uint64_t seed = job->options.seed;
    bool ok = true;
    if (comm_is_root(job) && seed == 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        ok = fail_set(&job->fail, FAIL_OTHER, "the system gives no random numbers");
    comm_share(job, &seed, sizeof seed);
    job->seed = hash_seed_from(seed);
    return ok;
}

bool job_init(struct job *job, int argc, char **argv)
{
    if (!agree(job, job->fail.code == FAIL_NONE) || !same_everywhere(job, argc, argv))
        return false;
    share_topology(job);
    bool ok = share_memory(job);
    ok = share_seed(job) && ok;
    if (options_tasks(&job->options))
        job->mapper = job->options.results ? tasks_archive_mapper : tasks_mapper;
    else
        mapper_choose(job->options.mapper, &job->mapper);
    job->scan = scan_choose(job->options.kernel);
    choose_sizes(job);
    job->by_host = shuffle_by_host(job);
    ok = ok && progress_init(job, &job->fail);
    return agree(job, ok);
}

void job_free(struct job *job)
{
    failures_free(job);
    mem_free(&job->mem, job->progress.ranks, (size_t)job->comm.size * sizeof *job->progress.ranks);
    arena_free(&job->arena);
}
