/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames in their wire form. */
#include "task/frame.h"

#include "check.h"

static size_t put(uint8_t *at, int kind, int64_t value, const char *bytes, size_t len)
{
    struct frame frame = {(enum value_kind)kind, NULL, len, value};
    frame_write_header(at, &frame);
    memcpy(at + FRAME_HEADER_BYTES, bytes, len);
    return FRAME_HEADER_BYTES + len;
}

static void frames_come_back_as_they_were_at_any_address(void **state)
{
    (void)state;
    static const struct {
        int kind;
        int64_t value;
        const char *bytes;
        size_t len;
    } rows[] = {
        {VALUE_KIND_RESULT, 0, "a\0\nb", 4}, {VALUE_KIND_RESULT, 0, "", 0},
        {VALUE_KIND_SUM, -1, "key", 3},      {VALUE_KIND_MIN, INT64_MIN, "\xff", 1},
        {VALUE_KIND_MAX, INT64_MAX, "", 0},  {VALUE_KIND_COUNT, 1, "k", 1},
    };
    for (size_t shift = 0; shift < 8; shift++) {
        uint8_t *edge = edge_of_memory(), bytes[512];
        size_t len = 0;
        for (size_t i = 0; i < LEN(rows); i++)
            len += put(bytes + len, rows[i].kind, rows[i].value, rows[i].bytes, rows[i].len);
        const uint8_t *at = edge - len - shift, *end = at + len;
        memcpy(edge - len - shift, bytes, len);
        for (size_t i = 0; i < LEN(rows); i++) {
            struct frame frame;
            assert_non_null(at = frame_next(at, end, &frame));
            assert_int_equal(frame.kind, rows[i].kind);
            assert_int_equal(frame.value, rows[i].value);
            assert_int_equal(frame.len, rows[i].len);
            assert_memory_equal(frame.bytes, rows[i].bytes, rows[i].len);
        }
        assert_ptr_equal(at, end);
    }
}

static void what_is_cut_short_is_no_frame(void **state)
{
    (void)state;
    uint8_t bytes[64], *edge = edge_of_memory();
    struct frame frame;
    size_t len = put(bytes, VALUE_KIND_SUM, 7, "key", 3);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(edge - cut, bytes, cut);
        assert_null(frame_next(edge - cut, edge, &frame));
    }
}

static void what_was_never_written_is_no_frame(void **state)
{
    (void)state;
    static const int kinds[] = {0, VALUE_KIND_COUNT + 1, 64, 255};
    static const size_t lens[] = {4, (size_t)1 << 40, SIZE_MAX - 10, SIZE_MAX};
    uint8_t bytes[64];
    struct frame frame;
    for (size_t i = 0; i < LEN(kinds); i++) {
        size_t len = put(bytes, kinds[i], 0, "key", 3);
        assert_null(frame_next(bytes, bytes + len, &frame));
    }
    for (size_t i = 0; i < LEN(lens); i++) {
        size_t len = put(bytes, VALUE_KIND_RESULT, 0, "key", 3);
        frame = (struct frame){.kind = VALUE_KIND_RESULT, .len = lens[i]};
        frame_write_header(bytes, &frame);
        assert_null(frame_next(bytes, bytes + len, &frame));
    }
    for (size_t i = 1; i < 8; i++) {
        size_t len = put(bytes, VALUE_KIND_RESULT, 0, "key", 3);
        bytes[i] = 1;
        assert_null(frame_next(bytes, bytes + len, &frame));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_back_as_they_were_at_any_address),
        cmocka_unit_test(what_is_cut_short_is_no_frame),
        cmocka_unit_test(what_was_never_written_is_no_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
