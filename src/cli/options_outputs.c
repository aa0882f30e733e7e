/* SPDX-License-Identifier: BSD-3-Clause */
/* What is written, and that nothing of it is in the way of another. */
#include "cli/options_outputs.h"

#include "host/path.h"

#include <stdio.h>
#include <string.h>

void options_outputs(const struct options *options, struct options_output outputs[OPTIONS_OUTPUTS])
{
    const struct options_output all[OPTIONS_OUTPUTS] = {
        {options->results  ? options->results
         : options->output ? options->output
                           : "-",
         "result", options->results != NULL},
        {options->json, "record of the run", false},
        {options->report, "report", false},
        {options->plot, "plot", false},
        {options->journal, "journal", false},
        {options->log, "log", false},
        {options->status, "status of the run", true},
        {options->checkpoint, "checkpoint", true},
        {options->count_of_counts, "count of counts", false},
    };
    memcpy(outputs, all, sizeof all);
}

/* Whether it is one of the files beside the journal, or in the folder beside it. */
static bool is_of_journal(const char *journal, const char *path)
{
    static const char *const endings[] = {"-wal", "-shm", "-journal", ".d"};
    char beside[PATH_MAX];
    bool found = false;
    for (size_t i = 0; !found && i < sizeof endings / sizeof *endings; i++)
        found = snprintf(beside, sizeof beside, "%s%s", journal, endings[i]) < (int)sizeof beside
             && (path_same(path, beside) || path_lies_in(path, beside));
    return found;
}

static const char *named(const char *path)
{
    return strcmp(path, "-") == 0 ? "/dev/stdout" : path;
}

static bool check_pair(const struct options_output *a, const struct options_output *b,
                       struct fail *fail)
{
    const char *path_a = named(a->path), *path_b = named(b->path);
    if (path_same(path_a, path_b))
        return fail_set(fail, FAIL_USAGE, "%s: is both the %s and the %s", b->path, a->role,
                        b->role);
    if (a->folder && path_lies_in(path_b, path_a))
        return fail_set(fail, FAIL_USAGE, "%s: the %s cannot lie in the folder of the %s", b->path,
                        b->role, a->role);
    if (b->folder && path_lies_in(path_a, path_b))
        return fail_set(fail, FAIL_USAGE, "%s: the %s cannot lie in the folder of the %s", a->path,
                        a->role, b->role);
    return true;
}

/* What is read of standard input by one of them is missing for the other. */
static bool check_standard_input(const struct options *options, struct fail *fail)
{
    const struct {
        const char *path, *role;
    } lists[] = {{options->files_from, "the list of names"},
                 {options->rules.stop_file, "the list of stop words"},
                 {options->rules.vocabulary_file, "the vocabulary"}};
    const char *reader = NULL;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        /* A list of words has no name but that of a file. */
        if (!lists[i].path || (i > 0 && strcmp(lists[i].path, "-") == 0)
            || !path_standard_input(lists[i].path))
            continue;
        if (reader)
            return fail_set(fail, FAIL_USAGE, "%s: standard input is both %s and %s", lists[i].path,
                            reader, lists[i].role);
        reader = lists[i].role;
    }
    for (size_t i = 0; reader && i < options->files_len; i++)
        if (path_standard_input(options->files[i]))
            return fail_set(fail, FAIL_USAGE, "%s: standard input is both %s and an input",
                            options->files[i], reader);
    return true;
}

bool options_outputs_check(const struct options *options, struct fail *fail)
{
    struct options_output outputs[OPTIONS_OUTPUTS];
    options_outputs(options, outputs);
    for (size_t i = 0; i < OPTIONS_OUTPUTS; i++)
        if (options->journal && outputs[i].path && is_of_journal(options->journal, outputs[i].path))
            return fail_set(fail, FAIL_USAGE, "%s: is a part of the journal, and the %s",
                            outputs[i].path, outputs[i].role);
    for (size_t i = 0; i < OPTIONS_OUTPUTS; i++)
        for (size_t j = 0; j < i; j++)
            if (outputs[i].path && outputs[j].path && !check_pair(&outputs[j], &outputs[i], fail))
                return false;
    return check_standard_input(options, fail);
}
