/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings of JSON: plain stretches by the vector, and escapes one by one.
 *
 * A vector is copied before it is known how much of it is plain: the next copy writes over what is
 * not. A string that is decoded is never longer than it was, so whoever has room for the one and a
 * vector has room for the other. */
#include "text/json_string.h"

#include "text/json_stop.h"
#include "text/utf8.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))

enum { NO_CODE = 0x110000, REPLACEMENT = 0xfffd };

static const char ends[] = "the record ends within a string";

/* What four hexadecimal digits are, or NO_CODE. */
static inline uint32_t four_digits(const uint8_t *bytes)
{
    enum { IS = 0x80 }; /* marks a digit */
    static const uint8_t digits[256] = {
        ['0'] = IS,      ['1'] = IS | 1,  ['2'] = IS | 2,  ['3'] = IS | 3,  ['4'] = IS | 4,
        ['5'] = IS | 5,  ['6'] = IS | 6,  ['7'] = IS | 7,  ['8'] = IS | 8,  ['9'] = IS | 9,
        ['a'] = IS | 10, ['b'] = IS | 11, ['c'] = IS | 12, ['d'] = IS | 13, ['e'] = IS | 14,
        ['f'] = IS | 15, ['A'] = IS | 10, ['B'] = IS | 11, ['C'] = IS | 12, ['D'] = IS | 13,
        ['E'] = IS | 14, ['F'] = IS | 15};
    uint8_t a = digits[bytes[0]], b = digits[bytes[1]], c = digits[bytes[2]], d = digits[bytes[3]];
    if (!(a & b & c & d & IS))
        return NO_CODE;
    return (a & 15u) << 12 | (b & 15u) << 8 | (c & 15u) << 4 | (d & 15u);
}

/* What a surrogate means: with the one behind it a character beyond U+FFFF, which leaves *at behind
 * both, and alone nothing. */
static uint32_t pair(const uint8_t *bytes, size_t len, size_t *at, uint32_t first)
{
    const uint8_t *next = bytes + *at;
    if (first >> 10 != 0xd800 >> 10 || *at + 6 > len || next[0] != '\\' || next[1] != 'u')
        return REPLACEMENT;
    uint32_t second = four_digits(next + 2);
    if (second >> 10 != 0xdc00 >> 10)
        return REPLACEMENT;
    *at += 6;
    return 0x10000 + ((first & 0x3ff) << 10 | (second & 0x3ff));
}

/* Reads the escape whose backslash is at bytes[*at]; *text is NULL if it is only checked. */
static ALWAYS_INLINE const char *escape(const uint8_t *bytes, size_t len, size_t *at,
                                        uint8_t **text)
{
    static const uint8_t meant[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                       ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    const size_t left = len - *at; /* of nothing but a backslash: too little, like half a \u */
    const uint8_t letter = left > 1 ? bytes[*at + 1] : 'u', byte = meant[letter];
    if (byte) {
        *at += 2;
        if (*text)
            *(*text)++ = byte;
        return NULL;
    }
    if (letter != 'u')
        return "no such escape";
    if (left < 6) {
        *at = len;
        return ends;
    }
    uint32_t code = four_digits(bytes + *at + 2);
    if (code == NO_CODE)
        return "\\u without four hexadecimal digits";
    *at += 6;
    if (!*text)
        return NULL;
    if (code >> 11 == 0xd800 >> 11)
        code = pair(bytes, len, at, code);
    *text = utf8_write(*text, code);
    return NULL;
}

/* Reads bytes up to the next that is not plain, or until `len` is reached or passed. */
static ALWAYS_INLINE size_t plain(const uint8_t *bytes, size_t len, size_t at, uint8_t **text)
{
    for (; at < len; at += JSON_STOP_BYTES) {
        uint32_t stop = json_stop(bytes + at);
        if (*text)
            memcpy(*text, bytes + at, JSON_STOP_BYTES);
        if (stop) {
            size_t before = (size_t)__builtin_ctz(stop);
            if (*text)
                *text += before;
            return at + before;
        }
        if (*text)
            *text += JSON_STOP_BYTES;
    }
    return at;
}

static ALWAYS_INLINE const char *string(const uint8_t *bytes, size_t len, size_t *at,
                                        uint8_t **text)
{
    for (;;) {
        *at = plain(bytes, len, *at, text);
        if (*at >= len) {
            *at = len;
            return ends;
        }
        if (bytes[*at] == '"') {
            ++*at;
            return NULL;
        }
        if (bytes[*at] != '\\')
            return "a control character in a string";
        const char *cause = escape(bytes, len, at, text);
        if (cause)
            return cause;
    }
}

const char *json_string_skip(const uint8_t *bytes, size_t len, size_t *at)
{
    uint8_t *nowhere = NULL;
    return string(bytes, len, at, &nowhere);
}

const char *json_string_copy(const uint8_t *bytes, size_t len, size_t *at, uint8_t *text,
                             size_t *text_len)
{
    uint8_t *end = text;
    const char *cause = string(bytes, len, at, &end);
    *text_len = (size_t)(end - text);
    return cause;
}
