/* SPDX-License-Identifier: BSD-3-Clause */
/* The input files, found and measured. */
#include "listed.h"

static void a_file_has_its_size_and_a_stream_has_none(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    put_text("text", "twelve bytes");
    put_text("empty", "");
    assert_int_equal(mkfifo(folder_path("pipe"), 0666), 0);
    const struct {
        const char *path;
        uint64_t bytes;
        bool stream;
    } rows[] = {
        {folder_path("text"), 12, false},
        {folder_path("empty"), 0, false},
        {folder_path("pipe"), 0, true},
        {"-", 0, true},
        {"/dev/null", 0, true},
        {"/proc/self/status", 0, true}, /* a size of 0, but bytes */
    };
    catalog_init(&catalog, &world->mem);
    for (size_t i = 0; i < LEN(rows); i++)
        assert_true(catalog_add(&catalog, rows[i].path, false, &world->fail));
    assert_int_equal(catalog.len, LEN(rows));
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_string_equal(catalog_name(&catalog, i), rows[i].path);
        assert_int_equal(catalog.files[i].bytes, rows[i].bytes);
        assert_int_equal(catalog.files[i].stream, rows[i].stream);
    }
    assert_int_equal(catalog_bytes(&catalog), 12);
    catalog_free(&catalog);
    catalog_free(&catalog);
}

static void what_is_below_a_folder_comes_in_the_order_of_its_names(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    static const char *const expected[] = {"top/B",      "top/a", "top/a.txt",   "top/deep/er/x",
                                           "top/deep/y", "top/z", "top/\xc3\xa9"};
    make_folder("top");
    make_folder("top/deep");
    make_folder("top/deep/er");
    make_folder("top/empty");
    for (size_t i = LEN(expected); i-- > 0;)
        put_text(expected[i], "word");
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add(&catalog, folder_path("top"), true, &world->fail));
    check_names(&catalog, expected, LEN(expected));
    assert_int_equal(catalog_bytes(&catalog), 4 * LEN(expected));
    catalog_free(&catalog);
}

static void links_are_followed_when_named_and_skipped_below_a_folder(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    static const char *const expected[] = {"link", "dirlink/text"};
    make_folder("top");
    put_text("top/text", "some words");
    make_link("../top/text", "top/loop");
    make_link("nowhere", "top/dangling");
    make_link("..", "top/up");
    assert_int_equal(mkfifo(folder_path("top/pipe"), 0666), 0);
    make_link("top/text", "link");
    make_link("top", "dirlink");
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add(&catalog, folder_path("link"), false, &world->fail));
    assert_true(catalog_add(&catalog, folder_path("dirlink"), true, &world->fail));
    check_names(&catalog, expected, LEN(expected));
    assert_int_equal(catalog.files[0].bytes, 10);
    assert_true(catalog.files[0].inode == catalog.files[1].inode
                && catalog.files[0].device == catalog.files[1].device);
    catalog_free(&catalog);
}

static void a_file_named_twice_is_there_twice(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    put_text("text", "word");
    catalog_init(&catalog, &world->mem);
    for (int i = 0; i < 2; i++)
        assert_true(catalog_add(&catalog, folder_path("text"), false, &world->fail));
    assert_int_equal(catalog.len, 2);
    assert_int_equal(catalog_bytes(&catalog), 8);
    catalog_free(&catalog);
}

/* Each makes one failure, FAIL_INPUT, with the name in it; nothing is lost. */
static void what_cannot_be_read_is_a_failure_that_names_it(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *name, *cause;
        bool recursive;
    } rows[] = {
        {"nowhere", "No such file", false},
        {"nowhere", "No such file", true},
        {"top", "is a folder", false},
        {"dangling", "No such file", false},
        {"text/below", "Not a directory", false},
    };
    make_folder("top");
    put_text("text", "");
    make_link("nothing", "dangling");
    for (size_t i = 0; i < LEN(rows); i++) {
        struct catalog catalog;
        world->fail = (struct fail){0};
        catalog_init(&catalog, &world->mem);
        assert_false(
            catalog_add(&catalog, folder_path(rows[i].name), rows[i].recursive, &world->fail));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text, rows[i].name));
        assert_non_null(strstr(world->fail.text, rows[i].cause));
        catalog_free(&catalog);
    }
}

/* Root may read everything, so the test is somebody else for a moment. */
static void a_file_or_folder_without_permission_is_a_failure(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    bool root = geteuid() == 0, added[2];
    struct fail fails[2] = {{0}, {0}};
    assert_int_equal(chmod(folder_name, 0755), 0);
    make_folder("top");
    make_folder("top/closed");
    put_text("secret", "word");
    assert_int_equal(chmod(folder_path("secret"), 0), 0);
    assert_int_equal(chmod(folder_path("top/closed"), 0), 0);
    catalog_init(&catalog, &world->mem);
    assert_true(!root || seteuid(65534) == 0);
    added[0] = catalog_add(&catalog, folder_path("secret"), false, &fails[0]);
    added[1] = catalog_add(&catalog, folder_path("top"), true, &fails[1]);
    assert_true(!root || seteuid(0) == 0);
    assert_int_equal(chmod(folder_path("top/closed"), 0700), 0);
    for (int i = 0; i < 2; i++) {
        assert_false(added[i]);
        assert_int_equal(fails[i].code, FAIL_INPUT);
        assert_non_null(
            strstr(fails[i].text, i ? "closed: Permission denied" : "secret: Permission denied"));
    }
    catalog_free(&catalog);
}

