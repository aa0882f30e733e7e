/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of options, and the command line read by it. */
#include "cli/options_row.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct options, field)

const struct options_row options_rows[] = {
    {'o', "output", "FILE", TEXT, AT(output), 0, "write the counts to FILE, whole or not at all"},
    {'r', "recursive", NULL, FLAG, AT(recursive), 0, "count all files below folders"},
    {0, "files-from", "LIST", TEXT, AT(files_from), 0,
     "count the files named in LIST, too, one a line"},
    {'0', "null", NULL, FLAG, AT(nul_ended), 0, "names in LIST end with NUL, not newline"},
    {0, "count", "KIND", TEXT, AT(count), 0, "words (default), lines, field:LIST, field:LIST:SEP"},
    {0, "crlf", NULL, FLAG, AT(crlf), 0, "\\r before a newline is no part of a line"},
    {0, "skip-header", NULL, FLAG, AT(skip_header), 0,
     "the first line of each FILE is not counted"},
    {'z', "zero-terminated", NULL, FLAG, AT(zero_terminated), 0,
     "lines end with NUL, in FILEs and in the result"},
    {0, "words", "WAY", TEXT, AT(rules.words), 0,
     "space (default), unicode, regex:PATTERN, gpt2, cl100k or o200k"},
    {0, "lower", NULL, FLAG, AT(rules.lower), 0, "words in small letters"},
    {0, "fold", NULL, FLAG, AT(rules.fold), 0, "words case folded: more than small letters"},
    {0, "nfc", NULL, FLAG, AT(rules.nfc), 0, "words in the Unicode normal form C"},
    {0, "nfkc", NULL, FLAG, AT(rules.nfkc), 0, "words in the Unicode normal form KC"},
    {0, "strip", NULL, FLAG, AT(rules.strip), 0, "words without punctuation at their ends"},
    {0, "min-length", "N", NUMBER, AT(rules.min_length), 1, "only words of N characters or more"},
    {0, "stop", "FILE", TEXT, AT(rules.stop_file), 0, "not the words in FILE"},
    {0, "vocabulary", "FILE", TEXT, AT(rules.vocabulary_file), 0, "only the words in FILE"},
    {0, "top", "N", NUMBER, AT(top), 1, "only the N most frequent"},
    {0, "sort", "count|key", CHOICE, AT(sort), 0, "most frequent first (default), or by the bytes"},
    {0, "min-count", "N", NUMBER, AT(min_count), 1, "only what occurs at least N times"},
    {0, "format", "FORMAT", TEXT, AT(format), 0,
     "tsv (default), csv, jsonl; counts: a count file, as for -o FILE.mwc"},
    {0, "columns", "LIST", TEXT, AT(columns), 0, "of word, count, rank, per-million, cumulative"},
    {0, "header", NULL, FLAG, AT(header), 0, "the names of the columns before the result"},
    {0, "output-separator", "SEP", TEXT, AT(separator), 0, "between columns: one byte, or \\xNN"},
    {0, "count-of-counts", "FILE", TEXT, AT(count_of_counts), 0,
     "write how many keys occur once, twice, ... to FILE"},
    {0, "escape", "control|all", OPTIONAL_CHOICE, AT(escape), 0,
     "show control bytes as \\xNN; all: and what else cannot be seen"},
    {0, "memory", "SIZE", SIZE, AT(memory_bytes), 1,
     "memory for each rank (default: what there is)"},
    {0, "scratch", "DIR,...", TEXT, AT(scratch), 0, "folders for what memory does not hold"},
    {0, "scratch-limit", "SIZE", SIZE, AT(scratch_limit_bytes), 1,
     "the most that --scratch takes on each host"},
    {0, "checkpoint", "DIR", TEXT, AT(checkpoint), 0,
     "keep what is done in DIR: the same command goes on"},
    {0, "checkpoint-every", "SECONDS", TIMEOUT, AT(checkpoint_every_s), 0,
     "how often --checkpoint does so (600)"},
    {0, "plan", "SIZE", OPTIONAL_NUMBER, AT(plan), 1,
     "count a sample, say what all of it will take"},
    {0, "compare", NULL, FLAG, AT(compare), 0,
     "run on one rank, then on all: speed-up, same bytes"},
    {0, "schedule", "auto|static|dynamic", CHOICE, AT(schedule), 0,
     "divide the work beforehand, or on demand"},
    {0, "input", "auto|shared|root", CHOICE, AT(input), 0, "every host reads, or rank 0 for all"},
    {0, "input-format", "auto|bytes|counts-tsv", CHOICE, AT(input_format), 0,
     "text; bytes of any file; lines WORD<TAB>COUNT"},
    {0, "count-first", NULL, FLAG, AT(count_first), 0, "counts-tsv has the count before the word"},
    {0, "pre", "COMMAND", TEXT, AT(pre), 0, "count what COMMAND prints for each FILE, put at {}"},
    {0, "jsonl", "PATH", EXTRACTOR, 0, 0, "JSON Lines: count the text at PATH"},
    {0, "warc", NULL, EXTRACTOR, 0, 0, "WARC or WET: count the texts of records"},
    {0, "warc-type", "TYPE,...", EXTRACTOR, 0, 0, "the same, of records of these types"},
    {0, "csv", "NAME|N", EXTRACTOR, 0, 0, "CSV: count the text of this column"},
    {0, "separator", "SEP", TEXT, AT(input_separator), 0,
     "between the columns of --csv, not a comma"},
    {0, "skip-bad", NULL, FLAG, AT(skip_bad), 0, "skip malformed records, and say how many"},
    {0, "shuffle", "auto|flat|host", CHOICE, AT(shuffle), 0,
     "from rank to rank, or added up on each host first"},
    {0, "combine", "on|off", ON_OFF, AT(combine), 0, "add up on a rank before words are sent (on)"},
    {0, "gather", NULL, FLAG, AT(gather), 0, "rank 0 writes the whole result"},
    {0, "split-size", "SIZE", SIZE, AT(split_bytes), 1, "divide files into pieces of SIZE"},
    {0, "block-size", "SIZE", SIZE, AT(block_bytes), 1, "read so much at a time (256K)"},
    {0, "verify", "on|off", ON_OFF, AT(verify), 0, "check the run by keyed sums (on)"},
    {0, "kernel", "NAME", TEXT, AT(kernel), 0, "scan with this one; --version lists them"},
    {0, "seed", "N", NUMBER, AT(seed), 1, "seed of the hash (default: random)"},
    {0, "topology", NULL, FLAG, AT(topology), 0, "show hosts, processors and binding of the ranks"},
    {0, "stats", NULL, FLAG, AT(stats), 0, "show time, bytes and balance of the phases"},
    {0, "json", "FILE", TEXT, AT(json), 0, "write a record of the run, JSON"},
    {0, "report", "FILE", TEXT, AT(report), 0, "write a page of the run, HTML"},
    {0, "plot", "FILE", PLOT, 0, 0,
     "write a plot of the counts, SVG: rank:FILE (default), counts:FILE, coverage:FILE, "
     "growth:FILE"},
    {0, "progress", "SECONDS", SECONDS, AT(progress_s), 0, "show how far it is (each second)"},
    {0, "no-progress", NULL, FLAG, AT(no_progress), 0, "do not show it on a terminal"},
    {0, "timeout", "SECONDS", TIMEOUT, AT(timeout_s), 0,
     "end when nothing moves for so long (600; 0: never)"},
    {0, "status", "DIR", TEXT, AT(status), 0, "keep a page, a screen and numbers in DIR meanwhile"},
    {0, "watch", "DIR", TEXT, AT(watch), 0, "show the screen of the run that keeps DIR"},
    {'q', "quiet", NULL, FLAG, AT(quiet), 0, "no closing line, no warnings"},
    {'v', "verbose", NULL, FLAG, AT(verbose), 0, "say what was decided, and why"},
    {0, "task", "NAME|FILE", TEXT, AT(task), 0,
     "run the built-in task NAME, or a plug-in (./FILE)"},
    {0, "exec", "COMMAND", TEXT, AT(exec), 0, "run COMMAND, with the line in place of {}"},
    {0, "follow", "SECONDS", TIMEOUT, AT(follow_s), 0,
     "files grow; they end after so long without change"},
    {0, "range", "A..B/PARTS", TEXT, AT(range), 0, "lines `FIRST LAST`: A to B in PARTS stretches"},
    {0, "collect", "order|count|sum|min|max|words|lines", CHOICE, AT(collect), 0,
     "keep results in order, combine them by key, or count what they have of words or lines"},
    {0, "journal", "FILE", TEXT, AT(journal), 0, "keep in FILE what is done, to go on later"},
    {0, "mended", NULL, FLAG, AT(mended), 0, "the journal goes on with another command"},
    {0, "log", "FILE", TEXT, AT(log), 0, "write a line for each try of a task"},
    {0, "results", "DIR", TEXT, AT(results), 0, "write each result to a file in DIR"},
    {0, "raw", NULL, FLAG, AT(raw), 0, "write results without newlines between them"},
    {0, "unordered", NULL, FLAG, AT(unordered), 0, "write results as they come, in no order"},
    {0, "retries", "N", NUMBER, AT(retries), 0, "try what failed N times more (2)"},
    {0, "task-timeout", "SECONDS", TIMEOUT, AT(task_timeout_s), 0,
     "a task that takes longer has failed"},
    {0, "task-memory", "SIZE", SIZE, AT(task_memory_bytes), 16 << 20,
     "the most memory that a task gets"},
    {0, "task-cores", "N", NUMBER, AT(task_cores), 1, "each task has N cores of its own"},
    {0, "max-failures", "N", NUMBER, AT(max_failures), 1, "end when N tasks have failed"},
    {0, "fail-fast", NULL, FLAG, AT(fail_fast), 0, "end when one task has failed"},
    {0, "shell", "NAME", TEXT, AT(shell), 0, "run commands by NAME -c"},
    {0, "chdir", "DIR", TEXT, AT(chdir), 0, "run tasks in DIR, on every host"},
    {0, "colsep", "SEP", TEXT, AT(colsep), 0, "lines have columns: {1}, {2}, ... in COMMAND"},
    {0, "env", "NAME,...", TEXT, AT(env), 0, "give all ranks and tasks these variables"},
    {0, "task-arguments", "TEXT", TEXT, AT(task_arguments), 0, "hand TEXT to the plug-in"},
    {0, "delay", "SECONDS", TIMEOUT, AT(delay_s), 0, "how long each task of squares takes"},
    {0, "isolate", "on|off", ON_OFF, AT(isolate), 0, "run tasks in a process of their own (on)"},
    {0, "spool", "DIR", TEXT, AT(spool), 0, "run what is handed in by the folder DIR"},
    {0, "idle", "SECONDS", TIMEOUT, AT(idle_s), 0, "end when there was nothing to do for so long"},
    {0, "only", NULL, FLAG, AT(only), 0, "refuse other commands than that of the service"},
    {0, "submit", "DIR", TEXT, AT(submit), 0, "hand the FILEs in"},
    {0, "wait", "N", OPTIONAL_NUMBER, AT(wait), 1,
     "wait for what is handed in, or N; show results"},
    {0, "list", NULL, FLAG, AT(list), 0, "show what there is in --spool DIR"},
    {0, "cancel", "N", NUMBER, AT(cancel), 1, "end submission N"},
    {0, "close", NULL, FLAG, AT(close), 0, "the service does what there is, and ends"},
    {0, "info", NULL, FLAG, AT(info), 0, "show what is known of each FILE"},
    {0, "check", NULL, FLAG, AT(check), 0, "read each FILE whole, and check every byte"},
    {0, "join", NULL, FLAG, AT(join), 0, "show each word with its count in each FILE"},
    {0, "lookup", "WORD", WORD, 0, 0, "show the count of WORD; up to 256 times"},
    {0, "lookup-from", "FILE", TEXT, AT(lookup_from), 0, "show the counts of the lines of FILE"},
    {'h', "help", NULL, HELP, 0, 0, "this text"},
    {'V', "version", NULL, SHOW_VERSION, 0, 0, "the version, and the kernels of this machine"},
};

