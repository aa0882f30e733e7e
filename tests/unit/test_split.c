/* SPDX-License-Identifier: BSD-3-Clause */
/* Where one rank's split ends and the next begins. */
#include "input/split.h"

#include "check.h"

enum { FILES_MAX = 50 };

/* Files, and where they may be cut. */
struct inputs {
    struct catalog catalog;
    uint64_t total_bytes, split_bytes;
};

/* Files of given sizes. */
static void make_inputs(struct inputs *inputs, struct catalog_file *files, const uint64_t *bytes,
                        size_t len, uint64_t split_bytes)
{
    *inputs = (struct inputs){.catalog = {.files = files, .len = len}, .split_bytes = split_bytes};
    for (size_t i = 0; i < len; i++) {
        files[i] = (struct catalog_file){.bytes = bytes[i]};
        inputs->total_bytes += bytes[i];
    }
}

/* All boundaries that there can be, by walking over every piece of every file; the nearest one. */
static uint64_t nearest_naively(const struct inputs *inputs, uint64_t from_bytes, uint64_t target)
{
    uint64_t start = 0, best = inputs->total_bytes;
    for (size_t file = 0; file < inputs->catalog.len; file++) {
        uint64_t bytes = inputs->catalog.files[file].bytes;
        for (uint64_t offset = 0; offset < bytes; offset += inputs->split_bytes) {
            uint64_t at = start + offset;
            uint64_t off = at > target ? at - target : target - at;
            uint64_t best_off = best > target ? best - target : target - best;
            if (at >= from_bytes && off < best_off)
                best = at;
        }
        start += bytes;
    }
    return best;
}

static uint64_t bytes_before(const struct inputs *inputs, struct split_place place)
{
    uint64_t before = place.offset;
    for (size_t file = 0; file < place.file; file++)
        before += inputs->catalog.files[file].bytes;
    return before;
}

/* Stretches for any number of ranks, over any files, many of them empty. */
static void boundaries_ascend_lie_at_pieces_and_are_the_nearest(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    for (int round = 0; round < 20000; round++) {
        uint64_t bytes[FILES_MAX];
        struct catalog_file files[FILES_MAX];
        struct inputs inputs;
        size_t len = seeded_below(&seeded, FILES_MAX + 1), ranks = 1 + seeded_below(&seeded, 20);
        size_t largest = 1 + seeded_below(&seeded, round % 2 ? 5 : 500);
        for (size_t i = 0; i < len; i++)
            bytes[i] = seeded_below(&seeded, 3) ? seeded_below(&seeded, largest) : 0;
        make_inputs(&inputs, files, bytes, len, 1 + seeded_below(&seeded, 100));
        struct split_place from = {0};
        uint64_t from_bytes = 0;
        for (size_t rank = 1; rank < ranks; rank++) {
            uint64_t target = inputs.total_bytes * rank / ranks, at;
            struct split_place to =
                split_boundary(&inputs.catalog, inputs.split_bytes, from, from_bytes, target, &at);
            assert_true(to.file <= len);
            assert_true(to.offset == 0 || to.offset < files[to.file].bytes);
            assert_int_equal(to.offset % inputs.split_bytes, 0);
            assert_int_equal(at, bytes_before(&inputs, to));
            assert_true(at >= from_bytes);
            uint64_t best = nearest_naively(&inputs, from_bytes, target);
            uint64_t off = at > target ? at - target : target - at;
            assert_int_equal(off, best > target ? best - target : target - best);
            from = to;
            from_bytes = at;
        }
    }
}

/* A target that lies before the place from which to look: nothing is handed out twice. */
static void a_boundary_never_goes_back(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    for (int round = 0; round < 20000; round++) {
        uint64_t bytes[5], from_bytes = 0, at;
        struct catalog_file files[LEN(bytes)];
        struct inputs inputs;
        for (size_t i = 0; i < LEN(bytes); i++)
            bytes[i] = seeded_below(&seeded, 300);
        make_inputs(&inputs, files, bytes, LEN(bytes), 1 + seeded_below(&seeded, 50));
        struct split_place from =
            split_boundary(&inputs.catalog, inputs.split_bytes, (struct split_place){0}, 0,
                           seeded_below(&seeded, inputs.total_bytes + 1), &from_bytes);
        uint64_t target = seeded_below(&seeded, from_bytes + 1);
        struct split_place to =
            split_boundary(&inputs.catalog, inputs.split_bytes, from, from_bytes, target, &at);
        assert_int_equal(at, from_bytes);
        assert_int_equal(bytes_before(&inputs, to), from_bytes);
    }
}

