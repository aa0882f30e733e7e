/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of a run, built by jansson. An object that there was no memory for is NULL, and
 * whatever holds it becomes NULL, too. */
#include "status/run_record.h"

#include "text/utf8.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <version.h>

enum { FAILURES_LIVE = 100 }; /* are listed while the run goes on; at its end all are */

char *run_record_utf8(const uint8_t *text, size_t len, size_t *valid_len)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *valid = malloc(3 * len + 1), *at = valid;
    for (size_t i = 0, sequence; valid && i < len; i += sequence ? sequence : 1) {
        sequence = utf8_sequence(text + i, len - i);
        const size_t bytes = sequence ? sequence : sizeof replacement - 1;
        memcpy(at, sequence ? (const char *)text + i : replacement, bytes);
        at += bytes;
    }
    *valid_len = (size_t)(at - valid);
    return valid;
}

static json_t *bytes_value(const uint8_t *text, size_t len)
{
    size_t valid_len;
    char *valid = run_record_utf8(text, len, &valid_len);
    json_t *value = valid ? json_stringn(valid, valid_len) : NULL;
    free(valid);
    return value;
}

static json_t *text_value(const char *text)
{
    return bytes_value((const uint8_t *)text, strlen(text));
}

static json_t *number_value(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *hex_value(uint64_t number)
{
    return json_sprintf("%016" PRIx64, number);
}

/* To the microsecond. */
static json_t *seconds_value(double seconds)
{
    return json_real((double)(uint64_t)(seconds * 1e6 + 0.5) / 1e6);
}

static json_t *ns_value(uint64_t ns)
{
    return seconds_value((double)ns / 1e9);
}

/* Unknown ones are null. */
static json_t *known_value(double number)
{
    return number < 0 ? json_null() : seconds_value(number);
}

static json_t *time_value(uint64_t ns)
{
    char text[32];
    const time_t seconds = (time_t)(ns / 1000000000);
    struct tm parts;
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &parts));
    return json_string(text);
}

/* Takes the value; without it, or without room for it, the object is no more. jansson takes NULL
 * for either, and fails. */
