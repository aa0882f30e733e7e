/* SPDX-License-Identifier: BSD-3-Clause */
/* options_row: one table describes every option: its names, its argument, its help, and where and
 * how its value is stored. Parsing and help follow from it. */
#ifndef OPTIONS_ROW_H
#define OPTIONS_ROW_H

#include "cli/options.h"

enum options_form {
    FLAG,
    TEXT,
    SIZE,
    NUMBER,
    OPTIONAL_NUMBER, /* OPTIONS_UNNAMED where none is given */
    SECONDS,
    TIMEOUT,
    CHOICE,
    OPTIONAL_CHOICE, /* the first one where none is given; numbered from 1 */
    ON_OFF,
    PLOT,      /* a file, and behind which kind of plot it is */
    WORD,      /* one more that is looked up; it may be empty */
    EXTRACTOR, /* chooses the extractor that has the name of the option, up to its first dash */
    HELP,
    SHOW_VERSION
};

/* A row; `at` is the offset of the field in struct options. */
struct options_row {
    char letter; /* 0: none */
    const char *name;
    const char *argument; /* NULL: none */
    enum options_form form;
    size_t at;
    uint64_t least;
    const char *help; /* of this one alone: shells show it beside the name */
};

/* Local. Whether it may stand without its argument. */
static inline bool options_row_optional(const struct options_row *row)
{
    return row->form == SECONDS || row->form == OPTIONAL_CHOICE || row->form == OPTIONAL_NUMBER;
}

extern const struct options_row options_rows[];
extern const size_t options_rows_len;

/* What getopt calls an option without a letter: this, and the number of its row. */
enum { OPTIONS_ROW_FIRST_LONG = 256 };

/* Local. Sets fail to FAIL_USAGE: what getopt has just refused with this code, and what may have
 * been meant. */
void options_hint(int code, char *const *argv, int argc, struct fail *fail);

enum options_value {
    OPTIONS_VALUE_GOOD,
    OPTIONS_VALUE_WRONG, /* no number */
    OPTIONS_VALUE_SMALL, /* under 0 */
    OPTIONS_VALUE_LARGE
};

/* Local. A whole number with an optional K, M, G or T of 1024; as a size also with KiB, the same,
 * or KB of 1000. *value is set only where it is good. */
enum options_value options_value_read(const char *text, bool is_size, uint64_t *value);

/* Local. 1% to 100%. */
bool options_value_percent(const char *text, uint64_t *percent);

/* Local. Sets fail to FAIL_USAGE: why the option does not take this argument. */
void options_value_refuse(const struct options_row *row, const char *argument, struct fail *fail);

/* Local. Sets what follows from the options that were read. False with fail set to FAIL_USAGE. */
bool options_settle(struct options *options, struct fail *fail);

/* Local. Whether the options go together. False with fail set to FAIL_USAGE. */
bool options_check(const struct options *options, struct fail *fail);

/* Local. The same where options_client. */
bool options_client_check(const struct options *options, struct fail *fail);

/* Local. The same where options_service. */
bool options_client_check_service(const struct options *options, struct fail *fail);

/* Local. The answers to --help and --version, on standard output. Examples begin as the program was
 * called, where that is short: they can be run as they stand. */
void options_help(const char *program, const char *called);
void options_help_version(void);

#endif
