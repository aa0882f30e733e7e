/* SPDX-License-Identifier: BSD-3-Clause */
/* options: the command line, as plain data. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "data/order.h"
#include "host/fail.h"
#include "rules/rules.h"
#include "task/collect.h"
#include "text/escape.h"

#include <stddef.h>
#include <stdint.h>

enum options_shuffle { OPTIONS_SHUFFLE_AUTO, OPTIONS_SHUFFLE_FLAT, OPTIONS_SHUFFLE_HOST };
enum options_input { OPTIONS_INPUT_AUTO, OPTIONS_INPUT_SHARED, OPTIONS_INPUT_ROOT };
enum options_input_format {
    OPTIONS_INPUT_FORMAT_AUTO,
    OPTIONS_INPUT_FORMAT_BYTES,
    OPTIONS_INPUT_FORMAT_COUNTS_TSV
};

/* As in plot.h. */
enum options_plot {
    OPTIONS_PLOT_RANK,
    OPTIONS_PLOT_COUNTS,
    OPTIONS_PLOT_COVERAGE,
    OPTIONS_PLOT_GROWTH
};

enum { OPTIONS_GIVEN_WORDS = 2, OPTIONS_LOOKUPS_MAX = 256 };

enum options_schedule { OPTIONS_SCHEDULE_AUTO, OPTIONS_SCHEDULE_STATIC, OPTIONS_SCHEDULE_DYNAMIC };

struct options {
    const char *program;    /* the name we were called by */
    char *const *arguments; /* the whole command line; options come first */
    char *const *files;     /* its end */
    size_t arguments_len, files_len;
    const char *output;     /* NULL: standard output */
    const char *files_from; /* NULL: none */
    const char *json;       /* NULL: none */
    const char *status;     /* the folder that shows the run; NULL: none */
    const char *report;     /* NULL: none */
    const char *plot;       /* NULL: none */
    enum options_plot plot_kind;
    const char *count_of_counts;    /* the file for it; NULL: none */
    const char *pre;                /* NULL: none */
    const char *kernel;             /* NULL: the fastest */
    const char *count;              /* as kind_choose takes it */
    struct rules_options rules;     /* what a word is */
    const char *extractor;          /* the option that chose it, without its dashes; NULL: none */
    const char *extractor_argument; /* NULL: none */
    const char *input_separator;    /* of fields; NULL: that of the extractor */
    const char *other_extractor;    /* an option that chose another one before; NULL: none */
    const char *format;             /* NULL: that of the kind */
    bool counts;                    /* the result is a count file */
    const char *columns;            /* NULL: key and count */
    const char *separator;          /* between columns; NULL: that of the format */
    bool nul_ended, recursive, gather, stats, topology, header, quiet, verbose;
    bool verify, combine, skip_bad, crlf, zero_terminated, skip_header;
    enum options_input input;
    enum options_input_format input_format;
    bool count_first;   /* of counts as text */
    enum escape escape; /* what of the keys is shown as \xNN */
    enum options_shuffle shuffle;
    enum order sort;
    uint64_t top;            /* 0: all */
    uint64_t min_count;      /* 0: all */
    uint64_t memory_bytes;   /* 0: what there is */
    uint64_t memory_percent; /* of what the host has, for all its ranks; 0: memory_bytes says it */
    uint64_t plan;           /* bytes of a sample, OPTIONS_UNNAMED: chosen; 0: the count is run */
    uint64_t split_bytes;    /* 0: chosen by the size of the input */
    uint64_t block_bytes;
    uint64_t seed;     /* 0: random */
    double progress_s; /* 0: nobody wants it, but on a terminal */
    bool no_progress;  /* on a terminal neither */
    double timeout_s;  /* 0: never */