enum { ROWS = sizeof options_rows / sizeof *options_rows, FIRST_LONG = OPTIONS_ROW_FIRST_LONG };

const size_t options_rows_len = ROWS;

_Static_assert(ROWS <= OPTIONS_GIVEN_WORDS * 64, "there is a bit for each option");

/* Which of `a|b|c` the argument is: the number of an enum. */
static bool choose(const char *choices, const char *argument, int *choice)
{
    size_t len = strlen(argument);
    for (*choice = 0;; ++*choice) {
        size_t end = strcspn(choices, "|");
        if (end == len && memcmp(choices, argument, len) == 0)
            return true;
        if (choices[end] == '\0')
            return false;
        choices += end + 1;
    }
}

/* Whether two options choose the same extractor: what is before a dash does. */
static bool are_alike(const char *a, const char *b)
{
    const size_t len = strcspn(a, "-");
    return strcspn(b, "-") == len && memcmp(a, b, len) == 0;
}

/* --warc behind --warc-type does not take its argument away. */
static bool choose_extractor(const char *name, const char *argument, struct options *options)
{
    const bool again = options->extractor && are_alike(name, options->extractor);
    if (options->extractor && !again)
        options->other_extractor = options->extractor;
    if (!again || argument) {
        options->extractor = name;
        options->extractor_argument = argument;
    }
    return !argument || *argument != '\0';
}

