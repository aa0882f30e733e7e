/* SPDX-License-Identifier: BSD-3-Clause */
/* Report. Rank 0 writes; everything but the record of the run goes to standard error.
 *
 * Collectives, in order. report_open, with --json: agree. report_run: agree, Iallgather (what each
 * rank measured), agree. report_commit: agree. */
#include "stage/report.h"

#include "comm/agree.h"
#include "job.h"
#include "status/line.h"
#include "status/run_record.h"
#include "status/stats.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static void measure(const struct job *job, struct snapshot_rank *mine)
{
    struct rusage usage;
    memset(mine, 0, sizeof *mine);
    memcpy(mine->host, job->comm.host_name, sizeof mine->host);
    mine->host_index = (uint64_t)job->comm.host_index;
    mine->work = job->work;
    memcpy(mine->spent_ns, job->timing.spent_ns, sizeof mine->spent_ns);
    memcpy(mine->bytes, job->timing.bytes, sizeof mine->bytes);
    memcpy(mine->network_bytes, job->timing.network_bytes, sizeof mine->network_bytes);
    mine->peak_bytes = job->env.mem.peak_bytes;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        mine->resident_bytes = (uint64_t)usage.ru_maxrss * 1024;
    topo_binding(&mine->binding);
}

void report_say(const struct job *job, const char *format, ...)
{
    if (!comm_is_root(job) || !job->env.options.verbose)
        return;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", job->env.options.program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

bool report_open(struct job *job, struct report *report, const struct output *result)
{
    const char *json = job->env.options.json;
    return !json
        || agree(job, !comm_is_root(job)
                          || output_create_beside(&report->record, json, "record of the run",
                                                  result, &job->env.fail));
}

/* On rank 0. */
static bool write_record(struct job *job, struct report *report)
{
    const struct snapshot snapshot = job_snapshot(job, report->ranks);
    struct fail *fail = &job->env.fail;
    char *text = run_record_text(&snapshot, &report->record_bytes);
    if (!text)
        return fail_errno(fail, FAIL_MEMORY, job->env.options.json, ENOMEM);
    bool ok = output_write(&report->record, text, report->record_bytes, 0, fail)
           && output_sync(&report->record, fail);
    free(text);
    return ok;
}

bool report_run(struct job *job, struct report *report)
{
    struct snapshot_rank mine;
    report->ranks_bytes = (size_t)job->comm.size * sizeof mine;
    report->ranks = mem_alloc(&job->env.mem, report->ranks_bytes, &job->env.fail);
    bool ok = fail_point(&job->env.fail, "report", job->comm.rank) && report->ranks;
    timing_enter(&job->timing, TIMING_SYNC);
    if (!agree(job, ok))
        return false;
    measure(job, &mine);
    comm_allgather(job, &mine, sizeof mine, report->ranks);
    if (comm_is_root(job) && job->env.options.json)
        ok = write_record(job, report);
    return agree(job, ok);
}

bool report_commit(struct job *job, struct report *report)
{
    bool mine = comm_is_root(job) && job->env.options.json;
    return agree(job,
                 !mine || output_commit(&report->record, report->record_bytes, &job->env.fail));
}

/* See comm_launched_by_prrte: nothing is written to standard error until the result had time to
 * leave. */
static void let_result_leave(void)
{
    enum { LEAVE_NS = 300000000 };
    if (comm_launched_by_prrte())
        nanosleep(&(struct timespec){.tv_nsec = LEAVE_NS}, NULL);
}

/* What passes through a launcher may be lost after our last look at it, and without a word. */
static void distrust_standard_output(const struct job *job)
{
    enum { SAFE_BYTES = 64 << 10 }; /* a pipe holds it */
    if (job->totals.output_bytes > SAFE_BYTES && !job->env.options.quiet)
        fprintf(stderr,
                "%s: warning: a launcher may lose a part of what it passes on: large results "
                "belong in a file (-o FILE)\n",
                job->env.options.program);
}

void report_print(const struct job *job, const struct report *report)
{
    if (!comm_is_root(job))
        return;
    const struct options *options = &job->env.options;
    const struct snapshot snapshot = job_snapshot(job, report->ranks);
    bool speaks = !options->quiet || options->stats || options->compare || job->failures.len > 0;
    if (speaks && comm_launched() && job->totals.standard_output) {
        let_result_leave();
        distrust_standard_output(job);
    }
    if (options->stats)
        stats_print(stderr, &snapshot);
    line_failures(stderr, &snapshot);
    if (!options->quiet)
        line_closing(stderr, &snapshot);
}

void report_free(struct job *job, struct report *report)
{
    mem_free(&job->env.mem, report->ranks, report->ranks_bytes);
    output_close(&report->record);
    *report = (struct report){.record.fd = -1};
}
