/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks run in the rank's worker process, and the rank only looks after it: so it always answers,
 * however long a task takes.
 *
 * What was given is handed back, as far as it is not begun, as soon as it takes much longer than
 * was meant, or the rank can take no more. What has failed is reported at once, what is done after
 * a fifth of a second at the latest. No collectives. */
#include "stage/task_rank.h"

#include "comm/start_watch.h"
#include "host/clock.h"
#include "job.h"
#include "task/frame.h"
#include "text/escape.h"

enum {
    LOOK_MS = 1, /* between two looks at other ranks while a task runs */
    AHEAD_MAX = 16,
    AHEAD_NS = 500000, /* of tasks that are shorter, so many are sent ahead as take so long */
    GIVE_BACK_NS = 200000000,
    SHOWN_NS = 50000000,
    REPORT_NS = 200000000,
    REPORT_SHARE = 64, /* of the memory, for what is reported at once, but always one task */
    LIMIT_SHARE = 8,   /* of the memory, for what one task leaves: it is held up to four times */
};

bool task_rank_start(struct job *job, struct task_rank *rank, const struct options *how)
{
    uint8_t separator = 0;
    const bool columns = how->colsep && escape_parse(how->colsep, &separator);
    const struct worker_setup setup = {
        .task = how->task,
        .exec = how->exec,
        .arguments = how->task_arguments,
        .home = rank->setting.home,
        .folder = how->chdir,
        .shell = how->shell,
        .separator = columns ? separator : -1,
        .delay_s = how->delay_s,
        .timeout_s = how->task_timeout_s,
        .start_s = job->env.options.timeout_s,
        .memory_bytes = how->task_memory_bytes,
        .processors = how->task_cores > 0 ? &rank->setting.processors.processors : NULL,
        .limit_bytes = job->env.budget.memory_bytes / LIMIT_SHARE,
        .isolate = how->isolate,
    };
    worker_close(&rank->worker);
    rank->how = how;
    if (!how->isolate)
        start_watch_load(job->env.options.program, job->env.options.timeout_s, job->comm.rank,
                         how->task);
    const bool ok = worker_open(&rank->worker, &job->env.mem, &setup, &job->env.fail);
    start_watch_end();
    return ok;
}

bool task_rank_ask(struct job *job, struct task_rank *rank, enum master_answer *answer)
{
    bool ok = master_ask(job, &rank->report, answer, &rank->given);
    rank->report.len = 0;
    rank->reported_ns = clock_ns();
    return ok;
}

struct span {
    const void *bytes;
    size_t len;
};

/* Adds to the report: a head, and what follows it. */
static bool report(struct job *job, struct task_rank *rank, struct task_queue_report *head,
                   struct span first, struct span second)
{
    static const uint8_t padding[8];
    struct buffer *to = &rank->report;
    head->bytes = first.len + second.len;
    return env_append(&job->env, to, head, sizeof *head)
        && env_append(&job->env, to, first.bytes, first.len)
        && env_append(&job->env, to, second.bytes, second.len)
        && env_append(&job->env, to, padding, mem_padded(head->bytes) - head->bytes);
}

/* Sends the report, now or when there is a reason to. */
static void send_report(struct job *job, struct task_rank *rank, bool now)
{
    const bool full = rank->report.len > job->env.budget.memory_bytes / REPORT_SHARE;
    if (rank->report.len == 0 || (!now && !full && clock_ns() - rank->reported_ns < REPORT_NS))
        return;
    master_report(job, &rank->report);
    rank->report.len = 0;
    rank->reported_ns = clock_ns();
}

/* The task at `at` among those that were given; returns where the next one is. */
static const uint8_t *next_task(const uint8_t *at, struct task_reader_task *task,
                                struct span *bytes)
{
    memcpy(task, at, sizeof *task);
    *bytes = (struct span){at + sizeof *task, task->len};
    return at + sizeof *task + mem_padded(task->len);
}

