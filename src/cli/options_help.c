/* SPDX-License-Identifier: BSD-3-Clause */
/* What the program says about itself. */
#include "cli/options_row.h"

#include "host/topo.h"
#include "text/scan.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>
#include <version.h>

enum { HELP_AT = 30, COLUMNS = 80, CALLED_MAX = 8, EXAMPLE_AT = 50 };

/* Where in the help rows stand that are not behind the one that they follow in the table. */
static const struct group {
    const char *heading, *names;
} groups[] = {
    {"The result", "output top min-count sort format count-of-counts escape"},
    {"Inputs", "recursive files-from jsonl warc csv skip-bad pre input-format"},
    {"What is counted", "count words"},
    {"Memory, disks, time", "memory"},
    {"How the ranks work", "schedule shuffle"},
    {"What a run says", "topology"},
    {"Tasks, run on the lines of the FILEs, instead of counting", "task range shell"},
    {"What becomes of results", "collect results"},
    {"When tasks fail", "retries journal"},
    {"Tasks handed in through a folder", "spool submit"},
    {"Questions to count files", "info"},
    {"Other", "help"},
};

enum { GROUPS = sizeof groups / sizeof *groups };

/* What stands before and behind the program, and what that does. */
static const struct example {
    const char *before, *behind, *what;
} examples[] = {
    {"", " --top 20 book.txt", "the most frequent words"},
    {"mpirun -n 4 ", " -o counts.tsv -r texts", "four ranks"},
    {"", " --lower --strip --top 20 book.txt.gz", "The and the, are the"},
    {"", " --count lines --top 20 *.log", "sort | uniq -c | sort -rn"},
    {"mpirun -n 2 ", " --jsonl text -o a.tsv *.jsonl", "shards of a corpus"},
    {"", " -o year.mwc spring.mwc autumn.txt", "adds to a count file"},
    {"mpirun -n 4 ", " --exec 'gzip -t {}' list.txt", "a command for each line"},
};

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

/* Goes on in this column with the text, on as many lines as it takes. */
static void show_wrapped(int column, const char *text)
{
    if (column > HELP_AT - 2) {
        printf("\n");
        column = 0;
    }
    for (int len; *text; text += len + (text[len] == ' ')) {
        len = (int)strcspn(text, " ");
        const bool first = column < HELP_AT, over = !first && column + 1 + len > COLUMNS;
        if (over)
            printf("\n");
        if (first || over)
            column = (over ? 0 : column) + printf("%*s", HELP_AT - (over ? 0 : column), "");
        else
            column += printf(" ");
        column += printf("%.*s", len, text);
    }
    printf("\n");
}

static void show(const struct options_row *row)
{
    const bool optional = options_row_optional(row);
    int len = row->letter ? printf("  -%c, ", row->letter) : printf("      ");
    len += printf("--%s", row->name);
    if (row->argument)
        len += printf(optional ? "[=%s]" : " %s", row->argument);
    show_wrapped(len, row->help);
}

/* This row, and those behind it that have no place of their own. */
static void show_from(const char *name, size_t name_len)
{
    size_t i = 0;
    while (strncmp(options_rows[i].name, name, name_len) != 0
           || options_rows[i].name[name_len] != '\0')
        i++;
    do
        show(&options_rows[i++]);
    while (i < options_rows_len && !is_placed(options_rows[i].name));
}

static void show_examples(const char *name)
{
    printf("Examples:\n");
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const int len = printf("  %s%s%s", examples[i].before, name, examples[i].behind);
        printf("%*s%s\n", len + 2 > EXAMPLE_AT ? 2 : EXAMPLE_AT - len, "", examples[i].what);
    }
}

void options_help(const char *program, const char *called)
{
    printf(
        "Usage: %s [OPTION]... [FILE]...\n"
        "   or: mpirun [-n RANKS] [-hostfile HOSTS] %s [OPTION]... [FILE]...\n"
        "Counts the words of all FILEs together and prints WORD<TAB>COUNT, the most\n"
        "frequent first. FILE - is standard input. Words are separated by space, \\t, \\n,\n"
        "\\v, \\f and \\r.\n",
        program, program);
    for (size_t i = 0; i < GROUPS; i++) {
        printf("%s:\n", groups[i].heading);
        const char *names = groups[i].names;
        for (size_t len; *names; names += len + (names[len] == ' ')) {
            len = strcspn(names, " ");
            show_from(names, len);
        }
    }
    show_examples(strlen(called) <= CALLED_MAX ? called : program);
    printf(
        "Exit status: 0 done, 1 other, 2 usage, 3 input, 4 output, 5 memory,\n"
        "6 verification failed, 7 a rank or the network, 8 nothing moves, 9 some tasks\n"
        "failed, 10 left when asked to. SIZE and N take K, M, G, T (of 1024). The manual,\n"
        "man mpiwc, has the rest.\n");
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
