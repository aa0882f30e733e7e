/* SPDX-License-Identifier: BSD-3-Clause */
/* format: how the result is written: a head, and each record in its order. One file per format in
 * src/format/, and one line in the table of format.c.
 *
 * A format knows keys and counts, and nothing of ranks or files: every rank writes its own range of
 * the result, whose place follows from the sizes that the format states. */
#ifndef FORMAT_H
#define FORMAT_H

#include "data/record.h"
#include "text/escape.h"

#include <stdbool.h>

enum {
    FORMAT_EXTRA_BYTES = 256, /* that a record may need beyond its key, and write beyond its end */
    FORMAT_HEAD_BYTES = 128,  /* at most in a head */
};

/* What of a record is written. */
enum format_column {
    FORMAT_KEY,
    FORMAT_COUNT,
    FORMAT_RANK,        /* number of the line, from 1 on */
    FORMAT_PER_MILLION, /* count in a million of all, rounded to three decimals */
    FORMAT_CUMULATIVE,  /* sum of the counts up to this one */
    FORMAT_COLUMNS
};

/* Where a record stands in the result. */
struct format_place {
    uint64_t rank, cumulative; /* of this record */
};

struct format {
    const char *name;
    size_t growth;     /* bytes at most that are written for one of a key */
    uint8_t separator; /* between columns; 0: there is none to choose */
    uint8_t end;       /* of a line */
    bool escapes;      /* keys are written as they are, unless --escape asks for more */

    /* Local. Looks at the settings when they are all made. NULL: nothing follows from them. */
    void (*prepare)(struct format *format);

    /* Local. Writes the head, FORMAT_HEAD_BYTES at most; returns its end. NULL: there is none. */
    uint8_t *(*head)(const struct format *format, uint8_t *at);

    /* Local. The bytes of a record as `write` writes it, where they do not depend on its place. */
    size_t (*bytes)(const struct format *format, const struct record *record);

    /* Local. Writes a record; `at` has room for growth bytes for each of its key, and
     * FORMAT_EXTRA_BYTES. Returns the end. */
    uint8_t *(*write)(const struct format *format, uint8_t *at, const struct record *record,
                      const struct format_place *place);

    /* Local. Of formats whose columns stand beside each other: the bytes of a key, and a key
     * written; format_bytes and format_write do the rest. */
    size_t (*key_bytes)(const struct format *format, const struct record *record);
    uint8_t *(*write_key)(const struct format *format, uint8_t *at, const struct record *record);

    /* Settings. */
    const char *noun;   /* for a key */
    enum escape escape; /* of keys */
    bool header;        /* the head is wanted */
    bool raw;           /* results of tasks have no newline behind them */
    bool placed;        /* a column depends on the place of the record */
    uint64_t total;     /* of all counts */
    enum format_column columns[FORMAT_COLUMNS];
    size_t columns_len;
};

/* Local. Makes *format the one of that name, with two columns and no head. False if there is none.
 */
bool format_choose(const char *name, struct format *format);

/* Local. The names there are, with commas. */
const char *format_names(void);

/* Local. Makes the columns those of a list of names with commas; false if one is unknown, or named
 * twice. NULL: key and count. */
bool format_set_columns(struct format *format, const char *names);

/* Local. Writes the names of the columns, with separators. */
uint8_t *format_write_names(const struct format *format, uint8_t *at);

/* Local. The name of a column; that of the key is the noun. */
const char *format_column_name(const struct format *format, enum format_column column);

/* Local. How many digits a number has. */
static inline unsigned format_digits(uint64_t number)
{
    unsigned len = 1;
    for (; number >= 10; number /= 10)
        len++;
    return len;
}

/* Local. Writes a number; returns its end. */
static inline uint8_t *format_write_digits(uint8_t *at, uint64_t number)
{
    uint8_t *end = at + format_digits(number);
    for (uint8_t *digit = end; digit > at; number /= 10)
        *--digit = (uint8_t)('0' + number % 10);
    return end;
}

/* Local. `bytes` and `write` of columns with separators between them, on a line. */
size_t format_bytes(const struct format *format, const struct record *record);
uint8_t *format_write(const struct format *format, uint8_t *at, const struct record *record,
                      const struct format_place *place);

/* Local. Writes a column that is not the key; returns its end. */
uint8_t *format_write_number(const struct format *format, uint8_t *at, enum format_column column,
                             const struct record *record, const struct format_place *place);

/* What of the results of tasks is combined by key. Nobody chooses it by name. */
extern const struct format results_format;

#endif