static bool finish_failed(struct job *job, struct task_rank *rank, struct task_queue_report *head,
                          struct span bytes, const char *reason)
{
    struct span text = {reason, strlen(reason) + 1};
    job->work.tasks.failed++;
    head->state = TASK_QUEUE_FAILED;
    head->reason_bytes = (uint32_t)text.len;
    bool ok = report(job, rank, head, text, bytes);
    send_report(job, rank, true);
    return ok;
}

/* Reports a task that is done, with what rank 0 wants of its frames: all for the journal, otherwise
 * the results that are kept as they are. */
static bool report_done(struct job *job, struct task_rank *rank, struct task_queue_report *head,
                        struct span frames)
{
    static const uint8_t padding[8];
    struct env *env = &job->env;
    struct buffer *to = &rank->report;
    const struct collect_form form = result_writer_form(rank->how);
    struct collect_place place = {.file = head->task.file, .offset = head->task.offset};
    const uint8_t *at = frames.bytes, *end = at + frames.len, *result;
    const size_t begin = to->len;
    size_t len;
    bool ok = env_append(env, to, head, sizeof *head)
           && (!rank->all_frames || env_append(env, to, frames.bytes, frames.len));
    for (; ok && collect_next(&form, &at, end, &result, &len); place.part++) {
        const uint8_t *frame = result - FRAME_HEADER_BYTES;
        if (env->options.verify)
            collect_tally(&place, result, len, &rank->results);
        ok = rank->all_frames || env_append(env, to, frame, (size_t)(at - frame));
    }
    if (!ok)
        return false;
    head->bytes = to->len - begin - sizeof *head;
    memcpy(to->bytes + begin, head, sizeof *head);
    return env_append(env, to, padding, mem_padded(head->bytes) - head->bytes);
}

/* The task at *at has ended, one way or the other; *at moves to the next one. */
static bool finish(struct job *job, struct task_rank *rank, const uint8_t **at,
                   struct worker_outcome *outcome)
{
    const struct task_rank_hooks *hooks = &rank->hooks;
    struct task_queue_report head = {.ns = outcome->ns,
                                     .end_ns = rank->how->log ? clock_calendar_ns() : 0,
                                     .state = TASK_QUEUE_DONE,
                                     .exit = outcome->exit};
    struct span bytes, frames = {outcome->frames, outcome->frames_len};
    *at = next_task(*at, &head.task, &bytes);
    job->work.tasks.busy_ns += outcome->ns;
    bool good = outcome->done
             && collect_check(rank->how->collect, outcome->frames, outcome->frames_len,
                              outcome->reason, sizeof outcome->reason);
    if (!good)
        return finish_failed(job, rank, &head, bytes, outcome->reason);
    job->work.tasks.done++;
    rank->done++;
    return (!hooks->done || hooks->done(job, hooks->context, frames.bytes, frames.len))
        && report_done(job, rank, &head, frames);
}

/* Hands back what lies between `at` and `end`. */
static bool give_back(struct job *job, struct task_rank *rank, const uint8_t *at,
                      const uint8_t *end)
{
    bool ok = true;
    while (ok && at < end) {
        struct task_queue_report head = {.state = TASK_QUEUE_RETURNED};
        struct span bytes;
        at = next_task(at, &head.task, &bytes);
        ok = report(job, rank, &head, bytes, (struct span){0});
    }
    return ok;
}

/* How many tasks the worker has, the one that runs included, after one took `ns`. What is with it
 * waits for the one that runs, however long that takes, and is nobody else's any more. */
static size_t more_ahead(size_t ahead, uint64_t ns)
{
    const uint64_t fit = ns > 0 ? AHEAD_NS / ns : AHEAD_MAX;
    const uint64_t most = fit < 1 ? 1 : fit > AHEAD_MAX ? AHEAD_MAX : fit;
    return 2 * ahead < most ? 2 * ahead : (size_t)most;
}

