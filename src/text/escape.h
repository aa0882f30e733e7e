/* SPDX-License-Identifier: BSD-3-Clause */
/* escape: bytes that a terminal would act upon or that nobody would see, shown as \xNN, and a byte
 * read from such a form. */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ESCAPE_GROWTH = 4 }; /* bytes at most that are written for one */

/* What is shown as \xNN, byte by byte. A backslash is two then. */
enum escape {
    ESCAPE_NONE,
    ESCAPE_CONTROL, /* control characters */
    ESCAPE_ALL      /* and what cannot be seen, and what is not UTF-8 */
};

/* Local. Whether it is a control character. */
static inline bool escape_controls(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

/* Local. Whether a character cannot be seen: it is a blank other than the space, a mark of format,
 * such as of direction, or nothing is drawn for it. */
bool escape_unseen(uint32_t character);

/* Local. How long `bytes` are when shown; `escape` is not ESCAPE_NONE. */
size_t escape_bytes(const uint8_t *bytes, size_t len, enum escape escape);

/* Local. Writes them as they are shown; returns the end. */
uint8_t *escape_write(uint8_t *at, const uint8_t *bytes, size_t len, enum escape escape);

/* Local. The one byte that `text` is or stands for: itself, \xNN, or a letter's escape as in C.
 * False when it is none, or a newline. */
bool escape_parse(const char *text, uint8_t *byte);

#endif
