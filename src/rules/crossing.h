/* SPDX-License-Identifier: BSD-3-Clause */
/* crossing: whether a regular expression finds in a whole text what it finds in its chunks. */
#ifndef CROSSING_H
#define CROSSING_H

#include <stdbool.h>

/* Local. Whether it may find others, judged by the text of the pattern: false only if all that it
 * is made of is known to match no ASCII blank, and to see no difference between a blank beside it
 * and the end of the text. */
bool crossing_possible(const char *pattern);

#endif
