/* SPDX-License-Identifier: BSD-3-Clause */
/* Map, for tasks. Results go with the report to rank 0, which writes them while others run; what is
 * combined by key goes to the outbox.
 *
 * Collectives, in order. open: those of task_setting_share, agree. left: Iallreduce. round: agree.
 * check: Iallreduce, Ibcast, those of plan_check, agree, Iallreduce. */
#include "stage/map_tasks.h"

#include "comm/agree.h"
#include "job.h"

#include <inttypes.h>

static bool add_frames(struct job *job, void *context, const uint8_t *frames, size_t len)
{
    struct map_tasks *map = context;
    const struct collect_form form = result_writer_form(&job->env.options);
    return collect_add(&form, &map->outcome, frames, len, map->outbox, &job->env.fail);
}

static bool is_full(struct job *job, void *context)
{
    const struct map_tasks *map = context;
    return job->env.arena.used_bytes >= map->full_bytes;
}

static bool save(struct job *job, void *context)
{
    struct map_tasks *map = context;
    return !map->task_queue || ledger_save(&job->env, &map->task_queue->ledger, false);
}

static bool open_tasks(struct job *job, void *context, const struct plan *plan)
{
    struct map_tasks *map = context;
    const struct master_policy *policy = NULL;
    bool ok = true;
    outcome_init(&map->outcome, &job->env.arena, &job->env.seed);
    map->rank.hooks = (struct task_rank_hooks){map, add_frames, is_full, save};
    map->rank.all_frames = job->env.options.journal != NULL;
    if (!task_setting_share(job, &map->rank.setting))
        return false;
    if (comm_is_root(job)) {
        map->task_queue = mem_alloc(&job->env.mem, sizeof *map->task_queue, &job->env.fail);
        ok = map->task_queue
          && task_queue_init(job, map->task_queue, plan,
                             &(struct task_queue_setup){.options = &job->env.options,
                                                        .results = map->results,
                                                        .failures = &job->failures});
        policy = ok ? &map->task_queue->policy : NULL;
    }
    job->totals.root_input = true;
    job_step(job, TIMING_MAP, 0);
    ok = ok && master_open(job, &map->master, policy)
      && (map->rank.setting.idle || task_rank_start(job, &map->rank, &job->env.options));
    return agree(job, ok);
}

/* Rank 0: brings in what of the results of earlier runs, in the journal, is combined by key. */
static bool replay(struct job *job, struct map_tasks *map)
{
    const struct options *options = &job->env.options;
    struct ledger_entry entry;
    bool ok = true;
    map->replayed |= options->exec && options->collect == COLLECT_ORDER;
    while (ok && !map->replayed && !is_full(job, map)) {
        map->replayed =
            !map->task_queue || !ledger_next(&job->env, &map->task_queue->ledger, &entry);
        if (map->replayed)
            break;
        ok = add_frames(job, map, entry.frames, entry.frames_len);
        comm_step(job);
    }
    return ok && job->env.fail.code == FAIL_NONE;
}

static bool round_of_tasks(struct job *job, void *context, struct box *outbox)
{
    struct map_tasks *map = context;
    enum master_answer answer = MASTER_WORK;
    timing_enter(&job->timing, TIMING_MAP);
    map->outbox = outbox;
    map->full_bytes = job->env.arena.used_bytes + job->env.budget.outbox_bytes;
    bool ok = fail_point(&job->env.fail, "map", job->comm.rank) && replay(job, map);
    if (ok && map->rank.setting.idle)
        answer = MASTER_END;
    while (ok && !map->ended && answer == MASTER_WORK && !is_full(job, map))
        ok = task_rank_ask(job, &map->rank, &answer)
          && (answer != MASTER_WORK || task_rank_run(job, &map->rank, 0));
    if (ok && answer == MASTER_END) {
        map->ended = true;
        job_step(job, TIMING_SHUFFLE, 0);
        ok = outcome_flush(&map->outcome, outbox, &job->env.fail);
    } else if (answer == MASTER_WORK && !map->ended) {
        master_leave(job, &map->rank.report);
        map->rank.report.len = 0;
    }
    job->verify.mapped = map->outcome.tally;
    ok = agree(job, ok);
    if (comm_is_root(job))
        master_next_round(job);
    return ok;
}

