/* SPDX-License-Identifier: BSD-3-Clause */
/* CSV as in RFC 4180, but that lines end with a newline alone: a key that holds a separator, a
 * quote, a newline or a carriage return is quoted, and quotes in it are doubled. */
#include "format/format.h"

/* How many bytes the key takes; *quoted says how. */
static size_t key_bytes(const struct format *format, const struct record *record, bool *quoted)
{
    const uint8_t *bytes = record_bytes(record);
    size_t quotes = 0;
    bool special = false;
    for (size_t i = 0; i < record->len; i++) {
        quotes += bytes[i] == '"';
        special |= bytes[i] == format->separator || bytes[i] == '\n' || bytes[i] == '\r';
    }
    *quoted = special || quotes > 0;
    return record->len + (*quoted ? quotes + 2 : 0);
}

static uint8_t *write_key(const struct format *format, uint8_t *at, const struct record *record)
{
    const uint8_t *bytes = record_bytes(record);
    bool quoted;
    key_bytes(format, record, &quoted);
    if (!quoted) {
        memcpy(at, bytes, record->len);
        return at + record->len;
    }
    *at++ = '"';
    for (size_t i = 0; i < record->len; i++) {
        if (bytes[i] == '"')
            *at++ = '"';
        *at++ = bytes[i];
    }
    *at++ = '"';
    return at;
}

static size_t csv_bytes(const struct format *format, const struct record *record)
{
    size_t bytes = 0;
    bool quoted;
    for (size_t i = 0; i < format->columns_len; i++)
        bytes += 1
               + (format->columns[i] == FORMAT_KEY ? key_bytes(format, record, &quoted)
                                                   : format_digits(record->count));
    return bytes;
}

static uint8_t *csv_write(const struct format *format, uint8_t *at, const struct record *record,
                          const struct format_place *place)
{
    for (size_t i = 0; i < format->columns_len; i++) {
        if (i > 0)
            *at++ = format->separator;
        at = format->columns[i] == FORMAT_KEY
               ? write_key(format, at, record)
               : format_write_number(format, at, format->columns[i], record, place);
    }
    *at++ = '\n';
    return at;
}

extern const struct format csv_format;
const struct format csv_format = {
    .name = "csv",
    .growth = 2,
    .separator = ',',
    .head = format_write_names,
    .bytes = csv_bytes,
    .write = csv_write,
};
