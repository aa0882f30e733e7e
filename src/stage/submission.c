/* SPDX-License-Identifier: BSD-3-Clause */
/* A submission on rank 0: a queue of tasks with options, a journal and results of its own. No
 * collectives. */
#include "stage/submission.h"

#include "host/clock.h"
#include "job.h"
#include "stage/task_how.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum {
    CHECK_BYTES = 4 << 20, /* at once, 2 ms */
    SAVE_NS = 500000000,
    CANCELLED = 130, /* the exit status, as after SIGINT */
};

static bool left(struct job *job, void *context, const uint8_t *frames, size_t len)
{
    struct submission *submission = context;
    const struct collect_form form = result_writer_form(&submission->options);
    (void)job;
    return combined_add(&submission->combined, &form, frames, len);
}

/* Its end, without all of its results. */
static void give_up(struct job *job, struct submission *submission, enum spool_state_name name)
{
    struct fail unheard = {0};
    submission->state.name = name;
    submission->state.exit = job->env.fail.code;
    snprintf(submission->state.reason, sizeof submission->state.reason, "%s", job->env.fail.text);
    job->env.fail = (struct fail){0};
    if (!spool_state_write(submission->spool, submission->job.number, &submission->state, &unheard))
        fprintf(stderr, "%s: %s\n", job->env.options.program, unheard.text);
    submission->phase = SUBMISSION_ENDED;
}

/* Whether what was done went well; if not, the submission has ended. */
static bool goes_on(struct job *job, struct submission *submission)
{
    if (job->env.fail.code != FAIL_NONE)
        give_up(job, submission,
                submission->phase == SUBMISSION_CHECKED ? SPOOL_REFUSED : SPOOL_FAILED);
    return submission->phase != SUBMISSION_ENDED;
}

/* Beginning. */

/* A task of its own takes the place of that of the service. */
static bool choose_options(struct job *job, struct submission *submission, bool only)
{
    const struct spool_job *asked = &submission->job;
    struct options *options = &submission->options;
    *options = job->env.options;
    if (only && (asked->exec || asked->task || asked->shell || asked->chdir))
        return fail_set(&job->env.fail, FAIL_USAGE,
                        "this service runs its own task only: no --exec, --task, --shell, --chdir");
    if (asked->exec || asked->task) {
        options->exec = asked->exec;
        options->task = asked->task;
        options->task_arguments = asked->task_arguments;
    }
    options->shell = asked->shell ? asked->shell : options->shell;
    options->chdir = asked->chdir ? asked->chdir : options->chdir;
    options->range = asked->range;
    options->task_timeout_s =
        asked->task_timeout_s >= 0 ? asked->task_timeout_s : options->task_timeout_s;
    options->retries = asked->retries >= 0 ? (uint64_t)asked->retries : options->retries;
    if (asked->collect && !collect_find(asked->collect, &options->collect))
        return fail_set(&job->env.fail, FAIL_USAGE, "--collect: '%s' is none", asked->collect);
    options->journal = submission->journal;
    options->schedule = OPTIONS_SCHEDULE_DYNAMIC;
    if (!options->exec && !options->task)
        return fail_set(&job->env.fail, FAIL_USAGE,
                        "neither the submission nor the service says what is run: --exec, --task");
    return options_check_tasks(options, &job->env.fail);
}

static bool open_plan(struct job *job, struct submission *submission)
{
    struct catalog *catalog = &submission->plan.catalog;
    catalog->any_format = true; /* the client has made it text */
    return submission->options.range
             ? catalog_add_range(catalog, submission->options.range, &job->env.fail)
             : catalog_add(catalog, submission->tasks, false, &job->env.fail);
}

