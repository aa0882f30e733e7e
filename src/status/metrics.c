/* SPDX-License-Identifier: BSD-3-Clause */
/* Metrics. A sample has a name, labels and a number; a label of others is UTF-8 in which a quote, a
 * backslash and a newline are escaped, and what would be obeyed or not seen is a `?`. */
#include "status/metrics.h"

#include "status/host_load.h"
#include "text/plain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <version.h>

enum { LABEL_COLUMNS = 200 };

static void put_head(FILE *file, const char *name, const char *type, const char *help)
{
    fprintf(file, "# HELP mpiwc_%s %s\n# TYPE mpiwc_%s %s\n", name, help, name, type);
}

static void put_number(FILE *file, const char *name, const char *type, const char *help,
                       double number)
{
    put_head(file, name, type, help);
    fprintf(file, "mpiwc_%s %.15g\n", name, number);
}

/* A label; `separator` is before it. */
static void put_label(FILE *file, char separator, const char *name, const char *text)
{
    char shown[PLAIN_GROWTH * LABEL_COLUMNS + 1];
    plain_write(shown, text, strlen(text), LABEL_COLUMNS);
    fprintf(file, "%c%s=\"", separator, name);
    for (const char *at = shown; *at; at++) {
        if (*at == '"' || *at == '\\')
            fputc('\\', file);
        fputc(*at, file);
    }
    fputc('"', file);
}

static void put_state(FILE *file, const struct snapshot *snapshot)
{
    static const char *const states[] = {"running", "done", "wound_down", "failed", "lost"};
    put_head(file, "state", "gauge", "1 for the state of the run, 0 for the others.");
    for (int state = 0; state < (int)(sizeof states / sizeof *states); state++)
        fprintf(file, "mpiwc_state{state=\"%s\"} %d\n", states[state],
                state == (int)snapshot->state);
    put_head(file, "phase", "gauge", "1 for the phase of rank 0, 0 for the others.");
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        fprintf(file, "mpiwc_phase{phase=\"%s\"} %d\n", timing_names[phase],
                phase == (int)snapshot->phase);
}

static void put_run(FILE *file, const struct snapshot *snapshot)
{
    put_head(file, "run_info", "gauge", "What runs, as labels; always 1.");
    fputs("mpiwc_run_info", file);
    put_label(file, '{', "version", VERSION);
    put_label(file, ',', "program", snapshot->program);
    put_label(file, ',', "count", snapshot->runs_tasks ? "tasks" : snapshot->count);
    put_label(file, ',', "output", snapshot->output);
    fputs("} 1\n", file);
    put_number(file, "ranks", "gauge", "Ranks of the run.", snapshot->size);
    put_number(file, "hosts", "gauge", "Hosts of the run.", snapshot->hosts);
}

static void put_progress(FILE *file, const struct snapshot *snapshot)
{
    if (snapshot->share >= 0)
        put_number(file, "share", "gauge", "How much of the run is done, 0 to 1.", snapshot->share);
    if (snapshot->left_s >= 0)
        put_number(file, "left_seconds", "gauge", "Estimated time to its end.", snapshot->left_s);
    put_number(file, "work_seconds", "gauge", "Seconds of work of rank 0.", snapshot->seconds);
    put_number(file, "input_bytes_total", "counter", "Bytes of the input that were mapped.",
               (double)snapshot->work.mapped_bytes);
    if (snapshot->expected_bytes > 0)
        put_number(file, "input_expected_bytes", "gauge", "Bytes of the input, where known.",
                   (double)snapshot->expected_bytes);
    if (snapshot->scratch) {
        put_number(file, "scratch_bytes", "gauge", "Bytes in the folders of --scratch.",
                   (double)snapshot->work.scratch_bytes);
        put_number(file, "scratch_limit_bytes", "gauge", "Bytes that may be there, at most.",
                   (double)snapshot->work.scratch_limit_bytes);
    }
}

static void put_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct snapshot_tasks *tasks = &snapshot->work.tasks;
    put_head(file, "tasks", "gauge", "Tasks by state: done, running, failed for good, read.");
    fprintf(file, "mpiwc_tasks{state=\"done\"} %" PRIu64 "\n", tasks->done);
    fprintf(file, "mpiwc_tasks{state=\"running\"} %" PRIu64 "\n", tasks->running);
    fprintf(file, "mpiwc_tasks{state=\"failed\"} %" PRIu64 "\n", snapshot->failures->len);
    if (snapshot->read_tasks > 0)
        fprintf(file, "mpiwc_tasks{state=\"read\"} %" PRIu64 "\n", snapshot->read_tasks);
    put_number(file, "failed_tries_total", "counter", "Tries of tasks that failed.",
               (double)tasks->failed);
}

/* A number of each host. They are told apart by their index: names may be equal. */
static void put_by_host(FILE *file, const struct host_load *loads, size_t len, const char *name,
                        const char *type, const char *help, size_t at)
{
    put_head(file, name, type, help);
    for (size_t i = 0; i < len; i++) {
        uint64_t number;
        memcpy(&number, (const char *)&loads[i] + at, sizeof number);
        fprintf(file, "mpiwc_%s", name);
        put_label(file, '{', "host", loads[i].host);
        fprintf(file, ",index=\"%zu\"} %" PRIu64 "\n", i, number);
    }
}

#define AT(field) offsetof(struct host_load, field)

/* Where there is no memory for the sums there are none. */
static void put_hosts(FILE *file, const struct snapshot *snapshot)
{
    const size_t len = (size_t)snapshot->hosts;
    struct host_load *loads = calloc(len, sizeof *loads);
    if (!loads)
        return;
    host_load_sum(snapshot, loads, len);
    put_by_host(file, loads, len, "host_ranks", "gauge", "Ranks on the host.", AT(ranks));
    put_by_host(file, loads, len, "host_input_bytes_total", "counter",
                "Bytes of the input that the host mapped.", AT(mapped_bytes));
    if (snapshot->runs_tasks) {
        put_by_host(file, loads, len, "host_tasks_done_total", "counter",
                    "Tasks that the host has done.", AT(tasks.done));
        put_by_host(file, loads, len, "host_tasks_running", "gauge", "Tasks that run on the host.",
                    AT(tasks.running));
        put_by_host(file, loads, len, "host_failed_tries_total", "counter",
                    "Tries that failed on the host.", AT(tasks.failed));
    }
    free(loads);
}

void metrics_write(FILE *file, const struct snapshot *snapshot)
{
    put_state(file, snapshot);
    put_run(file, snapshot);
    put_progress(file, snapshot);
    if (snapshot->runs_tasks)
        put_tasks(file, snapshot);
    put_hosts(file, snapshot);
    put_number(file, "start_timestamp_seconds", "gauge", "When the run began, since 1970.",
               (double)(snapshot->begun_ns / 1000000) / 1e3);
    put_number(file, "last_write_timestamp_seconds", "gauge", "When this was written, since 1970.",
               (double)(snapshot->now_ns / 1000000) / 1e3);
}