/* FILE or KIND:FILE. What is before a colon is a kind if it could be one: ./a:b is a file. */
static bool choose_plot(const char *argument, struct options *options)
{
    const size_t len = strspn(argument, "abcdefghijklmnopqrstuvwxyz-");
    int kind = OPTIONS_PLOT_RANK;
    options->plot = argument[len] == ':' ? argument + len + 1 : argument;
    if (argument[len] == ':') {
        char name[16];
        snprintf(name, sizeof name, "%.*s", (int)len, argument);
        if (len >= sizeof name || !choose("rank|counts|coverage|growth", name, &kind))
            return false;
    }
    options->plot_kind = (enum options_plot)kind;
    return *options->plot != '\0';
}

static bool read_number(const struct options_row *row, const char *argument, uint64_t *value)
{
    const bool is_size = strcmp(row->argument, "SIZE") == 0;
    return options_value_read(argument, is_size, value) == OPTIONS_VALUE_GOOD
        && *value >= row->least;
}

static bool store(const struct options_row *row, const char *argument, struct options *options)
{
    void *field = (char *)options + row->at;
    switch (row->form) {
    case FLAG:
        *(bool *)field = true;
        return true;
    case TEXT:
        *(const char **)field = argument;
        return *argument != '\0';
    case SIZE:
        if (field == &options->memory_bytes) {
            options->memory_percent = 0;
            if (options_value_percent(argument, &options->memory_percent))
                return true;
        }
        return read_number(row, argument, field);
    case NUMBER:
        return read_number(row, argument, field);
    case SECONDS:
    case TIMEOUT: {
        char *end;
        double seconds = argument ? strtod(argument, &end) : 1;
        bool any = row->form == TIMEOUT ? seconds >= 0 : seconds > 0;
        *(double *)field = seconds;
        return !argument || (end != argument && *end == '\0' && any && seconds < 1e6);
    }
    case OPTIONAL_NUMBER:
        *(uint64_t *)field = OPTIONS_UNNAMED;
        return !argument || read_number(row, argument, field);
    case CHOICE:
        return choose(row->argument, argument, field);
    case OPTIONAL_CHOICE: {
        bool good = !argument || choose(row->argument, argument, field);
        *(int *)field = argument ? *(int *)field + 1 : 1;
        return good;
    }
    case ON_OFF:
        *(bool *)field = strcmp(argument, "on") == 0;
        return strcmp(argument, "on") == 0 || strcmp(argument, "off") == 0;
    case PLOT:
        return choose_plot(argument, options);
    case EXTRACTOR:
        return choose_extractor(row->name, argument, options);
    case WORD:
        if (options->lookups == OPTIONS_LOOKUPS_MAX)
            return false;
        options->lookup[options->lookups++] = argument;
        return true;
    case HELP:
    case SHOW_VERSION:
        break;
    }
    return true;
}