/* What an earlier service wrote stays until it is written again, and is the same. */
static bool open_part(struct job *job, struct submission *submission)
{
    struct output *part = &submission->part;
    struct result_writer *results = &submission->results;
    snprintf(part->name, sizeof part->name, "%s", submission->part_path);
    snprintf(part->path, sizeof part->path, "%s", submission->part_path);
    part->fd = open(part->path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (part->fd < 0)
        return fail_errno(&job->env.fail, FAIL_OUTPUT, part->name, errno);
    submission->checksum = XXH3_createState();
    if (!submission->checksum)
        return fail_set(&job->env.fail, FAIL_MEMORY, "memory: no checksum");
    XXH3_64bits_reset(submission->checksum);
    result_writer_init(results, &job->env, &submission->options, part, NULL, submission->checksum);
    return combined_init(&submission->combined, &job->env);
}

static bool open_queue(struct job *job, struct submission *submission)
{
    const struct task_queue_setup setup = {
        .options = &submission->options,
        .results = &submission->results,
        .failures = &submission->failures,
        .submission = submission->job.number,
        .left = left,
        .context = submission,
    };
    submission->phase = SUBMISSION_RUN; /* from here on what fails is no fault of the client */
    return open_part(job, submission)
        && task_queue_init(job, &submission->queue, &submission->plan, &setup)
        && task_how_put(&submission->options, &submission->how, &job->env.mem, &job->env.fail);
}

/* What can be known before its tasks are looked at. */
static bool prepare(struct job *job, struct submission *submission, bool only)
{
    const struct spool *spool = submission->spool;
    const uint64_t number = submission->job.number;
    struct fail *fail = &job->env.fail;
    bool found;
    bool ok = spool_job_read(spool, number, &submission->job, fail);
    submission->job.number = number;
    ok = ok && spool_state_read(spool, number, &submission->state, &found, fail)
      && choose_options(job, submission, only);
    submission->state.tasks = submission->job.tasks;
    return ok && spool_job_check_begin(&submission->check, spool, &submission->job, fail)
        && open_plan(job, submission);
}

void submission_begin(struct job *job, struct submission *submission, const struct spool *spool,
                      uint64_t number, bool only)
{
    *submission =
        (struct submission){.spool = spool, .job.number = number, .check.fd = -1, .part.fd = -1};
    catalog_init(&submission->plan.catalog, &job->env.mem);
    spool_path(spool, number, "tasks", submission->tasks);
    spool_path(spool, number, "part", submission->part_path);
    spool_path(spool, number, "journal", submission->journal);
    prepare(job, submission, only);
    goes_on(job, submission);
}

void submission_cancel(struct submission *submission)
{
    submission->cancelled = true;
    submission->queue.stopped = true;
}

/* The end. */

static bool put_combined(void *context, const uint8_t *bytes, size_t len)
{
    struct submission *submission = context;
    struct result_writer *results = &submission->results;
    bool ok = output_write(&submission->part, bytes, len, results->bytes, &results->env->fail);
    results->bytes += len;
    return ok;
}

static bool verify(struct job *job, const struct submission *submission)
{
    const struct tally *sent = &submission->arrived, *written = &submission->results.tally;
    if (sent->tokens == written->tokens && sent->keyed == written->keyed)
        return true;
    return fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: the keyed sums of the tasks and their results differ");
}

/* All results are in their file and on the disk. */
static bool complete(struct job *job, struct submission *submission)
{
    const struct task_queue *queue = &submission->queue;
    struct result_writer *results = &submission->results;
    const int fd = submission->part.fd;
    const uint64_t tasks = queue->read + queue->ledger.known;
    if (!queue->stopped && submission->state.tasks != tasks)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " tasks were handed in, %" PRIu64 " read",
                        submission->state.tasks, tasks);
    return result_writer_check(results, tasks, queue->failed) && result_writer_flush(results)
        && verify(job, submission)
        && combined_write(&submission->combined, put_combined, submission)
        && ((ftruncate(fd, (off_t)results->bytes) == 0 && fsync(fd) == 0)
            || fail_errno(&job->env.fail, FAIL_OUTPUT, submission->part_path, errno));
}

static void describe_failures(struct submission *submission)
{
    struct failures_entry entry;
    size_t at = 0;
    if (failures_next(&submission->failures, &at, &entry))
        snprintf(submission->state.reason, sizeof submission->state.reason,
                 "%" PRIu64 " task%s failed; the first, at byte %" PRIu64 ": %s",
                 submission->failures.len, submission->failures.len == 1 ? "" : "s", entry.offset,
                 entry.reason);
}

static void count(struct submission *submission)
{
    const struct task_queue *queue = &submission->queue;
    submission->state.done = queue->ledger.known + queue->done;
    submission->state.failed = queue->failed;
}

static void finish(struct job *job, struct submission *submission)
{
    struct spool_state *state = &submission->state;
    count(submission);
    if (!complete(job, submission)) {
        goes_on(job, submission);
        return;
    }
    state->name = submission->cancelled ? SPOOL_CANCELLED : SPOOL_DONE;
    state->exit = submission->cancelled ? CANCELLED : state->failed > 0 ? FAIL_TASKS : FAIL_NONE;
    state->result_bytes = submission->results.bytes;
    describe_failures(submission);
    if (spool_state_finish(submission->spool, submission->job.number, state, &job->env.fail)) {
        submission->phase = SUBMISSION_ENDED;
        ledger_close(&submission->queue.ledger);
        journal_remove(submission->journal);
    }
    goes_on(job, submission);
}

