/* SPDX-License-Identifier: BSD-3-Clause */
/* csv_naive: CSV read byte by byte, the plain way, and random texts, most of which are CSV: of few
 * kinds of bytes, so that those that matter meet often. */
#ifndef CSV_NAIVE_H
#define CSV_NAIVE_H

#include "extract/extractor.h"

#include "check.h"

enum { CSV_NAIVE_BYTES = 600 };

struct csv_naive {
    const struct extractor *extractor;
    const char *bytes;
    size_t len;
    uint64_t column;
    size_t
        begins[CSV_NAIVE_BYTES + 2]; /* of records and empty lines, and where the last one ends */
    size_t begins_len;
    char text[2 * CSV_NAIVE_BYTES]; /* of the column, a newline behind each */
    size_t text_len;
    struct extractor_sums sums;
    bool bad, open; /* a record is; for want of a quote */
    bool unclosed;  /* that was so of some record */
    size_t bad_at;
    char field[CSV_NAIVE_BYTES];
    size_t field_len;
};

static inline bool csv_naive_is(const struct csv_naive *naive, size_t at, char byte)
{
    return at < naive->len && naive->bytes[at] == byte;
}

/* Where a field that ends before `at` ends, with what follows it: a separator, a newline, or
 * nothing. */
static inline bool csv_naive_ends(const struct csv_naive *naive, size_t at)
{
    return at == naive->len || naive->bytes[at] == (char)naive->extractor->separator
        || naive->bytes[at] == '\n';
}

static inline size_t csv_naive_bad(struct csv_naive *naive, size_t at, bool open)
{
    naive->bad = true;
    naive->open = open;
    naive->unclosed |= open;
    naive->bad_at = at;
    return at;
}

static inline size_t csv_naive_quoted(struct csv_naive *naive, size_t opening)
{
    size_t at = opening + 1;
    for (; !csv_naive_is(naive, at, '"') || csv_naive_is(naive, at + 1, '"'); at++) {
        if (at == naive->len)
            return csv_naive_bad(naive, opening, true);
        at += naive->bytes[at] == '"';
        naive->field[naive->field_len++] = naive->bytes[at];
    }
    at++;
    if (csv_naive_is(naive, at, '\r') && csv_naive_is(naive, at + 1, '\n'))
        return at + 1;
    if (csv_naive_ends(naive, at))
        return at;
    return csv_naive_bad(naive, at + (csv_naive_is(naive, at, '\r') && at + 1 < naive->len), false);
}

/* Reads a field into naive->field; returns where what ends it is. */
static inline size_t csv_naive_field(struct csv_naive *naive, size_t at)
{
    naive->field_len = 0;
    if (csv_naive_is(naive, at, '"'))
        return csv_naive_quoted(naive, at);
    for (; !csv_naive_ends(naive, at); at++) {
        if (naive->bytes[at] == '"')
            return csv_naive_bad(naive, at, false);
        naive->field[naive->field_len++] = naive->bytes[at];
    }
    if (csv_naive_is(naive, at, '\n') && naive->field_len > 0
        && naive->field[naive->field_len - 1] == '\r')
        naive->field_len--;
    return at;
}

/* The line behind `at`, or the end. */
static inline size_t csv_naive_behind(const struct csv_naive *naive, size_t at)
{
    while (at < naive->len && naive->bytes[at] != '\n')
        at++;
    return at < naive->len ? at + 1 : at;
}

/* Returns where the next record begins. */
static inline size_t csv_naive_record(struct csv_naive *naive, size_t begin)
{
    const size_t text_len = naive->text_len;
    size_t at = begin, number = 0;
    do {
        at = csv_naive_field(naive, number > 0 ? at + 1 : at);
        if (!naive->bad && ++number == naive->column) {
            memcpy(naive->text + naive->text_len, naive->field, naive->field_len);
            naive->text_len += naive->field_len;
            naive->text[naive->text_len++] = '\n';
        }
    } while (!naive->bad && at < naive->len && naive->bytes[at] != '\n');
    if (naive->bad)
        naive->text_len = text_len;
    if (naive->bad && !naive->extractor->skip_bad)
        return naive->len;
    naive->sums.records++;
    naive->sums.bad += naive->bad;
    naive->sums.without += !naive->bad && number < naive->column;
    at = csv_naive_behind(naive, naive->bad && naive->open ? begin : at);
    naive->bad = false;
    return at;
}

/* Reads a text whose first line is no header, the column by its number. */
static inline void csv_naive(const struct extractor *extractor, uint64_t column, const char *bytes,
                             size_t len, struct csv_naive *naive)
{
    *naive = (struct csv_naive){extractor, bytes, len, column, .begins = {0}};
    size_t at = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    assert_true(len <= CSV_NAIVE_BYTES);
    while (at < len && !naive->bad) {
        naive->begins[naive->begins_len++] = at;
        if (bytes[at] == '\n')
            at++;
        else if (bytes[at] == '\r' && csv_naive_is(naive, at + 1, '\n'))
            at += 2;
        else
            at = csv_naive_record(naive, at);
    }
    naive->begins[naive->begins_len] = at;
}

/* A field, with or without quotes, of at most 200 bytes. */
static inline size_t csv_naive_draw_field(struct seeded *seeded, char separator, char *at)
{
    const char plain[] = {'a', 'b', separator == ';' ? ',' : ';', ' ', '\0'};
    const char any[] = {'a', 'b', separator, '\n', '\r', '"', '"', '"'};
    const bool quoted = seeded_below(seeded, 2);
    const size_t len = seeded_below(seeded, seeded_below(seeded, 8) ? 4 : 90);
    size_t out = 0;
    if (quoted)
        at[out++] = '"';
    for (size_t i = 0; i < len; i++) {
        at[out++] = (char)(quoted ? seeded_of(seeded, any, LEN(any))
                                  : seeded_of(seeded, plain, LEN(plain)));
        if (at[out - 1] == '"')
            at[out++] = '"';
    }
    if (quoted)
        at[out++] = '"';
    return out;
}

/* A text; returns its length. Every third one may be damaged. */
static inline size_t csv_naive_draw(struct seeded *seeded, char separator, bool damage, char *bytes)
{
    static const char mark[] = "\xef\xbb\xbf";
    const char any[] = {'a', '"', '"', separator, '\n', '\r'};
    const size_t longest = 1 + seeded_below(seeded, CSV_NAIVE_BYTES - 250);
    const char *newline = seeded_below(seeded, 2) ? "\n" : "\r\n";
    size_t len = 0;
    if (seeded_below(seeded, 4) == 0)
        len = (size_t)(stpcpy(bytes, mark) - bytes);
    while (len < longest) {
        len += csv_naive_draw_field(seeded, separator, bytes + len);
        if (seeded_below(seeded, 3))
            bytes[len++] = separator;
        else
            for (size_t i = seeded_below(seeded, 6) ? 1 : 3; i > 0; i--)
                len = (size_t)(stpcpy(bytes + len, newline) - bytes);
    }
    if (damage && seeded_below(seeded, 3) == 0)
        bytes[seeded_below(seeded, len)] = (char)seeded_of(seeded, any, LEN(any));
    return len;
}

#endif
