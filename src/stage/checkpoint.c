/* SPDX-License-Identifier: BSD-3-Clause */
/* Checkpoints. Logs are written by all ranks, the commit by rank 0.
 *
 * Collectives, in order. checkpoint_open: agree, Ibcast (struct), agree, Ibcast of three sections,
 * agree, Ibcast (bytes). checkpoint_due: Iallreduce. checkpoint_commit: those of committing_run. */
#include "stage/checkpoint.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/committing.h"
#include "stage/plan.h"
#include "stage/report.h"
#include "status/redraw.h"

#include <inttypes.h>
#include <stdio.h>

enum { COST_SHARE = 50 /* at most one such part of the time goes to commits */ };

static const uint64_t default_ns = UINT64_C(600) * 1000000000;

/* What of a commit all ranks need to read the logs. */
static const enum committed_section shared[] = {COMMITTED_STARTS, COMMITTED_LOGS, COMMITTED_RUNS};

enum { SHARED = sizeof shared / sizeof *shared };

/* What rank 0 says to all. */
struct opening {
    uint64_t nonce, start, resumed, root;
    uint64_t bytes[SHARED];
};

static bool is_in_commit(void *context, uint64_t start, uint64_t rank)
{
    const struct commit *commit = context;
    const struct committed_log *log = committed_items(commit, COMMITTED_LOGS);
    for (size_t i = committed_len(commit, COMMITTED_LOGS); i > 0; i--, log++)
        if (log->start == start && log->rank == rank)
            return true;
    return false;
}

/* Rank 0: takes up what `found` says, or begins with `mine`. */
static bool choose(struct job *job, struct checkpoint *checkpoint, struct commit *found,
                   struct commit *mine, bool there)
{
    struct commit *commit = &checkpoint->commit;
    if (there && !committed_same(job, found, mine, checkpoint->folder.path))
        return false;
    *commit = there ? *found : *mine;
    *(there ? found : mine) = (struct commit){0};
    const struct committed_count *count = committed_items(commit, COMMITTED_COUNT);
    checkpoint->resumed = there;
    checkpoint->start = committed_len(commit, COMMITTED_STARTS);
    checkpoint->logs = committed_len(commit, COMMITTED_LOGS);
    checkpoint->runs = committed_len(commit, COMMITTED_RUNS);
    checkpoint->root = count->root != 0;
    checkpoint->place = count->place;
    checkpoint->sums = count->sums;
    log_folder_sweep(&checkpoint->folder, is_in_commit, commit);
    return true;
}

static bool open_folder(struct job *job, struct checkpoint *checkpoint, const struct plan *plan)
{
    struct env *env = &job->env;
    struct commit found = {0}, mine = {0};
    char path[PATH_MAX];
    bool there = false;
    bool ok = log_folder_open(&checkpoint->folder, env->options.checkpoint, &env->fail);
    if (ok && plan->streams > 0)
        ok = fail_set(&env->fail, FAIL_USAGE,
                      "--checkpoint: standard input, pipes and devices cannot be taken up again");
    if (ok) {
        log_folder_commit(&checkpoint->folder, path);
        ok = commit_read(&found, &env->mem, path, &there, &env->fail)
          && (!there || committed_check(&found, path, &env->fail))
          && committed_begin(job, plan, &mine) && choose(job, checkpoint, &found, &mine, there);
    }
    commit_free(&found, &env->mem);
    commit_free(&mine, &env->mem);
    return ok;
}

/* The others: what rank 0 has opened. */
static bool join_folder(struct job *job, struct checkpoint *checkpoint,
                        const struct opening *opening)
{
    struct env *env = &job->env;
    bool ok = true;
    checkpoint->start = opening->start;
    checkpoint->resumed = opening->resumed != 0;
    checkpoint->root = opening->root != 0;
    for (int i = 0; ok && i < SHARED; i++)
        ok = env_append(env, &checkpoint->commit.sections[shared[i]], NULL, opening->bytes[i]);
    return ok
        && log_folder_join(&checkpoint->folder, env->options.checkpoint, opening->nonce,
                           &env->fail);
}

