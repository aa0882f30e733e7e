/* SPDX-License-Identifier: BSD-3-Clause */
/* The page, from numbers that are made up. */
#include "status/page.h"

#include "told.h"

static struct told told;

static void it_renews_itself_while_the_run_lives(void **state)
{
    (void)state;
    told_make(&told);
    assert_non_null(
        strstr(told_by(&told, page_write), "\n<meta http-equiv=\"refresh\" content=\"2\"/>\n"));
    told.snapshot.state = SNAPSHOT_DONE;
    assert_null(strstr(told_by(&told, page_write), "http-equiv"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_renews_itself_while_the_run_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
