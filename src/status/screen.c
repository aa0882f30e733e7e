/* SPDX-License-Identifier: BSD-3-Clause */
/* A screen: what runs, how it stands, how far it is, hosts, the tasks that run longest, those that
 * have failed. Each line is made of any bytes, and made plain and cut as a whole when it is put. */
#include "status/screen.h"

#include "status/host_load.h"
#include "status/number.h"
#include "text/plain.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

enum { HOSTS_SHOWN = 8, TASKS_SHOWN = 3, LINE_BYTES = 1024, BAR_COLUMNS = 40 };

struct screen {
    FILE *file;
    int columns;
};

__attribute__((format(printf, 2, 3))) static void put(const struct screen *screen,
                                                      const char *format, ...)
{
    char line[LINE_BYTES], shown[PLAIN_GROWTH * SCREEN_COLUMNS_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    plain_write(shown, line, strlen(line), screen->columns);
    fprintf(screen->file, "%s\n", shown);
}

static void put_title(const struct screen *screen, const struct snapshot *snapshot)
{
    const char *output = strcmp(snapshot->output, "-") == 0 ? "standard output" : snapshot->output;
    put(screen, "%s: %s, %d rank%s on %d host%s, to %s", snapshot->program,
        snapshot->runs_tasks ? "tasks" : snapshot->count, snapshot->size,
        number_plural((uint64_t)snapshot->size), snapshot->hosts,
        number_plural((uint64_t)snapshot->hosts), output);
}

/* How much of the phase is done, over the ranks that are in it; empty: nobody knows. */
static const char *of_phase(const struct snapshot *snapshot, char text[16])
{
    double done = 0, all = 0;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_step *step = &snapshot->ranks[rank].work.step;
        if (step->phase == (uint64_t)snapshot->phase) {
            done += (double)step->done;
            all += (double)step->all;
        }
    }
    text[0] = '\0';
    if (all > 0)
        snprintf(text, 16, ", %.0f %%", 100 * (done < all ? done / all : 1));
    return text;
}

static void put_state(const struct screen *screen, const struct snapshot *snapshot)
{
    char took[NUMBER_BYTES], part[16];
    const bool timed = snapshot->now_ns > snapshot->begun_ns;
    number_time(took, timed ? (double)(snapshot->now_ns - snapshot->begun_ns) / 1e9 : 0);
    switch (snapshot->state) {
    case SNAPSHOT_RUNS:
        put(screen, "running for %s: %s%s", took, timing_names[snapshot->phase],
            of_phase(snapshot, part));
        break;
    case SNAPSHOT_DONE:
        if (snapshot->totals->failed_tasks > 0)
            put(screen, "done but for %" PRIu64 " task%s, in %s", snapshot->totals->failed_tasks,
                number_plural(snapshot->totals->failed_tasks), took);
        else
            put(screen, "done in %s", took);
        break;
    case SNAPSHOT_WOUND_DOWN:
        put(screen, "wound down after %s: the rest can be taken up again", took);
        break;
    case SNAPSHOT_FAILED:
        put(screen, "failed after %s: %s", took, snapshot->failure ? snapshot->failure : "");
        break;
    }
}

static void put_bar(const struct screen *screen, const struct snapshot *snapshot)
{
    char bar[BAR_COLUMNS + 1], left[NUMBER_BYTES];
    const double share = snapshot->state == SNAPSHOT_DONE ? 1
                       : snapshot->share > 1              ? 1
                                                          : snapshot->share;
    const size_t full = share > 0 ? (size_t)(share * BAR_COLUMNS) : 0;
    if (snapshot->state != SNAPSHOT_RUNS && share < 0)
        return;
    memset(bar, '#', full);
    memset(bar + full, share < 0 ? ' ' : '.', BAR_COLUMNS - full);
    bar[BAR_COLUMNS] = '\0';
    if (snapshot->state != SNAPSHOT_RUNS)
        put(screen, "[%s] %3.0f %%", bar, 100 * share);
    else if (snapshot->left_s < 0 && share < 0)
        put(screen, "[%s]   ? %%, time left unknown", bar);
    else if (snapshot->left_s < 0)
        put(screen, "[%s] %3.0f %%, time left unknown", bar, 100 * share);
    else
        put(screen, "[%s] %3.0f %%, %s left", bar, 100 * (share < 0 ? 0 : share),
            number_time(left, snapshot->left_s));
}

