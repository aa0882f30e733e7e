/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks on rank 0. They are read in order, a part of the inputs at a time, and never held longer
 * than it takes to give them to somebody, but for those that wait to be tried again.
 *
 * Dynamic: who asks gets as many as it can probably do in a twentieth of a second, at the rate of
 * its last ones, and one at first. So short tasks cost a question for hundreds, long ones are given
 * out one by one, a slow host gets fewer, and nobody ends much later than the others, though
 * neither the number of tasks nor their length is known before.
 *
 * Static: task i belongs to rank i modulo ranks. What is read for another rank waits for it.
 *
 * A task that failed is not given to the same host again while there are others, nor to the same
 * rank: what is wrong with a host or its disk would fail all tries. It waits a while, and longer
 * each time: what is wrong may pass. Where no task is done and all fail for one reason, what is
 * wrong is the command, and nothing is tried again. No collectives. */
#include "stage/task_queue.h"

#include "host/clock.h"
#include "job.h"

enum {
    GIVEN_NS = 50000000,
    GIVEN_SHARE = 64, /* of the memory, for the tasks given at once; but always one task */
    GIVEN_MAX_TASKS = 65536,
    WAITING_SHARE = 8, /* of the memory, for tasks of a static schedule that wait for their rank */
};

/* Appends a task in the form in which it is sent. */
static bool append(struct job *job, struct buffer *to, const struct task_reader_task *task,
                   const uint8_t *bytes)
{
    static const uint8_t padding[8];
    return env_append(&job->env, to, task, sizeof *task)
        && env_append(&job->env, to, bytes, task->len)
        && env_append(&job->env, to, padding, mem_padded(task->len) - task->len);
}

/* Moves the first task of a queue to `work`. False when there is none, or it is not due yet, or
 * with fail set. */
static bool shift(struct job *job, struct task_queue_list *queue, uint64_t now_ns,
                  struct buffer *work)
{
    struct task_reader_task task;
    if (queue->taken == queue->bytes.len)
        return false;
    const uint8_t *at = queue->bytes.bytes + queue->taken;
    memcpy(&task, at, sizeof task);
    if (task.due_ns > now_ns)
        return false;
    queue->taken += sizeof task + mem_padded(task.len);
    bool ok = append(job, work, &task, at + sizeof task);
    if (queue->taken >= queue->bytes.len / 2) {
        queue->bytes.len -= queue->taken;
        memmove(queue->bytes.bytes, queue->bytes.bytes + queue->taken, queue->bytes.len);
        queue->taken = 0;
    }
    return ok;
}

/* An earlier run has done this task. */
static bool add_known(struct job *job, struct task_queue *task_queue,
                      const struct task_reader_task *task)
{
    const struct task_queue_setup *setup = &task_queue->setup;
    const uint8_t *frames;
    size_t len;
    if (setup->left
        && (!ledger_fetch(&job->env, &task_queue->ledger, task->file, task->offset, &frames, &len)
            || !setup->left(job, setup->context, frames, len)))
        return false;
    return result_writer_add_known(setup->results, task);
}

/* Appends the next task that has to be run. False at the end of the inputs, while a stream has
 * none or too many results wait, or with fail set. */
static bool read_task(struct job *job, struct task_queue *task_queue, struct buffer *to)
{
    struct task_reader_task task;
    const uint8_t *bytes;
    for (;;) {
        if (result_writer_is_full(task_queue->setup.results)
            || !task_reader_next(job, &task_queue->tasks, &task, &bytes))
            return false;
        if (!ledger_has(&job->env, &task_queue->ledger, &task, bytes))
            break;
        if (!add_known(job, task_queue, &task))
            return false;
    }
    task.submission = task_queue->setup.submission;
    task_queue->read++;
    return job->env.fail.code == FAIL_NONE && append(job, to, &task, bytes);
}

/* Whether two ranks are on one host, though there are others. */
static bool on_same_host(const struct job *job, int a, int b)
{
    return job->comm.hosts - job->lost.hosts > 1
        && job->comm.places[a].host == job->comm.places[b].host;
}

