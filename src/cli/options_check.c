/* SPDX-License-Identifier: BSD-3-Clause */
/* Which options go together. */
#include "cli/options_outputs.h"
#include "cli/options_row.h"

#include "host/path.h"
#include "host/script.h"
#include "input/number_range.h"
#include "kind.h"
#include "text/escape.h"
#include "text/scan.h"

#include <string.h>
#include <strings.h>

enum { RULES_TRIED_BYTES = 16 << 20, TASK_CORES_MAX = 1024 };

/* There is a file for every task, or there is another kind of result. */
static bool check_results(const struct options *options, struct fail *fail)
{
    if (!options_tasks(options))
        return fail_set(fail, FAIL_USAGE, "--results needs --task or --exec");
    if (options->collect != COLLECT_ORDER)
        return fail_set(fail, FAIL_USAGE, "--results needs --collect=order");
    if (options->output)
        return fail_set(fail, FAIL_USAGE, "-o and --results: only one of them");
    if (options->top || options->min_count > 1)
        return fail_set(fail, FAIL_USAGE, "--results: not with --top or --min-count");
    return true;
}

/* What says how tasks are run. */
static bool check_running(const struct options *options, struct fail *fail)
{
    static const char *const of_tasks[] = {
        "chdir",      "delay",       "env",          "fail-fast", "follow",
        "isolate",    "log",         "max-failures", "retries",   "task-arguments",
        "task-cores", "task-memory", "task-timeout"};
    uint8_t separator;
    for (size_t i = 0; !options_tasks(options) && i < sizeof of_tasks / sizeof *of_tasks; i++)
        if (options_given(options, of_tasks[i]))
            return fail_set(fail, FAIL_USAGE, "--%s needs --task or --exec", of_tasks[i]);
    if ((options->shell || options->colsep) && !options->exec)
        return fail_set(fail, FAIL_USAGE, "--shell and --colsep need --exec");
    if (options->colsep && !escape_parse(options->colsep, &separator))
        return fail_set(fail, FAIL_USAGE, "--colsep: '%s' is not one byte, or is a newline",
                        options->colsep);
    if ((options->task_memory_bytes || options->task_cores) && !options->isolate)
        return fail_set(fail, FAIL_USAGE,
                        "--task-memory and --task-cores need tasks in a process of their own");
    if (options->task_cores > TASK_CORES_MAX)
        return fail_set(fail, FAIL_USAGE, "--task-cores: at most %d", TASK_CORES_MAX);
    if (options->task_cores && options->schedule == OPTIONS_SCHEDULE_STATIC)
        return fail_set(fail, FAIL_USAGE, "--task-cores: not with --schedule=static");
    if (options->max_failures && options->fail_fast)
        return fail_set(fail, FAIL_USAGE, "--fail-fast is --max-failures=1: only one of them");
    if (options->chdir && !options->isolate)
        return fail_set(fail, FAIL_USAGE, "--chdir needs tasks in a process of their own");
    return true;
}

bool options_check_tasks(const struct options *options, struct fail *fail)
{
    struct number_range range;
    if (options->task && options->exec)
        return fail_set(fail, FAIL_USAGE, "--task and --exec: only one of them");
    if (options->range && !number_range_parse(options->range, &range))
        return fail_set(fail, FAIL_USAGE, "--range: '%s' is not a valid A..B/PARTS",
                        options->range);
    if (options_tasks(options) && options->pre)
        return fail_set(fail, FAIL_USAGE, "--pre and tasks: only one of them");
    if (options->range && options->pre)
        return fail_set(fail, FAIL_USAGE, "--pre and --range: only one of them");
    if (options->pre && !script_check(options->pre, SCRIPT_TASK, fail))
        return false;
    if (options_tasks(options) && strcmp(options->count, "words") != 0)
        return fail_set(fail, FAIL_USAGE, "--count and tasks: only one of them");
    if (options_tasks(options) && options->count_of_counts)
        return fail_set(fail, FAIL_USAGE, "--count-of-counts and tasks: only one of them");
    if (options_tasks(options) && options->plot)
        return fail_set(fail, FAIL_USAGE, "--plot and tasks: only one of them");
    if (!options_tasks(options) && options->journal)
        return fail_set(fail, FAIL_USAGE, "--journal needs --task or --exec");
    if (options->mended && !options->journal)
        return fail_set(fail, FAIL_USAGE, "--mended needs --journal");
    if (options->raw && (!options_tasks(options) || options->collect != COLLECT_ORDER))
        return fail_set(fail, FAIL_USAGE, "--raw needs --task or --exec, and --collect=order");
    if (options->unordered && (!options_tasks(options) || options->collect != COLLECT_ORDER))
        return fail_set(fail, FAIL_USAGE,
                        "--unordered needs --task or --exec, and --collect=order");
    if (options->scratch_limit_bytes && options_tasks(options))
        return fail_set(fail, FAIL_USAGE, "--scratch-limit: not for tasks");
    if (options->checkpoint && options_tasks(options))
        return fail_set(fail, FAIL_USAGE, "--checkpoint: not for tasks: --journal keeps theirs");
    if (options->checkpoint_every_s > 0 && !options->checkpoint)
        return fail_set(fail, FAIL_USAGE, "--checkpoint-every needs --checkpoint");
    if (!options_tasks(options) && options->collect != COLLECT_ORDER)
        return fail_set(fail, FAIL_USAGE, "--collect needs --task or --exec");
    return check_running(options, fail) && (!options->results || check_results(options, fail));
}

