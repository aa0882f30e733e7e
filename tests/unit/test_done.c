/* SPDX-License-Identifier: BSD-3-Clause */
/* What is done of inputs, and what is left: together they are all of it. Files of all formats are
 * counted with interruptions at any place between two records, and what is done is written down and
 * taken up again, as often as that happens. */
#include "input/done.h"
#include "input/split.h"

#include "mapped.h"

enum { FILES = 4, BYTES_MAX = 60, JOINTS_MAX = 6 };

/* Bytes of files, 1 where they are done. */
struct map {
    uint8_t bytes[FILES][BYTES_MAX];
};

static void mark(struct map *map, uint64_t file, uint64_t begin, uint64_t end)
{
    for (uint64_t at = begin; at < end; at++) {
        assert_int_equal(map->bytes[file][at], 0); /* each once */
        map->bytes[file][at] = 1;
    }
}

/* A catalog that owns what done_rest replaces. */
static void make_catalog(struct world *world, struct seeded *seeded, struct catalog *catalog)
{
    catalog_init(catalog, &world->mem);
    catalog->files_bytes = FILES * sizeof *catalog->files;
    catalog->files = mem_alloc(&world->mem, catalog->files_bytes, &world->fail);
    catalog->joints_bytes = FILES * JOINTS_MAX * sizeof *catalog->joints;
    catalog->joints = mem_alloc(&world->mem, catalog->joints_bytes, &world->fail);
    assert_true(catalog->files && catalog->joints);
    for (size_t file = 0; file < FILES; file++) {
        struct catalog_file *entry = &catalog->files[catalog->len++];
        *entry = (struct catalog_file){.bytes = seeded_below(seeded, BYTES_MAX),
                                       .encoded = seeded_below(seeded, 2),
                                       .joints = catalog->joints_len};
        for (uint64_t at = 1; at < entry->bytes && entry->joints_len < JOINTS_MAX; at++)
            if (seeded_below(seeded, 5) == 0) {
                catalog->joints[catalog->joints_len++] = at;
                entry->joints_len++;
            }
    }
}

/* Stretches of files in any order, none of which meets another one. */
static void do_some(struct seeded *seeded, const struct catalog *catalog, struct done *done,
                    struct map *map, struct fail *fail)
{
    for (int i = 0; i < 12; i++) {
        const size_t file = seeded_below(seeded, FILES);
        const uint64_t bytes = catalog->files[file].bytes;
        uint64_t begin = seeded_below(seeded, bytes + 1), end = begin;
        while (end < bytes && !map->bytes[file][end] && seeded_below(seeded, 8))
            end++;
        const struct done_range range = {.file = file, .begin = begin, .end = end};
        mark(map, file, begin, end);
        assert_true(end == begin || done_add(done, &range, fail));
    }
}

/* What a rank would be given of the rest. */
static void check_rest(const struct catalog *rest, const struct catalog_file *files,
                       const uint64_t *joints, struct map *map)
{
    for (size_t i = 0; i < rest->len; i++) {
        const struct catalog_file *entry = &rest->files[i];
        const struct catalog_part *part = &rest->parts[i];
        const struct catalog_file *file = &files[part->file];
        assert_true(entry->bytes > 0);
        assert_int_equal(part->file_bytes, file->bytes);
        mark(map, part->file, part->begin, part->begin + entry->bytes);
        for (uint64_t at = 0; at < entry->bytes && !entry->encoded; at++) {
            uint64_t behind = entry->bytes;
            for (size_t j = file->joints_len; j > 0; j--) {
                const uint64_t joint = joints[file->joints + j - 1];
                if (joint > part->begin + at && joint < part->begin + entry->bytes)
                    behind = joint - part->begin;
            }
            assert_int_equal(joints_behind(rest, i, at), behind);
        }
    }
}

static void what_is_done_and_what_is_left_are_all(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    for (int round = 0; round < 2000; round++) {
        struct catalog catalog;
        struct catalog_file files[FILES];
        struct map map = {0};
        struct done done = {.mem = &world->mem};
        make_catalog(world, &seeded, &catalog);
        memcpy(files, catalog.files, sizeof files);
        do_some(&seeded, &catalog, &done, &map, &world->fail);
        done_merge(&done);
        for (size_t i = 1; i < done.len; i++)
            assert_true(done.ranges[i].file > done.ranges[i - 1].file
                        || done.ranges[i].begin > done.ranges[i - 1].end);
        assert_true(done_rest(&done, &catalog, &world->fail));
        check_rest(&catalog, files, catalog.joints, &map);
        for (size_t file = 0; file < FILES; file++)
            for (uint64_t at = 0; at < files[file].bytes; at++)
                assert_int_equal(map.bytes[file][at], 1);
        done_free(&done);
        catalog_free(&catalog);
    }
}

