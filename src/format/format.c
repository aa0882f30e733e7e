/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of formats, and what they share: the columns and how numbers are written. */
#include "format/format.h"

#include <string.h>

#define FORMATS(FORMAT)                                                                            \
    FORMAT(tsv)                                                                                    \
    FORMAT(csv)                                                                                    \
    FORMAT(jsonl)

#define DECLARE(name) extern const struct format name##_format;
#define LIST(name) &name##_format,
FORMATS(DECLARE)
static const struct format *const formats[] = {FORMATS(LIST)};

static const char *const names[FORMAT_COLUMNS] = {
    [FORMAT_KEY] = "word",
    [FORMAT_COUNT] = "count",
    [FORMAT_RANK] = "rank",
    [FORMAT_PER_MILLION] = "per-million",
    [FORMAT_CUMULATIVE] = "cumulative",
};

bool format_choose(const char *name, struct format *format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (strcmp(formats[i]->name, name) == 0) {
            *format = *formats[i];
            return format_set_columns(format, NULL);
        }
    return false;
}

const char *format_names(void)
{
#define NAME(name) ", " #name
    return FORMATS(NAME) + 2;
}

bool format_set_columns(struct format *format, const char *list)
{
    bool used[FORMAT_COLUMNS] = {false};
    format->columns_len = 0;
    format->placed = false;
    for (const char *at = list ? list : "word,count";; at++) {
        size_t len = strcspn(at, ","), column = 0;
        while (column < FORMAT_COLUMNS
               && (strlen(names[column]) != len || memcmp(names[column], at, len) != 0))
            column++;
        if (column == FORMAT_COLUMNS || used[column])
            return false;
        used[column] = true;
        format->placed |= column > FORMAT_COUNT;
        format->columns[format->columns_len++] = (enum format_column)column;
        at += len;
        if (*at == '\0')
            return true;
    }
}

const char *format_column_name(const struct format *format, enum format_column column)
{
    return column == FORMAT_KEY ? format->noun : names[column];
}

uint8_t *format_write_names(const struct format *format, uint8_t *at)
{
    for (size_t i = 0; i < format->columns_len; i++) {
        const char *name = format_column_name(format, format->columns[i]);
        if (i > 0)
            *at++ = format->separator;
        at = (uint8_t *)stpcpy((char *)at, name);
    }
    *at++ = format->end;
    return at;
}

/* Exact: the product of a count and a thousand million fits 128 bits. */
static uint8_t *write_per_million(uint8_t *at, uint64_t count, uint64_t total)
{
    unsigned __int128 thousandths = (unsigned __int128)count * 1000000000 + total / 2;
    uint64_t value = total ? (uint64_t)(thousandths / total) : 0;
    at = format_write_digits(at, value / 1000);
    *at++ = '.';
    for (uint64_t unit = 100, rest = value % 1000; unit > 0; unit /= 10)
        *at++ = (uint8_t)('0' + rest / unit % 10);
    return at;
}

uint8_t *format_write_number(const struct format *format, uint8_t *at, enum format_column column,
                             const struct record *record, const struct format_place *place)
{
    switch (column) {
    case FORMAT_RANK:
        return format_write_digits(at, place->rank);
    case FORMAT_PER_MILLION:
        return write_per_million(at, record->count, format->total);
    case FORMAT_CUMULATIVE:
        return format_write_digits(at, place->cumulative);
    case FORMAT_COUNT:
    case FORMAT_KEY:
    case FORMAT_COLUMNS:
        break;
    }
    return format_write_digits(at, record->count);
}

size_t format_bytes(const struct format *format, const struct record *record)
{
    size_t bytes = 0;
    for (size_t i = 0; i < format->columns_len; i++)
        bytes += 1
               + (format->columns[i] == FORMAT_KEY ? format->key_bytes(format, record)
                                                   : format_digits(record->count));
    return bytes;
}

uint8_t *format_write(const struct format *format, uint8_t *at, const struct record *record,
                      const struct format_place *place)
{
    for (size_t i = 0; i < format->columns_len; i++) {
        if (i > 0)
            *at++ = format->separator;
        at = format->columns[i] == FORMAT_KEY
               ? format->write_key(format, at, record)
               : format_write_number(format, at, format->columns[i], record, place);
    }
    *at++ = format->end;
    return at;
}
