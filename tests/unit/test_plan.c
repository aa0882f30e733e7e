/* SPDX-License-Identifier: BSD-3-Clause */
/* Where one rank's stretch ends and the next begins; only the part of the plan that talks to
 * nobody. */
#include "stage/plan.h"

#include "check.h"

enum { FILES_MAX = 50 };

/* A plan of files of given sizes. */
static void make_plan(struct plan *plan, struct catalog_file *files, const uint64_t *bytes,
                      size_t len, uint64_t split_bytes)
{
    *plan = (struct plan){
        .catalog = {.files = files, .len = len}, .files = len, .split_bytes = split_bytes};
    for (size_t i = 0; i < len; i++) {
        files[i] = (struct catalog_file){.bytes = bytes[i]};
        plan->total_bytes += bytes[i];
    }
}

/* All boundaries that there can be, by walking over every piece of every file; the nearest one. */
static uint64_t nearest_naively(const struct plan *plan, uint64_t from_bytes, uint64_t target)
{
    uint64_t start = 0, best = plan->total_bytes;
    for (size_t file = 0; file < plan->catalog.len; file++) {
        uint64_t bytes = plan->catalog.files[file].bytes;
        for (uint64_t offset = 0; offset < bytes; offset += plan->split_bytes) {
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

static uint64_t bytes_before(const struct plan *plan, struct plan_place place)
{
    uint64_t before = place.offset;
    for (size_t file = 0; file < place.file; file++)
        before += plan->catalog.files[file].bytes;
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
        struct plan plan;
        size_t len = seeded_below(&seeded, FILES_MAX + 1), ranks = 1 + seeded_below(&seeded, 20);
        size_t largest = 1 + seeded_below(&seeded, round % 2 ? 5 : 500);
        for (size_t i = 0; i < len; i++)
            bytes[i] = seeded_below(&seeded, 3) ? seeded_below(&seeded, largest) : 0;
        make_plan(&plan, files, bytes, len, 1 + seeded_below(&seeded, 100));
        struct plan_place from = {0};
        uint64_t from_bytes = 0;
        for (size_t rank = 1; rank < ranks; rank++) {
            uint64_t target = plan.total_bytes * rank / ranks, at;
            struct plan_place to = plan_boundary(&plan, from, from_bytes, target, &at);
            assert_true(to.file <= len);
            assert_true(to.offset == 0 || to.offset < files[to.file].bytes);
            assert_int_equal(to.offset % plan.split_bytes, 0);
            assert_int_equal(at, bytes_before(&plan, to));
            assert_true(at >= from_bytes);
            uint64_t best = nearest_naively(&plan, from_bytes, target);
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
        struct plan plan;
        for (size_t i = 0; i < LEN(bytes); i++)
            bytes[i] = seeded_below(&seeded, 300);
        make_plan(&plan, files, bytes, LEN(bytes), 1 + seeded_below(&seeded, 50));
        struct plan_place from =
            plan_boundary(&plan, (struct plan_place){0}, 0,
                          seeded_below(&seeded, plan.total_bytes + 1), &from_bytes);
        uint64_t target = seeded_below(&seeded, from_bytes + 1);
        struct plan_place to = plan_boundary(&plan, from, from_bytes, target, &at);
        assert_int_equal(at, from_bytes);
        assert_int_equal(bytes_before(&plan, to), from_bytes);
    }
}

/* Sizes beyond 2^32, where no walk over the pieces is possible. */
static void large_files_are_parted_evenly(void **state)
{
    (void)state;
    const uint64_t bytes[] = {(uint64_t)5 << 40, 0, ((uint64_t)3 << 40) + 12345, 1};
    struct catalog_file files[LEN(bytes)];
    struct plan plan;
    const size_t ranks = 1000;
    make_plan(&plan, files, bytes, LEN(bytes), 64 << 20);
    struct plan_place from = {0};
    uint64_t from_bytes = 0;
    for (size_t rank = 1; rank < ranks; rank++) {
        uint64_t target = (uint64_t)((unsigned __int128)plan.total_bytes * rank / ranks), at;
        struct plan_place to = plan_boundary(&plan, from, from_bytes, target, &at);
        assert_int_equal(at, bytes_before(&plan, to));
        assert_int_equal(to.offset % plan.split_bytes, 0);
        assert_true((at > target ? at - target : target - at) <= plan.split_bytes / 2);
        from = to;
        from_bytes = at;
    }
}

static void without_files_every_boundary_is_the_end(void **state)
{
    (void)state;
    struct catalog_file none;
    struct plan plan;
    uint64_t at = 7;
    make_plan(&plan, &none, NULL, 0, 100);
    struct plan_place place = plan_boundary(&plan, (struct plan_place){0}, 0, 0, &at);
    assert_true(place.file == 0 && place.offset == 0 && at == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boundaries_ascend_lie_at_pieces_and_are_the_nearest),
        cmocka_unit_test(a_boundary_never_goes_back),
        cmocka_unit_test(large_files_are_parted_evenly),
        cmocka_unit_test(without_files_every_boundary_is_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
