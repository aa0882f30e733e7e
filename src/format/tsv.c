/* SPDX-License-Identifier: BSD-3-Clause */
/* KEY<TAB>COUNT<LF>, or other columns with another separator. Keys are written as they are, or with
 * their control bytes escaped; nothing is quoted. */
#include "format/format.h"

static size_t key_bytes(const struct format *format, const struct record *record)
{
    return format->escape ? escape_bytes(record_bytes(record), record->len, format->escape)
                          : record->len;
}

static uint8_t *write_key(const struct format *format, uint8_t *at, const struct record *record)
{
    if (format->escape)
        return escape_write(at, record_bytes(record), record->len, format->escape);
    memcpy(at, record_bytes(record), record->len);
    return at + record->len;
}

/* The usual case by itself: key and count as they are. */
static size_t plain_bytes(const struct format *format, const struct record *record)
{
    (void)format;
    return record->len + 1 + format_digits(record->count) + 1;
}

static uint8_t *write_plain(const struct format *format, uint8_t *at, const struct record *record,
                            const struct format_place *place)
{
    (void)place;
    if (record->bytes)
        memcpy(at, record->bytes, record->len);
    else
        memcpy(at, &record->key, 16); /* whatever the length: such a copy has no branch */
    at += record->len;
    *at++ = format->separator;
    at = format_write_digits(at, record->count);
    *at++ = format->end;
    return at;
}

static void prepare(struct format *format)
{
    bool plain = !format->escape && format->columns_len == 2 && format->columns[0] == FORMAT_KEY
              && format->columns[1] == FORMAT_COUNT;
    format->growth = format->escape ? ESCAPE_GROWTH : 1;
    format->bytes = plain ? plain_bytes : format_bytes;
    format->write = plain ? write_plain : format_write;
}

extern const struct format tsv_format;
const struct format tsv_format = {
    .name = "tsv",
    .growth = 1,
    .escapes = true,
    .separator = '\t',
    .end = '\n',
    .prepare = prepare,
    .head = format_write_names,
    .bytes = format_bytes,
    .write = format_write,
    .key_bytes = key_bytes,
    .write_key = write_key,
};
