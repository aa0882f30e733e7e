/* SPDX-License-Identifier: BSD-3-Clause */
/* redraw: a line on the terminal of standard error that is drawn anew again and again. There is but
 * one, so what is drawn is known to all of the process. */
#ifndef REDRAW_H
#define REDRAW_H

#include <stdbool.h>

/* Local. Whether standard error is a terminal; whether standard output is one, too. */
bool redraw_possible(void);
bool redraw_meets_output(void);

/* Local. Draws this text, up to its newline, over the one before, as far as it fits the width of
 * the terminal, see text/plain.h. */
void redraw_show(const char *text);

/* Local. Before anything else is written there: the line is gone. */
void redraw_erase(void);

#endif
