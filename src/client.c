/* SPDX-License-Identifier: BSD-3-Clause */
/* The client of a service. Inputs are read here as a run would read them, so that what a submission
 * has is text, whatever the files are. */
#include "client.h"

#include "counts_client.h"
#include "input/magic.h"
#include "input/reader.h"
#include "output/status_folder.h"
#include "spool/spool_list.h"
#include "spool/spool_submit.h"
#include "spool/spool_wait.h"
#include "stage/plan.h"
#include "status/viewer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 20, MEMORY_BYTES = 1 << 30, INTERRUPTED = 130 };

/* Adds the text of an input. Its byte order mark would not be at a beginning any more. */
static bool add_text(struct spool_submit *submit, struct mem *mem, const char *name,
                     const struct catalog_file *file, uint8_t *part, struct fail *fail)
{
    struct reader reader;
    size_t got;
    bool first = true, ended = false;
    bool ok = reader_open(&reader, mem, name, file, false, fail);
    while (ok && !ended) {
        ok = reader_read(&reader, part, READ_BYTES, &got, &ended, fail);
        const size_t mark = ok && first ? magic_mark(part, got) : 0;
        ok = ok && spool_submit_add(submit, part + mark, got - mark, fail);
        first = false;
    }
    reader_close(&reader);
    return ok && spool_submit_end_line(submit, fail);
}

static bool add_name(struct catalog *catalog, const char *name, struct fail *fail)
{
    return plan_trusts(name, fail) && catalog_add(catalog, name, false, fail);
}

static bool add_texts(struct spool_submit *submit, const struct options *options, struct fail *fail)
{
    struct mem mem = {.limit_bytes = MEMORY_BYTES};
    struct catalog catalog;
    catalog_init(&catalog, &mem);
    uint8_t *part = mem_alloc(&mem, READ_BYTES, fail);
    bool ok = part && (options->files_len > 0 || add_name(&catalog, "-", fail));
    for (size_t i = 0; ok && i < options->files_len; i++)
        ok = add_name(&catalog, options->files[i], fail);
    for (size_t i = 0; ok && i < catalog.len; i++)
        ok = add_text(submit, &mem, catalog_name(&catalog, i), &catalog.files[i], part, fail);
    mem_free(&mem, part, READ_BYTES);
    catalog_free(&catalog);
    return ok;
}

/* The path as it is for a service that was started elsewhere. NULL: there is none, or with fail
 * set. */
static const char *absolute(const char *path, char into[PATH_MAX], struct fail *fail)
{
    char here[PATH_MAX];
    if (!path || path[0] == '/')
        return path;
    if (!getcwd(here, sizeof here)) {
        fail_errno(fail, FAIL_OTHER, "this folder", errno);
        return NULL;
    }
    if (snprintf(into, PATH_MAX, "%s/%s", strcmp(here, "/") == 0 ? "" : here, path) < PATH_MAX)
        return into;
    fail_errno(fail, FAIL_USAGE, path, ENAMETOOLONG);
    return NULL;
}

static bool submit(const struct spool *spool, const struct options *options, uint64_t *number,
                   struct fail *fail)
{
    char task[PATH_MAX], folder[PATH_MAX];
    struct number_range range = {0};
    struct spool_submit submit;
    const bool by_path = options->task && strchr(options->task, '/');
    const struct spool_job job = {
        .exec = options->exec,
        .task = by_path ? absolute(options->task, task, fail) : options->task,
        .task_arguments = options->task_arguments,
        .range = options->range,
        .tasks = options->range && number_range_parse(options->range, &range) ? range.parts : 0,
        .collect = options_given(options, "collect") ? collect_name(options->collect) : NULL,
        .shell = options->shell,
        .chdir = absolute(options->chdir, folder, fail),
        .task_timeout_s = options_given(options, "task-timeout") ? options->task_timeout_s : -1,
        .retries = options_given(options, "retries") ? (int64_t)options->retries : -1,
    };
    if (fail->code != FAIL_NONE)
        return false;
    bool ok = spool_submit_begin(&submit, spool, options->range, fail);
    ok = ok && (options->range || add_texts(&submit, options, fail));
    ok = ok && spool_submit_finish(&submit, &job, number, fail);
    spool_submit_free(&submit);
    return ok;
}

/* A word to who waits for what nobody does, unless he does not want it. */
static void say_who_runs(const struct spool *spool, const struct options *options, uint64_t number)
{
    struct spool_service service;
    struct spool_state state;
    struct fail unknown = {0};
    bool found;
    if (!options->quiet && spool_state_read(spool, number, &state, &found, &unknown)
        && !spool_state_final(&state) && spool_find_service(spool, &service, &unknown)
        && !service.runs)
        fprintf(stderr, "%s: %s: no service runs, submission %" PRIu64 " waits for one\n",
                options->program, spool->name, number);
}