static bool share(struct job *job, struct checkpoint *checkpoint)
{
    struct opening opening = {.nonce = checkpoint->folder.nonce,
                              .start = checkpoint->start,
                              .resumed = checkpoint->resumed,
                              .root = checkpoint->root};
    for (int i = 0; i < SHARED; i++)
        opening.bytes[i] = checkpoint->commit.sections[shared[i]].len;
    comm_bcast(job, &opening, sizeof opening);
    if (!agree(job, comm_is_root(job) || join_folder(job, checkpoint, &opening)))
        return false;
    for (int i = 0; i < SHARED; i++)
        comm_bcast(job, checkpoint->commit.sections[shared[i]].bytes, opening.bytes[i]);
    log_folder_log(&checkpoint->folder, checkpoint->start, (uint64_t)job->comm.rank,
                   checkpoint->log);
    return true;
}

/* The folder was named, so it takes what memory does not hold where no other was. */
static void find_space(struct job *job, struct checkpoint *checkpoint)
{
    struct scratch_space *space = &checkpoint->space, *scratch = &job->env.space;
    struct fail none = {0};
    *space = (struct scratch_space){
        .len = 1, .limit_bytes = UINT64_MAX, .step = scratch->step, .context = scratch->context};
    memcpy(space->folders[0], checkpoint->folder.path, sizeof space->folders[0]);
    if (scratch->len > 0)
        return;
    if (!scratch_space_init(scratch, checkpoint->folder.path, job->env.options.scratch_limit_bytes,
                            job->comm.host_size, &none))
        scratch->len = 0;
    scratch->step = space->step;
    scratch->context = space->context;
}

/* As stored, of all files before the place. */
static uint64_t bytes_before(const struct catalog *catalog, const struct root_reader_place *place)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < catalog->len && i <= place->file; i++) {
        const struct catalog_file *file = &catalog->files[i];
        bytes += i < place->file           ? file->bytes
               : place->text < file->bytes ? place->text
                                           : file->bytes;
    }
    return bytes;
}

/* Rank 0: of the plan only what is left. */
static bool take_up(struct job *job, struct checkpoint *checkpoint, struct plan *plan)
{
    const struct done done = {.ranges = committed_items(&checkpoint->commit, COMMITTED_DONE),
                              .len = committed_len(&checkpoint->commit, COMMITTED_DONE)};
    if (!checkpoint->resumed)
        return true;
    job->verify.input.record_bytes = checkpoint->sums.record_bytes;
    job->verify.input.gap_bytes = checkpoint->sums.gap_bytes;
    job->verify.input.decoded_bytes = checkpoint->sums.decoded_bytes;
    job->verify.input.boundary_sum = checkpoint->sums.boundary_sum;
    if (checkpoint->root) {
        plan->left_bytes = plan->total_bytes - bytes_before(&plan->catalog, &checkpoint->place);
        return true;
    }
    if (!done_rest(&done, &plan->catalog, &job->env.fail))
        return false;
    plan->left_bytes = catalog_bytes(&plan->catalog);
    return true;
}

static void expect(struct job *job, const struct checkpoint *checkpoint, const struct plan *plan)
{
    if (!checkpoint->resumed)
        return;
    const uint64_t left = plan->left_bytes > 0 ? plan->left_bytes : 1;
    job->expected_read = job->expected_read > 0 ? left : 0;
    job->expected_bytes = job->expected_bytes > 0 ? left : 0;
    job->totals.resumed_bytes = plan->total_bytes - plan->left_bytes;
    report_say(job,
               "checkpoint: %" PRIu64 " of %" PRIu64 " bytes were counted in %" PRIu64 " start%s",
               job->totals.resumed_bytes, plan->total_bytes, checkpoint->start,
               checkpoint->start == 1 ? "" : "s");
}

