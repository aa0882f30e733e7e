/* SPDX-License-Identifier: BSD-3-Clause */
/* The service. All ranks ask rank 0 for tasks, as in a run of one list; what rank 0 gives comes
 * from the submissions in turn, a few of which are open at a time, oldest first. How its tasks are
 * run goes with them, and a rank that ran others before starts its worker anew. All that tasks
 * leave comes to rank 0, whose journals have it before clients see it: there is no shuffle, so
 * nobody waits for all.
 *
 * Where the launcher lets ranks go on without others, what a lost rank had is tried again by
 * others, and there is no collective from the first task to the last: that all have come to the end
 * they find out by progress_finish, and those that are left begin anew.
 *
 * Collectives, in order. serve_run: agree, those of task_setting_share, agree, those of
 * report_open, agree, agree, agree (the service has ended; where ranks may be lost, those of
 * lost_end), agree, Ibcast, those of report_run and report_commit. */
#include "stage/serve.h"

#include "comm/agree.h"
#include "host/clock.h"
#include "job.h"
#include "spool/spool_look.h"
#include "stage/held.h"
#include "stage/report.h"
#include "stage/submission.h"
#include "stage/task_how.h"
#include "stage/task_rank.h"
#include "task/child.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPEN_MAX = 8,        /* submissions; each has buffers */
    LOOK_NS = 200000000, /* between two looks into the folder, */
    LOOK_SHARE = 20,     /* and so many times what one takes */
};

/* Rank 0. */
struct desk {
    struct spool spool;
    struct spool_look look;
    struct submission *open[OPEN_MAX];
    size_t open_len, next; /* whose turn it is */
    uint64_t waiting;      /* submissions that are not open */
    uint64_t look_ns;      /* when to look again */
    uint64_t busy_ns;      /* when there was something to do */
    bool ended;
    struct held *held; /* of each rank, where ranks may be lost; else NULL */
    struct master_policy policy;
};

struct serve {
    struct desk *desk; /* NULL but on rank 0 */
    struct master master;
    struct task_rank rank;
    struct options how;  /* tasks of this rank are run */
    struct buffer given; /* what `how` was made of; its texts are there */
};

/* Rank 0. */

static void admit(struct job *job, struct desk *desk, struct spool_entry *entry)
{
    struct submission *submission = mem_alloc(&job->env.mem, sizeof *submission, &job->env.fail);
    if (!submission)
        return;
    entry->taken = true;
    desk->open[desk->open_len++] = submission;
    submission_begin(job, submission, &desk->spool, entry->number, job->env.options.only);
    report_say(job, "submission %" PRIu64 ": %s", entry->number,
               submission->phase == SUBMISSION_ENDED ? submission->state.reason : "begun");
}

static struct submission *find(const struct desk *desk, uint64_t number)
{
    for (size_t i = 0; i < desk->open_len; i++)
        if (desk->open[i]->job.number == number)
            return desk->open[i];
    return NULL;
}

/* What is in the folder, now and then. */
static void look(struct job *job, struct desk *desk)
{
    const uint64_t now = clock_ns();
    if (now < desk->look_ns || !spool_look(&desk->look, &desk->spool, &job->env.fail))
        return;
    desk->waiting = 0;
    for (size_t i = 0; i < desk->look.len; i++) {
        struct spool_entry *entry = &desk->look.entries[i];
        if (entry->final)
            continue;
        if (!entry->taken && desk->open_len < OPEN_MAX && !job->progress.winds_down)
            admit(job, desk, entry);
        desk->waiting += !entry->taken;
        struct submission *submission = entry->taken ? find(desk, entry->number) : NULL;
        if (submission && entry->cancelled)
            submission_cancel(submission);
    }
    const uint64_t took = clock_ns() - now;
    desk->look_ns = now + LOOK_NS + LOOK_SHARE * took;
}

/* One that has ended. */
static void close_submission(struct job *job, struct desk *desk, size_t at)
{
    struct submission *submission = desk->open[at];
    const struct spool_state *state = &submission->state;
    struct snapshot_totals *totals = &job->totals;
    report_say(job, "submission %" PRIu64 ": %s, %" PRIu64 " tasks done, %" PRIu64 " failed",
               submission->job.number, spool_state_word(state->name), state->done, state->failed);
    totals->tasks += state->done + state->failed;
    totals->failed_tasks += state->failed;
    totals->retried_tasks += submission->queue.retried;
    totals->resumed_tasks += submission->queue.ledger.known;
    totals->output_bytes += submission->results.bytes;
    submission_free(job, submission);
    mem_free(&job->env.mem, submission, sizeof *submission);
    desk->open_len--;
    memmove(desk->open + at, desk->open + at + 1, (desk->open_len - at) * sizeof *desk->open);
    desk->look_ns = 0; /* another one may have its place */
}