static bool tasks_left(struct job *job, void *context)
{
    const struct map_tasks *map = context;
    uint64_t left = !map->ended;
    comm_max(job, &left, 1);
    return left != 0;
}

/* Rank 0: the numbers that all ranks have to know, and whether the journal and the results have the
 * tasks that there are. */
static bool account(struct job *job, struct map_tasks *map)
{
    const struct task_queue *task_queue = map->task_queue;
    struct snapshot_totals *totals = &job->totals;
    uint64_t known;
    totals->resumed_tasks = task_queue->ledger.known;
    totals->wound_down = task_queue->wound_down;
    const uint64_t run =
        totals->wound_down ? task_queue->done + task_queue->failed : task_queue->read;
    totals->tasks = run + totals->resumed_tasks;
    totals->failed_tasks = task_queue->failed;
    totals->retried_tasks = task_queue->retried;
    totals->tasks_stopped = task_queue->stopped;
    if (totals->wound_down) /* neither the list nor the results are whole */
        return result_writer_flush(map->results);
    if (!ledger_count(&job->env, &map->task_queue->ledger, &known))
        return false;
    if (!totals->tasks_stopped && known != totals->resumed_tasks)
        return fail_set(&job->env.fail, FAIL_USAGE,
                        "%s: has the results of %" PRIu64
                        " tasks that are not in the inputs: it is the journal of others",
                        job->env.options.journal, known - totals->resumed_tasks);
    return result_writer_flush(map->results)
        && result_writer_check(map->results, totals->tasks, totals->failed_tasks);
}

static bool check_tasks(struct job *job, void *context, const struct plan *plan)
{
    struct map_tasks *map = context;
    struct snapshot_totals *totals = &job->totals;
    uint64_t done = map->rank.done;
    comm_sum(job, &done, 1);
    bool ok = !comm_is_root(job) || account(job, map);
    uint64_t shared[] = {totals->tasks,         totals->failed_tasks,  totals->retried_tasks,
                         totals->resumed_tasks, totals->tasks_stopped, totals->wound_down};
    comm_bcast(job, shared, sizeof shared);
    totals->tasks = shared[0];
    totals->failed_tasks = shared[1];
    totals->retried_tasks = shared[2];
    totals->resumed_tasks = shared[3];
    totals->tasks_stopped = shared[4] != 0;
    totals->wound_down = shared[5] != 0;
    if (totals->tasks_stopped || totals->wound_down)
        comm_bcast(job, &totals->input_bytes, sizeof totals->input_bytes); /* read so far */
    else if (!plan_check(job, plan))
        return false;
    const uint64_t run = totals->tasks - totals->resumed_tasks;
    if (done + totals->failed_tasks != run)
        ok = fail_set(&job->env.fail, FAIL_VERIFY,
                      "verification failed: %" PRIu64 " tasks to run, but %" PRIu64
                      " done and %" PRIu64 " failed",
                      run, done, totals->failed_tasks);
    const struct tally none = {0}, *written = map->task_queue ? &map->results->tally : &none;
    return agree(job, ok)
        && (totals->wound_down
            || verify_tally(job, "the tasks", &map->rank.results, "their results", written));
}

static void close_tasks(struct job *job, void *context)
{
    struct map_tasks *map = context;
    task_rank_close(job, &map->rank);
    outcome_free(&map->outcome);
    master_close(job);
    if (map->task_queue) {
        task_queue_free(job, map->task_queue);
        mem_free(&job->env.mem, map->task_queue, sizeof *map->task_queue);
    }
    *map = (struct map_tasks){0};
}

struct producer map_tasks_producer(struct map_tasks *tasks)
{
    return (struct producer){.context = tasks,
                             .open = open_tasks,
                             .left = tasks_left,
                             .round = round_of_tasks,
                             .check = check_tasks,
                             .close = close_tasks};
}
