/* SPDX-License-Identifier: BSD-3-Clause */
/* CSV as in RFC 4180, but that lines end with a newline alone: a key that holds a separator, a
 * quote, a newline or a carriage return is quoted, and quotes in it are doubled. */
#include "format/format.h"

static size_t key_bytes(const struct format *format, const struct record *record)
{
    const uint8_t *bytes = record_bytes(record);
    size_t quotes = 0;
    bool special = false;
    for (size_t i = 0; i < record->len; i++) {
        quotes += bytes[i] == '"';
        special |= bytes[i] == format->separator || bytes[i] == '\n' || bytes[i] == '\r';
    }
    return record->len + (special || quotes > 0 ? quotes + 2 : 0);
}

static uint8_t *write_key(const struct format *format, uint8_t *at, const struct record *record)
{
    const uint8_t *bytes = record_bytes(record);
    if (key_bytes(format, record) == record->len) {
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

extern const struct format csv_format;
const struct format csv_format = {
    .name = "csv",
    .growth = 2,
    .separator = ',',
    .end = '\n',
    .head = format_write_names,
    .bytes = format_bytes,
    .write = format_write,
    .key_bytes = key_bytes,
    .write_key = write_key,
};
