/* SPDX-License-Identifier: BSD-3-Clause */
/* Which options go together in a service, and where its folder or a count file is asked something.
 * What a submission leaves out the service says, and the other way: so less is needed here than
 * where tasks are run.
 */
#include "cli/options_row.h"

#include "host/script.h"
#include "input/number_range.h"

#include <string.h>

/* What may stand beside --submit, and what beside the others. */
static const char *const of_submit[] = {
    "submit", "wait",  "exec",         "task",    "range", "task-arguments", "collect",
    "shell",  "chdir", "task-timeout", "retries", "quiet", "verbose"};
static const char *const of_others[] = {"spool", "wait",  "list",   "cancel",
                                        "close", "quiet", "verbose"};

static const char *const of_watch[] = {"watch", "quiet", "verbose"};

/* What is asked of count files comes first. */
static const char *const of_counts[] = {"info",        "check",           "join",    "lookup",
                                        "lookup-from", "quiet",           "verbose", "output",
                                        "memory",      "zero-terminated", "escape"};

static const char *const of_service[] = {
    "spool",   "idle",    "only",         "exec",       "task",    "task-arguments", "collect",
    "shell",   "chdir",   "colsep",       "env",        "delay",   "task-timeout",   "retries",
    "isolate", "raw",     "max-failures", "scratch",    "memory",  "fail-fast",      "escape",
    "stats",   "json",    "progress",     "topology",   "timeout", "verify",         "seed",
    "quiet",   "verbose", "task-memory",  "task-cores", "report",  "status"};

static bool is_among(const char *name, const char *const *names, size_t len)
{
    bool found = false;
    for (size_t i = 0; i < len; i++)
        found |= strcmp(names[i], name) == 0;
    return found;
}

/* No option is given but these; the first of them is the one that wants it so. */
static bool check_others(const struct options *options, const char *wanted,
                         const char *const *names, size_t len, struct fail *fail)
{
    for (size_t i = 0; i < options_rows_len; i++) {
        const char *name = options_rows[i].name;
        if (options_given(options, name) && !is_among(name, names, len))
            return fail_set(fail, FAIL_USAGE, "--%s: not with --%s", wanted, name);
    }
    return true;
}

static bool check_submit(const struct options *options, struct fail *fail)
{
    struct number_range range;
    if (!check_others(options, "submit", of_submit, sizeof of_submit / sizeof *of_submit, fail))
        return false;
    if (options->wait && options->wait != OPTIONS_UNNAMED)
        return fail_set(fail, FAIL_USAGE,
                        "--submit: --wait takes no number there, it is that of the submission");
    if (options->task && options->exec)
        return fail_set(fail, FAIL_USAGE, "--task and --exec: only one of them");
    if (options->range && options->files_len > 0)
        return fail_set(fail, FAIL_USAGE, "--submit: FILEs and --range: only one of them");
    if (options->range && !number_range_parse(options->range, &range))
        return fail_set(fail, FAIL_USAGE, "--range: '%s' is not a valid A..B/PARTS",
                        options->range);
    return !options->exec
        || script_check(options->exec, SCRIPT_TASK | SCRIPT_NUMBER | SCRIPT_COLUMNS, fail);
}

static bool check_watch(const struct options *options, struct fail *fail)
{
    if (options->files_len > 0)
        return fail_set(fail, FAIL_USAGE, "--watch: no FILE: it shows what another run says");
    return check_others(options, "watch", of_watch, sizeof of_watch / sizeof *of_watch, fail);
}

static bool check_counts(const struct options *options, struct fail *fail)
{
    const bool looks = options->lookups || options->lookup_from;
    const char *name = options->info    ? "info"
                     : options->check   ? "check"
                     : options->join    ? "join"
                     : options->lookups ? "lookup"
                                        : "lookup-from";
    if (options->info + options->check + options->join + looks > 1)
        return fail_set(fail, FAIL_USAGE, "--info, --check, --join and --lookup: only one of them");
    if (options->files_len == 0)
        return fail_set(fail, FAIL_USAGE, "--%s: of which count file? Name a FILE", name);
    if (looks && options->files_len > 1)
        return fail_set(fail, FAIL_USAGE, "--%s: in one count file at a time", name);
    if (options->memory_percent > 0)
        return fail_set(fail, FAIL_USAGE, "--memory: of count files in a SIZE, not in %%");
    if (options->check && options->output)
        return fail_set(fail, FAIL_USAGE, "--check: not with --output");
    return check_others(options, name, of_counts, sizeof of_counts / sizeof *of_counts, fail);
}

bool options_client_check(const struct options *options, struct fail *fail)
{
    const int asked =
        (options->wait != 0) + (options->cancel != 0) + options->list + options->close;
    if (options_asks_counts(options))
        return check_counts(options, fail);
    if (options->watch)
        return check_watch(options, fail);
    if (options->submit)
        return check_submit(options, fail);
    if (!options->spool)
        return fail_set(fail, FAIL_USAGE, "--wait, --list, --cancel and --close need --spool");
    if (asked > 1)
        return fail_set(fail, FAIL_USAGE, "--wait, --list, --cancel and --close: only one of them");
    if (options->wait == OPTIONS_UNNAMED)
        return fail_set(fail, FAIL_USAGE, "--wait: for which submission? --wait=N says it");
    if (options->files_len > 0)
        return fail_set(fail, FAIL_USAGE,
                        "--spool: no FILE with --wait, --list, --cancel and --close");
    return check_others(options, "spool", of_others, sizeof of_others / sizeof *of_others, fail);
}

bool options_client_check_service(const struct options *options, struct fail *fail)
{
    if (options->files_len > 0)
        return fail_set(fail, FAIL_USAGE,
                        "--spool: no FILE: a service takes what --submit hands in");
    if (options->only && !options->exec && !options->task)
        return fail_set(fail, FAIL_USAGE, "--only needs --exec or --task: what else is to be run?");
    return check_others(options, "spool", of_service, sizeof of_service / sizeof *of_service, fail);
}
