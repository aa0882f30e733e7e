/* SPDX-License-Identifier: BSD-3-Clause */
/* plain: text of unknown origin as a part of one line for people: a `?` stands for each character
 * that a terminal would obey or that nobody would see, and for each byte that is no UTF-8. A
 * no-break space is a space. */
#ifndef PLAIN_H
#define PLAIN_H

#include <stddef.h>

enum { PLAIN_GROWTH = 4 }; /* bytes at most that are written for a column */

/* Local. Writes the text as far as it fits the columns of a terminal, and a NUL; where something is
 * left out it ends with `...`. `into` has room for PLAIN_GROWTH * columns + 1 bytes. Returns how
 * many columns it takes: wide characters take two. */
int plain_write(char *into, const void *text, size_t len, int columns);

#endif
