/* SPDX-License-Identifier: BSD-3-Clause */
/* Nothing but carriage returns and blanks is needed of a terminal. The cursor waits in the first
 * column: what others write begins a line. */
#include "status/redraw.h"

#include "text/plain.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 80, COLUMNS_MAX = 500 };

static int drawn; /* columns */

bool redraw_possible(void)
{
    return isatty(STDERR_FILENO);
}

bool redraw_meets_output(void)
{
    return isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
}

/* The last one stays free: some terminals begin a new line behind it. */
static int width(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2)
        return COLUMNS - 1;
    return size.ws_col < COLUMNS_MAX ? size.ws_col - 1 : COLUMNS_MAX;
}

void redraw_show(const char *text)
{
    char shown[PLAIN_GROWTH * COLUMNS_MAX + 1];
    const int before = drawn;
    drawn = plain_write(shown, text, strcspn(text, "\n"), width());
    fprintf(stderr, "\r%s%*s\r", shown, before > drawn ? before - drawn : 0, "");
    fflush(stderr);
}

void redraw_erase(void)
{
    if (drawn > 0)
        fprintf(stderr, "\r%*s\r", drawn, "");
    drawn = 0;
}
