/* SPDX-License-Identifier: BSD-3-Clause */
/* Report. Rank 0 writes; everything but the record of the run goes to standard error.
 *
 * Collectives, in order. report_open, with --json: agree. report_run: agree, Iallgather (what each
 * rank measured), agree. report_commit: agree. */
#include "stage/report.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/run_record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

static void measure(const struct job *job, struct run_record_rank *mine)
{
    struct rusage usage;
    memset(mine, 0, sizeof *mine);
    memcpy(mine->host, job->comm.host_name, sizeof mine->host);
    memcpy(mine->spent_ns, job->timing.spent_ns, sizeof mine->spent_ns);
    memcpy(mine->bytes, job->timing.bytes, sizeof mine->bytes);
    memcpy(mine->network_bytes, job->timing.network_bytes, sizeof mine->network_bytes);
    mine->mapped_bytes = job->mapped_bytes;
    mine->tasks = job->progress.tasks.done;
    mine->failed_tries = job->progress.tasks.failed;
    mine->busy_ns = job->progress.tasks.busy_ns;
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

/* 1234567 as `1,234,567`. */
static char *grouped(uint64_t number, char text[32])
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

static void tasks_line(const struct job *job)
{
    const struct job_totals *totals = &job->totals;
    char tasks[32], done[32], failed[32], before[32], again[32], output[32];
    fprintf(stderr, "%s: %s task%s, %s done", job->env.options.program,
            grouped(totals->tasks, tasks), totals->tasks == 1 ? "" : "s",
            grouped(totals->tasks - totals->failed_tasks, done));
    if (totals->failed_tasks)
        fprintf(stderr, ", %s failed", grouped(totals->failed_tasks, failed));
    if (totals->resumed_tasks)
        fprintf(stderr, ", %s of them before", grouped(totals->resumed_tasks, before));
    if (totals->retried_tasks)
        fprintf(stderr, ", %s tried again", grouped(totals->retried_tasks, again));
    fprintf(stderr, " in %.3f s, %s bytes of results, %d rank%s on %d host%s, %s\n",
            timing_work_s(&job->timing), grouped(totals->output_bytes, output), job->comm.size,
            job->comm.size == 1 ? "" : "s", job->comm.hosts, job->comm.hosts == 1 ? "" : "s",
            job->env.options.verify ? "verified" : "not verified");
}

static void closing_line(const struct job *job)
{
    double seconds = timing_work_s(&job->timing);
    const struct job_totals *totals = &job->totals;
    char words[32], distinct[32], bytes[32], output[32], left_out[32];
    fprintf(stderr,
            "%s: %s %s%s, %s distinct, %s bytes in %.3f s (%.0f MB/s), %d rank%s on %d host%s, %s",
            job->env.options.program, grouped(totals->words, words), job->env.kind.noun,
            totals->words == 1 ? "" : "s", grouped(totals->distinct, distinct),
            grouped(totals->input_bytes, bytes), seconds,
            (double)totals->input_bytes / 1e6 / seconds, job->comm.size,
            job->comm.size == 1 ? "" : "s", job->comm.hosts, job->comm.hosts == 1 ? "" : "s",
            job->env.options.verify ? "verified" : "not verified");
    if (totals->output_has_checksum && totals->standard_output)
        fprintf(stderr, "; %s bytes out, XXH3 %016" PRIx64, grouped(totals->output_bytes, output),
                totals->output_checksum);
    if (totals->left_out_words > 0)
        fprintf(stderr, "; %s distinct %s%s left out", grouped(totals->left_out_words, left_out),
                job->env.kind.noun, totals->left_out_words == 1 ? "" : "s");
    fprintf(stderr, "\n");
}

/* The largest of one 64-bit field over all ranks, and their sum. */
static double largest(const struct run_record_rank *ranks, int size, uint64_t *sum, size_t at)
{
    uint64_t most = 0;
    *sum = 0;
    for (int i = 0; i < size; i++) {
        uint64_t value = *(const uint64_t *)(const void *)((const char *)&ranks[i] + at);
        most = value > most ? value : most;
        *sum += value;
    }
    return (double)most;
}

static void print_stats(const struct job *job, const struct run_record_rank *ranks)
{
    int size = job->comm.size;
    char peak[16], resident[16], limit[16], moved[16], between[16];
    uint64_t sum;
    fprintf(stderr,
            "phase         min s     mean s      max s imbalance      moved  between hosts\n");
    for (int phase = 0; phase < TIMING_PHASES; phase++) {
        uint64_t least = UINT64_MAX, bytes, network;
        for (int i = 0; i < size; i++)
            least = ranks[i].spent_ns[phase] < least ? ranks[i].spent_ns[phase] : least;
        double most = largest(ranks, size, &sum, offsetof(struct run_record_rank, spent_ns[phase]));
        double mean = (double)sum / size;
        largest(ranks, size, &bytes, offsetof(struct run_record_rank, bytes[phase]));
        largest(ranks, size, &network, offsetof(struct run_record_rank, network_bytes[phase]));
        fprintf(stderr, "%-8s %10.4f %10.4f %10.4f %9.2f %10s %14s\n", timing_names[phase],
                (double)least / 1e9, mean / 1e9, most / 1e9, mean > 0 ? most / mean : 1,
                bytes ? mem_human(moved, bytes) : "-", network ? mem_human(between, network) : "-");
    }
    if (options_tasks(&job->env.options)) {
        double busy = largest(ranks, size, &sum, offsetof(struct run_record_rank, busy_ns));
        double mean = (double)sum / size / 1e9;
        double most_tasks = largest(ranks, size, &sum, offsetof(struct run_record_rank, tasks));
        fprintf(stderr,
                "tasks of a rank %.1f (at most %.0f), busy %.3f s (at most %.3f), balance %.2f\n",
                (double)sum / size, most_tasks, mean, busy / 1e9, busy > 0 ? mean * 1e9 / busy : 1);
    }
    double most_peak = largest(ranks, size, &sum, offsetof(struct run_record_rank, peak_bytes));
    double most_resident =
        largest(ranks, size, &sum, offsetof(struct run_record_rank, resident_bytes));
    double most_mapped = largest(ranks, size, &sum, offsetof(struct run_record_rank, mapped_bytes));
    fprintf(stderr,
            "rounds %" PRIu64
            ", input imbalance %.2f, peak memory of a rank %s of %s (resident %s), kernel %s\n",
            job->totals.rounds, sum ? most_mapped * size / (double)sum : 1,
            mem_human(peak, (uint64_t)most_peak), mem_human(limit, job->env.mem.limit_bytes),
            mem_human(resident, (uint64_t)most_resident), job->env.scan->name);
}

bool report_open(struct job *job, struct report *report, const struct output *result)
{
    const char *json = job->env.options.json;
    return !json
        || agree(job, !comm_is_root(job)
                          || output_create_beside(&report->record, json, "record of the run",
                                                  result, &job->env.fail));
}

bool report_run(struct job *job, struct report *report)
{
    struct run_record_rank mine;
    report->ranks_bytes = (size_t)job->comm.size * sizeof mine;
    report->ranks = mem_alloc(&job->env.mem, report->ranks_bytes, &job->env.fail);
    bool ok = fail_point(&job->env.fail, "report", job->comm.rank) && report->ranks;
    timing_enter(&job->timing, TIMING_SYNC);
    if (!agree(job, ok))
        return false;
    measure(job, &mine);
    comm_allgather(job, &mine, sizeof mine, report->ranks);
    if (comm_is_root(job) && job->env.options.json)
        ok = run_record_write(job, report->ranks, &report->record, &report->record_bytes);
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
    bool speaks = !options->quiet || options->stats || job->failures.len > 0;
    if (speaks && comm_launched() && job->totals.standard_output) {
        let_result_leave();
        distrust_standard_output(job);
    }
    if (options->stats)
        print_stats(job, report->ranks);
    failures_print(job);
    if (!options->quiet && options_tasks(options))
        tasks_line(job);
    else if (!options->quiet)
        closing_line(job);
}

void report_free(struct job *job, struct report *report)
{
    mem_free(&job->env.mem, report->ranks, report->ranks_bytes);
    output_close(&report->record);
    *report = (struct report){.record.fd = -1};
}
