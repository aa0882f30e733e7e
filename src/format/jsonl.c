/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: {"word":"the","count":3}, one object a line.
 *
 * JSON text is Unicode, a key is any bytes. A byte that is not part of valid UTF-8 (RFC 3629) is
 * written as the lone surrogate \udc80 to \udcff that stands for it in Python's "surrogateescape":
 * so different keys stay different, and the bytes can be had back. */
#include "format/format.h"

#include "text/utf8.h"

enum { ESCAPED_BYTES = 6 }; /* \uNNNN */

/* How many bytes of a key are written at once, and how many bytes that takes. */
struct shown {
    size_t len, bytes;
};

static struct shown show(const uint8_t *bytes, size_t len)
{
    size_t sequence = utf8_sequence(bytes, len);
    if (sequence == 0 || bytes[0] < 0x20 || bytes[0] == 0x7f)
        return (struct shown){1, ESCAPED_BYTES};
    if (bytes[0] == '"' || bytes[0] == '\\')
        return (struct shown){1, 2};
    return (struct shown){sequence, sequence};
}

static size_t string_bytes(const uint8_t *bytes, size_t len)
{
    size_t total = 2;
    for (size_t i = 0; i < len;) {
        struct shown shown = show(bytes + i, len - i);
        total += shown.bytes;
        i += shown.len;
    }
    return total;
}

static uint8_t *write_string(uint8_t *at, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    *at++ = '"';
    for (size_t i = 0; i < len;) {
        struct shown shown = show(bytes + i, len - i);
        if (shown.bytes == ESCAPED_BYTES) {
            uint8_t byte = bytes[i];
            memcpy(at, byte < 0x80 ? "\\u00" : "\\udc", 4);
            at[4] = (uint8_t)hex[byte >> 4];
            at[5] = (uint8_t)hex[byte & 15];
        } else {
            if (shown.bytes > shown.len)
                *at = '\\';
            memcpy(at + shown.bytes - shown.len, bytes + i, shown.len);
        }
        at += shown.bytes;
        i += shown.len;
    }
    *at++ = '"';
    return at;
}

static size_t jsonl_bytes(const struct format *format, const struct record *record)
{
    size_t bytes = 2;
    for (size_t i = 0; i < format->columns_len; i++) {
        enum format_column column = format->columns[i];
        bytes += strlen(format_column_name(format, column)) + 4;
        bytes += column == FORMAT_KEY ? string_bytes(record_bytes(record), record->len)
                                      : format_digits(record->count);
    }
    return bytes;
}

static uint8_t *jsonl_write(const struct format *format, uint8_t *at, const struct record *record,
                            const struct format_place *place)
{
    for (size_t i = 0; i < format->columns_len; i++) {
        enum format_column column = format->columns[i];
        *at++ = i == 0 ? '{' : ',';
        *at++ = '"';
        at = (uint8_t *)stpcpy((char *)at, format_column_name(format, column));
        *at++ = '"';
        *at++ = ':';
        at = column == FORMAT_KEY ? write_string(at, record_bytes(record), record->len)
                                  : format_write_number(format, at, column, record, place);
    }
    *at++ = '}';
    *at++ = '\n';
    return at;
}

extern const struct format jsonl_format;
const struct format jsonl_format = {
    .name = "jsonl",
    .growth = ESCAPED_BYTES,
    .bytes = jsonl_bytes,
    .write = jsonl_write,
};
