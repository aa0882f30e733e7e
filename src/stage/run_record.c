/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of a run. Strings are escaped as JSON wants it; bytes that are not UTF-8 cannot be
 * shown in JSON and become U+FFFD. */
#include "stage/run_record.h"

#include "job.h"
#include "text/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_string(FILE *file, const char *text)
{
    fputc('"', file);
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    while (at < end) {
        int len = (int)utf8_sequence(at, (size_t)(end - at));
        if (len == 0)
            fputs("\\ufffd", file);
        else if (*at < 0x20 || *at == 0x7f)
            fprintf(file, "\\u%04x", *at);
        else
            fprintf(file, "%s%.*s", *at == '"' || *at == '\\' ? "\\" : "", len, (const char *)at);
        at += len ? len : 1;
    }
    fputc('"', file);
}

static void put_number(FILE *file, const char *name, uint64_t number)
{
    fprintf(file, "  \"%s\": %" PRIu64 ",\n", name, number);
}

/* A text that may hold any byte. */
static void put_bytes(FILE *file, const uint8_t *bytes, size_t len)
{
    char *text = strndup((const char *)bytes, len); /* up to the first NUL, if any */
    put_string(file, text ? text : "");
    free(text);
}

static void put_failures(FILE *file, const struct job *job)
{
    struct failures_entry entry;
    fprintf(file, "  \"failures\": [");
    for (size_t at = 0, i = 0; failures_next(job, &at, &entry); i++) {
        fprintf(file, "%s\n    {\"file\": ", i ? "," : "");
        put_string(file, entry.file);
        fprintf(file, ", \"offset\": %" PRIu64 ", \"tries\": %" PRIu32 ", \"rank\": %d, \"host\": ",
                entry.offset, entry.tries, entry.rank);
        put_string(file, comm_host_of(job, entry.rank));
        fprintf(file, ", \"reason\": ");
        put_string(file, entry.reason);
        fprintf(file, ", \"task_bytes\": %" PRIu64 ", \"task\": ", entry.task_len);
        put_bytes(file, entry.task,
                  entry.task_len < FAILURES_SHOWN_BYTES ? entry.task_len : FAILURES_SHOWN_BYTES);
        fprintf(file, "}");
    }
    fprintf(file, "],\n");
}

static void put_tasks(FILE *file, const struct job *job)
{
    const struct job_totals *totals = &job->totals;
    put_number(file, "tasks", totals->tasks);
    put_number(file, "failed_tasks", totals->failed_tasks);
    put_number(file, "retried_tasks", totals->retried_tasks);
    put_number(file, "resumed_tasks", totals->resumed_tasks);
    put_failures(file, job);
}

static void put_rank(FILE *file, const struct run_record_rank *rank, int number)
{
    char set[256];
    fprintf(file, "    {\"rank\": %d, \"host\": ", number);
    put_string(file, rank->host);
    fprintf(file,
            ", \"processors\": \"%s\", \"tasks\": %" PRIu64 ", \"failed_tries\": %" PRIu64
            ", \"busy_seconds\": %.6f, \"mapped_bytes\": %" PRIu64 ", \"peak_bytes\": %" PRIu64
            ", \"resident_bytes\": %" PRIu64 ",\n     \"seconds\": {",
            topo_binding_text(&rank->binding, set, sizeof set), rank->tasks, rank->failed_tries,
            (double)rank->busy_ns / 1e9, rank->mapped_bytes, rank->peak_bytes,
            rank->resident_bytes);
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        fprintf(file, "%s\"%s\": %.6f", phase ? ", " : "", timing_names[phase],
                (double)rank->spent_ns[phase] / 1e9);
    fprintf(file, "},\n     \"moved_bytes\": {");
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        fprintf(file, "%s\"%s\": %" PRIu64, phase ? ", " : "", timing_names[phase],
                rank->bytes[phase]);
    fprintf(file, "},\n     \"between_hosts_bytes\": {");
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        fprintf(file, "%s\"%s\": %" PRIu64, phase ? ", " : "", timing_names[phase],
                rank->network_bytes[phase]);
    fprintf(file, "}}");
}

static uint64_t between_hosts(const struct job *job, const struct run_record_rank *ranks)
{
    uint64_t bytes = 0;
    for (int rank = 0; rank < job->comm.size; rank++)
        for (int phase = 0; phase < TIMING_PHASES; phase++)
            bytes += ranks[rank].network_bytes[phase];
    return bytes;
}

static void put_record(FILE *file, const struct job *job, const struct run_record_rank *ranks)
{
    const struct job_totals *totals = &job->totals;
    fprintf(file,
            "{\n  \"schema\": %d,\n  \"program\": \"mpiwc\",\n  \"version\": ", RUN_RECORD_SCHEMA);
    put_string(file, VERSION);
    fprintf(file, ",\n  \"output\": ");
    const struct options *options = &job->env.options;
    put_string(file, options->results ? options->results : options->output ? options->output : "-");
    fprintf(file, ",\n  \"count\": ");
    put_string(file,
               options_tasks(&job->env.options) ? job->env.kind.name : job->env.options.count);
    fprintf(file, ",\n  \"kernel\": ");
    put_string(file, job->env.scan->name);
    fprintf(file, ",\n");
    put_number(file, "files", totals->files);
    put_number(file, "input_bytes", totals->input_bytes);
    if (options_tasks(&job->env.options))
        put_tasks(file, job);
    put_number(file, "words", totals->words);
    put_number(file, "distinct_words", totals->distinct);
    put_number(file, "written_words", totals->written_words);
    put_number(file, "left_out_words", totals->left_out_words);
    put_number(file, "output_bytes", totals->output_bytes);
    if (totals->output_has_checksum)
        fprintf(file, "  \"output_xxh3\": \"%016" PRIx64 "\",\n", totals->output_checksum);
    if (job->env.options.verify)
        fprintf(file, "  \"fingerprint\": \"%016" PRIx64 "\",\n", totals->fingerprint);
    fprintf(file, "  \"verified\": %s,\n", job->env.options.verify ? "true" : "false");
    fprintf(file, "  \"input\": \"%s\",\n  \"gathered_by\": \"%s\",\n",
            totals->root_input ? "root" : "shared", totals->root_output ? "root" : "each rank");
    put_number(file, "rounds", totals->rounds);
    put_number(file, "memory_bytes", job->env.mem.limit_bytes);
    put_number(file, "ranks", (uint64_t)job->comm.size);
    put_number(file, "hosts", (uint64_t)job->comm.hosts);
    fprintf(file, "  \"shuffle\": \"%s\",\n", job->by_host ? "host" : "flat");
    put_number(file, "between_hosts_bytes", between_hosts(job, ranks));
    fprintf(file, "  \"seconds\": %.6f,\n  \"by_rank\": [\n", timing_work_s(&job->timing));
    for (int rank = 0; rank < job->comm.size; rank++) {
        put_rank(file, &ranks[rank], rank);
        fprintf(file, rank + 1 < job->comm.size ? ",\n" : "\n");
    }
    fprintf(file, "  ]\n}\n");
}

bool run_record_write(struct job *job, const struct run_record_rank *ranks, struct output *output,
                      size_t *len)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, len);
    if (file)
        put_record(file, job, ranks);
    bool bad = !file || ferror(file);
    if ((file && fclose(file) != 0) || bad) {
        free(text);
        return fail_errno(&job->env.fail, FAIL_MEMORY, job->env.options.json, ENOMEM);
    }
    bool ok =
        output_write(output, text, *len, 0, &job->env.fail) && output_sync(output, &job->env.fail);
    free(text);
    return ok;
}
