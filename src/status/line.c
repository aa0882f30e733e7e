/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines for people, in the order of a run. */
#include "status/line.h"

#include <inttypes.h>
#include <string.h>

enum { HOSTS_SHOWN = 8, FAILURES_PRINTED = 10, TASK_BYTES = 80 };

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

static const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

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

/* How many tasks have failed for the reason of this one; 0 where an earlier one did. */
static uint64_t alike(const struct failures *failures, const struct failures_entry *entry)
{
    struct failures_entry other;
    uint64_t len = 0;
    for (size_t at = 0; failures_next(failures, &at, &other);) {
        const bool same = strcmp(other.reason, entry->reason) == 0;
        if (same && len == 0 && other.reason != entry->reason)
            return 0;
        len += same;
    }
    return len;
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
                snapshot->program, grouped(len, number), entry->reason, entry->file, entry->offset);
    if (entry->tries > 0)
        fprintf(file, " (%" PRIu32 " tr%s, the last on rank %d, %s)", entry->tries,
                entry->tries == 1 ? "y" : "ies", entry->rank, snapshot->ranks[entry->rank].host);
    fprintf(file, ": %s\n", shown(entry, text));
}

void line_failures(FILE *file, const struct snapshot *snapshot)
{
    const struct failures *failures = snapshot->failures;
    struct failures_entry entry;
    uint64_t printed = 0, len;
    size_t at = 0;
    for (int lines = 0; lines < FAILURES_PRINTED && failures_next(failures, &at, &entry);) {
        if ((len = alike(failures, &entry)) > 0) {
            print_failure(file, snapshot, &entry, len);
            printed += len;
            lines++;
        }
    }
    if (failures->len > printed)
        fprintf(file, "%s: %" PRIu64 " more tasks failed (--json lists them)\n", snapshot->program,
                failures->len - printed);
}

/* What came of it. */

static void print_end_of_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char tasks[32], done[32], failed[32], before[32], again[32], output[32];
    fprintf(file, "%s: %s task%s, %s done", snapshot->program, grouped(totals->tasks, tasks),
            plural(totals->tasks), grouped(totals->tasks - totals->failed_tasks, done));
    if (totals->failed_tasks)
        fprintf(file, ", %s failed", grouped(totals->failed_tasks, failed));
    if (totals->tasks_stopped)
        fprintf(file, ", and no others begun");
    if (totals->resumed_tasks)
        fprintf(file, ", %s of them before", grouped(totals->resumed_tasks, before));
    if (totals->retried_tasks)
        fprintf(file, ", %s tried again", grouped(totals->retried_tasks, again));
    fprintf(file, " in %.3f s, %s bytes of results, ", snapshot->seconds,
            grouped(totals->output_bytes, output));
}

static void print_end_of_count(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char words[32], distinct[32], bytes[32];
    fprintf(file, "%s: %s %s%s, %s distinct, %s bytes in %.3f s (%.0f MB/s), ", snapshot->program,
            grouped(totals->words, words), snapshot->noun, plural(totals->words),
            grouped(totals->distinct, distinct), grouped(totals->input_bytes, bytes),
            snapshot->seconds, (double)totals->input_bytes / 1e6 / snapshot->seconds);
}

static void print_where_it_went(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    char output[32], left_out[32];
    if (totals->output_has_checksum && totals->standard_output)
        fprintf(file, "; %s bytes out, XXH3 %016" PRIx64, grouped(totals->output_bytes, output),
                totals->output_checksum);
    if (totals->left_out_words > 0)
        fprintf(file, "; %s distinct %s%s left out", grouped(totals->left_out_words, left_out),
                snapshot->noun, plural(totals->left_out_words));
}

static void print_records(FILE *file, const struct snapshot_records *records)
{
    char all[32], without[32], bad[32];
    fprintf(file, "; %s record%s", grouped(records->all, all), plural(records->all));
    if (records->without > 0)
        fprintf(file, ", %s without text", grouped(records->without, without));
    if (records->bad > 0)
        fprintf(file, ", %s malformed and skipped", grouped(records->bad, bad));
}

void line_closing(FILE *file, const struct snapshot *snapshot)
{
    char lost[32], invalid[32], outside[32];
    if (snapshot->runs_tasks)
        print_end_of_tasks(file, snapshot);
    else
        print_end_of_count(file, snapshot);
    fprintf(file, "%d rank%s on %d host%s, %s", snapshot->size, plural((uint64_t)snapshot->size),
            snapshot->hosts, plural((uint64_t)snapshot->hosts),
            snapshot->verifies ? "verified" : "not verified");
    if (snapshot->totals->lost_ranks > 0)
        fprintf(file, "; %s lost on the way", grouped(snapshot->totals->lost_ranks, lost));
    if (snapshot->totals->records.are)
        print_records(file, &snapshot->totals->records);
    if (snapshot->totals->invalid_words > 0)
        fprintf(file, "; %s %s%s not UTF-8, kept as they are",
                grouped(snapshot->totals->invalid_words, invalid), snapshot->noun,
                plural(snapshot->totals->invalid_words));
    if (snapshot->totals->outside_words > 0)
        fprintf(file, "; %s %s%s outside the vocabulary",
                grouped(snapshot->totals->outside_words, outside), snapshot->noun,
                plural(snapshot->totals->outside_words));
    if (!snapshot->runs_tasks)
        print_where_it_went(file, snapshot);
    fprintf(file, "\n");
}
