/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that are shown, and bytes that are named. */
#include "text/escape.h"

#include "text/utf8.h"

#include <stdlib.h>
#include <string.h>

/* What cannot be seen of Unicode 16: the general categories Cf (format), Zs, Zl and Zp (blanks),
 * but for the space, and what has the property Default_Ignorable_Code_Point. The table is here
 * because a result must not depend on which version of a library a host has. */
static const struct {
    uint32_t first, last;
} unseen[] = {
    {0xa0, 0xa0},       {0xad, 0xad},       {0x34f, 0x34f},     {0x600, 0x605},
    {0x61c, 0x61c},     {0x6dd, 0x6dd},     {0x70f, 0x70f},     {0x890, 0x891},
    {0x8e2, 0x8e2},     {0x115f, 0x1160},   {0x1680, 0x1680},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x2000, 0x200f},   {0x2028, 0x202f},   {0x205f, 0x206f},
    {0x3000, 0x3000},   {0x3164, 0x3164},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
    {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool escape_unseen(uint32_t character)
{
    size_t i = 0;
    while (i < sizeof unseen / sizeof *unseen && unseen[i].last < character)
        i++;
    return i < sizeof unseen / sizeof *unseen && unseen[i].first <= character;
}

/* How many bytes are shown alike, and whether each is \xNN. */
struct shown {
    size_t len;
    bool hex;
};

static struct shown show(const uint8_t *bytes, size_t len, enum escape escape)
{
    uint32_t character;
    const size_t sequence = utf8_read(bytes, len, &character);
    if (sequence == 0)
        return (struct shown){1, escape == ESCAPE_ALL};
    return (struct shown){sequence, escape_controls(character)
                                        || (escape == ESCAPE_ALL && escape_unseen(character))};
}

size_t escape_bytes(const uint8_t *bytes, size_t len, enum escape escape)
{
    size_t total = 0;
    for (size_t i = 0; i < len;) {
        const struct shown shown = show(bytes + i, len - i, escape);
        total += shown.hex ? shown.len * ESCAPE_GROWTH : shown.len + (bytes[i] == '\\');
        i += shown.len;
    }
    return total;
}

uint8_t *escape_write(uint8_t *at, const uint8_t *bytes, size_t len, enum escape escape)
{
    static const char hex[] = "0123456789abcdef";
    for (size_t i = 0; i < len;) {
        const struct shown shown = show(bytes + i, len - i, escape);
        for (const size_t end = i + shown.len; i < end; i++) {
            if (shown.hex || bytes[i] == '\\')
                *at++ = '\\';
            if (shown.hex) {
                *at++ = 'x';
                *at++ = (uint8_t)hex[bytes[i] >> 4];
                *at++ = (uint8_t)hex[bytes[i] & 15];
            } else {
                *at++ = bytes[i];
            }
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