/* One more task for `rank` of those that were given before. */
static bool give_again(struct job *job, struct task_queue *task_queue, int rank,
                       struct buffer *work)
{
    const uint64_t now_ns = task_queue->again_len > 0 ? clock_ns() : 0;
    if (shift(job, &task_queue->returned, UINT64_MAX, work))
        return true;
    for (int i = 1; i <= job->comm.size && task_queue->again_len > 0; i++) {
        int from = (rank + i) % job->comm.size;
        if (from != rank ? on_same_host(job, from, rank) : job->task_ranks > 1)
            continue; /* for others */
        if (shift(job, &task_queue->ranks[from].again, now_ns, work)) {
            task_queue->again_len--;
            return true;
        }
    }
    return false;
}

/* One more task for `rank` that is its own by its number, reading those of others on the way as far
 * as there is room for them. */
static bool give_own(struct job *job, struct task_queue *task_queue, int rank, struct buffer *work)
{
    struct task_queue_list *queue = &task_queue->ranks[rank].own;
    if (queue->bytes.len > queue->taken) {
        size_t before = work->len;
        bool ok = shift(job, queue, UINT64_MAX, work);
        task_queue->own_bytes -= work->len - before;
        return ok;
    }
    while (!task_queue->tasks.ended
           && task_queue->own_bytes < job->env.budget.memory_bytes / WAITING_SHARE) {
        int owner = (int)(task_queue->read % (uint64_t)job->comm.size);
        struct buffer *to = owner == rank ? work : &task_queue->ranks[owner].own.bytes;
        size_t before = to->len;
        const bool ok = read_task(job, task_queue, to);
        if (!ok || owner == rank)
            return ok;
        task_queue->own_bytes += to->len - before;
    }
    return false;
}

static bool give_one(struct job *job, struct task_queue *task_queue, int rank, struct buffer *work)
{
    if (give_again(job, task_queue, rank, work))
        return true;
    if (job->env.fail.code != FAIL_NONE)
        return false;
    if (task_queue->setup.options->schedule == OPTIONS_SCHEDULE_STATIC)
        return give_own(job, task_queue, rank, work);
    return !task_queue->tasks.ended && read_task(job, task_queue, work);
}

static bool is_hopeless(const struct job *job, const struct task_queue *task_queue)
{
    return task_queue->done == 0 && task_queue->ledger.known == 0
        && retry_is_hopeless(&task_queue->retry, job->comm.size);
}

static uint64_t most_failures(const struct options *options)
{
    return options->fail_fast ? 1 : options->max_failures ? options->max_failures : UINT64_MAX;
}

/* A task that has failed for good, or is not to be run. */
static bool give_up(struct job *job, struct task_queue *task_queue,
                    const struct ledger_entry *entry)
{
    const struct failures_entry failure = {
        .file = catalog_name(task_queue->tasks.reader.catalog, entry->task.file),
        .reason = entry->reason,
        .task = entry->bytes,
        .offset = entry->task.offset,
        .file_index = entry->task.file,
        .task_len = entry->task.len,
        .tries = entry->task.tries,
        .rank = entry->rank,
    };
    task_queue->failed++;
    task_queue->ranks[entry->rank].failed++;
    retry_note_task(&task_queue->retry, entry->reason);
    task_queue->stopped |= task_queue->failed >= most_failures(task_queue->setup.options);
    return failures_add(task_queue->setup.failures, &job->env.mem, &failure, &job->env.fail)
        && result_writer_skip(task_queue->setup.results, &entry->task);
}

/* Gives up what waits in a queue. */
static bool abandon_queue(struct job *job, struct task_queue *task_queue,
                          struct task_queue_list *queue)
{
    struct buffer work = {0};
    bool ok = true;
    while (ok && shift(job, queue, UINT64_MAX, &work)) {
        struct ledger_entry entry = {.reason = "not run again, because others have failed"};
        memcpy(&entry.task, work.bytes, sizeof entry.task);
        entry.bytes = work.bytes + sizeof entry.task;
        if (entry.task.tries == 0)
            entry.reason = "not run, because others have failed";
        ok = give_up(job, task_queue, &entry);
        work.len = 0;
    }
    buffer_free(&work, &job->env.mem);
    return ok && job->env.fail.code == FAIL_NONE;
}

