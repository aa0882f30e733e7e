/* SPDX-License-Identifier: BSD-3-Clause */
/* Map, for tasks. They run in the rank's worker process, and the rank only looks after it: so it
 * always answers, however long a task takes.
 *
 * Results go with the report to rank 0, which writes them while others run; what is combined by key
 * goes to the outbox.
 *
 * What was given is handed back, as far as it is not begun, as soon as it takes much longer than
 * was meant, or the outbox is full. What has failed is reported at once, what is done after a fifth
 * of a second at the latest.
 *
 * Collectives, in order. open: those of task_setting_share, agree. left: Iallreduce. round: agree.
 * check: Iallreduce, Ibcast, those of plan_check, agree. */
#include "stage/map_tasks.h"

#include "comm/agree.h"
#include "host/clock.h"
#include "job.h"
#include "task/frame.h"
#include "text/escape.h"

#include <inttypes.h>

enum {
    LOOK_MS = 1, /* between two looks at other ranks while a task runs */
    AHEAD_MAX = 16,
    SHORT_NS = 1000000, /* of tasks that are shorter, several are sent ahead */
    GIVE_BACK_NS = 200000000,
    REPORT_NS = 200000000,
    REPORT_SHARE = 64, /* of the memory, for what is reported at once, but always one task */
    LIMIT_SHARE = 8,   /* of the memory, for what one task leaves: it is held up to four times */
};

static bool start_worker(struct env *env, struct map_tasks *map)
{
    const struct options *options = &env->options;
    uint8_t separator = 0;
    const bool columns = options->colsep && escape_parse(options->colsep, &separator);
    const struct worker_setup setup = {
        .task = options->task,
        .exec = options->exec,
        .arguments = options->task_arguments,
        .home = map->setting.home,
        .folder = options->chdir,
        .shell = options->shell,
        .separator = columns ? separator : -1,
        .delay_s = options->delay_s,
        .timeout_s = options->task_timeout_s,
        .limit_bytes = env->budget.memory_bytes / LIMIT_SHARE,
        .isolate = options->isolate,
    };
    return worker_open(&map->worker, &env->mem, &setup, &env->fail);
}

static bool open_tasks(struct job *job, void *context, const struct plan *plan)
{
    struct map_tasks *map = context;
    const struct master_policy *policy = NULL;
    bool ok = true;
    outcome_init(&map->outcome, &job->env.arena, &job->env.seed);
    if (!task_setting_share(job, &map->setting))
        return false;
    if (comm_is_root(job)) {
        map->task_queue = mem_alloc(&job->env.mem, sizeof *map->task_queue, &job->env.fail);
        ok = map->task_queue && task_queue_init(job, map->task_queue, plan, map->results);
        policy = ok ? &map->task_queue->policy : NULL;
    }
    job->totals.root_input = true;
    job->expected_bytes = 0; /* how far we are is not to be seen from what rank 0 has read */
    ok = ok && master_open(job, &map->master, policy) && start_worker(&job->env, map);
    map->reported_ns = clock_ns();
    return agree(job, ok);
}

static struct collect_form form_of(const struct options *options)
{
    return (struct collect_form){options->collect, options->results || options->raw};
}

struct span {
    const void *bytes;
    size_t len;
};

/* Adds to the report: a head, and what follows it. */
static bool report(struct job *job, struct map_tasks *map, struct task_queue_report *head,
                   struct span first, struct span second)
{
    static const uint8_t padding[8];
    struct buffer *to = &map->report;
    head->bytes = first.len + second.len;
    return env_append(&job->env, to, head, sizeof *head)
        && env_append(&job->env, to, first.bytes, first.len)
        && env_append(&job->env, to, second.bytes, second.len)
        && env_append(&job->env, to, padding, mem_padded(head->bytes) - head->bytes);
}

/* Sends the report, now or when there is a reason to. */
static void send_report(struct job *job, struct map_tasks *map, bool now)
{
    const bool full = map->report.len > job->env.budget.memory_bytes / REPORT_SHARE;
    if (map->report.len == 0 || (!now && !full && clock_ns() - map->reported_ns < REPORT_NS))
        return;
    master_report(job, &map->report);
    map->report.len = 0;
    map->reported_ns = clock_ns();
}

/* The task at `at` among those that were given; returns where the next one is. */
static const uint8_t *next_task(const uint8_t *at, struct task_reader_task *task,
                                struct span *bytes)
{
    memcpy(task, at, sizeof *task);
    *bytes = (struct span){at + sizeof *task, task->len};
    return at + sizeof *task + mem_padded(task->len);
}

