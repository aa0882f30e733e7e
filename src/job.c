/* SPDX-License-Identifier: BSD-3-Clause */
/* The context: what all ranks must agree on before the first stage.
 *
 * Collectives, in order: Ibcast and Iallreduce (digest), agree, Ibcast (topology, on each host),
 * Iallreduce (memory), Ibcast (seed), agree. */
#include "job.h"

#include "comm/agree.h"
#include "comm/collective.h"
#include "host/clock.h"
#include "host/processor.h"
#include "status/forecast.h"

#include <sys/random.h>
#include <version.h>
#include <xxhash.h>

enum {
    MEMORY_MIN_BYTES = 4 << 20,
    RESERVE_MIN_BYTES = 64 << 20, /* for MPI, libraries and the system */
    AHEAD_BYTES = 256 << 10,      /* what is shorter is not worth a thread */
};

/* Ranks that were started with other arguments, or from another build, would wait for each other
 * for ever. */
static bool same_everywhere(struct job *job, int argc, char **argv)
{
    uint64_t digest =
        XXH3_64bits(VERSION, sizeof VERSION); /* without memory that could be wanting */
    for (int i = 1; i < argc; i++)
        digest = XXH3_64bits_withSeed(argv[i], strlen(argv[i]) + 1, digest);
    uint64_t root = digest;
    comm_bcast(job, &root, sizeof root);
    bool ok =
        root == digest
        || fail_set(&job->env.fail, FAIL_PEER,
                    "another version or other arguments than on rank 0 (this one is " VERSION ")");
    return agree(job, ok);
}

/* One rank of a host loads hwloc, the others get its facts. */
static void share_topology(struct job *job)
{
    if (job->comm.host_rank == 0)
        topo_load(&job->topo);
    if (job->comm.host_size > 1)
        collective_bcast(job, job->comm.host, 0, &job->topo, sizeof job->topo);
}

/* A disk that works is a rank that moves. */
static void step(void *context)
{
    comm_step(context);
}

/* Results of tasks that wait are the only thing of theirs that goes to a disk, and have their own
 * way there. */
static bool find_scratch(struct job *job)
{
    const struct options *options = &job->env.options;
    if (options_tasks(options))
        return true;
    bool ok = scratch_space_init(&job->env.space, options->scratch, options->scratch_limit_bytes,
                                 job->comm.host_size, &job->env.fail);
    job->env.space.step = step;
    job->env.space.context = job;
    return ok;
}

/* Memory of this rank, and of the one that has least. */
static bool share_memory(struct job *job)
{
    uint64_t here = topo_memory(&job->topo);
    uint64_t reserve = here / 8 > RESERVE_MIN_BYTES ? here / 8 : RESERVE_MIN_BYTES;
    uint64_t mine = job->env.options.memory_bytes;
    if (job->env.options.memory_percent > 0)
        mine = here / 100 * job->env.options.memory_percent / (uint64_t)job->comm.host_size;
    else if (mine == 0)
        mine = (here > reserve ? here - reserve : here / 2) / (uint64_t)job->comm.host_size;
    uint64_t least = UINT64_MAX - mine; /* the least by way of the greatest */
    comm_max(job, &least, 1);
    least = UINT64_MAX - least;
    job->env.mem.limit_bytes = mine;
    env_set_memory(&job->env, least, (size_t)job->comm.size);
    if (least < MEMORY_MIN_BYTES)
        return fail_set(&job->env.fail, FAIL_MEMORY, "--memory: at least 4M a rank are needed");
    return true;
}

/* Worth it where ranks of a host have words to combine before they cross the network. */
static bool shuffle_by_host(const struct job *job)
{
    bool useful = job->comm.hosts > 1 && job->comm.size > job->comm.hosts;
    return job->env.options.shuffle == OPTIONS_SHUFFLE_HOST
        || (job->env.options.shuffle == OPTIONS_SHUFFLE_AUTO && useful && job->env.options.combine);
}

static bool share_seed(struct job *job)
{
    uint64_t seed = job->env.options.seed;
    bool ok = true;
    if (comm_is_root(job) && seed == 0 && getrandom(&seed, sizeof seed, 0) != sizeof seed)
        ok = fail_set(&job->env.fail, FAIL_OTHER, "the system gives no random numbers");
    comm_bcast(job, &seed, sizeof seed);
    job->env.seed = hash_seed_from(seed);
    return ok;
}