static bool check_compare(const struct options *options, struct fail *fail)
{
    if (options->results || options->journal || options->checkpoint || options->status)
        return fail_set(fail, FAIL_USAGE,
                        "--compare: not with --results, --journal, --checkpoint or --status");
    for (size_t i = 0; i < options->files_len; i++)
        if (path_standard_input(options->files[i]))
            return fail_set(fail, FAIL_USAGE, "--compare: standard input cannot be read twice");
    return true;
}

/* Lists of words are looked at when they are read. */
static bool check_rules(const struct options *options, struct fail *fail)
{
    struct rules_options asked = options->rules;
    struct mem mem = {.limit_bytes = RULES_TRIED_BYTES};
    struct rules rules;
    if (rules_idle(&asked))
        return true;
    if (options_tasks(options) || strcmp(options->count, "words") != 0)
        return fail_set(fail, FAIL_USAGE,
                        "--words, --lower, --fold, --nfc, --nfkc, --strip, --min-length, --stop "
                        "and --vocabulary say what a word is: only with --count=words");
    asked.stop_file = asked.vocabulary_file = NULL;
    bool ok = rules_init(&rules, &asked, &mem, fail);
    rules_free(&rules);
    return ok;
}

/* What is about lines of a result is not for a count file. */
static bool check_counts(const struct options *options, struct fail *fail)
{
    static const char *const others[] = {"sort", "columns", "header", "escape", "output-separator",
                                         "task", "exec",    "range",  "compare"};
    for (size_t i = 0; options->counts && i < sizeof others / sizeof *others; i++)
        if (options_given(options, others[i]))
            return fail_set(fail, FAIL_USAGE, "--format=counts: not with --%s", others[i]);
    return true;
}

/* Words that are counted already are taken as they are. */
static bool check_weighted(const struct options *options, struct fail *fail)
{
    if (options->count_first && !options_weighted(options))
        return fail_set(fail, FAIL_USAGE, "--count-first needs --input-format=counts-tsv");
    if (options_weighted(options)
        && (!rules_idle(&options->rules) || options->extractor || options_tasks(options)))
        return fail_set(fail, FAIL_USAGE,
                        "--input-format=counts-tsv: not with tasks, nor with options that say what "
                        "a word or a record is");
    return true;
}

/* Who asks for a picture of another kind by its name is not to find SVG in it. */
static bool check_plot(const struct options *options, struct fail *fail)
{
    static const char *const others[] = {"png", "pdf", "jpg", "jpeg", "eps", "ps", "gif", "html"};
    const char *end = options->plot ? strrchr(options->plot, '.') : NULL;
    for (size_t i = 0; end && i < sizeof others / sizeof *others; i++)
        if (strcasecmp(end + 1, others[i]) == 0)
            return fail_set(fail, FAIL_USAGE,
                            "--plot: '%s': a plot is SVG, which rsvg-convert makes others of",
                            options->plot);
    return true;
}

bool options_check(const struct options *options, struct fail *fail)
{
    if (options->plan > 0 && !options_asks_counts(options)
        && (options_client(options) || options_tasks(options) || options->range || options->compare
            || options->topology))
        return fail_set(fail, FAIL_USAGE,
                        "--plan is for counts: not with tasks, a service, --watch, --range, "
                        "--compare or --topology");
    if (options_client(options))
        return options_client_check(options, fail);
    if (options_service(options))
        return options_client_check_service(options, fail) && options_check_tasks(options, fail);
    if (options->only || options->idle_s > 0)
        return fail_set(fail, FAIL_USAGE, "--only and --idle need --spool");
    if (options->files_len == 0 && !options->files_from && !options->range && !options->topology)
        return fail_set(fail, FAIL_USAGE, "no input: name a FILE, or - for standard input");
    for (size_t i = 0; i < options->files_len; i++)
        if (options->files[i][0] == '\0')
            return fail_set(fail, FAIL_USAGE, "'' is no name of a FILE");
        else if (options_tasks(options) && strcmp(options->files[i], ":::") == 0)
            return fail_set(fail, FAIL_USAGE,
                            ":::: tasks are lines of a FILE, or of - from a pipe");
    if (!check_counts(options, fail) || !check_weighted(options, fail) || !check_plot(options, fail)
        || !options_outputs_check(options, fail) || !options_check_tasks(options, fail)
        || (options->compare && !check_compare(options, fail)) || !check_rules(options, fail))
        return false;
    if (options->nul_ended && !options->files_from)
        return fail_set(fail, FAIL_USAGE, "-0 needs --files-from");
    struct kind kind;
    if (!kind_of_options(options, &kind, fail))
        return false;
    if (options->kernel && !scan_choose(options->kernel))
        return fail_set(fail, FAIL_USAGE, "--kernel: '%s' does not run here (see --version)",
                        options->kernel);
    if (options->block_bytes > 1u << 30)
        return fail_set(fail, FAIL_USAGE, "--block-size: at most 1G");
    return true;
}