/* What waits is not begun any more; the journal does not know it, and a run that goes on with it
 * runs it. */
static bool abandon(struct job *job, struct task_queue *task_queue)
{
    bool ok = abandon_queue(job, task_queue, &task_queue->returned);
    for (int rank = 0; ok && rank < job->comm.size; rank++)
        ok = abandon_queue(job, task_queue, &task_queue->ranks[rank].own)
          && abandon_queue(job, task_queue, &task_queue->ranks[rank].again);
    task_queue->own_bytes = task_queue->again_len = 0;
    return ok;
}

/* How many tasks a rank gets at once. */
static uint64_t quota(const struct task_queue_rank *rank)
{
    if (rank->task_ns == 0)
        return 1;
    double tasks = GIVEN_NS / rank->task_ns;
    return tasks > GIVEN_MAX_TASKS ? GIVEN_MAX_TASKS : tasks < 1 ? 1 : (uint64_t)tasks;
}

/* What is known of the list, where there is but one. */
static void note_list(struct job *job, const struct task_queue *task_queue)
{
    if (task_queue->setup.submission == 0)
        job->read_tasks =
            task_reader_seen(job, &task_queue->tasks, &job->all_read) - task_queue->ledger.known;
}

static enum master_answer give(struct job *job, void *context, int rank, struct buffer *work)
{
    struct task_queue *task_queue = context;
    struct task_queue_rank *to = &task_queue->ranks[rank];
    size_t most_bytes = job->env.budget.memory_bytes / GIVEN_SHARE;
    uint64_t given = 0;
    if (task_queue->stopped && !abandon(job, task_queue))
        return MASTER_ROUND;
    const bool closed = task_queue->stopped || job->progress.winds_down;
    for (uint64_t most = quota(to); !closed && given < most && work->len < most_bytes; given++)
        if (!give_one(job, task_queue, rank, work))
            break;
    note_list(job, task_queue);
    to->given += given;
    task_queue->out += given;
    result_writer_flush(task_queue->setup.results); /* of tasks that the journal knows */
    if (given > 0)
        return MASTER_WORK;
    bool waiting = task_queue->own_bytes > 0 || task_queue->again_len > 0
                || task_queue->returned.bytes.len > task_queue->returned.taken;
    bool read = task_queue->tasks.ended || task_queue->stopped;
    bool ended = (job->progress.winds_down || (read && !waiting)) && task_queue->out == 0;
    task_queue->wound_down = ended && (!read || waiting);
    ledger_save(&job->env, &task_queue->ledger, ended);
    return ended ? MASTER_END : MASTER_LATER;
}

/* A task that failed is tried again, or given up. */
static bool try_again(struct job *job, struct task_queue *task_queue,
                      struct task_queue_report *report, int rank, const uint8_t *bytes)
{
    report->task.tries++;
    retry_note_try(&task_queue->retry, report->exit, (const char *)bytes);
    const struct ledger_entry entry = {
        .task = report->task,
        .rank = rank,
        .ns = report->ns,
        .reason = (const char *)bytes,
        .bytes = bytes + report->reason_bytes,
    };
    if (report->task.tries > task_queue->setup.options->retries || task_queue->stopped
        || is_hopeless(job, task_queue))
        return give_up(job, task_queue, &entry) && ledger_add(job, &task_queue->ledger, &entry);
    report->task.due_ns =
        clock_ns() + retry_pause_ns(report->task.tries, task_queue->setup.options->timeout_s);
    task_queue->retried++;
    task_queue->again_len++;
    return append(job, &task_queue->ranks[rank].again.bytes, &report->task,
                  bytes + report->reason_bytes);
}