/* What is done to the end since says more than how far it was. */
static void the_last_word_counts(void **state)
{
    struct world *world = *state;
    struct done done = {.mem = &world->mem};
    const struct done_range ranges[] = {
        {.file = 1, .begin = 0, .text = 7},  {.file = 0, .begin = 20, .text = 5},
        {.file = 0, .begin = 20, .text = 9}, {.file = 0, .begin = 0, .end = 20},
        {.file = 1, .begin = 0, .end = 30},  {.file = 0, .begin = 20, .text = 2},
        {.file = 2, .begin = 10, .end = 20}, {.file = 2, .begin = 5, .text = 3},
    };
    for (size_t i = 0; i < LEN(ranges); i++)
        assert_true(done_add(&done, &ranges[i], &world->fail));
    done_merge(&done);
    assert_int_equal(done.len, 5);
    assert_true(done.ranges[0].end == 20 && done.ranges[0].text == 0);
    assert_true(done.ranges[1].begin == 20 && done.ranges[1].text == 9);
    assert_true(done.ranges[2].file == 1 && done.ranges[2].end == 30 && done.ranges[2].text == 0);
    assert_true(done.ranges[3].file == 2 && done.ranges[3].text == 3);
    assert_true(done.ranges[4].begin == 10 && done.ranges[4].end == 20);
    done_free(&done);
}

/* Goes on for some steps, until it stands between two records; true: to the end. */
static bool go_on(struct window *window, const struct mapper *mapper, uint64_t steps,
                  struct done *done, struct mapped *sums, struct fail *fail)
{
    static uint32_t edges[SCAN_MAX_EDGES];
    bool starved = false;
    uint64_t end;
    while (steps > 0 || (window->open && window->block.within)) {
        const struct block *block = &window->block;
        steps -= steps > 0;
        if (window->open && !starved && block->begin < block->end
            && (block->begin < block->own || block->within)) {
            struct cut cut;
            mapper->cut(mapper, block, scan_at(0), edges, &cut);
            mapped_take(sums, window, &cut);
            starved = cut.next == block->begin;
            block_advance(&window->block, cut.next, cut.within);
            continue;
        }
        const struct window_range before = window->given;
        const bool was_open = window->open;
        const enum window_state state = window_more(window, fail);
        starved = false;
        if (state == WINDOW_FAILED)
            fail_msg("%s", fail->text);
        if (was_open && (state == WINDOW_END || window->given.begin != before.begin))
            assert_true(done_add_whole(done, &before, fail));
        if (state == WINDOW_END)
            return true;
        if (window_empty(window, &end))
            sums->places += mapped_hash(end) - mapped_hash(0);
    }
    return false;
}

/* One start: takes up what is left of the file, and leaves it after some steps. */
static bool start(struct world *world, struct seeded *seeded, const struct mapper *mapper,
                  const struct membered *file, uint64_t unit, struct done *done,
                  struct mapped *sums)
{
    struct catalog catalog;
    struct window window;
    const struct split_place from = {0};
    uint64_t passed;
    membered_put(world, &catalog, unit, file->stored, file->stored_len);
    done_merge(done);
    assert_true(done_rest(done, &catalog, &world->fail));
    const struct split_place to = {.file = catalog.len};
    const size_t bytes = split_list_bytes(&catalog, from, to);
    uint8_t *list = calloc(1, bytes);
    split_write(&catalog, from, to, list, bytes);
    assert_true(window_init(&window, &world->mem, 1 + seeded_below(seeded, 300),
                            mapper->behind_bytes, &world->fail));
    assert_true(split_set(&window, list, bytes, true, &world->fail));
    const bool ended = go_on(&window, mapper, seeded_below(seeded, 40), done, sums, &world->fail);
    assert_true(ended || done_add_begun(done, &window, 0, &passed, &world->fail));
    window_free(&window);
    catalog_free(&catalog);
    free(list);
    return ended;
}

static void count(struct world *world, struct seeded *seeded, const struct mapper *mapper,
                  const struct membered *file, uint64_t unit, const struct naive *expected)
{
    static struct mapped sums;
    struct done done = {.mem = &world->mem};
    int starts = 1;
    sums = (struct mapped){0};
    while (!start(world, seeded, mapper, file, unit, &done, &sums))
        assert_true(starts++ < 10000);
    naive_merge(&sums.naive);
    assert_true(naive_same(&sums.naive, expected));
    assert_int_equal(sums.bytes, file->len);
    assert_int_equal(sums.places, mapped_hash((uint64_t)ENCODED_END) - mapped_hash(0));
    naive_free(&sums.naive);
    done_free(&done);
}

static void a_file_is_counted_however_often_it_is_left(void **state)
{
    struct seeded seeded = {3};
    static struct membered file;
    for (int round = 0; round < 60; round++) {
        const struct packer *packer = &membered_packers[(size_t)round % LEN(membered_packers)];
        const uint64_t unit = 1 + seeded_below(&seeded, 2) * seeded_below(&seeded, 90);
        struct naive words = {0}, lines = {0};
        membered_make(&seeded, packer, 1 + seeded_below(&seeded, 8), 60, "ab  \n", &file);
        naive_split(&words, file.text, file.len);
        naive_merge(&words);
        count(*state, &seeded, &words_mapper, &file, unit, &words);
        naive_lines(&lines, file.text, file.len);
        naive_merge(&lines);
        count(*state, &seeded, &lines_mapper, &file, unit, &lines);
        naive_free(&words);
        naive_free(&lines);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(what_is_done_and_what_is_left_are_all),
        world_test(the_last_word_counts),
        folder_test(a_file_is_counted_however_often_it_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