bool checkpoint_open(struct job *job, struct checkpoint *checkpoint, struct plan *plan)
{
    *checkpoint = (struct checkpoint){.folder.lock = -1, .finished.mem = &job->env.mem};
    job->checkpoint = checkpoint;
    bool ok = agree(job, !comm_is_root(job) || open_folder(job, checkpoint, plan))
           && share(job, checkpoint);
    if (!ok)
        return false;
    find_space(job, checkpoint);
    if (!agree(job, !comm_is_root(job) || take_up(job, checkpoint, plan)))
        return false;
    comm_bcast(job, &plan->left_bytes, sizeof plan->left_bytes);
    expect(job, checkpoint, plan);
    return true;
}

/* After a commit that took so long. */
static void set_due(const struct job *job, struct checkpoint *checkpoint, uint64_t cost_ns)
{
    const double every_s = job->env.options.checkpoint_every_s;
    uint64_t every_ns = every_s > 0 ? (uint64_t)(every_s * 1e9) : default_ns;
    if (every_s <= 0 && every_ns < cost_ns * COST_SHARE)
        every_ns = cost_ns * COST_SHARE;
    checkpoint->due_ns = clock_ns() + every_ns;
}

void checkpoint_begin(struct job *job)
{
    if (job->checkpoint)
        set_due(job, job->checkpoint, 0);
}

void checkpoint_end(struct job *job)
{
    job->can_be_left = false;
}

bool checkpoint_wanted(const struct job *job)
{
    const struct checkpoint *checkpoint = job->checkpoint;
    return checkpoint && job->can_be_left
        && (job->progress.winds_down || clock_ns() >= checkpoint->due_ns);
}

bool checkpoint_due(struct job *job)
{
    struct checkpoint *checkpoint = job->checkpoint;
    if (!checkpoint || !job->can_be_left)
        return false;
    uint64_t any[] = {checkpoint_wanted(job), job->progress.winds_down};
    comm_max(job, any, 2);
    checkpoint->asked = any[0] != 0;
    checkpoint->stops = any[1] != 0;
    return checkpoint->asked;
}

/* Nobody asked for this commit: the next one may find more space. */
static void warn(struct job *job)
{
    struct fail *fail = &job->env.fail;
    if (comm_is_root(job) && !job->env.options.quiet) {
        redraw_erase();
        fprintf(stderr, "%s: warning: --checkpoint: nothing was committed: %s\n",
                job->env.options.program, fail->text);
    }
    *fail = (struct fail){0};
}

bool checkpoint_commit(struct job *job, struct reduce *reduce)
{
    struct checkpoint *checkpoint = job->checkpoint;
    const uint64_t begin_ns = clock_ns();
    timing_enter(&job->timing, TIMING_REDUCE);
    const bool ok = committing_run(job, reduce);
    const int code = job->env.fail.code;
    if (!ok && (checkpoint->stops || (code != FAIL_OUTPUT && code != FAIL_MEMORY)))
        return false;
    const uint64_t cost_ns = clock_ns() - begin_ns;
    if (ok) {
        job->totals.commits = ++checkpoint->commits;
        report_say(job, "checkpoint: commit %" PRIu64 " in %.3f s", checkpoint->commits,
                   (double)cost_ns / 1e9);
    } else {
        warn(job);
    }
    job->totals.wound_down = checkpoint->stops;
    set_due(job, checkpoint, cost_ns);
    return true;
}

void checkpoint_clear(struct job *job)
{
    struct fail fail = {0};
    if (!job->checkpoint || !comm_is_root(job) || log_folder_clear(&job->checkpoint->folder, &fail))
        return;
    redraw_erase();
    fprintf(stderr, "%s: warning: %s: the checkpoint is still there\n", job->env.options.program,
            fail.text);
}

void checkpoint_close(struct job *job)
{
    struct checkpoint *checkpoint = job->checkpoint;
    if (!checkpoint)
        return;
    log_folder_close(&checkpoint->folder);
    commit_free(&checkpoint->commit, &job->env.mem);
    done_free(&checkpoint->finished);
    job->checkpoint = NULL;
}
