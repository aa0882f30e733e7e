/* SPDX-License-Identifier: BSD-3-Clause */
/* What was meant by an option that this program does not have: the option of another program that
 * counts or runs tasks, or one of ours with a typo. */
#include "cli/options_row.h"

#include "text/likeness.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* Options of wc, sort, uniq, cut and GNU parallel, and what does the same here. */
static const struct habit {
    const char *names; /* a space before and behind each */
    const char *answer;
} habits[] = {
    {" -n ",
     "how many ranks there are says mpirun, mpirun -n N; the most frequent come first anyway"},
    {" -w ", "each word is counted by itself; how many there are is in the closing line"},
    {" -l --lines ", "--count=lines counts each line by itself, as sort | uniq -c"},
    {" -c --bytes ",
     "every key is printed with its count; bytes and words are in the closing line"},
    {" -m --chars -L --max-line-length ",
     "each different word is counted, and no characters or lengths of lines"},
    {" --files0-from ", "--files-from LIST -0 takes names that end with NUL"},
    {" -i --ignore-case --case-insensitive ", "--fold or --lower counts The and the as one"},
    {" -d --repeated ",
     "--min-count=2 leaves out what occurs once; --count=field:LIST:SEP is as cut -d"},
    {" -u --unique ", "each key is printed once, with its count; grep -P '\\t1$' has those of one"},
    {" -f --fields -k --key ", "--count=field:N, as awk's $N, or field:LIST:SEP, as cut's"},
    {" -t --field-separator --delimiter ",
     "--count=field:LIST:SEP has the separator of the fields"},
    {" --numeric-sort --reverse -g ", "the most frequent come first already; --sort=key is by key"},
    {" -p --np --ranks --threads ", "how many ranks there are says mpirun: mpirun -n N"},
    {" -j --jobs --processes --procs --parallel ", "each rank runs one at a time: mpirun -n N"},
    {" -S --sshlogin --slf --sshloginfile --hostfile --hosts ",
     "hosts are mpirun's: -hostfile HOSTS"},
    {" --buffer-size ", "--memory SIZE is for each rank"},
    {" -T --temporary-directory --tmpdir ", "--scratch DIR holds what memory does not"},
    {" -a --arg-file ", "the lines of the FILEs are the tasks: name it without an option"},
    {" --joblog ", "--log FILE has a line for each try of a task"},
    {" --resume --resume-failed ",
     "--journal FILE goes on by itself; --mended with another command"},
    {" --halt --halt-on-error ",
     "--fail-fast ends at the first failure, --max-failures=N at the N-th"},
    {" --keep-order ", "results are in the order of the tasks already; --unordered: as they come"},
    {" --line-buffer --lb --ungroup ", "--unordered writes results as they come"},
    {" --bar --eta ", "--progress shows the time left; on a terminal it is shown by itself"},
    {" --wd --workdir ", "--chdir DIR is where commands run"},
    {" --memfree --memsuspend ", "--task-memory SIZE limits each task"},
    {" --dry-run --dryrun ",
     "nothing is tried without being run; --plan says what a count will take"},
    {" --tagstring --tag ", "the task of each result is known by its place; --log FILE names both"},
    {" -I --replace ", "{} in --exec COMMAND is the line"},
    {" --pipe ", "--pre COMMAND reads what a command prints; --exec runs one for each line"},
    {" --gzip --gunzip --decompress --zstd -Z ", "compressed files are known by their beginning"},
    {" --limit --head -N ", "--top N: only the N most frequent"},
    {" --punctuation ",
     "--strip takes punctuation off words, --words=unicode knows what a word is"},
    {" --encoding --charset ", "words are bytes; what is no UTF-8 has to be made so by iconv"},
    {" --csv-column --column ", "--csv NAME counts the text of a column"},
    {" --json-path --field ", "--jsonl PATH counts the text at a path of each record"},
};

static const char *habit_of(const char *given)
{
    char wanted[64];
    if ((size_t)snprintf(wanted, sizeof wanted, " %.*s ", (int)strcspn(given, "="), given)
        >= sizeof wanted)
        return NULL;
    for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
        if (strstr(habits[i].names, wanted))
            return habits[i].answer;
    return NULL;
}

static const char *typo_of(const char *name)
{
    struct likeness likeness = {.given = name, .given_len = strcspn(name, "=")};
    for (size_t i = 0; i < options_rows_len; i++)
        likeness_try(&likeness, options_rows[i].name);
    return likeness.best;
}

/* Whether what was given is the beginning of the names of several options; fail then names them. */
static bool is_ambiguous(const char *given, struct fail *fail)
{
    char names[256] = "";
    size_t given_len = strcspn(given, "="), len = 0, several = 0;
    for (size_t i = 0; strncmp(given, "--", 2) == 0 && i < options_rows_len && len < sizeof names;
         i++)
        if (strncmp(options_rows[i].name, given + 2, given_len - 2) == 0) {
            if (options_rows[i].name[given_len - 2] == '\0')
                return false;
            len += (size_t)snprintf(names + len, sizeof names - len, "%s --%s", several ? "," : "",
                                    options_rows[i].name);
            several++;
        }
    if (several > 1)
        fail_set(fail, FAIL_USAGE, "option '%.*s' is ambiguous:%s", (int)given_len, given, names);
    return several > 1;
}

/* The argument of getopt's in which it met this letter. */
static const char *word_of(char letter, char *const *argv, int argc)
{
    const int here = optind < argc && argv[optind][0] == '-' && argv[optind][1] == letter
                          && argv[optind][2] != '\0'
                       ? optind
                       : optind - 1;
    return argv[here];
}

static void say_unknown(const char *given, const char *word, struct fail *fail)
{
    const int len = (int)strcspn(given, "=");
    const char *answer = habit_of(given);
    /* -top is a name with a dash too few, -rn are two letters. */
    const char *meant = strncmp(given, "--", 2) == 0            ? typo_of(given + 2)
                      : word[1] == given[1] && strlen(word) > 3 ? typo_of(word + 1)
                                                                : NULL;
    if (meant && given[1] != '-')
        fail_set(fail, FAIL_USAGE, "unknown option '%s'; did you mean --%s?", word, meant);
    else if (answer)
        fail_set(fail, FAIL_USAGE, "unknown option '%.*s': %s", len, given, answer);
    else if (meant)
        fail_set(fail, FAIL_USAGE, "unknown option '%.*s'; did you mean --%s?", len, given, meant);
    else
        fail_set(fail, FAIL_USAGE, "unknown option '%.*s'", len, given);
}

void options_hint(int code, char *const *argv, int argc, struct fail *fail)
{
    const bool is_letter = optopt > 0 && optopt < OPTIONS_ROW_FIRST_LONG;
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *given = is_letter ? letter : argv[optind - 1];
    if (is_ambiguous(given, fail))
        return;
    if (code == ':')
        fail_set(fail, FAIL_USAGE, "option '%s' needs an argument", given);
    else if (optopt >= OPTIONS_ROW_FIRST_LONG)
        fail_set(fail, FAIL_USAGE, "option '%s' takes no argument", given);
    else
        say_unknown(given, is_letter ? word_of((char)optopt, argv, argc) : given, fail);
}
