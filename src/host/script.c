/* SPDX-License-Identifier: BSD-3-Clause */
/* The task never becomes text of the script: {} is a shell variable in double quotes, so nothing in
 * a task is ever interpreted, even where our reader of commands and the shell disagree. A variable,
 * not $1 itself, which means something else inside of functions. Its number and its columns are
 * variables, too. */
#include "host/script.h"

#include "host/script_reader.h"

#include <stdio.h>
#include <stdlib.h>

/* What comes first: the variables, none of which the command sees among its arguments. */
static void put_variables(const struct script_reading *found, FILE *out)
{
    char name[SCRIPT_WORD_BYTES], place[SCRIPT_WORD_BYTES];
    for (int word = 0; word < SCRIPT_WORDS; word++)
        if (found->used[word])
            fprintf(out, "%s=${%d};", script_word_variable(word, name), script_word_argument(word));
    fputs("shift $#;", out);
    for (int word = 0; word < SCRIPT_WORDS; word++)
        if (found->arithmetic[word] && word != SCRIPT_WORD_NUMBER)
            fprintf(out,
                    "case ${%s#-} in *[!0-9]*|'')"
                    "echo \"%s within \\$((...)): $%s is no number\">&2;exit 2;;esac;",
                    script_word_variable(word, name), script_word_place(word, place), name);
}

static bool has_place(const char *command, unsigned places)
{
    int word;
    for (const char *at = command; *at; at++)
        if (script_word_read(command, at, places, &word) > 0)
            return true;
    return false;
}

/* False when there is no memory. */
static bool assemble(struct script *script, const struct script_reading *found)
{
    size_t len;
    FILE *out = open_memstream(&script->text, &len);
    if (!out)
        return false;
    put_variables(found, out);
    fputs(found->text, out);
    script->task = found->used[SCRIPT_WORD_TASK];
    for (unsigned word = 1; word <= SCRIPT_MAX_COLUMN; word++)
        if (found->used[word]) {
            script->task = true;
            script->columns = word;
        }
    const bool ok = !ferror(out);
    return fclose(out) == 0 && ok;
}

static bool refuse(const struct script_reading *found, const char *command, struct fail *fail)
{
    char place[SCRIPT_WORD_BYTES];
    const int word = found->refused_word;
    return fail_set(fail, FAIL_USAGE, "%s cannot be the task%s %s: %s",
                    script_word_place(word, place),
                    word == SCRIPT_WORD_TASK     ? ""
                    : word == SCRIPT_WORD_NUMBER ? "'s number"
                                                 : "'s column",
                    found->refused, command);
}

bool script_make(struct script *script, const char *command, unsigned places, struct fail *fail)
{
    struct script_reading found;
    *script = (struct script){0};
    if (!has_place(command, places))
        return true;
    bool ok = script_reader_read(&found, command, places);
    if (found.refused)
        ok = refuse(&found, command, fail);
    else if (!ok || !(ok = assemble(script, &found)))
        fail_set(fail, FAIL_MEMORY, "memory: the system has none for a command");
    free(found.text);
    if (!ok)
        script_free(script);
    return ok;
}

void script_free(struct script *script)
{
    free(script->text);
    *script = (struct script){0};
}

bool script_check(const char *command, unsigned places, struct fail *fail)
{
    struct script script;
    const bool ok = script_make(&script, command, places, fail);
    script_free(&script);
    return ok;
}
