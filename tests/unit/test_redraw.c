/* SPDX-License-Identifier: BSD-3-Clause */
/* A line that is drawn again and again, on a terminal that is a pair of ends here. */
#include "status/redraw.h"

#include "check.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static int terminal, kept;

/* Standard error is a terminal of so many columns. */
static void open_terminal(unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    struct termios raw = {0};
    int end;
    cfmakeraw(&raw);
    assert_int_equal(openpty(&terminal, &end, NULL, &raw, &size), 0);
    kept = dup(STDERR_FILENO);
    dup2(end, STDERR_FILENO);
    close(end);
}

/* What was drawn since. */
static const char *drawn(void)
{
    static char text[256];
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    const ssize_t got = read(terminal, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void close_terminal(void)
{
    dup2(kept, STDERR_FILENO);
    close(kept);
    close(terminal);
}

static void columns_are_erased_and_not_bytes(void **state)
{
    (void)state;
    open_terminal(80);
    redraw_show("h\xc3\xa4h\xc3\xa4 \xe6\xb0\xb4");
    assert_string_equal(drawn(), "\rh\xc3\xa4h\xc3\xa4 \xe6\xb0\xb4\r");
    redraw_show("a\x1b[2J");
    assert_string_equal(drawn(), "\ra?[2J  \r");
    redraw_erase();
    assert_string_equal(drawn(), "\r     \r");
    close_terminal();
}

static void a_line_is_drawn_over_the_one_before_and_erased(void **state)
{
    (void)state;
    open_terminal(12);
    assert_true(redraw_possible());
    redraw_show("map: 3 s left\n");
    assert_string_equal(drawn(), "\rmap: 3 s...\r");
    redraw_show("sort\n");
    assert_string_equal(drawn(), "\rsort       \r");
    redraw_erase();
    assert_string_equal(drawn(), "\r    \r");
    redraw_erase();
    assert_string_equal(drawn(), "");
    close_terminal();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_erased_and_not_bytes),
        cmocka_unit_test(a_line_is_drawn_over_the_one_before_and_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
