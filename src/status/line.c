/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines for people, in the order of a run. */
#include "status/line.h"

#include "status/host_load.h"
#include "status/number.h"
#include "text/plain.h"

#include <inttypes.h>
#include <string.h>

enum { HOSTS_SHOWN = 8, FAILURES_PRINTED = 10, TASK_BYTES = 80 };

enum { SHOWN_COLUMNS = 1024, SHOWN_BYTES = PLAIN_GROWTH * SHOWN_COLUMNS + 1 };

/* Progress. A MB is 10^6 bytes, here as in the closing line. */

static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};

static void print_amount(FILE *file, double bytes, const char *behind)
{
    size_t unit = 0;
    for (; bytes >= 999.5 && unit + 1 < sizeof units / sizeof *units; unit++)
        bytes /= 1000;
    fprintf(file, "%.*f %s%s", unit > 0 && bytes < 99.95 ? 1 : 0, bytes, units[unit], behind);
}

/* How much of the whole run is done, and how long the rest takes. */
static void print_left(FILE *file, const struct snapshot *snapshot)
{
    const double left = snapshot->left_s;
    if (left < 0)
        return;
    const uint64_t s = (uint64_t)(left + 0.5);
    fprintf(file, ", %.0f %%, ", 100 * snapshot->share);
    if (left < 9.95)
        fprintf(file, "%.1f s left", left);
    else if (s < 600)
        fprintf(file, "%" PRIu64 " s left", s);
    else if (s < 36000)
        fprintf(file, "%" PRIu64 " min left", (s + 30) / 60);
    else
        fprintf(file, "%" PRIu64 " h %" PRIu64 " min left", s / 3600, s % 3600 / 60);
}

/* Of each host: done, failed, running. */
static void print_hosts(FILE *file, const struct snapshot *snapshot)
{
    struct host_load loads[HOSTS_SHOWN];
    host_load_sum(snapshot, loads, HOSTS_SHOWN);
    for (int host = 0; snapshot->hosts > 1 && host < snapshot->hosts && host < HOSTS_SHOWN;
         host++) {
        const struct snapshot_tasks *here = &loads[host].tasks;
        fprintf(file, "%s %s %" PRIu64 "/%" PRIu64 "/%" PRIu64, host ? "," : ";", loads[host].host,
                here->done, here->failed, here->running);
    }
    fputs(snapshot->hosts > HOSTS_SHOWN ? ", ..." : "", file);
}

static void print_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_tasks *all = &snapshot->work.tasks;
    fprintf(file, "%s: %" PRIu64, snapshot->program, all->done);
    if (snapshot->all_read)
        fprintf(file, " of %" PRIu64, snapshot->read_tasks);
    fprintf(file, " tasks done, %" PRIu64 " tries failed, %" PRIu64 " running", all->failed,
            all->running);
    print_left(file, snapshot);
    print_hosts(file, snapshot);
}

static void print_bytes(FILE *file, const struct snapshot *snapshot)
{
    const double done = (double)snapshot->work.mapped_bytes;
    const double expected = (double)snapshot->expected_bytes;
    print_amount(file, done, expected > 0 ? " of " : ", ");
    if (expected > 0)
        print_amount(file, expected, ", ");
    print_amount(file, snapshot->seconds > 0 ? done / snapshot->seconds : 0, "/s");
}

/* What is behind the map: the part of it that is done. */
static void print_part(FILE *file, const struct snapshot_step *step)
{
    const double part = (double)step->done / (double)step->all;
    fprintf(file, "%.0f %% of it", 100 * (part < 1 ? part : 1));
}

void line_progress(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_step *step = &snapshot->work.step;
    const bool stands_for_phase = step->phase == snapshot->phase && step->all > 0;
    if (snapshot->runs_tasks && snapshot->phase == TIMING_MAP) {
        print_tasks(file, snapshot);
    } else {
        fprintf(file, "%s: %s: ", snapshot->program, timing_names[snapshot->phase]);
        if (stands_for_phase)
            print_part(file, step);
        else
            print_bytes(file, snapshot);
        print_left(file, snapshot);
    }
    fputc('\n', file);
}

/* Failures. */

/* The beginning of what may hold anything. */
static const char *shown(const void *text, size_t len, char into[SHOWN_BYTES])
{
    plain_write(into, text, len, SHOWN_COLUMNS);
    return into;
}

static void print_failure(FILE *file, const struct snapshot *snapshot,
                          const struct failures_entry *entry, uint64_t len)
{
    char task[SHOWN_BYTES], name[SHOWN_BYTES], reason[SHOWN_BYTES], number[32];
    shown(entry->file, strlen(entry->file), name);
    shown(entry->reason, strlen(entry->reason), reason);
    if (len == 1)
        fprintf(file, "%s: %s: the task at byte %" PRIu64 " failed: %s", snapshot->program, name,
                entry->offset, reason);
    else
        fprintf(file, "%s: %s tasks failed: %s; the first is in %s at byte %" PRIu64,
                snapshot->program, number_grouped(number, len), reason, name, entry->offset);
    if (entry->tries > 0)
        fprintf(file, " (%" PRIu32 " tr%s, the last on rank %d, %s)", entry->tries,
                entry->tries == 1 ? "y" : "ies", entry->rank, snapshot->ranks[entry->rank].host);
    const size_t bytes = entry->task_len < TASK_BYTES ? entry->task_len : TASK_BYTES;
    fprintf(file, ": %s%s\n", shown(entry->task, bytes, task),
            entry->task_len > bytes ? "..." : "");
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

/* Of a count that was left: how far it is, of what is not always known. */
static void print_what_is_done(FILE *file, const struct snapshot *snapshot)
{
    const uint64_t before = snapshot->totals->resumed_bytes;
    char done[32], all[32];
    fprintf(file, "%s: %s", snapshot->program,
            number_grouped(done, before + snapshot->work.read_bytes));
    if (snapshot->expected_read > 0)
        fprintf(file, " of %s", number_grouped(all, before + snapshot->expected_read));
    fprintf(file, " bytes are counted, in %.3f s, ", snapshot->seconds);
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
    char lost[32], invalid[32], outside[32], before[32];
    if (snapshot->runs_tasks)
        print_end_of_tasks(file, snapshot);
    else if (snapshot->totals->wound_down)
        print_what_is_done(file, snapshot);
    else
        print_end_of_count(file, snapshot);
    fprintf(file, "%d rank%s on %d host%s, %s", snapshot->size,
            number_plural((uint64_t)snapshot->size), snapshot->hosts,
            number_plural((uint64_t)snapshot->hosts),
            snapshot->totals->wound_down ? "wound down: the same command goes on"
            : snapshot->verifies         ? "verified"
                                         : "not verified");
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
    if (snapshot->totals->resumed_bytes > 0 && !snapshot->totals->wound_down)
        fprintf(file, "; %s bytes were counted before",
                number_grouped(before, snapshot->totals->resumed_bytes));
    if (!snapshot->runs_tasks)
        print_where_it_went(file, snapshot);
    fprintf(file, "\n");
}
