/* SPDX-License-Identifier: BSD-3-Clause */
/* utf8: which bytes are one character of UTF-8 (RFC 3629), which one, and the bytes of a character.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Local. The length of the sequence that `bytes` begin with, 1 to 4, and its character; 0 if it is
 * none: cut off at `len`, longer than it need be, a surrogate, or beyond U+10FFFF. */
static inline size_t utf8_read(const uint8_t *bytes, size_t len, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t first = bytes[0];
    const size_t need = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    *character = first;
    if (need == 1)
        return 1;
    if (first < 0xc0 || first >= 0xf8 || need > len)
        return 0;
    uint32_t code = first & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (bytes[i] & 0x3fu);
    }
    *character = code;
    return code < least[need] || code > 0x10ffff || code >> 11 == 0x1b ? 0 : need;
}

/* Local. Its length alone. */
static inline size_t utf8_sequence(const uint8_t *bytes, size_t len)
{
    uint32_t character;
    return utf8_read(bytes, len, &character);
}

/* Local. Writes the character `code`, 1 to 4 bytes; returns the end. */
static inline uint8_t *utf8_write(uint8_t *at, uint32_t code)
{
    if (code < 0x80) {
        *at++ = (uint8_t)code;
    } else if (code < 0x800) {
        *at++ = (uint8_t)(0xc0 | code >> 6);
        *at++ = (uint8_t)(0x80 | (code & 0x3f));
    } else {
        if (code < 0x10000) {
            *at++ = (uint8_t)(0xe0 | code >> 12);
        } else {
            *at++ = (uint8_t)(0xf0 | code >> 18);
            *at++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
        }
        *at++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
        *at++ = (uint8_t)(0x80 | (code & 0x3f));
    }
    return at;
}

#endif
