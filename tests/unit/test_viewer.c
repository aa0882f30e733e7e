/* SPDX-License-Identifier: BSD-3-Clause */
/* What a viewer shows of a screen. On a terminal it is tried in cli/a-run-is-watched. */
#include "status/viewer.h"

#include "world_in_folder.h"

static char said[4096];
static int shown_status;

static const char *drawn(const char *screen, int rows, int columns)
{
    FILE *file = fmemopen(said, sizeof said, "w");
    assert_non_null(file);
    viewer_draw(file, screen, strlen(screen), "below", rows, columns);
    assert_int_equal(fclose(file), 0);
    return said;
}

static void a_screen_is_cut_to_the_terminal(void **state)
{
    (void)state;
    assert_string_equal(drawn("one\ntwo\n", 24, 80),
                        "\x1b[Hone\x1b[K\r\ntwo\x1b[K\r\nbelow\x1b[K\x1b[J");
    assert_string_equal(drawn("one\ntwo\n", 2, 4), "\x1b[Hone\x1b[K\r\nb...\x1b[K\x1b[J");
    assert_string_equal(drawn("no end", 9, 9), "\x1b[Hno end\x1b[K\r\nbelow\x1b[K\x1b[J");
    assert_string_equal(drawn("\x1b[2Jx\n", 9, 9), "\x1b[H?[2Jx\x1b[K\r\nbelow\x1b[K\x1b[J");
}

static void old_news_are_said_to_be(void **state)
{
    (void)state;
    char text[VIEWER_TEXT_BYTES];
    assert_string_equal(viewer_age(text, 0, 0), "written 0 s ago");
    assert_string_equal(viewer_age(text, VIEWER_PATIENCE_S, 0), "written 10 s ago");
    assert_string_equal(viewer_age(text, 24, 12), "written 24 s ago");
    assert_string_equal(viewer_age(text, 25, 12),
                        "no news for 25 s: the run or the folder does not answer");
    assert_string_equal(viewer_age(text, VIEWER_PATIENCE_S + 1, 2),
                        "no news for 11 s: the run or the folder does not answer");
}

/* What it writes to a file. */
static const char *shown_of(struct world *world, const char *screen)
{
    FILE *file = fmemopen(said, sizeof said, "w");
    assert_non_null(file);
    folder_put("screen", screen, strlen(screen));
    assert_true(viewer_run(folder_path("screen"), file, &shown_status, &world->fail));
    assert_int_equal(fclose(file), 0);
    return said;
}

static void the_status_is_that_of_the_run(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *line;
        int status;
    } rows[] = {{"done in 1 s", FAIL_NONE},
                {"done but for 2 tasks, in 1 s", FAIL_TASKS},
                {"wound down after 1 s: why", FAIL_WOUND_DOWN},
                {"failed after 1 s: why", FAIL_OTHER},
                {"lost: ended without a word", FAIL_OTHER}};
    for (size_t i = 0; i < LEN(rows); i++) {
        char screen[100];
        snprintf(screen, sizeof screen, "wc: words\n%s\nlast\n", rows[i].line);
        assert_string_equal(shown_of(world, screen), screen);
        assert_int_equal(shown_status, rows[i].status);
    }
}

static void what_is_no_screen_is_refused(void **state)
{
    struct world *world = *state;
    static const char *const texts[] = {"", "one line", "a\nb\nc\n", "running for 1 s\n\n"};
    for (size_t i = 0; i < LEN(texts); i++) {
        folder_put("screen", texts[i], strlen(texts[i]));
        assert_false(viewer_run(folder_path("screen"), stdout, &shown_status, &world->fail));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text, "/screen: is no status of a run"));
        world->fail = (struct fail){0};
    }
    assert_false(viewer_run(folder_path("none"), stdout, &shown_status, &world->fail));
    assert_non_null(strstr(world->fail.text, "/none: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_screen_is_cut_to_the_terminal),
        cmocka_unit_test(old_news_are_said_to_be),
        folder_test(the_status_is_that_of_the_run),
        folder_test(what_is_no_screen_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
