/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the results of tasks. A value has up to 39 digits and a sign; the bytes that stand for
 * its kind and for the value in the record are 19, so the line may be longer by 22, and the entry
 * of an archive by 30. */
#include "outcome_line.h"

#include "line.h"
#include "unpack.h"

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

static size_t value_line_bytes(const struct record *record, bool escape)
{
    char digits[DIGITS];
    size_t len, skip, bytes = 1;
    const uint8_t *key = key_of(record, &len);
    bytes += (size_t)(digits + DIGITS - write_value(digits + DIGITS, outcome_value(record)));
    bytes += len > 0;
    for (size_t i = 0, part; i < len; i += part + skip) {
        part = run(key + i, len - i, &skip);
        bytes += line_key_bytes(key + i, part, escape);
        bytes += skip ? line_key_bytes((const uint8_t *)"", 1, escape) : 0;
    }
    return bytes;
}

static uint8_t *write_value_line(uint8_t *at, const struct record *record, bool escape)
{
    char digits[DIGITS];
    size_t len, skip;
    const uint8_t *key = key_of(record, &len);
    for (size_t i = 0, part; i < len; i += part + skip) {
        part = run(key + i, len - i, &skip);
        at = line_write_key(at, key + i, part, escape);
        if (skip)
            at = line_write_key(at, (const uint8_t *)"", 1, escape);
    }
    if (len > 0)
        *at++ = '\t';
    const char *first = write_value(digits + DIGITS, outcome_value(record));
    size_t shown = (size_t)(digits + DIGITS - first);
    memcpy(at, first, shown);
    at[shown] = '\n';
    return at + shown + 1;
}

/* A counted key without the byte of its kind: a word. */
static struct record counted(const struct record *record)
{
    const uint8_t *bytes = record_bytes(record);
    return (struct record){.count = record->count, .bytes = bytes + 1, .len = record->len - 1};
}

static bool is_counted(const struct record *record)
{
    return record_bytes(record)[0] == OUTCOME_COUNT;
}

size_t outcome_line_bytes(const struct record *record, bool escape)
{
    struct outcome_place place;
    if (outcome_place(record, &place)) {
        const uint8_t *bytes = record->bytes + OUTCOME_PLACE_BYTES;
        return place.part >= OUTCOME_MARKS
                 ? 0
                 : line_key_bytes(bytes, record->len - OUTCOME_PLACE_BYTES, escape) + 1;
    }
    if (is_counted(record)) {
        struct record word = counted(record);
        return line_bytes(&word, escape);
    }
    return value_line_bytes(record, escape);
}

uint8_t *outcome_line_write(uint8_t *at, const struct record *record, bool escape)
{
    struct outcome_place place;
    if (outcome_place(record, &place)) {
        if (place.part >= OUTCOME_MARKS)
            return at;
        at = line_write_key(at, record->bytes + OUTCOME_PLACE_BYTES,
                            record->len - OUTCOME_PLACE_BYTES, escape);
        *at++ = '\n';
        return at;
    }
    if (is_counted(record)) {
        struct record word = counted(record);
        return line_write(at, &word, escape);
    }
    return write_value_line(at, record, escape);
}

static uint8_t *write_head(uint8_t *at, enum unpack_kind kind, size_t len)
{
    uint64_t head = unpack_head(kind, len);
    memcpy(at, &head, sizeof head);
    return at + sizeof head;
}

size_t outcome_line_entry_bytes(const struct record *record, bool escape)
{
    struct outcome_place place;
    if (!outcome_place(record, &place))
        return UNPACK_HEAD_BYTES + outcome_line_bytes(record, escape);
    return UNPACK_HEAD_BYTES + record->len - OUTCOME_PLACE_BYTES;
}

uint8_t *outcome_line_write_entry(uint8_t *at, const struct record *record, bool escape)
{
    struct outcome_place place;
    if (!outcome_place(record, &place)) {
        at = write_head(at, UNPACK_LINE, outcome_line_bytes(record, escape));
        return outcome_line_write(at, record, escape);
    }
    size_t len = record->len - OUTCOME_PLACE_BYTES;
    bool first = place.part == 0 || place.part == OUTCOME_NOTHING;
    at = write_head(at,
                    place.part == OUTCOME_FAILED ? UNPACK_FAILED
                    : first                      ? UNPACK_FIRST
                                                 : UNPACK_MORE,
                    len);
    memcpy(at, record->bytes + OUTCOME_PLACE_BYTES, len);
    return at + len;
}
