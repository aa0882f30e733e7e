/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that does nothing. How wide a character is depends on the terminal: the ranges here are
 * those that nearly all show two columns wide. A mark that stands above a letter counts as a
 * column, so that many of them are cut as well. */
#include "text/plain.h"

#include "text/escape.h"
#include "text/utf8.h"

#include <stdbool.h>
#include <string.h>

static bool is_wide(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},   {0xac00, 0xd7a3},
                {0xf900, 0xfaff},   {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
                {0x16fe0, 0x18aff}, {0x1b000, 0x1b2ff}, {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};
    bool found = false;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        found |= wide[i].first <= character && character <= wide[i].last;
    return found;
}

/* One character, or a byte that is none. */
struct piece {
    size_t len;
    int columns;
    char instead; /* what is shown; NUL: itself */
};

static struct piece next(const uint8_t *bytes, size_t len)
{
    uint32_t character;
    const size_t sequence = utf8_read(bytes, len, &character);
    if (sequence > 0 && character == 0xa0)
        return (struct piece){sequence, 1, ' '};
    if (sequence == 0 || escape_controls(character) || escape_unseen(character))
        return (struct piece){sequence ? sequence : 1, 1, '?'};
    return (struct piece){sequence, 1 + is_wide(character), '\0'};
}

/* How much of it fits. */
static size_t fitting(const uint8_t *bytes, size_t len, int columns)
{
    size_t at = 0;
    while (at < len) {
        const struct piece piece = next(bytes + at, len - at);
        if (piece.columns > columns)
            break;
        columns -= piece.columns;
        at += piece.len;
    }
    return at;
}

int plain_write(char *into, const void *text, size_t len, int columns)
{
    enum { DOTS = 3 };
    const uint8_t *bytes = text;
    const bool cut = fitting(bytes, len, columns) < len;
    const int dots = !cut ? 0 : columns < DOTS ? columns : DOTS;
    const size_t end = cut ? fitting(bytes, len, columns - dots) : len;
    int used = dots;
    for (size_t at = 0; at < end;) {
        const struct piece piece = next(bytes + at, len - at);
        memcpy(into, piece.instead ? &piece.instead : (const char *)bytes + at,
               piece.instead ? 1 : piece.len);
        into += piece.instead ? 1 : piece.len;
        used += piece.columns;
        at += piece.len;
    }
    memset(into, '.', (size_t)dots);
    into[dots] = '\0';
    return used;
}
