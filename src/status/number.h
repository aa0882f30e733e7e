/* SPDX-License-Identifier: BSD-3-Clause */
/* number: numbers as people write them. Those with a unit have a space before it that no line is
 * broken at. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

enum { NUMBER_BYTES = 32 };

/* Local. 1234567 as `1,234,567`; returns text. */
char *number_grouped(char text[NUMBER_BYTES], uint64_t number);

/* Local. A size, `12.3 MiB`; returns text. */
char *number_size(char text[NUMBER_BYTES], double bytes);

/* Local. How long something takes, `0.250 s`, `12.3 s`, `4 min 12 s` or `3 h 05 min`; returns text.
 */
char *number_time(char text[NUMBER_BYTES], double seconds);

/* Local. What a noun of so many ends with. */
static inline const char *number_plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

#endif