static void put_input(const struct screen *screen, const struct snapshot *snapshot)
{
    char done[NUMBER_BYTES], all[NUMBER_BYTES], rate[NUMBER_BYTES], rest[64] = "";
    const double bytes = (double)snapshot->work.mapped_bytes;
    if (snapshot->seconds > 0
        && (snapshot->phase <= TIMING_MAP || snapshot->state == SNAPSHOT_DONE))
        snprintf(rest, sizeof rest, ", %s/s", number_size(rate, bytes / snapshot->seconds));
    put(screen, "input   %s%s%s counted%s", number_size(done, bytes),
        snapshot->expected_bytes ? " of " : "",
        snapshot->expected_bytes ? number_size(all, (double)snapshot->expected_bytes) : "", rest);
}

/* While there is something. */
static void put_scratch(const struct screen *screen, const struct snapshot *snapshot)
{
    char used[NUMBER_BYTES], most[NUMBER_BYTES];
    const struct snapshot_work *work = &snapshot->work;
    if (snapshot->scratch && work->scratch_bytes > 0)
        put(screen, "scratch %s of %s in %s", number_size(used, (double)work->scratch_bytes),
            number_size(most, (double)work->scratch_limit_bytes), snapshot->scratch);
}

static void put_tasks(const struct screen *screen, const struct snapshot *snapshot)
{
    const struct snapshot_tasks *tasks = &snapshot->work.tasks;
    char of[64] = "", for_good[64] = "";
    if (snapshot->read_tasks > 0)
        snprintf(of, sizeof of, " of %" PRIu64 "%s", snapshot->read_tasks,
                 snapshot->all_read ? "" : " read so far");
    if (snapshot->failures->len > 0)
        snprintf(for_good, sizeof for_good, "; %" PRIu64 " task%s failed", snapshot->failures->len,
                 number_plural(snapshot->failures->len));
    put(screen, "tasks   %" PRIu64 " done%s, %" PRIu64 " running, %" PRIu64 " tr%s failed%s",
        tasks->done, of, tasks->running, tasks->failed, tasks->failed == 1 ? "y" : "ies", for_good);
}

static void put_load(const struct screen *screen, const struct snapshot *snapshot,
                     const struct host_load *load, bool first)
{
    enum { NAME_COLUMNS = 16 };
    char name[PLAIN_GROWTH * NAME_COLUMNS + 1], bytes[NUMBER_BYTES];
    const int used = plain_write(name, load->host, strlen(load->host), NAME_COLUMNS);
    const char *head = first ? "hosts" : "";
    const double time_ns = (double)load->ranks * snapshot->seconds * 1e9,
                 all = (double)snapshot->work.mapped_bytes;
    const double busy = time_ns > 0 ? (double)load->tasks.busy_ns / time_ns : 0;
    if (snapshot->runs_tasks)
        put(screen,
            "%-7s %s%*s %5" PRIu64 " rank%s  %" PRIu64 " done, %" PRIu64 " running, %" PRIu64
            " failed, busy %.0f %%",
            head, name, NAME_COLUMNS - used, "", load->ranks, load->ranks == 1 ? " " : "s",
            load->tasks.done, load->tasks.running, load->tasks.failed, 100 * (busy < 1 ? busy : 1));
    else
        put(screen, "%-7s %s%*s %5" PRIu64 " rank%s  %11s, %3.0f %% of it", head, name,
            NAME_COLUMNS - used, "", load->ranks, load->ranks == 1 ? " " : "s",
            number_size(bytes, (double)load->mapped_bytes),
            all > 0 ? 100 * (double)load->mapped_bytes / all : 0);
}

static void put_hosts(const struct screen *screen, const struct snapshot *snapshot)
{
    struct host_load loads[HOSTS_SHOWN];
    host_load_sum(snapshot, loads, HOSTS_SHOWN);
    for (int host = 0; host < snapshot->hosts && host < HOSTS_SHOWN; host++)
        put_load(screen, snapshot, &loads[host], host == 0);
    if (snapshot->hosts > HOSTS_SHOWN)
        put(screen, "        and %d more", snapshot->hosts - HOSTS_SHOWN);
}

/* Whether rank `a` has its task for longer; a rank without one has none. */
static bool runs_longer(const struct snapshot *snapshot, int a, int b)
{
    const struct snapshot_running *one = &snapshot->ranks[a].running,
                                  *two = &snapshot->ranks[b].running;
    return one->ns != two->ns ? one->ns > two->ns : a < b;
}