/* Makes getopt's tables from ours. */
static void make_tables(struct option *longs, char *letters)
{
    *letters++ = ':'; /* tells a missing argument from an unknown option */
    for (size_t i = 0; i < ROWS; i++) {
        const struct options_row *row = &options_rows[i];
        int has = !row->argument            ? no_argument
                : options_row_optional(row) ? optional_argument
                                            : required_argument;
        longs[i] = (struct option){row->name, has, NULL, (int)(FIRST_LONG + i)};
        if (row->letter) {
            *letters++ = row->letter;
            if (has == required_argument)
                *letters++ = ':';
        }
    }
    longs[ROWS] = (struct option){0};
    *letters = '\0';
}

static const struct options_row *row_of(int code)
{
    if (code >= FIRST_LONG)
        return &options_rows[code - FIRST_LONG];
    for (size_t i = 0; i < ROWS; i++)
        if (options_rows[i].letter == code)
            return &options_rows[i];
    return NULL;
}

bool options_given(const struct options *options, const char *name)
{
    size_t i = 0;
    while (strcmp(options_rows[i].name, name) != 0)
        i++;
    return options->given[i / 64] >> i % 64 & 1;
}

enum options_next options_parse(int argc, char **argv, bool silent, struct options *options,
                                struct fail *fail)
{
    struct option longs[ROWS + 1];
    char letters[2 * ROWS + 2];
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    *options = (struct options){
        .program = slash    ? slash + 1
                 : argc > 0 ? argv[0]
                            : "wc",
        .count = "words",
        .verify = true,
        .combine = true,
        .block_bytes = 256 << 10,
        .timeout_s = 600,
        .isolate = true,
        .retries = 2,
    };
    make_tables(longs, letters);
    opterr = 0;
    optind = 0;
    for (int code; (code = getopt_long(argc, argv, letters, longs, NULL)) != -1;) {
        if (code == '?' || code == ':') {
            options_hint(code, argv, argc, fail);
            return OPTIONS_MISUSE;
        }
        const struct options_row *row = row_of(code);
        if (row->form == HELP || row->form == SHOW_VERSION) {
            if (!silent && row->form == HELP)
                options_help(options->program, argv[0]);
            else if (!silent)
                options_help_version();
            return OPTIONS_DONE;
        }
        if (!store(row, optarg, options)) {
            options_value_refuse(row, optarg, fail);
            return OPTIONS_MISUSE;
        }
        const size_t i = (size_t)(row - options_rows);
        options->given[i / 64] |= (uint64_t)1 << i % 64;
    }
    options->arguments = argv;
    options->arguments_len = (size_t)argc;
    options->files = argv + optind;
    options->files_len = (size_t)(argc - optind);
    return options_settle(options, fail) && options_check(options, fail) ? OPTIONS_RUN
                                                                         : OPTIONS_MISUSE;
}
