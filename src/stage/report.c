/* SPDX-License-Identifier: BSD-3-Clause */
/* Report. Rank 0 writes; what is no file of its own goes to standard error.
 *
 * Collectives, in order. report_open, with one of the files: agree. report_run: agree, Iallgather
 * (what each rank measured), agree. report_commit: gather_settle. */
#include "stage/report.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/gather.h"
#include "stage/spectrum.h"
#include "status/line.h"
#include "status/page.h"
#include "status/plot.h"
#include "status/redraw.h"
#include "status/run_record.h"
#include "status/stats.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
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
    mine->work = job_work(job);
    memcpy(mine->spent_ns, job->timing.spent_ns, sizeof mine->spent_ns);
    memcpy(mine->bytes, job->timing.bytes, sizeof mine->bytes);
    memcpy(mine->network_bytes, job->timing.network_bytes, sizeof mine->network_bytes);
    mine->peak_bytes = job->env.mem.peak_bytes;
    mine->scratch_bytes = job->env.space.peak_bytes;
    mine->scratch_written_bytes = job->env.space.written_bytes;
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
    redraw_erase();
    fprintf(stderr, "%s: ", job->env.options.program);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

/* Where in struct options their paths are. */
static const size_t paths[REPORT_KINDS] = {
    [REPORT_RECORD] = offsetof(struct options, json),
    [REPORT_PAGE] = offsetof(struct options, report),
    [REPORT_PLOT] = offsetof(struct options, plot),
};

/* NULL: it is not wanted. */
static const char *path_of(const struct job *job, int kind)
{
    const char *options = (const char *)&job->env.options;
    return *(const char *const *)(const void *)(options + paths[kind]);
}

static bool wants_files(const struct job *job)
{
    bool wants = false;
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        wants |= path_of(job, kind) != NULL;
    return wants;
}

/* On rank 0. */
static bool create_files(struct job *job, struct report *report)
{
    bool ok = true;
    for (int kind = 0; ok && kind < REPORT_KINDS; kind++)
        ok = !path_of(job, kind)
          || output_create(&report->files[kind].output, path_of(job, kind), &job->env.fail);
    return ok;
}

bool report_open(struct job *job, struct report *report)
{
    return !wants_files(job) || agree(job, !comm_is_root(job) || create_files(job, report));
}

static void write_file(FILE *file, const struct job *job, const struct snapshot *snapshot, int kind)
{
    _Static_assert((int)PLOT_RANK == OPTIONS_PLOT_RANK && (int)PLOT_COUNTS == OPTIONS_PLOT_COUNTS
                       && (int)PLOT_COVERAGE == OPTIONS_PLOT_COVERAGE
                       && (int)PLOT_GROWTH == OPTIONS_PLOT_GROWTH,
                   "the option names the plots in their order");
    if (kind == REPORT_PAGE)
        page_write(file, snapshot);
    else
        plot_write(file, snapshot, (enum plot_kind)job->env.options.plot_kind, true);
}

/* What one of them holds: *len bytes of malloc. NULL: there is not enough memory. */
static char *text_of(const struct job *job, const struct snapshot *snapshot, int kind, size_t *len)
{
    char *text = NULL;
    if (kind == REPORT_RECORD)
        return run_record_text(snapshot, len);
    FILE *file = open_memstream(&text, len);
    if (!file)
        return NULL;
    write_file(file, job, snapshot, kind);
    const bool bad = ferror(file);
    if (fclose(file) == 0 && !bad)
        return text;
    free(text);
    return NULL;
}

/* On rank 0. */
static struct snapshot end_of(const struct job *job, const struct report *report)
{
    struct snapshot snapshot = job_snapshot_of_end(job, report->ranks);
    if (report->spectrum && options_spectrum(&job->env.options))
        snapshot.spectrum = spectrum_lines(report->spectrum, &snapshot.spectrum_len);
    return snapshot;
}

/* On rank 0. */
static bool write_files(struct job *job, struct report *report)
{
    const struct snapshot snapshot = end_of(job, report);
    struct fail *fail = &job->env.fail;
    bool ok = true;
    for (int kind = 0; ok && kind < REPORT_KINDS; kind++) {
        struct report_file *file = &report->files[kind];
        if (!path_of(job, kind))
            continue;
        char *text = text_of(job, &snapshot, kind, &file->bytes);
        ok = text ? output_write(&file->output, text, file->bytes, 0, fail)
                        && output_sync(&file->output, fail)
                  : fail_errno(fail, FAIL_MEMORY, path_of(job, kind), ENOMEM);
        free(text);
    }
    return ok;
}

bool report_run(struct job *job, struct report *report, const struct spectrum *spectrum)
{
    struct snapshot_rank mine;
    report->spectrum = spectrum;
    report->ranks_bytes = (size_t)job->comm.size * sizeof mine;
    report->ranks = mem_alloc(&job->env.mem, report->ranks_bytes, &job->env.fail);
    bool ok = fail_point(&job->env.fail, "report", job->comm.rank) && report->ranks;
    timing_enter(&job->timing, TIMING_SYNC);
    if (!agree(job, ok))
        return false;
    measure(job, &mine);
    comm_allgather(job, &mine, sizeof mine, report->ranks);
    if (comm_is_root(job))
        ok = write_files(job, report);
    return agree(job, ok);
}

static bool commit_files(struct job *job, struct report *report)
{
    bool ok = true;
    for (int kind = 0; ok && kind < REPORT_KINDS; kind++)
        ok = !path_of(job, kind)
          || output_commit_beside(&report->files[kind].output, report->files[kind].bytes,
                                  &job->env.fail);
    return ok;
}

bool report_commit(struct job *job, struct report *report, struct spectrum *spectrum,
                   struct gather *gather)
{
    if (gather && !gather_settle(job))
        return false;
    if (!comm_is_root(job)
        || ((!spectrum || spectrum_commit(job, spectrum)) && commit_files(job, report)
            && (!gather || gather_commit(job, gather))))
        return true;
    if (spectrum)
        output_take_back(&spectrum->output);
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        output_take_back(&report->files[kind].output);
    return false;
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

void report_print(struct job *job, const struct report *report)
{
    if (!comm_is_root(job))
        return;
    const struct options *options = &job->env.options;
    const struct snapshot snapshot = end_of(job, report);
    view_end(job, &snapshot);
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
    for (int kind = 0; kind < REPORT_KINDS; kind++)
        output_close(&report->files[kind].output);
    *report = REPORT_NONE;
}
