/* SPDX-License-Identifier: BSD-3-Clause */
/* What of the things that tasks leave behind is combined by key: a value is KEY<TAB>VALUE or, where
 * the key is empty, VALUE, a counted key is KEY<TAB>COUNT.
 *
 * A value has up to 39 digits and a sign; the bytes that stand for its kind and for the value in
 * the record are 19, so the line may be longer by 22. */
#include "format/format.h"

#include "data/outcome.h"

enum { DIGITS = 40 };

/* Writes the digits before `end`; returns where they begin. */
static char *write_value(char *end, __int128 value)
{
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    do
        *--end = (char)('0' + (unsigned)(rest % 10));
    while (rest /= 10);
    if (value < 0)
        *--end = '-';
    return end;
}

/* The key of a value between its kind and the two NULs that end it, a run without NULs at a time:
 * returns the length of the first run; *skip bytes follow that stand for one NUL, or none. */
static size_t run(const uint8_t *bytes, size_t len, size_t *skip)
{
    const uint8_t *nul = memchr(bytes, 0, len);
    *skip = nul ? 2 : 0;
    return nul ? (size_t)(nul - bytes) : len;
}

static const uint8_t *key_of(const struct record *record, size_t *len)
{
    *len = record->len - OUTCOME_VALUE_BYTES - 3;
    return record->bytes + 1;
}

/* A key, or a part of one, as it is shown. */
static size_t shown_bytes(const struct format *format, const uint8_t *bytes, size_t len)
{
    return format->escape ? escape_bytes(bytes, len, format->escape) : len;
}

static uint8_t *write_shown(const struct format *format, uint8_t *at, const uint8_t *bytes,
                            size_t len)
{
    if (format->escape)
        return escape_write(at, bytes, len, format->escape);
    memcpy(at, bytes, len);
    return at + len;
}

static size_t value_line_bytes(const struct format *format, const struct record *record)
{
    char digits[DIGITS];
    size_t len, skip, bytes = 1;
    const uint8_t *key = key_of(record, &len);
    bytes += (size_t)(digits + DIGITS - write_value(digits + DIGITS, outcome_value(record)));
    bytes += len > 0;
    for (size_t i = 0, part; i < len; i += part + skip) {
        part = run(key + i, len - i, &skip);
        bytes += shown_bytes(format, key + i, part);
        bytes += skip ? shown_bytes(format, (const uint8_t *)"", 1) : 0;
    }
    return bytes;
}

static uint8_t *write_value_line(const struct format *format, uint8_t *at,
                                 const struct record *record)
{
    char digits[DIGITS];
    size_t len, skip;
    const uint8_t *key = key_of(record, &len);
    for (size_t i = 0, part; i < len; i += part + skip) {
        part = run(key + i, len - i, &skip);
        at = write_shown(format, at, key + i, part);
        if (skip)
            at = write_shown(format, at, (const uint8_t *)"", 1);
    }
    if (len > 0)
        *at++ = '\t';
    const char *first = write_value(digits + DIGITS, outcome_value(record));
    size_t shown = (size_t)(digits + DIGITS - first);
    memcpy(at, first, shown);
    at[shown] = '\n';
    return at + shown + 1;
}

static bool is_counted(const struct record *record)
{
    return record_bytes(record)[0] == VALUE_KIND_COUNT;
}

static size_t results_bytes(const struct format *format, const struct record *record)
{
    if (is_counted(record)) /* the key is what follows the byte of its kind */
        return shown_bytes(format, record_bytes(record) + 1, record->len - 1) + 1
             + format_digits(record->count) + 1;
    return value_line_bytes(format, record);
}

static uint8_t *results_write(const struct format *format, uint8_t *at, const struct record *record,
                              const struct format_place *unused)
{
    (void)unused;
    if (!is_counted(record))
        return write_value_line(format, at, record);
    at = write_shown(format, at, record_bytes(record) + 1, record->len - 1);
    *at++ = '\t';
    at = format_write_digits(at, record->count);
    *at++ = '\n';
    return at;
}

static void prepare(struct format *format)
{
    format->growth = format->escape ? ESCAPE_GROWTH : 1;
}

const struct format results_format = {
    .name = "results",
    .growth = 1,
    .escapes = true,
    .prepare = prepare,
    .bytes = results_bytes,
    .write = results_write,
};