/* Sizes beyond 2^32, where no walk over the pieces is possible. */
static void large_files_are_parted_evenly(void **state)
{
    (void)state;
    const uint64_t bytes[] = {(uint64_t)5 << 40, 0, ((uint64_t)3 << 40) + 12345, 1};
    struct catalog_file files[LEN(bytes)];
    struct inputs inputs;
    const size_t ranks = 1000;
    make_inputs(&inputs, files, bytes, LEN(bytes), 64 << 20);
    struct split_place from = {0};
    uint64_t from_bytes = 0;
    for (size_t rank = 1; rank < ranks; rank++) {
        uint64_t target = (uint64_t)((unsigned __int128)inputs.total_bytes * rank / ranks), at;
        struct split_place to =
            split_boundary(&inputs.catalog, inputs.split_bytes, from, from_bytes, target, &at);
        assert_int_equal(at, bytes_before(&inputs, to));
        assert_int_equal(to.offset % inputs.split_bytes, 0);
        assert_true((at > target ? at - target : target - at) <= inputs.split_bytes / 2);
        from = to;
        from_bytes = at;
    }
}

/* Files that may be cut at their joints only, as encoded ones and those of records: all places are
 * tried. */
static void files_are_parted_at_the_nearest_joint(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    for (int round = 0; round < 20000; round++) {
        uint64_t bytes[4], places[LEN(bytes) * 8 + 1], joints[LEN(bytes) * 6], from_bytes = 0;
        struct catalog_file files[LEN(bytes)];
        struct inputs inputs;
        size_t places_len = 0;
        for (size_t i = 0; i < LEN(bytes); i++)
            bytes[i] = seeded_below(&seeded, 4) ? 1 + seeded_below(&seeded, 300) : 0;
        make_inputs(&inputs, files, bytes, LEN(bytes), 1 + seeded_below(&seeded, 50));
        inputs.catalog.joints = joints;
        inputs.catalog.jointed = round % 3 == 0;
        for (size_t i = 0, start = 0; i < LEN(bytes); start += bytes[i++]) {
            files[i].encoded = round % 3 > 0;
            files[i].joints = inputs.catalog.joints_len;
            places[places_len++] = start;
            for (uint64_t at = 1 + seeded_below(&seeded, 100);
                 at < bytes[i] && files[i].joints_len < 6; at += 1 + seeded_below(&seeded, 100)) {
                joints[inputs.catalog.joints_len++] = at;
                files[i].joints_len++;
                places[places_len++] = start + at;
            }
        }
        places[places_len++] = inputs.total_bytes;
        struct split_place from = {0};
        for (int rank = 1; rank < 5; rank++) {
            uint64_t target = inputs.total_bytes * (uint64_t)rank / 5, at, best = UINT64_MAX;
            struct split_place to =
                split_boundary(&inputs.catalog, inputs.split_bytes, from, from_bytes, target, &at);
            for (size_t i = 0; i < places_len; i++) {
                uint64_t off = places[i] > target ? places[i] - target : target - places[i];
                best = places[i] >= from_bytes && off < best ? off : best;
            }
            assert_int_equal(at, bytes_before(&inputs, to));
            assert_int_equal(at > target ? at - target : target - at, best);
            assert_true(at >= from_bytes);
            from = to;
            from_bytes = at;
        }
    }
}

static void without_files_every_boundary_is_the_end(void **state)
{
    (void)state;
    struct catalog_file none;
    struct inputs inputs;
    uint64_t at = 7;
    make_inputs(&inputs, &none, NULL, 0, 100);
    struct split_place place =
        split_boundary(&inputs.catalog, inputs.split_bytes, (struct split_place){0}, 0, 0, &at);
    assert_true(place.file == 0 && place.offset == 0 && at == 0);
}

