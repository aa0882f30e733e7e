/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines for people, in the order of a run. */
#include "status/line.h"

#include "status/number.h"

#include <inttypes.h>
#include <string.h>

enum { HOSTS_SHOWN = 8, FAILURES_PRINTED = 10, TASK_BYTES = 80 };

/* Progress. */

static void print_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_tasks *all = &snapshot->work.tasks;
    fprintf(file, "%s: %" PRIu64 " tasks done, %" PRIu64 " tries failed, %" PRIu64 " running",
            snapshot->program, all->done, all->failed, all->running);
    for (int host = 0; snapshot->hosts > 1 && host < snapshot->hosts && host < HOSTS_SHOWN;
         host++) {
        struct snapshot_tasks here = {0};
        const char *name = "";
        for (int rank = 0; rank < snapshot->size; rank++) {
            const struct snapshot_rank *at = &snapshot->ranks[rank];
            if (at->host_index != (uint64_t)host)
                continue;
            name = at->host;
            here.done += at->work.tasks.done;
            here.failed += at->work.tasks.failed;
            here.running += at->work.tasks.running;
        }
        fprintf(file, "%s %s %" PRIu64 "/%" PRIu64 "/%" PRIu64, host ? "," : ";", name, here.done,
                here.failed, here.running);
    }
    fprintf(file, "%s\n", snapshot->hosts > HOSTS_SHOWN ? ", ..." : "");
}

static void print_bytes(FILE *file, const struct snapshot *snapshot)
{
    char done_text[16], total_text[16], rate_text[16];
    const uint64_t done = snapshot->work.mapped_bytes, expected = snapshot->expected_bytes;
    const double rate = snapshot->seconds > 0 ? (double)done / snapshot->seconds : 0;
    fprintf(file, "%s: %s: %s", snapshot->program, timing_names[snapshot->phase],
            mem_human(done_text, done));
    if (expected) {
        const double left = rate > 0 ? ((double)expected - (double)done) / rate : 0;
        fprintf(file, " of %s (%.0f %%), %s/s, %.0f s left\n", mem_human(total_text, expected),
                100.0 * (double)done / (double)expected, mem_human(rate_text, (uint64_t)rate),
                left > 0 ? left : 0);
    } else {
        fprintf(file, ", %s/s\n", mem_human(rate_text, (uint64_t)rate));
    }
}

void line_progress(FILE *file, const struct snapshot *snapshot)
{
    if (snapshot->runs_tasks && snapshot->phase == TIMING_MAP)
        print_tasks(file, snapshot);
    else
        print_bytes(file, snapshot);
}

/* Failures. */

/* The beginning of a task, with ? for what a terminal might obey. */
static const char *shown(const struct failures_entry *entry, char text[TASK_BYTES + 4])
{
    size_t len = entry->task_len < TASK_BYTES ? entry->task_len : TASK_BYTES;
    for (size_t i = 0; i < len; i++)
        text[i] = entry->task[i] < ' ' || entry->task[i] == 0x7f ? '?' : (char)entry->task[i];
    strcpy(text + len, entry->task_len > len ? "..." : "");
    return text;
}

static void print_failure(FILE *file, const struct snapshot *snapshot,
                          const struct failures_entry *entry, uint64_t len)
{
    char text[TASK_BYTES + 4], number[32];
    if (len == 1)
        fprintf(file, "%s: %s: the task at byte %" PRIu64 " failed: %s", snapshot->program,
                entry->file, entry->offset, entry->reason);
    else
        fprintf(file, "%s: %s tasks failed: %s; the first is in %s at byte %" PRIu64,
                snapshot->program, number_grouped(number, len), entry->reason, entry->file,
                entry->offset);
    if (entry->tries > 0)
        fprintf(file, " (%" PRIu32 " tr%s, the last on rank %d, %s)", entry->tries,
                entry->tries == 1 ? "y" : "ies", entry->rank, snapshot->ranks[entry->rank].host);
    fprintf(file, ": %s\n", shown(entry, text));
}

