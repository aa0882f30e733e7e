/* SPDX-License-Identifier: BSD-3-Clause */
/* What has become of the tasks. */
#include "status/page_parts.h"
#include "status/svg.h"

#include <inttypes.h>
#include <string.h>

enum {
    RUNNING_SHOWN = 10,
    FAILURES_SHOWN = 20,
    REASON_BYTES = 160,
    FILE_BYTES = 60,
    TASK_SHOWN_BYTES = 80
};

/* Every task is one of these. */
struct states {
    uint64_t done, failed, running, waiting;
};

static uint64_t rest(uint64_t all, uint64_t part)
{
    return all > part ? all - part : 0;
}

/* At the end as in the closing line; before that, and where a run was wound down, as far as the
 * ranks have come. */
static struct states states_of(const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    const struct snapshot_tasks *work = &snapshot->work.tasks;
    const uint64_t failed = snapshot->failures->len;
    const uint64_t done = work->done + totals->resumed_tasks;
    const uint64_t running = snapshot->state == SNAPSHOT_RUNS ? work->running : 0;
    /* Those that were done before are not among the tasks that were read. */
    const uint64_t seen = snapshot->read_tasks + totals->resumed_tasks;
    const uint64_t read = seen > totals->tasks ? seen : totals->tasks;
    if (snapshot->state == SNAPSHOT_DONE)
        return (struct states){totals->tasks - totals->failed_tasks, totals->failed_tasks, 0, 0};
    return (struct states){done, failed, running, rest(read, done + failed + running)};
}

static void put_state(FILE *file, const char *class, uint64_t number, const char *name)
{
    char text[NUMBER_BYTES];
    fprintf(file, "<div><dt><i class=\"key %s\"></i>%s</dt><dd>%s</dd></div>\n", class, name,
            number_grouped(text, number));
}

static double put_share(FILE *file, const char *class, double from, uint64_t number, uint64_t all)
{
    const double length = all ? 100.0 * (double)number / (double)all : 0;
    svg_bars_begin(file, class);
    svg_bar(file, from, 5, length);
    svg_bars_end(file);
    return from + length;
}

static void put_states(FILE *file, const struct snapshot *snapshot)
{
    char text[NUMBER_BYTES];
    const struct states states = states_of(snapshot);
    const uint64_t all = states.done + states.failed + states.running + states.waiting;
    double at = 0;
    fputs(
        "<h2>By state</h2>\n<svg class=\"share\" viewBox=\"0 0 100 10\" "
        "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"tasks by state\">\n",
        file);
    at = put_share(file, "p5", at, states.done, all);
    at = put_share(file, "p7", at, states.failed, all);
    at = put_share(file, "p3", at, states.running, all);
    put_share(file, "p8", at, states.waiting, all);
    fputs("</svg>\n<dl>\n", file);
    put_state(file, "p5", states.done, "done");
    put_state(file, "p7", states.failed, "failed for good");
    put_state(file, "p3", states.running, "running");
    put_state(file, "p8", states.waiting, "waiting");
    fprintf(file, "<div><dt>failed tries</dt><dd>%s</dd></div>\n",
            number_grouped(text, snapshot->work.tasks.failed));
    const bool more = snapshot->state == SNAPSHOT_RUNS && !snapshot->all_read;
    fprintf(file, "<div><dt>in all%s</dt><dd>%s</dd></div>\n", more ? ", as far as read" : "",
            number_grouped(text, all));
    if (snapshot->submissions > 0)
        fprintf(file, "<div><dt>submissions</dt><dd>%s</dd></div>\n",
                number_grouped(text, snapshot->submissions));
    fputs("</dl>\n", file);
}

/* The ranks whose tasks have run longest, in that order; returns how many. */
static size_t longest(const struct snapshot *snapshot, int ranks[RUNNING_SHOWN])
{
    size_t len = 0;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_running *running = &snapshot->ranks[rank].running;
        if (running->number == 0)
            continue;
        size_t at = len < RUNNING_SHOWN ? len++ : RUNNING_SHOWN;
        for (; at > 0 && snapshot->ranks[ranks[at - 1]].running.ns < running->ns; at--)
            if (at < RUNNING_SHOWN)
                ranks[at] = ranks[at - 1];
        if (at < RUNNING_SHOWN)
            ranks[at] = rank;
    }
    return len;
}