/* The rank whose task has run longest, but for those that have run longer than that of `before`; -1
 * is none. */
static int longest_after(const struct snapshot *snapshot, int before)
{
    int found = -1;
    for (int rank = 0; rank < snapshot->size; rank++)
        if (snapshot->ranks[rank].running.number > 0 && rank != before
            && (before < 0 || runs_longer(snapshot, before, rank))
            && (found < 0 || runs_longer(snapshot, rank, found)))
            found = rank;
    return found;
}

static void put_longest(const struct screen *screen, const struct snapshot *snapshot)
{
    char took[NUMBER_BYTES];
    int rank = -1;
    if (snapshot->state != SNAPSHOT_RUNS)
        return;
    for (int i = 0; i < TASKS_SHOWN && (rank = longest_after(snapshot, rank)) >= 0; i++) {
        const struct snapshot_running *running = &snapshot->ranks[rank].running;
        put(screen, "%-7s task %" PRIu64 " for %s on %.20s: %.*s", i == 0 ? "longest" : "",
            running->number, number_time(took, (double)running->ns / 1e9),
            snapshot->ranks[rank].host, SNAPSHOT_TASK_BYTES, running->text);
    }
}

static void put_failures(const struct screen *screen, const struct snapshot *snapshot)
{
    enum { TASK_COLUMNS = 36 };
    char task[PLAIN_GROWTH * TASK_COLUMNS + 1];
    struct failures_group groups[TASKS_SHOWN];
    const size_t len = failures_groups(snapshot->failures, groups, TASKS_SHOWN);
    uint64_t others = snapshot->failures->len;
    for (size_t i = 0; i < len; i++) {
        const struct failures_entry *first = &groups[i].first;
        plain_write(task, first->task, failures_shown_bytes(first), TASK_COLUMNS);
        put(screen, "%-7s %" PRIu64 " task%s: %s%s: %s", i == 0 ? "failed" : "", groups[i].len,
            number_plural(groups[i].len), task, groups[i].len > 1 ? " and others" : "",
            first->reason);
        others -= groups[i].len;
    }
    if (others > 0)
        put(screen, "        and %" PRIu64 " more", others);
}

static void put_written(const struct screen *screen, const struct snapshot *snapshot)
{
    char text[32];
    const time_t seconds = (time_t)(snapshot->now_ns / 1000000000);
    struct tm when;
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", gmtime_r(&seconds, &when));
    put(screen, "written %s UTC", text);
}

void screen_write(FILE *file, const struct snapshot *snapshot, int columns)
{
    const struct screen screen = {file,
                                  columns < SCREEN_COLUMNS_MAX ? columns : SCREEN_COLUMNS_MAX};
    put_title(&screen, snapshot);
    put_state(&screen, snapshot);
    put_bar(&screen, snapshot);
    if (snapshot->runs_tasks)
        put_tasks(&screen, snapshot);
    else
        put_input(&screen, snapshot);
    put_scratch(&screen, snapshot);
    put_hosts(&screen, snapshot);
    put_longest(&screen, snapshot);
    if (snapshot->runs_tasks)
        put_failures(&screen, snapshot);
    put_written(&screen, snapshot);
}

bool screen_read(const char *text, size_t len, struct screen_seen *seen)
{
    static const struct {
        const char *begin;
        struct screen_seen seen;
    } states[] = {
        {"running for ", {SNAPSHOT_RUNS, false, false}},
        {"done in ", {SNAPSHOT_DONE, false, false}},
        {"done but for ", {SNAPSHOT_DONE, false, true}},
        {"wound down ", {SNAPSHOT_WOUND_DOWN, false, false}},
        {"failed ", {SNAPSHOT_FAILED, false, false}},
        {"lost: ", {SNAPSHOT_FAILED, true, false}},
    };
    const char *newline = memchr(text, '\n', len), *line = newline ? newline + 1 : NULL;
    const size_t rest = line ? len - (size_t)(line - text) : 0;
    for (size_t i = 0; line && i < sizeof states / sizeof *states; i++) {
        const size_t begin_len = strlen(states[i].begin);
        if (rest > begin_len && memcmp(line, states[i].begin, begin_len) == 0) {
            *seen = states[i].seen;
            return true;
        }
    }
    return false;
}