/* What an ended one without tasks or results has. */
static bool cancel_unbegun(struct job *job, struct submission *submission)
{
    if (!submission->cancelled || submission->phase != SUBMISSION_CHECKED)
        return false;
    submission->state.result_bytes = 0;
    fail_set(&job->env.fail, CANCELLED, "%s", "");
    give_up(job, submission, SPOOL_CANCELLED);
    return true;
}

/* Working. */

static enum master_answer check_more(struct job *job, struct submission *submission)
{
    bool done = false;
    if (cancel_unbegun(job, submission))
        return MASTER_END;
    if (spool_job_check_more(&submission->check, CHECK_BYTES, &done, &job->env.fail) && done) {
        spool_job_check_end(&submission->check);
        open_queue(job, submission);
    }
    return goes_on(job, submission) ? MASTER_LATER : MASTER_END;
}

enum master_answer submission_give(struct job *job, struct submission *submission, int rank,
                                   struct buffer *work)
{
    struct task_queue *queue = &submission->queue;
    if (submission->phase == SUBMISSION_ENDED)
        return MASTER_END; /* it was refused */
    if (submission->phase == SUBMISSION_CHECKED)
        return check_more(job, submission);
    if (!env_append(&job->env, work, submission->how.bytes, submission->how.len))
        return MASTER_LATER;
    enum master_answer answer = queue->policy.give(job, queue, rank, work);
    if (answer != MASTER_WORK)
        work->len = 0;
    if (!goes_on(job, submission))
        return MASTER_END;
    if (answer == MASTER_END)
        finish(job, submission);
    return submission->phase == SUBMISSION_ENDED ? MASTER_END : answer;
}

/* The results in a report, as their ranks have sent them. */
static void tally(struct submission *submission, const uint8_t *report, size_t len)
{
    const struct collect_form form = result_writer_form(&submission->options);
    for (const uint8_t *end = report + len; report < end;) {
        struct task_queue_report head;
        const uint8_t *result;
        size_t result_len;
        memcpy(&head, report, sizeof head);
        report += sizeof head;
        struct collect_place place = {.file = head.task.file, .offset = head.task.offset};
        const uint8_t *at = report, *frames_end = report + head.bytes;
        for (; head.state == TASK_QUEUE_DONE
               && collect_next(&form, &at, frames_end, &result, &result_len);
             place.part++)
            if (submission->options.verify)
                collect_tally(&place, result, result_len, &submission->arrived);
        report += mem_padded(head.bytes);
    }
}

void submission_take(struct job *job, struct submission *submission, int rank,
                     const uint8_t *report, size_t len)
{
    struct task_queue *queue = &submission->queue;
    if (submission->phase != SUBMISSION_RUN)
        return;
    tally(submission, report, len);
    queue->policy.take(job, queue, rank, report, len);
    goes_on(job, submission);
}

/* What clients see changes, but results that were there stay. */
static bool save_state(struct job *job, struct submission *submission)
{
    struct spool_state *state = &submission->state;
    const uint64_t bytes = submission->results.bytes;
    count(submission);
    if (bytes > state->result_bytes) {
        if (fdatasync(submission->part.fd) != 0)
            return fail_errno(&job->env.fail, FAIL_OUTPUT, submission->part_path, errno);
        state->result_bytes = bytes;
    }
    return spool_state_write(submission->spool, submission->job.number, state, &job->env.fail);
}

void submission_save(struct job *job, struct submission *submission, bool all)
{
    const uint64_t now = clock_ns();
    struct spool_state *state = &submission->state;
    if (submission->phase != SUBMISSION_RUN)
        return;
    bool ok = ledger_save(&job->env, &submission->queue.ledger, all);
    if (ok && (all || now - submission->saved_ns >= SAVE_NS)) {
        const uint64_t shown = submission->results.bytes + submission->queue.done
                             + submission->queue.failed + submission->queue.ledger.known + 1;
        submission->saved_ns = now;
        state->name = all ? SPOOL_QUEUED : SPOOL_RUNNING;
        if (all || shown != submission->shown)
            save_state(job, submission);
        submission->shown = shown;
    }
    goes_on(job, submission);
}

void submission_free(struct job *job, struct submission *submission)
{
    spool_job_check_end(&submission->check);
    combined_free(&submission->combined);
    if (submission->queue.policy.context)
        task_queue_free(job, &submission->queue);
    result_writer_free(&submission->results);
    failures_free(&submission->failures, &job->env.mem);
    buffer_free(&submission->how, &job->env.mem);
    output_close(&submission->part);
    catalog_free(&submission->plan.catalog);
    XXH3_freeState(submission->checksum);
    submission->checksum = NULL;
    spool_job_free(&submission->job);
}