static bool wait_for(const struct spool *spool, const struct options *options, uint64_t number,
                     int *status, struct fail *fail)
{
    struct spool_state state;
    if (!spool_job_exists(spool, number, fail))
        return false;
    say_who_runs(spool, options, number);
    switch (spool_wait(spool, number, STDOUT_FILENO, &state, fail)) {
    case SPOOL_WAIT_FAILED:
        return false;
    case SPOOL_WAIT_INTERRUPTED:
        if (!options->quiet)
            fprintf(stderr, "%s: submission %" PRIu64 " goes on: --spool %s --wait=%" PRIu64 "\n",
                    options->program, number, spool->name, number);
        *status = INTERRUPTED;
        return true;
    case SPOOL_WAIT_ENDED:
        break;
    }
    *status = state.exit;
    if (state.name == SPOOL_DONE && state.reason[0] && !options->quiet)
        fprintf(stderr, "%s: submission %" PRIu64 ": %s\n", options->program, number, state.reason);
    if (state.name == SPOOL_DONE)
        return true;
    return fail_set(fail, state.exit != 0 ? state.exit : FAIL_OTHER,
                    "submission %" PRIu64 " is %s%s%s", number, spool_state_word(state.name),
                    state.reason[0] ? ": " : "", state.reason);
}

/* Its results are all that standard output has where they are waited for. */
static bool submit_and_wait(const struct spool *spool, const struct options *options, int *status,
                            struct fail *fail)
{
    uint64_t number;
    if (!submit(spool, options, &number, fail))
        return false;
    if (options->wait) {
        if (!options->quiet)
            fprintf(stderr, "%s: submission %" PRIu64 "\n", options->program, number);
        return wait_for(spool, options, number, status, fail);
    }
    printf("%" PRIu64 "\n", number);
    return true;
}

/* One that has ended stays as it is. */
static bool cancel(const struct spool *spool, const struct options *options, struct fail *fail)
{
    const uint64_t number = options->cancel;
    struct spool_state state;
    struct fail unread = {0}; /* also one that a service cannot read can be cancelled */
    bool found;
    if (!spool_job_exists(spool, number, fail))
        return false;
    if (!spool_state_read(spool, number, &state, &found, &unread) || !spool_state_final(&state))
        return spool_ask_cancel(spool, number, fail);
    if (!options->quiet)
        fprintf(stderr, "%s: submission %" PRIu64 " has ended already: %s\n", options->program,
                number, spool_state_word(state.name));
    return true;
}

static bool ask_close(const struct spool *spool, const struct options *options, struct fail *fail)
{
    struct spool_service service;
    if (!spool_find_service(spool, &service, fail) || !spool_ask_close(spool, fail))
        return false;
    if (!service.runs && !options->quiet)
        fprintf(stderr,
                "%s: %s: no service runs, the next one will end when it has done what "
                "there is\n",
                options->program, spool->name);
    return true;
}

static bool answer(const struct spool *spool, const struct options *options, int *status,
                   struct fail *fail)
{
    return options->submit ? submit_and_wait(spool, options, status, fail)
         : options->wait   ? wait_for(spool, options, options->wait, status, fail)
         : options->cancel ? cancel(spool, options, fail)
         : options->close  ? ask_close(spool, options, fail)
                           : spool_list(spool, stdout, fail);
}

static bool watch(const char *folder, int *status, struct fail *fail)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" STATUS_FOLDER_SCREEN, folder) >= (int)sizeof path)
        return fail_errno(fail, FAIL_INPUT, folder, ENAMETOOLONG);
    if (access(path, F_OK) != 0 && errno == ENOENT && access(folder, F_OK) == 0)
        return fail_set(fail, FAIL_INPUT,
                        "%s: has no " STATUS_FOLDER_SCREEN ": no run began with --status %s yet",
                        folder, folder);
    return viewer_run(path, stdout, status, fail);
}

bool client_run(const struct options *options, int *status, struct fail *fail)
{
    struct spool spool;
    *status = FAIL_NONE;
    if (options_asks_counts(options))
        return counts_client_run(options, fail);
    if (options->watch)
        return watch(options->watch, status, fail);
    bool ok = spool_open(&spool, options->submit ? options->submit : options->spool,
                         options->submit != NULL, fail);
    ok = ok && answer(&spool, options, status, fail);
    if (ok && (fflush(stdout) != 0 || ferror(stdout)))
        ok = fail_errno(fail, FAIL_OUTPUT, "standard output", errno);
    spool_close(&spool);
    return ok;
}