/* Which task has run longest, for those who look: what is over soon is nothing to be shown. */
static void note_running(struct job *job, const uint8_t *oldest, const uint8_t *sent, uint64_t now)
{
    struct snapshot_running *running = &job->running;
    struct task_reader_task task;
    struct span bytes;
    if (oldest == sent || now - job->running_since_ns < SHOWN_NS) {
        running->number = 0;
        return;
    }
    if (running->number)
        return;
    next_task(oldest, &task, &bytes);
    const size_t len = bytes.len < sizeof running->text - 1 ? bytes.len : sizeof running->text - 1;
    running->number = task.number;
    memcpy(running->text, bytes.bytes, len);
    running->text[len] = '\0';
}

/* Begins as many tasks as the worker may have at once; returns where the next one is. */
static const uint8_t *send_ahead(struct task_rank *rank, const uint8_t *sent, const uint8_t *end,
                                 size_t ahead, size_t *running)
{
    while (sent < end && *running < ahead && worker_has_room(&rank->worker)) {
        struct task_reader_task task;
        struct span bytes;
        sent = next_task(sent, &task, &bytes);
        worker_add(&rank->worker,
                   &(struct given){task.number, task.tries + 1, task.len, bytes.bytes});
        ++*running;
    }
    return sent;
}

/* `sent` is where the next task to begin is, `taken` the oldest that has not ended. */
bool task_rank_run(struct job *job, struct task_rank *rank, size_t at)
{
    const struct task_rank_hooks *hooks = &rank->hooks;
    const uint8_t *taken = rank->given.bytes + at, *sent = taken;
    const uint8_t *end = rank->given.bytes + rank->given.len;
    const uint64_t begin_ns = clock_ns();
    uint64_t now_ns = job->running_since_ns = begin_ns;
    size_t running = 0, ahead = 1;
    bool ok = true, enough = false;
    while (ok && (running > 0 || sent < end)) {
        struct worker_outcome outcome;
        sent = send_ahead(rank, sent, end, ahead, &running);
        if (worker_take(&rank->worker, LOOK_MS, &outcome, &job->env.fail)) {
            running--;
            job->running.number = 0;
            job->running_since_ns = now_ns;
            ahead = more_ahead(ahead, outcome.ns);
            ok = finish(job, rank, &taken, &outcome);
        } else if (master_is_over(job)) {
            worker_close(&rank->worker);
            return job->env.fail.code == FAIL_NONE;
        } else {
            ok = job->env.fail.code == FAIL_NONE;
        }
        job->work.tasks.running = running;
        comm_step(job);
        send_report(job, rank, false);
        ok = ok && (!hooks->poll || hooks->poll(job, hooks->context));
        now_ns = clock_ns();
        note_running(job, taken, sent, now_ns);
        enough = now_ns - begin_ns > GIVE_BACK_NS || job->progress.winds_down
              || (hooks->full && hooks->full(job, hooks->context));
        if (ok && enough && sent < end) {
            ok = give_back(job, rank, sent, end);
            sent = end;
            send_report(job, rank, true);
        }
    }
    return ok;
}

bool task_rank_refuse(struct job *job, struct task_rank *rank, size_t at, const char *reason)
{
    const uint8_t *task = rank->given.bytes + at, *end = rank->given.bytes + rank->given.len;
    bool ok = true;
    while (ok && task < end) {
        struct task_queue_report head = {.exit = -1};
        struct span bytes;
        task = next_task(task, &head.task, &bytes);
        ok = finish_failed(job, rank, &head, bytes, reason);
    }
    return ok;
}

void task_rank_close(struct job *job, struct task_rank *rank)
{
    worker_close(&rank->worker);
    task_setting_free(job, &rank->setting);
    buffer_free(&rank->given, &job->env.mem);
    buffer_free(&rank->report, &job->env.mem);
}
