/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of names of files: where a name ends, and what a list may name. */
#include "listed.h"

/* Writes a list of names of the folder, with `mark` for each end; an empty name stays empty. */
static const char *put_list(const char *const *names, size_t len, char mark, bool last_mark)
{
    char list[PATH_MAX];
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        used += (size_t)sprintf(list + used, "%s", names[i][0] ? folder_path(names[i]) : "");
        list[used++] = mark;
    }
    return folder_put("list", list, used - !last_mark);
}

static void names_in_a_list_end_with_newline_or_nul(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"one", "", "two words", "", "", "-three"};
    static const char *const expected[] = {"one", "two words", "-three"};
    for (size_t i = 0; i < LEN(expected); i++)
        put_text(expected[i], "word");
    for (int i = 0; i < 4; i++) {
        struct catalog catalog;
        bool nul = i / 2;
        catalog_init(&catalog, &world->mem);
        const char *list = put_list(names, LEN(names), nul ? '\0' : '\n', i % 2);
        if (!catalog_add_list(&catalog, list, nul, false, &world->fail))
            fail_msg("%s-ended list, %s end: %s", nul ? "NUL" : "newline",
                     i % 2 ? "with last" : "no last", world->fail.text);
        check_names(&catalog, expected, LEN(expected));
        catalog_free(&catalog);
    }
}

static void a_newline_in_a_name_needs_a_nul_ended_list(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"two\nlines"};
    struct catalog catalog;
    put_text(names[0], "word");
    catalog_init(&catalog, &world->mem);
    const char *list = put_list(names, 1, '\0', true);
    assert_false(catalog_add_list(&catalog, list, false, false, &world->fail));
    world->fail = (struct fail){0};
    assert_true(catalog_add_list(&catalog, list, true, false, &world->fail));
    check_names(&catalog, names, 1);
    catalog_free(&catalog);
}

static void a_list_may_name_folders_and_fails_as_names_do(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {"top"}, *const expected[] = {"top/a", "top/b"};
    struct catalog catalog;
    make_folder("top");
    put_text("top/b", "");
    put_text("top/a", "");
    catalog_init(&catalog, &world->mem);
    const char *list = put_list(names, 1, '\n', true);
    assert_true(catalog_add_list(&catalog, list, false, true, &world->fail));
    check_names(&catalog, expected, 2);
    assert_false(catalog_add_list(&catalog, list, false, false, &world->fail));
    assert_non_null(strstr(world->fail.text, "is a folder"));
    world->fail = (struct fail){0};
    assert_false(catalog_add_list(&catalog, folder_path("nowhere"), false, false, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    catalog_free(&catalog);
}

static void an_empty_list_names_nothing(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add_list(&catalog, folder_put("list", "", 0), false, false, &world->fail));
    assert_true(
        catalog_add_list(&catalog, folder_put("list", "\n\n", 2), false, false, &world->fail));
    assert_true(catalog_add_list(&catalog, "/dev/null", true, false, &world->fail));
    assert_int_equal(catalog.len, 0);
    catalog_free(&catalog);
}

static void a_byte_order_mark_is_no_part_of_the_first_name(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    char list[2 * PATH_MAX];
    put_text("a", "text");
    put_text(
        "\xef\xbb\xbf"
        "b",
        "text");
    snprintf(list, sizeof list, "\xef\xbb\xbf%s\n%s\n", folder_path("a"),
             folder_path("\xef\xbb\xbf"
                         "b"));
    put_text("list", list);
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add_list(&catalog, folder_path("list"), false, false, &world->fail));
    check_names(&catalog,
                (const char *const[]){"a",
                                      "\xef\xbb\xbf"
                                      "b"},
                2);
    catalog_free(&catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(names_in_a_list_end_with_newline_or_nul),
        folder_test(a_newline_in_a_name_needs_a_nul_ended_list),
        folder_test(a_list_may_name_folders_and_fails_as_names_do),
        folder_test(an_empty_list_names_nothing),
        folder_test(a_byte_order_mark_is_no_part_of_the_first_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
