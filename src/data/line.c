/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines of the result. */
#include "line.h"

static unsigned digits(uint64_t count)
{
    unsigned len = 1;
    for (; count >= 10; count /= 10)
        len++;
    return len;
}

/* How a byte is shown: itself, \\ or \xNN. The two bytes of the control characters U+0080 to U+009F
 * are shown as two escapes. */
static unsigned shown_bytes(const uint8_t *bytes, size_t len, size_t i)
{
    uint8_t byte = bytes[i];
    bool first = byte == 0xc2 && i + 1 < len && bytes[i + 1] >= 0x80 && bytes[i + 1] < 0xa0;
    bool second = i > 0 && bytes[i - 1] == 0xc2 && byte >= 0x80 && byte < 0xa0;
    if (byte < 0x20 || byte == 0x7f || first || second)
        return 4;
    return byte == '\\' ? 2 : 1;
}

size_t line_key_bytes(const uint8_t *bytes, size_t len, bool escape)
{
    size_t shown = 0;
    if (!escape)
        return len;
    for (size_t i = 0; i < len; i++)
        shown += shown_bytes(bytes, len, i);
    return shown;
}

size_t line_bytes(const struct record *record, bool escape)
{
    return line_key_bytes(record_bytes(record), record->len, escape) + 1 + digits(record->count)
         + 1;
}

static uint8_t *write_escaped(uint8_t *at, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        unsigned shown = shown_bytes(bytes, len, i);
        if (shown > 1)
            *at++ = '\\';
        if (shown == 4) {
            *at++ = 'x';
            *at++ = (uint8_t)hex[bytes[i] >> 4];
            *at++ = (uint8_t)hex[bytes[i] & 15];
        } else {
            *at++ = bytes[i];
        }
    }
    return at;
}

uint8_t *line_write_key(uint8_t *at, const uint8_t *bytes, size_t len, bool escape)
{
    if (escape)
        return write_escaped(at, bytes, len);
    memcpy(at, bytes, len);
    return at + len;
}

uint8_t *line_write(uint8_t *at, const struct record *record, bool escape)
{
    if (escape) {
        at = write_escaped(at, record_bytes(record), record->len);
    } else if (!record->bytes) {
        memcpy(at, &record->key, 16); /* whatever the length: such a copy has no branch */
        at += record->len;
    } else {
        memcpy(at, record->bytes, record->len);
        at += record->len;
    }
    *at++ = '\t';
    uint64_t count = record->count;
    uint8_t *end = at + digits(count);
    for (uint8_t *digit = end; digit > at; count /= 10)
        *--digit = (uint8_t)('0' + count % 10);
    *end++ = '\n';
    return end;
}