    /* Tasks: either of the first two, or none. */
    const char *task, *exec;
    const char *task_arguments; /* NULL: none */
    const char *chdir;          /* NULL: where the run was started */
    const char *shell;          /* NULL: /bin/sh */
    const char *env;            /* names with commas; NULL: none */
    const char *colsep;         /* NULL: tasks have no columns */
    const char *log;            /* NULL: none */
    const char *range;          /* NULL: none */
    const char *results;        /* the folder for them; NULL: to the output */
    const char *journal;        /* NULL: none */
    bool mended;                /* the journal goes on with another command */
    enum options_schedule schedule;
    enum collect collect; /* not over COLLECT_MAX once parsed */
    bool lists;           /* the FILEs are lists of what `pre` is run for */
    bool isolate, compare, raw;
    bool unordered;               /* results are written as they come */
    const char *scratch;          /* folders with commas; NULL: none named */
    uint64_t scratch_limit_bytes; /* of a host; 0: what is free */
    const char *checkpoint;       /* a folder; NULL: none */
    double checkpoint_every_s;    /* 0: as the program thinks fit */
    uint64_t retries;
    uint64_t max_failures; /* 0: as many as there are */
    bool fail_fast;
    double delay_s;
    double task_timeout_s;      /* 0: none */
    uint64_t task_memory_bytes; /* of each process of a task; 0: no limit */
    uint64_t task_cores;        /* that each task has; 0: those of its rank */
    double follow_s; /* regular files may grow, until they have not for so long; 0: they do not */

    /* A service, and its clients: see client.h. */
    const char *spool;  /* the folder of the service; NULL: none */
    const char *submit; /* the same, of one that hands tasks in; NULL: none */
    uint64_t wait;   /* for this submission; OPTIONS_UNNAMED: for that of --submit; 0: for none */
    uint64_t cancel; /* this submission; 0: none */
    bool list, close;
    const char *watch; /* a folder that shows a run; NULL: none */
    double idle_s;     /* after which the service ends; 0: never */
    bool only;         /* it runs its own task, and no other */

    /* What is asked of count files: see counts_client.h. */
    bool info, check, join;
    const char *lookup[OPTIONS_LOOKUPS_MAX];
    size_t lookups;
    const char *lookup_from; /* NULL: none */

    uint64_t given[OPTIONS_GIVEN_WORDS]; /* see options_given */
};

/* --wait without a number. */
#define OPTIONS_UNNAMED UINT64_MAX

enum options_next { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_MISUSE };

/* Local. Whether tasks are run, instead of words counted. */
static inline bool options_tasks(const struct options *options)
{
    return options->task || options->exec || options->spool;
}

/* Local. Whether the inputs are lines of keys and counts. */
static inline bool options_weighted(const struct options *options)
{
    return options->input_format == OPTIONS_INPUT_FORMAT_COUNTS_TSV;
}

/* Local. Whether something is asked of count files, and nothing is run. */
static inline bool options_asks_counts(const struct options *options)
{
    return options->info || options->check || options->join || options->lookups
        || options->lookup_from;
}

/* Local. Whether something is asked of count files, of the folder of a service or of one that shows
 * a run, and nothing is run. */
static inline bool options_client(const struct options *options)
{
    return options_asks_counts(options) || options->watch || options->submit || options->wait
        || options->cancel || options->list || options->close;
}

/* Local. Whether this is a service. */
static inline bool options_service(const struct options *options)
{
    return options->spool && !options_client(options);
}

/* Local. Whether the fingerprint of the result is shown. */
static inline bool options_fingerprint(const struct options *options)
{
    return options->verify && (options->json || options->report);
}

/* Local. Whether the count of counts is wanted, for itself or for what is drawn of it. */
static inline bool options_spectrum(const struct options *options)
{
    return !options_tasks(options)
        && (options->count_of_counts || options->report || options->plot || options->status);
}

/* Local. Whether the option of this name was given, whatever its value. */
bool options_given(const struct options *options, const char *name);

/* Local. Whether the options for tasks go together. False with fail set to FAIL_USAGE. */
bool options_check_tasks(const struct options *options, struct fail *fail);

/* Local. Reads the command line. OPTIONS_DONE: --help or --version was given, and answered on
 * standard output unless `silent`. OPTIONS_MISUSE: fail is set to FAIL_USAGE. Strings stay those of
 * argv. */
enum options_next options_parse(int argc, char **argv, bool silent, struct options *options,
                                struct fail *fail);

#endif
