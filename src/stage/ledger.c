/* SPDX-License-Identifier: BSD-3-Clause */
/* The ledger on rank 0. What it has entered counts when it is saved, so a run that is killed has
 * lost a fifth of a second of work at most, beside the tasks that were running. No collectives. */
#include "stage/ledger.h"

#include "job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* A value of several lines goes on with lines without a name. */
static void put_value(FILE *file, const char *value)
{
    for (; value && *value; value++) {
        fputc(*value, file);
        if (*value == '\n')
            fputc('=', file);
    }
}

static void put_line(FILE *file, const char *name, const char *value)
{
    fprintf(file, "%s=", name);
    put_value(file, value);
    fputc('\n', file);
}

/* Tells the journal whose it is. Returns memory of malloc that holds the texts, NULL where there is
 * none. */
static char *describe(const struct options *options, const struct plan *plan, struct manifest *run)
{
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);
    if (!file)
        return NULL;
    put_line(file, "task", options->task);
    put_line(file, "exec", options->exec);
    put_line(file, "task-arguments", options->task_arguments);
    fprintf(file, "%ccollect=%s\n%c", '\0', collect_name(options->collect), '\0');
    for (size_t i = 0; i < plan->catalog.len; i++) {
        fprintf(file, "input-%zu=", i + 1);
        put_value(file, catalog_name(&plan->catalog, i));
        fprintf(file, ", %" PRIu64 " bytes\n", plan->catalog.files[i].bytes);
    }
    if (fclose(file) != 0) {
        free(text);
        return NULL;
    }
    *run = (struct manifest){.command = text, .mended = options->mended};
    run->fixed = run->command + strlen(run->command) + 1;
    run->inputs = run->fixed + strlen(run->fixed) + 1;
    return text;
}

bool ledger_open(struct env *env, struct ledger *ledger, const struct options *options,
                 const struct plan *plan)
{
    struct manifest run;
    *ledger = (struct ledger){0};
    if (!options->journal)
        return true;
    char *texts = describe(options, plan, &run);
    if (!texts)
        return fail_set(&env->fail, FAIL_MEMORY, "%s: no memory", options->journal);
    ledger->open = journal_open(&ledger->journal, options->journal, &run, &env->fail);
    free(texts);
    return ledger->open;
}

bool ledger_has(struct env *env, struct ledger *ledger, struct task_reader_task *task,
                const uint8_t *bytes)
{
    enum journal_state state = JOURNAL_MISSING;
    if (!ledger->open)
        return false;
    task->digest = XXH3_64bits(bytes, task->len);
    journal_find(&ledger->journal, task->file, task->offset, task->digest, &state, &env->fail);
    ledger->known += state == JOURNAL_DONE;
    return state == JOURNAL_DONE;
}

bool ledger_next(struct env *env, struct ledger *ledger, struct ledger_entry *entry)
{
    struct journal_entry found;
    bool any = false;
    if (!ledger->open || !journal_next_done(&ledger->journal, &found, &any, &env->fail) || !any)
        return false;
    *entry = (struct ledger_entry){
        .task = {.file = (uint32_t)found.file, .offset = found.offset},
        .done = true,
        .frames = found.frames,
        .frames_len = found.frames_len,
    };
    return true;
}

bool ledger_fetch(struct env *env, struct ledger *ledger, uint32_t file, uint64_t offset,
                  const uint8_t **frames, size_t *len)
{
    struct journal_entry found;
    if (!journal_fetch(&ledger->journal, file, offset, &found, &env->fail))
        return false;
    *frames = found.frames;
    *len = found.frames_len;
    return true;
}

bool ledger_count(struct env *env, struct ledger *ledger, uint64_t *tasks)
{
    *tasks = 0;
    return !ledger->open || journal_count_done(&ledger->journal, tasks, &env->fail);
}

bool ledger_add(struct job *job, struct ledger *ledger, const struct ledger_entry *entry)
{
    struct journal_entry row = {
        .file = entry->task.file,
        .offset = entry->task.offset,
        .digest = entry->task.digest,
        .tries = entry->task.tries,
        .done = entry->done,
        .rank = entry->rank,
        .seconds = (double)entry->ns / 1e9,
        .frames = entry->frames,
        .frames_len = entry->frames_len,
        .reason = entry->reason,
        .task = entry->bytes,
        .task_len = entry->bytes ? entry->task.len : 0,
    };
    if (!ledger->open)
        return true;
    snprintf(row.host, sizeof row.host, "%s", comm_host_of(job, entry->rank));
    return journal_add(&ledger->journal, &row, &job->env.fail)
        && ledger_save(&job->env, ledger, false);
}

bool ledger_save(struct env *env, struct ledger *ledger, bool all)
{
    return !ledger->open || !(all || journal_due(&ledger->journal))
        || journal_commit(&ledger->journal, &env->fail);
}

void ledger_close(struct ledger *ledger)
{
    if (ledger->open)
        journal_close(&ledger->journal);
    *ledger = (struct ledger){0};
}