static bool finish(struct job *job, struct task_queue *task_queue,
                   const struct task_queue_report *report, int rank, const uint8_t *bytes)
{
    struct ledger_entry entry = {
        .task = report->task,
        .done = true,
        .rank = rank,
        .ns = report->ns,
        .frames = bytes,
        .frames_len = report->bytes,
    };
    entry.task.tries++;
    task_queue->done++;
    task_queue->ranks[rank].done++;
    const struct task_queue_setup *setup = &task_queue->setup;
    return ledger_add(job, &task_queue->ledger, &entry)
        && (!setup->left || setup->left(job, setup->context, entry.frames, entry.frames_len))
        && result_writer_add(setup->results, &entry);
}

/* How long a task of this rank takes: what it did lately counts most. */
static void learn(struct task_queue_rank *rank, uint64_t ns)
{
    enum { MEMORY = 8 };
    double now = ns ? (double)ns : 1;
    rank->task_ns = rank->task_ns == 0 ? now : rank->task_ns + (now - rank->task_ns) / MEMORY;
}

static void log_try(struct job *job, struct task_queue *task_queue,
                    const struct task_queue_report *report, int rank, const uint8_t *bytes)
{
    const bool failed = report->state == TASK_QUEUE_FAILED;
    if (task_queue->log.file && report->state != TASK_QUEUE_RETURNED)
        task_log_add(&task_queue->log,
                     &(struct task_log_entry){.number = report->task.number,
                                              .attempt = report->task.tries + 1,
                                              .rank = rank,
                                              .host = comm_host_of(job, rank),
                                              .end_ns = report->end_ns,
                                              .ns = report->ns,
                                              .exit = report->exit,
                                              .reason = failed ? (const char *)bytes : NULL});
}

static bool take(struct job *job, void *context, int rank, const uint8_t *report, size_t len)
{
    struct task_queue *task_queue = context;
    struct task_queue_rank *from = &task_queue->ranks[rank];
    const uint8_t *end = report + len;
    bool ok = true;
    while (ok && report < end) {
        struct task_queue_report head;
        memcpy(&head, report, sizeof head);
        report += sizeof head;
        from->given--;
        task_queue->out--;
        log_try(job, task_queue, &head, rank, report);
        if (head.state != TASK_QUEUE_RETURNED)
            learn(from, head.ns);
        ok = head.state == TASK_QUEUE_RETURNED
               ? append(job, &task_queue->returned.bytes, &head.task, report)
           : head.state == TASK_QUEUE_FAILED ? try_again(job, task_queue, &head, rank, report)
                                             : finish(job, task_queue, &head, rank, report);
        report += mem_padded(head.bytes);
    }
    return task_log_flush(&task_queue->log, &job->env.fail) && ok
        && result_writer_flush(task_queue->setup.results);
}

bool task_queue_init(struct job *job, struct task_queue *task_queue, const struct plan *plan,
                     const struct task_queue_setup *setup)
{
    task_queue->setup = *setup;
    setup->results->ledger = &task_queue->ledger;
    task_queue->policy = (struct master_policy){.context = task_queue, .take = take, .give = give};
    bool ok = task_reader_init(job, &task_queue->tasks, plan);
    task_queue->ranks = mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *task_queue->ranks,
                                  &job->env.fail);
    const char *log = setup->options->log;
    return ok && task_queue->ranks
        && ledger_open(&job->env, &task_queue->ledger, setup->options, plan)
        && (!log || task_log_open(&task_queue->log, log, &job->env.fail));
}

void task_queue_free(struct job *job, struct task_queue *task_queue)
{
    size_t size = (size_t)job->comm.size;
    ledger_close(&task_queue->ledger);
    task_log_close(&task_queue->log);
    task_reader_free(job, &task_queue->tasks);
    for (size_t rank = 0; task_queue->ranks && rank < size; rank++) {
        buffer_free(&task_queue->ranks[rank].own.bytes, &job->env.mem);
        buffer_free(&task_queue->ranks[rank].again.bytes, &job->env.mem);
    }
    buffer_free(&task_queue->returned.bytes, &job->env.mem);
    mem_free(&job->env.mem, task_queue->ranks, size * sizeof *task_queue->ranks);
    *task_queue = (struct task_queue){0};
}
