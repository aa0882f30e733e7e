/* SPDX-License-Identifier: BSD-3-Clause */
/* What follows from options that are short for others. */
#include "cli/options_row.h"

#include "host/path.h"

#include <string.h>

/* A count file is no format: what is written is not one record after another. */
static void settle_format(struct options *options)
{
    options->counts = options->format ? strcmp(options->format, "counts") == 0
                                      : options->output && path_ends(options->output, ".mwc")
                                            && !options_tasks(options);
    if (options->counts) {
        options->format = NULL;
        options->sort = ORDER_KEY;
    }
}

/* Counting what commands print is --pre with names that are in lists. */
static bool settle_collect(struct options *options, struct fail *fail)
{
    static const char *const others[] = {
        "task",  "range",      "journal",        "mended",       "log",         "results",
        "raw",   "retries",    "unordered",      "task-timeout", "task-memory", "env",
        "shell", "task-cores", "fail-fast",      "max-failures", "follow",      "isolate",
        "chdir", "colsep",     "delay",          "spool",        "submit",      "pre",
        "count", "files-from", "task-arguments", "recursive"};
    if (options->collect <= COLLECT_MAX)
        return true;
    const char *name = options->collect == COLLECT_LINES ? "lines" : "words";
    if (!options->exec)
        return fail_set(fail, FAIL_USAGE, "--collect=%s needs --exec", name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (options_given(options, others[i]))
            return fail_set(fail, FAIL_USAGE, "--collect=%s: not with --%s", name, others[i]);
    options->pre = options->exec;
    options->exec = NULL;
    options->lists = true;
    options->count = name;
    options->collect = COLLECT_ORDER;
    return true;
}

bool options_settle(struct options *options, struct fail *fail)
{
    if (options->plan > 0)
        options->status = NULL; /* there is no run to show */
    if (!settle_collect(options, fail))
        return false;
    if (!options_client(options))
        settle_format(options);
    return true;
}
