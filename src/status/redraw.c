/* SPDX-License-Identifier: BSD-3-Clause */
/* Nothing but carriage returns and blanks is needed of a terminal. The cursor waits in the first
 * column: what others write begins a line. */
#include "status/redraw.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 80, COLUMNS_MAX = 500 };

static unsigned drawn; /* columns */

bool redraw_possible(void)
{
    return isatty(STDERR_FILENO);
}

bool redraw_meets_output(void)
{
    return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
}

/* The last one stays free: some terminals begin a new line behind it. */
static unsigned width(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        return COLUMNS - 1;
    return size.ws_col < COLUMNS_MAX ? size.ws_col - 1 : COLUMNS_MAX;
}

unsigned redraw_fit(const char *text, unsigned columns)
{
    unsigned at = 0, used = 0;
    for (; text[at] && text[at] != '\n'; at++) {
        used += ((unsigned char)text[at] & 0xc0) != 0x80; /* a character of UTF-8 begins */
        if (used > columns)
            break;
    }
    return at;
}

void redraw_show(const char *text)
{
    const unsigned len = redraw_fit(text, width()), before = drawn;
    drawn = len;
    fprintf(stderr, "\r%.*s%*s\r", (int)len, text, before > len ? (int)(before - len) : 0, "");
    fflush(stderr);
}

void redraw_erase(void)
{
    if (drawn > 0)
        fprintf(stderr, "\r%*s\r", (int)drawn, "");
    drawn = 0;
}