static void with_a_filter_any_name_will_do_and_none_weighs_nothing(void **state)
{
    struct world *world = *state;
    struct filter filter = {.command = "cat"};
    struct catalog catalog;
    const char *const names[] = {"-n", "s3://bucket/key", folder_put("zip", "PK\3\4", 4),
                                 folder_put("empty", "", 0)};
    make_folder("top");
    put_text("top/file", "word");
    catalog_init(&catalog, &world->mem);
    catalog.filter = &filter;
    for (size_t i = 0; i < LEN(names); i++)
        assert_true(catalog_add(&catalog, names[i], false, &world->fail));
    assert_true(catalog_add(&catalog, folder_path("top"), true, &world->fail));
    assert_int_equal(catalog.len, LEN(names) + 1);
    assert_string_equal(catalog_name(&catalog, LEN(names)), folder_path("top/file"));
    for (size_t i = 0; i < catalog.len; i++) {
        const struct catalog_file *file = &catalog.files[i];
        assert_true(file->filter == &filter && file->encoded && !file->stream && file->bytes > 0);
    }
    assert_int_equal(catalog.files[2].bytes, catalog.files[3].bytes + 4);
    assert_false(catalog_add(&catalog, "-", false, &world->fail));
    assert_int_equal(world->fail.code, FAIL_USAGE);
    world->fail = (struct fail){0};
    assert_false(catalog_add(&catalog, folder_path("top"), false, &world->fail));
    assert_non_null(strstr(world->fail.text, "is a folder"));
    catalog_free(&catalog);
}

static void ten_thousand_files_keep_their_order(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    put_text("text", "abc");
    make_link("text", "link");
    catalog_init(&catalog, &world->mem);
    for (int i = 0; i < 10000; i++)
        assert_true(
            catalog_add(&catalog, folder_path(i % 3 ? "text" : "link"), false, &world->fail));
    for (int i = 0; i < 10000; i++)
        assert_string_equal(catalog_name(&catalog, (size_t)i),
                            folder_path(i % 3 ? "text" : "link"));
    assert_int_equal(catalog_bytes(&catalog), 30000);
    catalog_free(&catalog);
}

static void a_catalog_that_does_not_fit_is_a_failure(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    int added = 0;
    put_text("text", "abc");
    world->mem.limit_bytes = 64 << 10;
    catalog_init(&catalog, &world->mem);
    while (added < 10000 && catalog_add(&catalog, folder_path("text"), false, &world->fail))
        added++;
    assert_true(added > 0 && added < 10000);
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(catalog.len, added);
    assert_string_equal(catalog_name(&catalog, catalog.len - 1), folder_path("text"));
    catalog_free(&catalog);
}

static void names_that_can_be_no_file_are_refused(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    catalog_init(&catalog, &world->mem);
    assert_false(catalog_add(&catalog, "", false, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_string_equal(world->fail.text, "'': the empty name is no file");
    catalog_free(&catalog);
}

static void a_file_whose_size_is_wrong_is_a_stream(void **state)
{
    struct world *world = *state;
    struct catalog catalog;
    static const char page[] = "/sys/kernel/mm/transparent_hugepage/enabled";
    if (access(page, R_OK) != 0)
        skip();
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add(&catalog, page, false, &world->fail));
    assert_true(catalog.files[0].stream);
    int hole = open(folder_path("hole"), O_WRONLY | O_CREAT, 0666); /* no blocks, right size */
    assert_int_equal(ftruncate(hole, 4096), 0);
    close(hole);
    assert_true(catalog_add(&catalog, folder_path("hole"), false, &world->fail));
    assert_false(catalog.files[1].stream);
    assert_int_equal(catalog.files[1].bytes, 4096);
    catalog_free(&catalog);
}

/* By their beginning, their end, or their name: harm of one of these makes no text of them. */
static void count_files_go_elsewhere(void **state)
{
    struct world *world = *state;
    static const char mark[] = "\x89MWC\r\n\x1a\n";
    struct catalog catalog, counts;
    char text[600];
    memset(text, 'a', sizeof text);
    folder_put("text", text, sizeof text);
    folder_put("x.mwc", text, sizeof text);
    memcpy(text, mark, 8);
    folder_put("begins", text, sizeof text);
    memset(text, 'a', 8);
    memcpy(text + sizeof text - 8, mark, 8);
    folder_put("ends", text, sizeof text);
    catalog_init(&catalog, &world->mem);
    catalog_init(&counts, &world->mem);
    catalog.counts = &counts;
    assert_true(catalog_add(&catalog, folder_name, true, &world->fail));
    check_names(&catalog, (const char *const[]){"text"}, 1);
    check_names(&counts, (const char *const[]){"begins", "ends", "x.mwc"}, 3);
    catalog.any_format = true;
    assert_true(catalog_add(&catalog, folder_path("begins"), false, &world->fail));
    assert_int_equal(catalog.len, 2);
    catalog.any_format = false;
    catalog.counts = NULL;
    assert_false(catalog_add(&catalog, folder_path("begins"), false, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    catalog_free(&catalog);
    catalog_free(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_file_has_its_size_and_a_stream_has_none),
        folder_test(what_is_below_a_folder_comes_in_the_order_of_its_names),
        folder_test(links_are_followed_when_named_and_skipped_below_a_folder),
        folder_test(a_file_named_twice_is_there_twice),
        folder_test(what_cannot_be_read_is_a_failure_that_names_it),
        folder_test(a_file_or_folder_without_permission_is_a_failure),
        folder_test(with_a_filter_any_name_will_do_and_none_weighs_nothing),
        folder_test(ten_thousand_files_keep_their_order),
        folder_test(a_catalog_that_does_not_fit_is_a_failure),
        folder_test(names_that_can_be_no_file_are_refused),
        folder_test(a_file_whose_size_is_wrong_is_a_stream),
        folder_test(count_files_go_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
