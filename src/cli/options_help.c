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

/* A row; *len is how long its line is so far. */
static void show(const struct options_row *row, int *len)
{
    const bool optional = options_row_optional(row);
    if (strcmp(row->name, "task") == 0)
        printf("\nTasks, run on the lines of the FILEs, instead of counting:\n");
    if (strcmp(row->name, "help") == 0)
        printf("\n");
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

void options_help(const char *program)
{
    printf(
        "Usage: %s [OPTION]... [FILE]...\n"
        "   or: mpirun [-n RANKS] [-hostfile HOSTS] %s [OPTION]... [FILE]...\n"
        "Counts the words of all FILEs together and prints WORD<TAB>COUNT, most frequent first.\n"
        "FILE - is standard input. Words are separated by space, \\t, \\n, \\v, \\f and \\r.\n\n",
        program, program);
    int len = 0;
    for (size_t i = 0; i < options_rows_len; i++)
        show(&options_rows[i], &len);
    printf(
        "\nExit: 0 done, 2 usage, 3 input, 4 output, 5 memory, 6 verification failed, 7 rank or "
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
