/* SPDX-License-Identifier: BSD-3-Clause */
/* What the program says about itself. */
#include "cli/options_row.h"

#include "world_in_folder.h"

/* Runs the parser with standard output in a file; returns what it wrote, to be freed. */
static char *said_by(const char *option, bool silent)
{
    char program[] = "wc", word[32], *argv[] = {program, word, NULL};
    struct options options;
    struct fail failure = {0};
    size_t len = 0;
    snprintf(word, sizeof word, "%s", option);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO),
        fd = open(folder_path("said"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    dup2(fd, STDOUT_FILENO);
    enum options_next next = options_parse(2, argv, silent, &options, &failure);
    fflush(stdout);
    dup2(saved, STDOUT_FILENO);
    close(saved);
    close(fd);
    assert_int_equal(next, OPTIONS_DONE);
    char *said = (char *)folder_get(folder_path("said"), &len);
    said = realloc(said, len + 1);
    said[len] = '\0';
    return said;
}

static void help_shows_each_option(void **state)
{
    (void)state;
    static const char *const names[] = {"-o, --output FILE",
                                        "-r, --recursive",
                                        "--files-from LIST",
                                        "-0, --null",
                                        "--top N",
                                        "--words WAY",
                                        "--lower",
                                        "--fold",
                                        "--nfc",
                                        "--nfkc",
                                        "--strip",
                                        "--min-length N",
                                        "--stop FILE",
                                        "--vocabulary FILE",
                                        "--crlf",
                                        "--skip-header",
                                        "-z, --zero-terminated",
                                        "--min-count N",
                                        "--escape[=control|all]",
                                        "--memory SIZE",
                                        "--input auto|shared|root",
                                        "--pre COMMAND",
                                        "--jsonl PATH",
                                        "--csv NAME|N",
                                        "--skip-bad",
                                        "--gather",
                                        "--split-size SIZE",
                                        "--block-size SIZE",
                                        "--shuffle auto|flat|host",
                                        "--combine on|off",
                                        "--verify on|off",
                                        "--kernel NAME",
                                        "--seed N",
                                        "--stats",
                                        "--json FILE",
                                        "--report FILE",
                                        "--plot FILE",
                                        "--progress[=SECONDS]",
                                        "--timeout SECONDS",
                                        "--status DIR",
                                        "--watch DIR",
                                        "--topology",
                                        "-q, --quiet",
                                        "-v, --verbose",
                                        "--spool DIR",
                                        "--submit DIR",
                                        "--wait[=N]",
                                        "--list",
                                        "--cancel N",
                                        "--close",
                                        "--info",
                                        "--check",
                                        "--join",
                                        "--lookup WORD",
                                        "--lookup-from FILE",
                                        "--help",
                                        "--version"};
    char *help = said_by("--help", false), *rest = help;
    for (size_t i = 0; i < LEN(names); i++) {
        const char *found = strstr(help, names[i]);
        while (found && !strchr(" ,\n", found[strlen(names[i])])) /* --check is not --checkpoint */
            found = strstr(found + 1, names[i]);
        if (!found)
            fail_msg("no '%s' in the help", names[i]);
    }
    assert_non_null(strstr(help, "Usage: wc "));
    for (char *line; (line = strsep(&rest, "\n"));)
        if (strlen(line) > 80)
            fail_msg("%zu columns: %s", strlen(line), line);
    free(help);
}

/* How often an option stands in the help where options stand: at the beginning of a line, or behind
 * another one. */
static size_t times_shown(const char *help, const char *name)
{
    char wanted[40];
    size_t n = 0;
    snprintf(wanted, sizeof wanted, "--%s", name);
    for (const char *c = help; (c = strstr(c, wanted)); c += strlen(wanted))
        n += strchr(" ,[\n", c[strlen(wanted)]) && c[-1] == ' ' && (c[-2] == ' ' || c[-2] == ',');
    return n;
}

static void help_has_each_option_once_in_groups(void **state)
{
    (void)state;
    static const char *const headings[] = {
        "\nThe result:\n  -o",       "\nInputs:\n  -r",        "\nWhat is counted:\n      --count",
        "\nTasks, run on the lines", "\nOther:\n  -h, --help", "\nExamples:\n  wc ",
        "\nExit status: 0 done"};
    char *help = said_by("-h", false);
    const char *last = help;
    for (size_t i = 0; i < options_rows_len; i++) {
        if (!options_rows[i].help || strspn(options_rows[i].help, " \n"))
            fail_msg("--%s has no help of its own", options_rows[i].name);
        if (times_shown(help, options_rows[i].name) != 1)
            fail_msg("--%s is in the help %zu times", options_rows[i].name,
                     times_shown(help, options_rows[i].name));
    }
    for (size_t i = 0; i < LEN(headings); i++) {
        const char *found = strstr(help, headings[i]);
        if (!found || found < last)
            fail_msg("where is %s?", headings[i]);
        last = found;
    }
    free(help);
}

static void version_lists_the_kernels(void **state)
{
    (void)state;
    char *version = said_by("--version", false);
    assert_memory_equal(version, "mpiwc ", 6);
    assert_non_null(strstr(version, "swar"));
    free(version);
}

static void ranks_that_are_told_to_be_silent_are(void **state)
{
    (void)state;
    static const char *const options_said[] = {"--help", "--version"};
    for (size_t i = 0; i < 2; i++) {
        char *said = said_by(options_said[i], true);
        assert_string_equal(said, "");
        free(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(help_shows_each_option),
        folder_test(help_has_each_option_once_in_groups),
        folder_test(version_lists_the_kernels),
        folder_test(ranks_that_are_told_to_be_silent_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