static bool is_over(struct job *job, struct desk *desk)
{
    const double idle_s = (double)(clock_ns() - desk->busy_ns) / 1e9;
    if (job->progress.winds_down) {
        bool out = false;
        for (size_t i = 0; i < desk->open_len; i++)
            out |= desk->open[i]->queue.out > 0;
        job->totals.wound_down = desk->open_len > 0 || desk->waiting > 0;
        return !out;
    }
    if (desk->open_len > 0 || desk->waiting > 0)
        return false;
    return desk->look.close || (job->env.options.idle_s > 0 && idle_s > job->env.options.idle_s);
}

/* Tasks for `rank` of the submission whose turn it is, or of the next one that has some. */
static enum master_answer give_in_turn(struct job *job, struct desk *desk, int rank,
                                       struct buffer *work)
{
    for (size_t tried = 0; tried < desk->open_len;) {
        desk->next = desk->next < desk->open_len ? desk->next : 0;
        const size_t at = desk->next;
        const enum master_answer answer = submission_give(job, desk->open[at], rank, work);
        if (answer == MASTER_END) {
            close_submission(job, desk, at);
            continue;
        }
        desk->next = at + 1;
        if (answer == MASTER_WORK)
            return MASTER_WORK;
        tried++;
    }
    return MASTER_LATER;
}

/* Notes what a rank gets, behind how that is to be run. */
static bool hold(struct job *job, struct desk *desk, int rank, const struct buffer *work)
{
    size_t end;
    return !desk->held
        || (task_how_find(work->bytes, work->len, &end)
            && held_give(&desk->held[rank], &job->env.mem, work->bytes + end, work->len - end,
                         &job->env.fail));
}

static enum master_answer give(struct job *job, void *context, int rank, struct buffer *work)
{
    struct desk *desk = context;
    if (desk->ended)
        return MASTER_END;
    look(job, desk);
    job->submissions = desk->open_len;
    if (!job->progress.winds_down && give_in_turn(job, desk, rank, work) == MASTER_WORK)
        return hold(job, desk, rank, work) ? MASTER_WORK : MASTER_LATER;
    for (size_t i = 0; i < desk->open_len; i++)
        submission_save(job, desk->open[i], false);
    if (desk->open_len > 0 || desk->waiting > 0)
        desk->busy_ns = clock_ns();
    desk->ended = is_over(job, desk);
    return desk->ended ? MASTER_END : MASTER_LATER;
}

/* A report is of the tasks of one submission. */
static bool take(struct job *job, void *context, int rank, const uint8_t *report, size_t len)
{
    struct desk *desk = context;
    struct task_queue_report head;
    memcpy(&head, report, sizeof head);
    struct submission *submission = find(desk, head.task.submission);
    if (desk->held)
        held_take(&desk->held[rank], report, len);
    if (submission) /* else it has failed meanwhile */
        submission_take(job, submission, rank, report, len);
    return job->env.fail.code == FAIL_NONE;
}

/* A rank is gone. What it had is tried again, as if it had failed there. */
static void lost(struct job *job, void *context, int rank)
{
    struct desk *desk = context;
    struct buffer report = {0};
    char reason[64 + COMM_HOST_BYTES];
    snprintf(reason, sizeof reason, "rank %d (%s) was lost", rank, comm_host_of(job, rank));
    if (held_give_up(&desk->held[rank], &job->env.mem, reason, &report, &job->env.fail)
        && report.len > 0)
        take(job, desk, rank, report.bytes, report.len);
    buffer_free(&report, &job->env.mem);
}

/* While rank 0 runs tasks itself. */
static bool poll(struct job *job, void *context)
{
    struct serve *serve = context;
    struct desk *desk = serve->desk;
    if (!desk)
        return true;
    look(job, desk);
    for (size_t i = 0; i < desk->open_len; i++)
        submission_save(job, desk->open[i], false);
    return job->env.fail.code == FAIL_NONE;
}

static bool open_desk(struct job *job, struct serve *serve)
{
    struct desk *desk = mem_alloc(&job->env.mem, sizeof *desk, &job->env.fail);
    if (!desk)
        return false;
    serve->desk = desk;
    desk->policy = (struct master_policy){desk, take, give, lost};
    desk->busy_ns = clock_ns();
    desk->spool.folder = desk->spool.lock = -1;
    if (lost_allowed()
        && !(desk->held = mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *desk->held,
                                    &job->env.fail)))
        return false;
    if (!spool_open(&desk->spool, job->env.options.spool, true, &job->env.fail)
        || !spool_serve(&desk->spool, &job->env.fail))
        return false;
    report_say(job, "service: looks into %s", desk->spool.path);
    return true;
}

