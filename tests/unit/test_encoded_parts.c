/* SPDX-License-Identifier: BSD-3-Clause */
/* An encoded file cut into ranges at its joints, in all ways or many: what mappers find through the
 * window in all of them together is what there is in the text, and the places where the ranges meet
 * vanish from the sum. */
#include "mapped.h"

enum { RANKS_MAX = 5, WAYS_MAX = 32 };

/* Counts a range, as a rank does. */
static void map_range(struct world *world, const struct mapper *mapper, const char *name,
                      struct window_range range, size_t block_bytes, struct mapped *sums)
{
    static uint32_t edges[SCAN_MAX_EDGES];
    struct window window;
    struct cut cut;
    bool starved = false;
    uint64_t end;
    enum window_state state = WINDOW_READY;
    assert_true(window_init(&window, &world->mem, block_bytes, mapper->behind_bytes, &world->fail));
    window_set(&window, &range, 1, name, true);
    while (state == WINDOW_READY) {
        const struct block *block = &window.block;
        if (window.open && !starved && block->begin < block->end
            && (block->begin < block->own || block->within)) {
            mapper->cut(mapper, block, scan_at(0), edges, &cut);
            mapped_take(sums, &window, &cut);
            starved = cut.next == block->begin;
            block_advance(&window.block, cut.next, cut.within);
            continue;
        }
        state = window_more(&window, &world->fail);
        starved = false;
        if (state == WINDOW_READY && window_empty(&window, &end))
            sums->places += mapped_hash(end) - mapped_hash(0);
    }
    if (state != WINDOW_END)
        fail_msg("%s", world->fail.text);
    sums->decoded_bytes += window.decoded_bytes;
    window_free(&window);
}

/* What a mapper finds in ranges that end at the places, and at the end of the file. */
static void check_cut(struct world *world, struct seeded *seeded, const struct mapper *mapper,
                      const struct membered *file, const struct catalog *catalog,
                      const uint64_t *places, size_t len, const struct naive *expected)
{
    struct mapped sums = {0};
    for (size_t i = 0; i <= len; i++) {
        const struct window_range range = {
            .begin = i == 0 ? 0 : places[i - 1],
            .end = i == len ? file->stored_len : places[i],
            .file_bytes = file->stored_len,
            .encoded = 1,
            .unit = catalog->unit,
        };
        map_range(world, mapper, catalog_name(catalog, 0), range,
                  1 + seeded_below(seeded, seeded_below(seeded, 2) ? 5 : 300), &sums);
    }
    naive_merge(&sums.naive);
    assert_true(naive_same(&sums.naive, expected));
    assert_int_equal(sums.bytes, file->len);
    assert_int_equal(sums.decoded_bytes, file->len);
    assert_int_equal(sums.places, mapped_hash((uint64_t)ENCODED_END) - mapped_hash(0));
    naive_free(&sums.naive);
}

/* All ways to choose the joints where ranges meet, or as many as may be. */
static size_t cut_in_all_ways(struct world *world, struct seeded *seeded,
                              const struct mapper *mapper, const struct membered *file,
                              const struct catalog *catalog, const struct naive *expected)
{
    uint64_t places[RANKS_MAX];
    size_t ways = 0, joints = catalog->joints_len;
    for (uint64_t choice = 0; ways < WAYS_MAX && choice < 2 * WAYS_MAX; choice++) {
        const bool all = joints < 6;
        uint64_t chosen = all ? choice : seeded_next(seeded) & seeded_next(seeded);
        size_t len = 0;
        if (all && choice >> joints > 0)
            break;
        for (size_t i = 0; i < joints && len < RANKS_MAX - 1; i++)
            if (chosen >> i & 1)
                places[len++] = catalog->joints[i];
        check_cut(world, seeded, mapper, file, catalog, places, len, expected);
        ways++;
    }
    return ways;
}

/* Rules that look at all bytes that a mapper looks back at; behind a letter they agree. */
static bool parts(const void *context, const uint8_t *bytes, size_t len, uint8_t blank)
{
    unsigned sum = blank;
    (void)context;
    for (size_t i = 0; i < len; i++)
        sum = 3 * sum + bytes[i];
    return sum % 5 > 1 || bytes[len - 1] == 'a' || bytes[len - 1] == 'b';
}

/* What they make of a text. */
static void find_chunks(struct naive *naive, const struct membered *file)
{
    size_t start = 0;
    for (size_t at = 1; at <= file->len; at++) {
        uint8_t before[4] = {0};
        for (size_t i = 1; i <= 4 && i <= at; i++)
            before[4 - i] = file->text[at - i];
        if (at < file->len
            && (!naive_is_gap(file->text[at]) || naive_is_gap(before[3])
                || !parts(NULL, before, 4, file->text[at])))
            continue;
        naive_add(naive, file->text + start, at - start, 1);
        start = at;
    }
}

static void find_records(struct naive *naive, size_t mapper, const struct membered *file)
{
    if (mapper == 0)
        naive_split(naive, file->text, file->len);
    else if (mapper == 1)
        naive_lines(naive, file->text, file->len);
    else if (mapper == 4)
        find_chunks(naive, file);
    else
        naive_fields(naive, file->text, file->len, 2, mapper == 2 ? -1 : 'a');
    naive_merge(naive);
}

/* Of the bytes `letters`; with one range the same as with any. */
static void try_texts(struct world *world, const char *letters, int rounds)
{
    struct seeded seeded = {(uint64_t)strlen(letters)};
    static struct membered file;
    struct mapper fields[] = {field_mapper, field_mapper};
    assert_true(fields[0].parse(&fields[0], "2") && fields[1].parse(&fields[1], "2:a"));
    struct mapper chunks = chunks_mapper;
    chunks.parts = parts;
    const struct mapper *mappers[] = {&words_mapper, &lines_mapper, &fields[0], &fields[1],
                                      &chunks};
    size_t ways = 0;
    for (int round = 0; round < rounds; round++) {
        struct catalog catalog;
        const struct packer *packer = &membered_packers[(size_t)round % LEN(membered_packers)];
        size_t members = 1 + seeded_below(&seeded, seeded_below(&seeded, 3) ? 8 : 30);
        membered_make(&seeded, packer, members, seeded_below(&seeded, 4) ? 4 : 100, letters, &file);
        membered_put(world, &catalog, 1 + seeded_below(&seeded, 2) * seeded_below(&seeded, 90),
                     file.stored, file.stored_len);
        for (size_t i = 0; i < LEN(mappers); i++) {
            struct naive naive = {0};
            find_records(&naive, i, &file);
            ways += cut_in_all_ways(world, &seeded, mappers[i], &file, &catalog, &naive);
            naive_free(&naive);
        }
        catalog_free(&catalog);
    }
    assert_true(ways > 10 * (size_t)rounds);
}

static void short_records_are_counted_however_it_is_cut(void **state)
{
    try_texts(*state, "ab \n", 40);
}

static void chunks_end_where_all_bytes_before_them_say(void **state)
{
    try_texts(*state, "a!\xff\xa0 \n", 40);
}

static void most_bytes_are_gaps(void **state)
{
    try_texts(*state, "a  \n\n", 20);
}

static void records_go_on_through_whole_parts(void **state)
{
    try_texts(*state, "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbb \n", 20);
}

static void one_record_goes_on_through_all_parts(void **state)
{
    try_texts(*state, "b", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(short_records_are_counted_however_it_is_cut),
        folder_test(chunks_end_where_all_bytes_before_them_say),
        folder_test(most_bytes_are_gaps),
        folder_test(records_go_on_through_whole_parts),
        folder_test(one_record_goes_on_through_all_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