static void put_running(FILE *file, const struct snapshot *snapshot)
{
    int ranks[RUNNING_SHOWN];
    char text[NUMBER_BYTES];
    const size_t len = snapshot->state == SNAPSHOT_RUNS ? longest(snapshot, ranks) : 0;
    if (len == 0)
        return;
    fputs(
        "<h2>Running longest</h2>\n<div class=\"wide\">\n<table>\n<tr><th>task</th><th>for</th>"
        "<th>rank</th><th class=\"left\">host</th><th class=\"left\">text</th></tr>\n",
        file);
    for (size_t i = 0; i < len; i++) {
        const struct snapshot_rank *rank = &snapshot->ranks[ranks[i]];
        fprintf(file, "<tr><td>%s</td>", number_grouped(text, rank->running.number));
        fprintf(file, "<td>%s</td><td>%d</td><td class=\"left\">",
                number_time(text, (double)rank->running.ns / 1e9), ranks[i]);
        svg_text(file, rank->host, strnlen(rank->host, SNAPSHOT_HOST_BYTES), SNAPSHOT_HOST_BYTES);
        fputs("</td><td class=\"text\"><code>", file);
        svg_text(file, rank->running.text, strnlen(rank->running.text, SNAPSHOT_TASK_BYTES),
                 TASK_SHOWN_BYTES);
        fputs("</code></td></tr>\n", file);
    }
    fputs("</table>\n</div>\n", file);
}

static void put_failure(FILE *file, const struct snapshot *snapshot,
                        const struct failures_group *group)
{
    char text[NUMBER_BYTES];
    const struct failures_entry *first = &group->first;
    fprintf(file, "<tr><td>%s</td><td class=\"text\">", number_grouped(text, group->len));
    svg_text(file, first->reason, strlen(first->reason), REASON_BYTES);
    fputs("</td><td class=\"text\"><code>", file);
    svg_text(file, (const char *)first->task, failures_shown_bytes(first), TASK_SHOWN_BYTES);
    fputs("</code><br/><span class=\"note\">", file);
    svg_text(file, first->file, strlen(first->file), FILE_BYTES);
    fprintf(file, ", byte %s", number_grouped(text, first->offset));
    if (first->tries > 0 && first->rank >= 0 && first->rank < snapshot->size) {
        const char *host = snapshot->ranks[first->rank].host;
        fprintf(file, "; %" PRIu32 " tr%s, the last on rank %d, ", first->tries,
                first->tries == 1 ? "y" : "ies", first->rank);
        svg_text(file, host, strnlen(host, SNAPSHOT_HOST_BYTES), SNAPSHOT_HOST_BYTES);
    }
    fputs("</span></td></tr>\n", file);
}

static void put_failures(FILE *file, const struct snapshot *snapshot)
{
    struct failures_group groups[FAILURES_SHOWN];
    char text[NUMBER_BYTES];
    const size_t len = failures_groups(snapshot->failures, groups, FAILURES_SHOWN);
    uint64_t others = snapshot->failures->len;
    if (len == 0)
        return;
    fputs(
        "<h2>Failures</h2>\n<div class=\"wide\">\n<table>\n<tr><th>tasks</th>"
        "<th class=\"left\">reason</th><th class=\"left\">the first of them</th></tr>\n",
        file);
    for (size_t i = 0; i < len; i++) {
        put_failure(file, snapshot, &groups[i]);
        others -= groups[i].len;
    }
    fputs("</table>\n</div>\n", file);
    if (others > 0)
        fprintf(file,
                "<p class=\"note\">%s more task%s failed for other reasons (--json lists "
                "them).</p>\n",
                number_grouped(text, others), number_plural(others));
}

void page_tasks_write(FILE *file, const struct snapshot *snapshot)
{
    if (!snapshot->runs_tasks)
        return;
    put_states(file, snapshot);
    put_running(file, snapshot);
    put_failures(file, snapshot);
}