/* What lies between a joint and the first record behind it is left to the range before. */
static void ranges_meet_where_records_begin(void **state)
{
    struct world *world = *state;
    static char names[] = "a\0b";
    static uint8_t list[1024];
    uint64_t joints[] = {30, 60, 20}, texts[] = {3, 6, 2};
    struct catalog_file files[] = {
        {.bytes = 100, .encoded = true, .joints_len = 2},
        {.bytes = 50, .name_off = 2, .encoded = true, .joints = 2, .joints_len = 1}};
    const struct catalog catalog = {.files = files,
                                    .len = 2,
                                    .names = names,
                                    .unit = 8,
                                    .joints = joints,
                                    .joints_len = 3,
                                    .joint_texts = texts};
    const struct split_place places[] = {{0}, {.offset = 30}, {.offset = 60}, {1, 20}, {.file = 2}};
    static const uint64_t expected[][2][2] = {{{0, 3}}, {{3, 6}}, {{6, 0}, {0, 2}}, {{2, 0}}};
    for (size_t i = 0; i + 1 < LEN(places); i++) {
        struct window window = {0};
        const size_t bytes = split_list_bytes(&catalog, places[i], places[i + 1]);
        assert_true(bytes <= sizeof list);
        split_write(&catalog, places[i], places[i + 1], list, bytes);
        assert_true(split_set(&window, list, bytes, true, &world->fail));
        assert_int_equal(window.ranges_len, i == 2 ? 2 : 1);
        for (size_t range = 0; range < window.ranges_len; range++) {
            assert_int_equal(window.ranges[range].text_from, expected[i][range][0]);
            assert_int_equal(window.ranges[range].text_past, expected[i][range][1]);
        }
    }
}

/* Entries that stand for parts of files, in the list of one rank. */
static void parts_lie_where_they_are_in_their_files(void **state)
{
    struct world *world = *state;
    static char names[] = "a\0b";
    static uint8_t list[1024];
    struct catalog_file files[] = {
        {.bytes = 100, .head = 7}, {.bytes = 50, .name_off = 2, .encoded = true}, {.bytes = 30}};
    struct catalog_part parts[] = {
        {.begin = 1000, .file_bytes = 5000, .text_bytes = UINT64_MAX},
        {.begin = 200, .file_bytes = 400, .between_joints = true, .text_bytes = 99},
        {.begin = 0, .file_bytes = 5000, .text_bytes = UINT64_MAX}};
    const struct catalog catalog = {
        .files = files, .parts = parts, .len = 3, .names = names, .unit = 64};
    const struct split_place from = {0}, to = {.file = 3};
    struct window window = {0};
    const size_t bytes = split_list_bytes(&catalog, from, to);
    assert_true(bytes <= sizeof list);
    split_write(&catalog, from, to, list, bytes);
    assert_true(split_set(&window, list, bytes, true, &world->fail));
    assert_int_equal(window.ranges_len, 3);
    const struct window_range *ranges = window.ranges;
    assert_true(ranges[0].begin == 1000 && ranges[0].end == 1100 && ranges[0].file_bytes == 5000);
    assert_true(ranges[0].head == 7 && ranges[0].unit == 0 && ranges[0].text_bytes == UINT64_MAX);
    assert_true(ranges[1].begin == 200 && ranges[1].end == 250 && ranges[1].unit == 64);
    assert_true(ranges[1].text_bytes == 99 && ranges[1].encoded);
    assert_string_equal(window.names + ranges[1].name_off, "b");
    assert_true(ranges[2].begin == 0 && ranges[2].end == 30 && ranges[2].head == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_ascend_lie_at_pieces_and_are_the_nearest),
        cmocka_unit_test(a_boundary_never_goes_back),
        cmocka_unit_test(large_files_are_parted_evenly),
        cmocka_unit_test(files_are_parted_at_the_nearest_joint),
        world_test(parts_lie_where_they_are_in_their_files),
        world_test(ranges_meet_where_records_begin),
        cmocka_unit_test(without_files_every_boundary_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