/* What is not done waits for the next service. */
static bool close_desk(struct job *job, struct serve *serve)
{
    struct desk *desk = serve->desk;
    bool ok = true;
    if (!desk)
        return true;
    for (; desk->open_len > 0; desk->open_len--) {
        struct submission *submission = desk->open[desk->open_len - 1];
        submission_save(job, submission, true);
        submission_free(job, submission);
        mem_free(&job->env.mem, submission, sizeof *submission);
    }
    if (desk->ended && desk->look.close && !job->progress.winds_down)
        ok = spool_forget_close(&desk->spool, &job->env.fail);
    for (int rank = 0; desk->held && rank < job->comm.size; rank++)
        held_free(&desk->held[rank], &job->env.mem);
    mem_free(&job->env.mem, desk->held, (size_t)job->comm.size * sizeof *desk->held);
    spool_look_free(&desk->look);
    spool_close(&desk->spool);
    mem_free(&job->env.mem, desk, sizeof *desk);
    serve->desk = NULL;
    return ok;
}

/* All ranks. */

/* Runs what was given, after how that is to be done. */
static bool run_given(struct job *job, struct serve *serve)
{
    struct task_rank *rank = &serve->rank;
    struct buffer *given = &serve->given;
    struct fail *fail = &job->env.fail;
    size_t end;
    if (!task_how_find(rank->given.bytes, rank->given.len, &end))
        return fail_set(fail, FAIL_VERIFY,
                        "verification failed: tasks came without how to run them");
    if (given->len == end && memcmp(given->bytes, rank->given.bytes, end) == 0)
        return task_rank_run(job, rank, end);
    given->len = 0;
    if (!env_append(&job->env, given, rank->given.bytes, end))
        return false;
    serve->how = job->env.options;
    task_how_take(given->bytes, &serve->how);
    if (task_rank_start(job, rank, &serve->how))
        return task_rank_run(job, rank, end);
    char reason[WORKER_REASON_BYTES];
    snprintf(reason, sizeof reason, "%.*s", WORKER_REASON_BYTES - 1, fail->text);
    *fail = (struct fail){0};
    given->len = 0; /* it is tried again */
    return task_rank_refuse(job, rank, end, reason);
}

static bool work(struct job *job, struct serve *serve)
{
    enum master_answer answer = serve->rank.setting.idle ? MASTER_END : MASTER_WORK;
    bool ok = true;
    timing_enter(&job->timing, TIMING_MAP);
    while (ok && answer == MASTER_WORK)
        ok = task_rank_ask(job, &serve->rank, &answer)
          && (answer != MASTER_WORK || run_given(job, serve));
    if (!ok)
        master_leave(job, &serve->rank.report);
    ok = ok && answer == MASTER_END;
    if (lost_allowed())
        progress_finish(job); /* all that are left have come here */
    else
        ok = agree(job, ok);
    if (comm_is_root(job))
        master_next_round(job);
    return ok;
}

/* For the tasks of this rank. */
static bool name_spool(struct job *job)
{
    char path[PATH_MAX];
    const char *spool = job->env.options.spool;
    return setenv(CHILD_SPOOL, realpath(spool, path) ? path : spool, 1) == 0
        || fail_errno(&job->env.fail, FAIL_MEMORY, spool, errno);
}

bool serve_run(struct job *job)
{
    struct serve serve = {.rank.hooks = {&serve, NULL, NULL, poll}, .rank.all_frames = true};
    struct report report = REPORT_NONE;
    serve.rank.how = &job->env.options;
    job->totals.root_input = true;
    bool ok = agree(job, name_spool(job));
    ok = ok && task_setting_share(job, &serve.rank.setting);
    ok =
        ok && agree(job, !comm_is_root(job) || open_desk(job, &serve)) && report_open(job, &report);
    ok = ok && agree(job, master_open(job, &serve.master, serve.desk ? &serve.desk->policy : NULL));
    ok = ok && agree(job, lost_begin(job, &job->env.fail)) && work(job, &serve);
    ok = close_desk(job, &serve) && ok;
    master_close(job);
    lost_end(job);
    ok = agree(job, ok);
    comm_bcast(job, &job->totals, sizeof job->totals);
    ok = ok && report_run(job, &report, NULL) && report_commit(job, &report, NULL, NULL);
    progress_finish(job);
    if (ok)
        report_print(job, &report);
    report_free(job, &report);
    task_rank_close(job, &serve.rank);
    buffer_free(&serve.given, &job->env.mem);
    return ok;
}
