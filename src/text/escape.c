/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that are shown, and bytes that are named. */
#include "text/escape.h"

#include <stdlib.h>
#include <string.h>

/* How a byte is shown: itself, \\ or \xNN. The two bytes of the control characters U+0080 to U+009F
 * are shown as two escapes. */
static unsigned shown_bytes(const uint8_t *bytes, size_t len, size_t i)
{
    uint8_t byte = bytes[i];
    bool first = byte == 0xc2 && i + 1 < len && bytes[i + 1] >= 0x80 && bytes[i + 1] < 0xa0;
    bool second = i > 0 && bytes[i - 1] == 0xc2 && byte >= 0x80 && byte < 0xa0;
    if (byte < 0x20 || byte == 0x7f || first || second)
        return ESCAPE_GROWTH;
    return byte == '\\' ? 2 : 1;
}

size_t escape_bytes(const uint8_t *bytes, size_t len)
{
    size_t shown = 0;
    for (size_t i = 0; i < len; i++)
        shown += shown_bytes(bytes, len, i);
    return shown;
}

uint8_t *escape_write(uint8_t *at, const uint8_t *bytes, size_t len)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        unsigned shown = shown_bytes(bytes, len, i);
        if (shown > 1)
            *at++ = '\\';
        if (shown == ESCAPE_GROWTH) {
            *at++ = 'x';
            *at++ = (uint8_t)hex[bytes[i] >> 4];
            *at++ = (uint8_t)hex[bytes[i] & 15];
        } else {
            *at++ = bytes[i];
        }
    }
    return at;
}

bool escape_parse(const char *text, uint8_t *byte)
{
    static const char letters[] = "abfnrtv\\0", meant[] = "\a\b\f\n\r\t\v\\\0";
    const char *letter;
    char *end = NULL;
    if (text[0] != '\0' && text[1] == '\0') {
        *byte = (uint8_t)text[0];
    } else if (text[0] == '\\' && text[1] == 'x' && strspn(text + 2, "0123456789abcdefABCDEF") == 2
               && text[4] == '\0') {
        *byte = (uint8_t)strtoul(text + 2, &end, 16);
    } else {
        if (text[0] != '\\' || !text[1] || text[2] || !(letter = strchr(letters, text[1])))
            return false;
        *byte = (uint8_t)meant[letter - letters];
    }
    return *byte != '\n';
}
