/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes at any place of a file, near to the last ones or far. */
#include "input/peek.h"

#include "world_in_folder.h"

static void the_bytes_of_a_place_are_seen(void **state)
{
    static uint8_t text[30000];
    struct seeded seeded = {1};
    (void)state;
    seeded_fill(&seeded, text, sizeof text);
    struct peek peek = {.fd = open(folder_put("text", text, sizeof text), O_RDONLY),
                        .bytes = sizeof text};
    size_t at = 0;
    for (int round = 0; round < 20000; round++) {
        at = seeded_below(&seeded, 10) ? at + seeded_below(&seeded, 100)
                                       : seeded_below(&seeded, sizeof text + 1);
        at = at < sizeof text ? at : sizeof text;
        size_t len = seeded_below(&seeded, seeded_below(&seeded, 5) ? 20 : PEEK_BYTES + 1);
        const uint8_t *seen = peek_at(&peek, at, len);
        assert_int_equal(seen != NULL, len <= sizeof text - at);
        if (seen)
            assert_memory_equal(seen, text + at, len);
    }
    assert_null(peek_at(&peek, UINT64_MAX, 1));
    static uint8_t copy[sizeof text];
    assert_true(peek_read(&peek, 0, copy, sizeof text));
    assert_memory_equal(copy, text, sizeof text);
    assert_true(peek_read(&peek, 20000, copy, 10000));
    assert_memory_equal(copy, text + 20000, 10000);
    assert_false(peek_read(&peek, 20000, copy, 10001));
    close(peek.fd);
}

static void what_cannot_be_read_is_not_seen(void **state)
{
    (void)state;
    struct peek gone = {.fd = -1, .bytes = 100};
    assert_null(peek_at(&gone, 0, 1));
    assert_false(peek_read(&gone, 0, &(uint8_t){0}, 1));
    struct peek shrunk = {.fd = open(folder_put("text", "12345", 5), O_RDONLY), .bytes = 100};
    assert_non_null(peek_at(&shrunk, 0, 5));
    assert_null(peek_at(&shrunk, 0, 6));
    assert_null(peek_at(&shrunk, 50, 6));
    assert_memory_equal(peek_at(&shrunk, 4, 1), "5", 1);
    close(shrunk.fd);
}

static void numbers_begin_with_the_lowest_byte(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x12, 0x34, 0x56, 0xf8};
    assert_int_equal(peek_16(bytes), 0x3412);
    assert_int_equal(peek_32(bytes), 0xf8563412);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(the_bytes_of_a_place_are_seen),
        folder_test(what_cannot_be_read_is_not_seen),
        cmocka_unit_test(numbers_begin_with_the_lowest_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
