/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: complete mpiwc|_mpiwc|mpiwc.fish
 * Prints what a shell completes behind mpiwc, of the table of options: for bash, zsh or fish, which
 * each look for a file of that name. A program of the build: the table is the text of options.c. */
#include "cli/options_row.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct options, field)
#include <options_table.h>

enum { ROWS = sizeof options_rows / sizeof *options_rows };

enum kind { NOTHING, ANYTHING, CHOICES, FILES, FOLDERS, COMMANDS };

static enum kind kind_of(const struct options_row *row)
{
    if (!row->argument)
        return NOTHING;
    if (row->form == CHOICE || row->form == OPTIONAL_CHOICE || row->form == ON_OFF)
        return CHOICES;
    if (strstr(row->argument, "FILE") || strcmp(row->argument, "LIST") == 0)
        return strcmp(row->name, "columns") == 0 ? ANYTHING : FILES;
    if (strncmp(row->argument, "DIR", 3) == 0)
        return FOLDERS;
    return strcmp(row->argument, "COMMAND") == 0 ? COMMANDS : ANYTHING;
}

/* Of an argument a|b|c, with spaces between. */
static void put_choices(const char *choices)
{
    for (; *choices; choices++)
        putchar(*choices == '|' ? ' ' : *choices);
}

/* Between single quotes; those among `special` behind a backslash. */
static void put_quoted(const char *text, const char *special)
{
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
}

static void put_names_bash(const struct options_row *row, const char *end)
{
    if (row->letter)
        printf("-%c | ", row->letter);
    printf("--%s)%s", row->name, end);
}

static void put_bash(void)
{
    static const char *const sources[] = {
        [FILES] = "compgen -f", [FOLDERS] = "compgen -d", [COMMANDS] = "compgen -c"};
    printf(
        "# What bash completes behind mpiwc; made from its table of options.\n"
        "_mpiwc() {\n"
        "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} equals=\n"
        "    # bash takes --NAME=VALUE for three words\n"
        "    [[ $word != = ]] || { word='' equals=yes; }\n"
        "    [[ $before != = ]] || { before=${COMP_WORDS[COMP_CWORD - 2]} equals=yes; }\n"
        "    case $before in\n");
    for (size_t i = 0; i < ROWS; i++) {
        const struct options_row *row = &options_rows[i];
        const enum kind kind = kind_of(row);
        const char *needs = options_row_optional(row) ? " [[ $equals ]] &&" : "";
        if (kind == NOTHING)
            continue;
        printf("    ");
        put_names_bash(row, needs);
        if (kind == ANYTHING)
            printf(" return ;;\n");
        else if (kind == CHOICES) {
            printf(" mapfile -t COMPREPLY < <(compgen -W '");
            put_choices(row->argument);
            printf("' -- \"$word\") && return ;;\n");
        } else
            printf(" mapfile -t COMPREPLY < <(%s -- \"$word\") && return ;;\n", sources[kind]);
    }
    printf(
        "    esac\n"
        "    if [[ $word == -* ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W '");
    for (size_t i = 0; i < ROWS; i++)
        printf("%s--%s", i ? " " : "", options_rows[i].name);
    printf(
        "' -- \"$word\")\n"
        "    else\n"
        "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
        "    fi\n"
        "}\n"
        "complete -o filenames -F _mpiwc mpiwc\n");
}

static void put_zsh(void)
{
    static const char *const actions[] = {[ANYTHING] = "",
                                          [FILES] = "_files",
                                          [FOLDERS] = "_files -/",
                                          [COMMANDS] = "_command_names -e"};
    printf(
        "#compdef mpiwc\n"
        "# What zsh completes behind mpiwc; made from its table of options.\n"
        "_arguments -s -S \\\n");
    for (size_t i = 0; i < ROWS; i++) {
        const struct options_row *row = &options_rows[i];
        const enum kind kind = kind_of(row);
        const char *equals = kind == NOTHING ? "" : options_row_optional(row) ? "=-" : "=";
        printf("    ");
        if (row->letter)
            printf("'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
                   kind == NOTHING ? "" : "+", row->name, equals);
        else
            printf("'*--%s%s[", row->name, equals);
        put_quoted(row->help, "[]:\\");
        printf("]");
        if (kind != NOTHING) {
            printf(":%s", options_row_optional(row) ? ":" : "");
            put_quoted(row->argument, ":\\");
            printf(":");
            if (kind == CHOICES) {
                printf("(");
                put_choices(row->argument);
                printf(")");
            } else
                printf("%s", actions[kind]);
        }
        printf("' \\\n");
    }
    printf("    '*:FILE:_files'\n");
}

static void put_fish(void)
{
    printf("# What fish completes behind mpiwc; made from its table of options.\n");
    for (size_t i = 0; i < ROWS; i++) {
        const struct options_row *row = &options_rows[i];
        const enum kind kind = kind_of(row);
        printf("complete -c mpiwc -l %s", row->name);
        if (row->letter)
            printf(" -s %c", row->letter);
        if (kind == FILES)
            printf(" -r -F");
        else if (kind != NOTHING && !options_row_optional(row))
            printf(" -x");
        if (kind == FOLDERS)
            printf(" -a '(__fish_complete_directories)'");
        if (kind == COMMANDS)
            printf(" -a '(__fish_complete_command)'");
        if (kind == CHOICES && !options_row_optional(row)) {
            printf(" -a '");
            put_choices(row->argument);
            printf("'");
        }
        printf(" -d '");
        for (const char *c = row->help; *c; c++)
            printf("%s%c", *c == '\'' || *c == '\\' ? "\\" : "", *c);
        printf("'\n");
    }
}

int main(int argc, char **argv)
{
    const char *shell = argc == 2 ? argv[1] : "";
    if (strcmp(shell, "mpiwc") == 0)
        put_bash();
    else if (strcmp(shell, "_mpiwc") == 0)
        put_zsh();
    else if (strcmp(shell, "mpiwc.fish") == 0)
        put_fish();
    else {
        fprintf(stderr, "usage: complete mpiwc|_mpiwc|mpiwc.fish\n");
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