void line_failures(FILE *file, const struct snapshot *snapshot)
{
    struct failures_group groups[FAILURES_PRINTED];
    const size_t len = failures_groups(snapshot->failures, groups, FAILURES_PRINTED);
    uint64_t left = snapshot->failures->len;
    for (size_t i = 0; i < len; i++) {
        print_failure(file, snapshot, &groups[i].first, groups[i].len);
        left -= groups[i].len;
    }
    if (left > 0)
        fprintf(file, "%s: %" PRIu64 " more tasks failed (--json lists them)\n", snapshot->program,
                left);
}

/* What came of it. */

static void print_end_of_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char tasks[32], done[32], failed[32], before[32], again[32], output[32];
    fprintf(file, "%s: %s task%s, %s done", snapshot->program, number_grouped(tasks, totals->tasks),
            number_plural(totals->tasks),
            number_grouped(done, totals->tasks - totals->failed_tasks));
    if (totals->failed_tasks)
        fprintf(file, ", %s failed", number_grouped(failed, totals->failed_tasks));
    if (totals->tasks_stopped)
        fprintf(file, ", and no others begun");
    if (totals->resumed_tasks)
        fprintf(file, ", %s of them before", number_grouped(before, totals->resumed_tasks));
    if (totals->retried_tasks)
        fprintf(file, ", %s tried again", number_grouped(again, totals->retried_tasks));
    fprintf(file, " in %.3f s, %s bytes of results, ", snapshot->seconds,
            number_grouped(output, totals->output_bytes));
}

static void print_end_of_count(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char words[32], distinct[32], bytes[32];
    fprintf(file, "%s: %s %s%s, %s distinct, %s bytes in %.3f s (%.0f MB/s), ", snapshot->program,
            number_grouped(words, totals->words), snapshot->noun, number_plural(totals->words),
            number_grouped(distinct, totals->distinct), number_grouped(bytes, totals->input_bytes),
            snapshot->seconds, (double)totals->input_bytes / 1e6 / snapshot->seconds);
}

static void print_where_it_went(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char output[32], left_out[32];
    if (totals->output_has_checksum && totals->standard_output)
        fprintf(file, "; %s bytes out, XXH3 %016" PRIx64,
                number_grouped(output, totals->output_bytes), totals->output_checksum);
    if (totals->left_out_words > 0)
        fprintf(file, "; %s distinct %s%s left out",
                number_grouped(left_out, totals->left_out_words), snapshot->noun,
                number_plural(totals->left_out_words));
}

static void print_records(FILE *file, const struct snapshot_records *records)
{
    char all[32], without[32], bad[32];
    fprintf(file, "; %s record%s", number_grouped(all, records->all), number_plural(records->all));
    if (records->without > 0)
        fprintf(file, ", %s without text", number_grouped(without, records->without));
    if (records->bad > 0)
        fprintf(file, ", %s malformed and skipped", number_grouped(bad, records->bad));
}

void line_closing(FILE *file, const struct snapshot *snapshot)
{
    char lost[32], invalid[32], outside[32];
    if (snapshot->runs_tasks)
        print_end_of_tasks(file, snapshot);
    else
        print_end_of_count(file, snapshot);
    fprintf(file, "%d rank%s on %d host%s, %s", snapshot->size,
            number_plural((uint64_t)snapshot->size), snapshot->hosts,
            number_plural((uint64_t)snapshot->hosts),
            snapshot->verifies ? "verified" : "not verified");
    if (snapshot->totals->lost_ranks > 0)
        fprintf(file, "; %s lost on the way", number_grouped(lost, snapshot->totals->lost_ranks));
    if (snapshot->totals->records.are)
        print_records(file, &snapshot->totals->records);
    if (snapshot->totals->invalid_words > 0)
        fprintf(file, "; %s %s%s not UTF-8, kept as they are",
                number_grouped(invalid, snapshot->totals->invalid_words), snapshot->noun,
                number_plural(snapshot->totals->invalid_words));
    if (snapshot->totals->outside_words > 0)
        fprintf(file, "; %s %s%s outside the vocabulary",
                number_grouped(outside, snapshot->totals->outside_words), snapshot->noun,
                number_plural(snapshot->totals->outside_words));
    if (!snapshot->runs_tasks)
        print_where_it_went(file, snapshot);
    fprintf(file, "\n");
}