static bool finish_failed(struct job *job, struct map_tasks *map, struct task_queue_report *head,
                          struct span bytes, const char *reason)
{
    struct span text = {reason, strlen(reason) + 1};
    job->work.tasks.failed++;
    head->state = TASK_QUEUE_FAILED;
    head->reason_bytes = (uint32_t)text.len;
    bool ok = report(job, map, head, text, bytes);
    send_report(job, map, true);
    return ok;
}

/* Reports a task that is done, with what rank 0 wants of its frames: all for the journal, otherwise
 * the results that are kept as they are. */
static bool report_done(struct job *job, struct map_tasks *map, struct task_queue_report *head,
                        struct span frames)
{
    static const uint8_t padding[8];
    struct env *env = &job->env;
    struct buffer *to = &map->report;
    const struct collect_form form = form_of(&env->options);
    struct collect_place place = {.file = head->task.file, .offset = head->task.offset};
    const uint8_t *at = frames.bytes, *end = at + frames.len, *result;
    const size_t begin = to->len;
    size_t len;
    bool ok = env_append(env, to, head, sizeof *head)
           && (!env->options.journal || env_append(env, to, frames.bytes, frames.len));
    for (; ok && collect_next(&form, &at, end, &result, &len); place.part++) {
        const uint8_t *frame = result - FRAME_HEADER_BYTES;
        if (env->options.verify)
            collect_tally(&place, result, len, &map->results_tally);
        ok = env->options.journal || env_append(env, to, frame, (size_t)(at - frame));
    }
    if (!ok)
        return false;
    head->bytes = to->len - begin - sizeof *head;
    memcpy(to->bytes + begin, head, sizeof *head);
    return env_append(env, to, padding, mem_padded(head->bytes) - head->bytes);
}

/* The task at *at has ended, one way or the other; *at moves to the next one. */
static bool finish(struct job *job, struct map_tasks *map, const uint8_t **at,
                   struct worker_outcome *outcome, struct box *outbox)
{
    const struct options *options = &job->env.options;
    const struct collect_form form = form_of(options);
    struct task_queue_report head = {.ns = outcome->ns,
                                     .end_ns = options->log ? clock_calendar_ns() : 0,
                                     .state = TASK_QUEUE_DONE,
                                     .exit = outcome->exit};
    struct span bytes, frames = {outcome->frames, outcome->frames_len};
    *at = next_task(*at, &head.task, &bytes);
    job->work.tasks.busy_ns += outcome->ns;
    bool good = outcome->done
             && collect_check(options->collect, outcome->frames, outcome->frames_len,
                              outcome->reason, sizeof outcome->reason);
    if (!good)
        return finish_failed(job, map, &head, bytes, outcome->reason);
    job->work.tasks.done++;
    map->done++;
    return collect_add(&form, &map->outcome, frames.bytes, frames.len, outbox, &job->env.fail)
        && report_done(job, map, &head, frames);
}

/* Hands back what lies between `at` and `end`. */
static bool give_back(struct job *job, struct map_tasks *map, const uint8_t *at, const uint8_t *end)
{
    bool ok = true;
    while (ok && at < end) {
        struct task_queue_report head = {.state = TASK_QUEUE_RETURNED};
        struct span bytes;
        at = next_task(at, &head.task, &bytes);
        ok = report(job, map, &head, bytes, (struct span){0});
    }
    return ok;
}

/* Runs what was given, or what of it is begun in time: `sent` is where the next task to begin is,
 * `taken` the oldest that has not ended. */