static void put(json_t **object, const char *name, json_t *value)
{
    if (json_object_set_new(*object, name, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

static void append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

static json_t *failure_value(const struct snapshot *snapshot, const struct failures_entry *entry)
{
    json_t *failure = json_object();
    put(&failure, "file", text_value(entry->file));
    put(&failure, "offset", number_value(entry->offset));
    put(&failure, "tries", number_value(entry->tries));
    put(&failure, "rank", json_integer(entry->rank));
    put(&failure, "host", text_value(snapshot->ranks[entry->rank].host));
    put(&failure, "reason", text_value(entry->reason));
    put(&failure, "task_bytes", number_value(entry->task_len));
    put(&failure, "task", bytes_value(entry->task, failures_shown_bytes(entry)));
    return failure;
}

static json_t *failures_value(const struct snapshot *snapshot)
{
    json_t *failures = json_array();
    struct failures_entry entry;
    size_t at = 0;
    uint64_t left = snapshot_is_whole(snapshot) ? UINT64_MAX : FAILURES_LIVE;
    for (; failures && left > 0 && failures_next(snapshot->failures, &at, &entry); left--)
        append(&failures, failure_value(snapshot, &entry));
    return failures;
}

static void put_tasks(json_t **record, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    put(record, "tasks", number_value(totals->tasks));
    put(record, "failed_tasks", number_value(totals->failed_tasks));
    put(record, "retried_tasks", number_value(totals->retried_tasks));
    put(record, "resumed_tasks", number_value(totals->resumed_tasks));
    put(record, "lost_ranks", number_value(totals->lost_ranks));
}

static json_t *by_phase(const uint64_t *numbers, json_t *(*value)(uint64_t number))
{
    json_t *object = json_object();
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        put(&object, timing_names[phase], value(numbers[phase]));
    return object;
}

static json_t *running_value(const struct snapshot_running *running)
{
    json_t *object = running->number ? json_object() : json_null();
    if (running->number) {
        put(&object, "task", number_value(running->number));
        put(&object, "seconds", ns_value(running->ns));
        put(&object, "text",
            bytes_value((const uint8_t *)running->text,
                        strnlen(running->text, SNAPSHOT_TASK_BYTES)));
    }
    return object;
}

static void put_measured(json_t **object, const struct snapshot_rank *rank)
{
    char set[256];
    put(object, "processors", text_value(topo_binding_text(&rank->binding, set, sizeof set)));
    put(object, "peak_bytes", number_value(rank->peak_bytes));
    put(object, "resident_bytes", number_value(rank->resident_bytes));
    put(object, "scratch_bytes", number_value(rank->scratch_bytes));
    put(object, "scratch_written_bytes", number_value(rank->scratch_written_bytes));
    put(object, "seconds", by_phase(rank->spent_ns, ns_value));
    put(object, "moved_bytes", by_phase(rank->bytes, number_value));
    put(object, "between_hosts_bytes", by_phase(rank->network_bytes, number_value));
}

static json_t *rank_value(const struct snapshot *snapshot, int number)
{
    const struct snapshot_rank *rank = &snapshot->ranks[number];
    json_t *object = json_object();
    put(&object, "rank", json_integer(number));
    put(&object, "host", text_value(rank->host));
    put(&object, "tasks", number_value(rank->work.tasks.done));
    put(&object, "failed_tries", number_value(rank->work.tasks.failed));
    put(&object, "busy_seconds", ns_value(rank->work.tasks.busy_ns));
    put(&object, "mapped_bytes", number_value(rank->work.mapped_bytes));
    if (snapshot->runs_tasks)
        put(&object, "running", running_value(&rank->running));
    if (snapshot_is_whole(snapshot))
        put_measured(&object, rank);
    return object;
}

static json_t *ranks_value(const struct snapshot *snapshot)
{
    json_t *ranks = json_array();
    for (int rank = 0; rank < snapshot->size; rank++)
        append(&ranks, rank_value(snapshot, rank));
    return ranks;
}

static uint64_t between_hosts(const struct snapshot *snapshot)
{
    uint64_t bytes = 0;
    for (int rank = 0; rank < snapshot->size; rank++)
        for (int phase = 0; phase < TIMING_PHASES; phase++)
            bytes += snapshot->ranks[rank].network_bytes[phase];
    return bytes;
}

static void put_result(json_t **record, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    put(record, "words", number_value(totals->words));
    put(record, "distinct_words", number_value(totals->distinct));
    put(record, "written_words", number_value(totals->written_words));
    put(record, "left_out_words", number_value(totals->left_out_words));
    put(record, "output_bytes", number_value(totals->output_bytes));
    if (totals->output_has_checksum)
        put(record, "output_xxh3", hex_value(totals->output_checksum));
    if (snapshot->verifies)
        put(record, "fingerprint", hex_value(totals->fingerprint));
    put(record, "verified", json_boolean(snapshot->verifies));
}

static void put_records(json_t **record, const struct snapshot_records *records)
{
    put(record, "records", number_value(records->all));
    put(record, "records_without_text", number_value(records->without));
    put(record, "records_skipped", number_value(records->bad));
}

/* Who waits for a run finds these in every record of it. */
static void put_standing(json_t **record, const struct snapshot *snapshot)
{
    static const char *const states[] = {"running", "done", "wound_down", "failed"};
    put(record, "state", text_value(states[snapshot->state]));
    put(record, "failure", snapshot->failure ? text_value(snapshot->failure) : json_null());
    put(record, "begun_at", time_value(snapshot->begun_ns));
    put(record, "written_at", time_value(snapshot->now_ns));
    put(record, "phase", text_value(timing_names[snapshot->phase]));
    put(record, "share", known_value(snapshot->share));
    put(record, "left_seconds", known_value(snapshot->left_s));
    put(record, "mapped_bytes", number_value(snapshot->work.mapped_bytes));
    put(record, "expected_bytes",
        snapshot->expected_bytes ? number_value(snapshot->expected_bytes) : json_null());
    if (snapshot->scratch) {
        put(record, "scratch", text_value(snapshot->scratch));
        put(record, "scratch_used_bytes", number_value(snapshot->work.scratch_bytes));
        put(record, "scratch_limit_bytes", number_value(snapshot->work.scratch_limit_bytes));
    }
    if (snapshot->runs_tasks) {
        put(record, "tasks_read", number_value(snapshot->read_tasks));
        put(record, "tasks_done", number_value(snapshot->work.tasks.done));
        put(record, "tasks_running", number_value(snapshot->work.tasks.running));
        put(record, "tries_failed", number_value(snapshot->work.tasks.failed));
        put(record, "failures", failures_value(snapshot));
    }
}

/* What came of it. */
static void put_totals(json_t **record, const struct snapshot *snapshot)
{
    const struct snapshot_totals *totals = snapshot->totals;
    if (snapshot->rules[0] != '\0') {
        put(record, "invalid_words", number_value(totals->invalid_words));
        put(record, "outside_words", number_value(totals->outside_words));
    }
    put(record, "files", number_value(totals->files));
    put(record, "input_bytes", number_value(totals->input_bytes));
    if (!snapshot->runs_tasks) {
        put(record, "resumed_bytes", number_value(totals->resumed_bytes));
        put(record, "commits", number_value(totals->commits));
    }
    if (totals->records.are)
        put_records(record, &totals->records);
    if (snapshot->runs_tasks)
        put_tasks(record, snapshot);
    put_result(record, snapshot);
    put(record, "input", text_value(totals->root_input ? "root" : "shared"));
    put(record, "gathered_by", text_value(totals->root_output ? "root" : "each rank"));
    put(record, "rounds", number_value(totals->rounds));
    put(record, "between_hosts_bytes", number_value(between_hosts(snapshot)));
}

static json_t *record_value(const struct snapshot *snapshot)
{
    json_t *record = json_object();
    put(&record, "schema", json_integer(RUN_RECORD_SCHEMA));
    put(&record, "program", text_value("mpiwc"));
    put(&record, "version", text_value(VERSION));
    put_standing(&record, snapshot);
    put(&record, "output", text_value(snapshot->output));
    put(&record, "count", text_value(snapshot->count));
    if (snapshot->runs_tasks && snapshot->command)
        put(&record, "command", text_value(snapshot->command));
    if (snapshot->rules[0] != '\0')
        put(&record, "rules", text_value(snapshot->rules));
    put(&record, "kernel", text_value(snapshot->kernel));
    if (snapshot_is_whole(snapshot))
        put_totals(&record, snapshot);
    put(&record, "memory_bytes", number_value(snapshot->memory_bytes));
    put(&record, "ranks", json_integer(snapshot->size));
    put(&record, "hosts", json_integer(snapshot->hosts));
    put(&record, "shuffle", text_value(snapshot->by_host ? "host" : "flat"));
    put(&record, "seconds", seconds_value(snapshot->seconds));
    put(&record, "by_rank", ranks_value(snapshot));
    return record;
}

char *run_record_print(struct json_t *object, size_t *len)
{
    enum { DIGITS = 15 }; /* more would show what a double is not exact to */
    char *text = NULL;
    FILE *file = object ? open_memstream(&text, len) : NULL;
    bool ok = file && json_dumpf(object, file, JSON_INDENT(2) | JSON_REAL_PRECISION(DIGITS)) == 0
           && fputc('\n', file) != EOF;
    json_decref(object);
    if (file && fclose(file) != 0)
        ok = false;
    if (ok)
        return text;
    free(text);
    return NULL;
}

char *run_record_text(const struct snapshot *snapshot, size_t *len)
{
    return run_record_print(record_value(snapshot), len);
}
