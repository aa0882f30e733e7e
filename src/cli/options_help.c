/* SPDX-License-Identifier: BSD-3-Clause */
/* What the program says about itself. */
#include "cli/options_row.h"

#include "host/topo.h"
#include "text/scan.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <version.h>

enum { HELP_AT = 38 };

/* Where in the help rows stand that are not behind the one that they follow in the table. */
static const struct group {
    const char *heading, *names;
} groups[] = {
    {"The result", "output top min-count sort format count-of-counts escape"},
    {"Inputs", "recursive files-from jsonl warc csv skip-bad pre input-format"},
    {"What is counted", "count words"},
    {"Memory, disks, ranks", "memory schedule shuffle"},
    {"What a run says", "topology"},
    {"Tasks, run on the lines of the FILEs, instead of counting", "task"},
    {NULL, "help"},
};

enum { GROUPS = sizeof groups / sizeof *groups };

static bool is_among(const char *name, const char *names)
{
    const size_t len = strlen(name);
    for (const char *c = names; (c = strstr(c, name)); c += len)
        if ((c == names || c[-1] == ' ') && (c[len] == ' ' || c[len] == '\0'))
            return true;
    return false;
}

static bool is_placed(const char *name)
{
    bool placed = false;
    for (size_t i = 0; i < GROUPS; i++)
        placed |= is_among(name, groups[i].names);
    return placed;
}

/* A row; *len is how long its line is so far. */
static void show(const struct options_row *row, int *len)
{
    const bool optional = options_row_optional(row);
    if (*len == 0 && !row->letter)
        *len = printf("      ");
    else if (row->letter)
        *len += printf("%s-%c, ", *len == 0 ? "  " : "", row->letter);
    *len += printf("--%s%s%s%s%s", row->name,
                   optional        ? "[="
                   : row->argument ? " "
                                   : "",
                   row->argument ? row->argument : "", optional ? "]" : "", row->help ? "" : ", ");
    if (!row->help)
        return;
    const int gap = HELP_AT - *len;
    printf("%*s%s\n", gap < 2 ? 2 : gap, "", row->help);
    *len = 0;
}

/* The line that begins with this row, and those behind it that have no place of their own. */
static void show_from(const char *name, size_t name_len)
{
    size_t i = 0;
    int len = 0;
    while (strncmp(options_rows[i].name, name, name_len) != 0
           || options_rows[i].name[name_len] != '\0')
        i++;
    do
        show(&options_rows[i++], &len);
    while (i < options_rows_len && (len > 0 || !is_placed(options_rows[i].name)));
}

void options_help(const char *program)
{
    printf(
        "Usage: %s [OPTION]... [FILE]...\n"
        "   or: mpirun [-n RANKS] [-hostfile HOSTS] %s [OPTION]... [FILE]...\n"
        "Counts the words of all FILEs together and prints WORD<TAB>COUNT, most frequent first.\n"
        "FILE - is standard input. Words are separated by space, \\t, \\n, \\v, \\f and \\r.\n",
        program, program);
    for (size_t i = 0; i < GROUPS; i++) {
        if (groups[i].heading)
            printf("%s:\n", groups[i].heading);
        const char *names = groups[i].names;
        for (size_t len; *names; names += len + (names[len] == ' ')) {
            len = strcspn(names, " ");
            show_from(names, len);
        }
    }
    printf(
        "Exit: 0 done, 2 usage, 3 input, 4 output, 5 memory, 6 verification failed, 7 rank or "
        "network,\n8 nothing moves, 9 some tasks failed, 1 other. SIZE and N take K, M, G, T "
        "(of 1024); see man mpiwc.\n");
}

void options_help_version(void)
{
    const struct scan *scan;
    char text[16], library[MPI_MAX_LIBRARY_VERSION_STRING];
    int len;
    MPI_Get_library_version(library, &len); /* allowed before MPI_Init */
    library[strcspn(library, ",\n")] = '\0';
    printf("mpiwc " VERSION "\n%s, hwloc %s\nkernels:", library, topo_version(text, sizeof text));
    for (size_t i = 0; (scan = scan_at(i)); i++)
        printf(" %s", scan->name);
    printf("\n");
}