static bool run_tasks(struct job *job, struct map_tasks *map, size_t full_bytes, struct box *outbox)
{
    const uint8_t *taken = map->given.bytes, *sent = taken, *end = taken + map->given.len;
    uint64_t begin_ns = clock_ns();
    size_t running = 0, ahead = 1;
    bool ok = true, enough = false;
    while (ok && (running > 0 || (sent < end && !enough))) {
        struct worker_outcome outcome;
        while (sent < end && !enough && running < ahead && worker_has_room(&map->worker)) {
            struct task_reader_task task;
            struct span bytes;
            sent = next_task(sent, &task, &bytes);
            worker_add(&map->worker,
                       &(struct given){task.number, task.tries + 1, task.len, bytes.bytes});
            running++;
        }
        if (worker_take(&map->worker, LOOK_MS, &outcome, &job->env.fail)) {
            running--;
            ahead = outcome.ns > SHORT_NS ? 1 : ahead < AHEAD_MAX ? 2 * ahead : AHEAD_MAX;
            ok = finish(job, map, &taken, &outcome, outbox);
        } else {
            ok = job->env.fail.code == FAIL_NONE;
        }
        job->work.tasks.running = running;
        comm_step(job);
        send_report(job, map, false);
        ok = ok && (!map->task_queue || ledger_save(&job->env, &map->task_queue->ledger, false));
        enough = clock_ns() - begin_ns > GIVE_BACK_NS || job->env.arena.used_bytes >= full_bytes;
        if (ok && enough && sent < end) {
            ok = give_back(job, map, sent, end);
            sent = end;
            send_report(job, map, true);
        }
    }
    return ok;
}

/* Rank 0: brings in what of the results of earlier runs, in the journal, is combined by key. */
static bool replay(struct job *job, struct map_tasks *map, size_t full_bytes, struct box *outbox)
{
    const struct collect_form form = form_of(&job->env.options);
    struct ledger_entry entry;
    bool ok = true;
    map->replayed |= job->env.options.exec && form.collect == COLLECT_ORDER;
    while (ok && !map->replayed && job->env.arena.used_bytes < full_bytes) {
        map->replayed =
            !map->task_queue || !ledger_next(&job->env, &map->task_queue->ledger, &entry);
        if (map->replayed)
            break;
        ok = collect_add(&form, &map->outcome, entry.frames, entry.frames_len, outbox,
                         &job->env.fail);
        comm_step(job);
    }
    return ok && job->env.fail.code == FAIL_NONE;
}

static bool round_of_tasks(struct job *job, void *context, struct box *outbox)
{
    struct map_tasks *map = context;
    enum master_answer answer = MASTER_WORK;
    timing_enter(&job->timing, TIMING_MAP);
    size_t full_bytes = job->env.arena.used_bytes + job->env.budget.outbox_bytes;
    bool ok =
        fail_point(&job->env.fail, "map", job->comm.rank) && replay(job, map, full_bytes, outbox);
    while (ok && !map->ended && answer == MASTER_WORK && job->env.arena.used_bytes < full_bytes) {
        ok = master_ask(job, &map->report, &answer, &map->given);
        map->report.len = 0;
        map->reported_ns = clock_ns();
        if (ok && answer == MASTER_WORK)
            ok = run_tasks(job, map, full_bytes, outbox);
    }
    if (ok && answer == MASTER_END) {
        map->ended = true;
        ok = outcome_flush(&map->outcome, outbox, &job->env.fail);
    } else if (answer == MASTER_WORK && !map->ended) {
        master_leave(job, &map->report);
        map->report.len = 0;
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
    totals->tasks = task_queue->read + totals->resumed_tasks;
    totals->failed_tasks = task_queue->failed;
    totals->retried_tasks = task_queue->retried;
    totals->tasks_stopped = task_queue->stopped;
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
    uint64_t done = map->done;
    comm_sum(job, &done, 1);
    bool ok = !comm_is_root(job) || account(job, map);
    uint64_t shared[] = {totals->tasks, totals->failed_tasks, totals->retried_tasks,
                         totals->resumed_tasks, totals->tasks_stopped};
    comm_bcast(job, shared, sizeof shared);
    totals->tasks = shared[0];
    totals->failed_tasks = shared[1];
    totals->retried_tasks = shared[2];
    totals->resumed_tasks = shared[3];
    totals->tasks_stopped = shared[4] != 0;
    if (totals->tasks_stopped)
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
        && verify_tally(job, "the tasks", &map->results_tally, "their results", written);
}

static void close_tasks(struct job *job, void *context)
{
    struct map_tasks *map = context;
    worker_close(&map->worker);
    task_setting_free(job, &map->setting);
    outcome_free(&map->outcome);
    buffer_free(&map->given, &job->env.mem);
    buffer_free(&map->report, &job->env.mem);
    master_close(job);
    if (map->task_queue) {
        task_queue_free(job, map->task_queue);
        mem_free(&job->env.mem, map->task_queue, sizeof *map->task_queue);
    }
    *map = (struct map_tasks){0};
}

struct producer map_tasks_producer(struct map_tasks *tasks)
{
    return (struct producer){tasks,          open_tasks,  tasks_left,
                             round_of_tasks, check_tasks, close_tasks};
}
