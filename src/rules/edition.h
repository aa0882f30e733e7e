/* SPDX-License-Identifier: BSD-3-Clause */
/* edition: by which versions of Unicode and of libraries words are made. */
#ifndef EDITION_H
#define EDITION_H

#include <stddef.h>

/* Local. The version of Unicode that libunistring has, as "14.0": the newest of which it knows a
 * character. */
const char *edition_of_properties(void);

/* Local. Writes all of them, in a line, into text of `size` bytes. */
void edition_describe(char *text, size_t size);

#endif