bool job_init(struct job *job, int argc, char **argv)
{
    if (!agree(job, job->env.fail.code == FAIL_NONE) || !same_everywhere(job, argc, argv))
        return false;
    share_topology(job);
    bool ok = find_scratch(job);
    ok = share_memory(job) && ok;
    ok = share_seed(job) && ok;
    ok = env_choose(&job->env) && ok;
    job->by_host = shuffle_by_host(job);
    job->can_be_left = job->env.options.checkpoint && job->env.options.plan == 0;
    job->ahead_bytes = topo_spares(&job->topo, job->comm.host_size) ? AHEAD_BYTES : 0;
    ok = ok && progress_init(job, &job->env.fail);
    return agree(job, ok);
}

void job_step(struct job *job, enum timing_phase phase, uint64_t pieces)
{
    struct snapshot_step *step = &job->work.step;
    *step = (struct snapshot_step){
        .phase = phase, .all = pieces, .pass = step->pass, .begun_ns = clock_ns()};
}

struct snapshot_work job_work(const struct job *job)
{
    struct snapshot_work work = job->work;
    const struct scratch_space *space = &job->env.space;
    work.scratch_bytes = space->used_bytes;
    work.scratch_limit_bytes = space->len > 0 ? space->limit_bytes : 0;
    return work;
}

/* As they were named. */
static const char *scratch_of(const struct job *job)
{
    const struct scratch_space *space = &job->env.space;
    return space->len == 0          ? NULL
         : job->env.options.scratch ? job->env.options.scratch
                                    : space->folders[0];
}

struct snapshot job_snapshot(const struct job *job, const struct snapshot_rank *ranks)
{
    const struct options *options = &job->env.options;
    struct snapshot snapshot = {
        .program = options->program,
        .count = options_tasks(options) ? job->env.kind.name : options->count,
        .command = options->exec ? options->exec : options->task,
        .noun = job->env.kind.noun,
        .kernel = job->env.scan->name,
        .output = options->results ? options->results
                : options->output  ? options->output
                                   : "-",
        .scratch = scratch_of(job),
        .runs_tasks = options_tasks(options),
        .verifies = options->verify,
        .by_host = job->by_host,
        .memory_bytes = job->env.mem.limit_bytes,
        .top = options->top,
        .min_count = options->min_count,
        .state = job->env.fail.code == FAIL_NONE ? SNAPSHOT_RUNS : SNAPSHOT_FAILED,
        .failure = job->env.fail.code == FAIL_NONE ? NULL : job->env.fail.text,
        .begun_ns = job->begun_ns,
        .now_ns = clock_calendar_ns(),
        .phase = job->timing.phase,
        .seconds = timing_work_s(&job->timing),
        .step_s = (double)(clock_ns() - job->work.step.begun_ns) / 1e9,
        .crowding = processor_crowding(),
        .expected_bytes = job->expected_bytes,
        .expected_read = job->expected_read,
        .dealt = job->dealt,
        .read_tasks = job->read_tasks,
        .all_read = job->all_read,
        .submissions = job->submissions,
        .history = &job->progress.history,
        .totals = &job->totals,
        .failures = &job->failures,
        .size = job->comm.size,
        .hosts = job->comm.hosts,
        .ranks = ranks,
    };
    if (!rules_idle(&options->rules))
        rules_describe(&job->env.rules, snapshot.rules, sizeof snapshot.rules);
    for (int rank = 0; rank < job->comm.size; rank++) {
        const struct snapshot_work *work = &ranks[rank].work;
        snapshot.work.mapped_bytes += work->mapped_bytes;
        snapshot.work.read_bytes += work->read_bytes;
        snapshot.work.records += work->records;
        snapshot.work.scratch_bytes += work->scratch_bytes;
        snapshot.work.scratch_limit_bytes += work->scratch_limit_bytes;
        snapshot.work.tasks.done += work->tasks.done;
        snapshot.work.tasks.failed += work->tasks.failed;
        snapshot.work.tasks.running += work->tasks.running;
        snapshot.work.tasks.busy_ns += work->tasks.busy_ns;
    }
    snapshot.work.step = job->work.step;
    forecast_fill(&snapshot);
    if (snapshot.state == SNAPSHOT_FAILED)
        snapshot.left_s = -1;
    return snapshot;
}

struct snapshot job_snapshot_of_end(const struct job *job, const struct snapshot_rank *ranks)
{
    struct snapshot snapshot = job_snapshot(job, ranks);
    snapshot.work.scratch_bytes = 0; /* nothing is left there, however it ended */
    if (snapshot.state == SNAPSHOT_RUNS) {
        snapshot.state = job->totals.wound_down ? SNAPSHOT_WOUND_DOWN : SNAPSHOT_DONE;
        snapshot.left_s = 0;
    }
    if (snapshot.state == SNAPSHOT_DONE)
        snapshot.share = 1;
    return snapshot;
}

void job_free(struct job *job)
{
    failures_free(&job->failures, &job->env.mem);
    progress_free(job);
    env_free(&job->env);
}
