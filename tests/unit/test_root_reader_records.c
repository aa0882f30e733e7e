/* SPDX-License-Identifier: BSD-3-Clause */
/* What rank 0 reads of records that cannot be seen to begin: who parts it is told how far a record
 * has come, and what the file began with. */
#include "input/root_reader.h"

#include "world_in_folder.h"

/* A record is a byte, and as many bytes as it says: where one begins cannot be seen, only known.
 * How many are left of one that is open is in the state; the head of a file is its first byte, and
 * one more. */
static size_t part_records(const void *context, const uint8_t *bytes, size_t len,
                           struct parting_state *state)
{
    size_t at = (size_t)state->words[0], cut = 0;
    (void)context;
    assert_int_equal(state->begins, state->head == 0);
    if (state->begins)
        state->head = 1u + bytes[0];
    for (; at < len; at += 1u + bytes[at])
        cut = at;
    state->words[0] = at - len;
    return at == len ? len : cut;
}

/* Reads files of records by parts; each range must begin where a record does, or go on with one. */
static void part_files(struct world *world, const struct catalog *catalog, size_t part_bytes)
{
    struct root_reader reader;
    uint8_t *part = malloc(root_reader_room(part_bytes));
    size_t left = 0; /* of a record that is open */
    uint64_t known = 0;
    assert_true(root_reader_init(&reader, &world->mem, catalog,
                                 (struct parting){part_records, NULL}, part_bytes, &world->fail));
    while (!root_reader_ended(&reader)) {
        struct root_reader_part head;
        struct window_range range;
        assert_true(root_reader_next(&reader, part, part_bytes, &world->fail) > 0);
        memcpy(&head, part, sizeof head);
        const uint8_t *bytes = part + sizeof head, *ranges = bytes + (head.bytes + 7) / 8 * 8;
        for (uint64_t i = 0; i < head.ranges; i++, ranges += sizeof range) {
            memcpy(&range, ranges, sizeof range);
            size_t len = range.end - range.begin, at = left;
            assert_int_equal(range.head, range.begin > 0 ? known : 0);
            known = range.begin > 0 ? known : 1u + bytes[0];
            while (at < len)
                at += 1u + bytes[at];
            assert_int_equal(range.continues, at > len);
            assert_true(!range.continues || len == part_bytes);
            left = at - len;
            bytes += len;
        }
    }
    assert_int_equal(left, 0);
    root_reader_free(&reader, &world->mem);
    free(part);
}

static void who_parts_is_told_how_far_a_record_has_come(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    for (int round = 0; round < 200; round++) {
        struct catalog catalog;
        catalog_init(&catalog, &world->mem);
        for (size_t file = 0; file < 3; file++) {
            static uint8_t bytes[40 * 256];
            char name[16];
            size_t len = 0;
            for (size_t records = seeded_below(&seeded, 40); records > 0; records--) {
                bytes[len] = (uint8_t)seeded_below(&seeded, seeded_below(&seeded, 2) ? 5 : 256);
                memset(bytes + len + 1, (int)seeded_below(&seeded, 256), bytes[len]);
                len += 1u + bytes[len];
            }
            snprintf(name, sizeof name, "file%zu", file);
            assert_true(catalog_add(&catalog, folder_put(name, bytes, len), false, &world->fail));
        }
        part_files(world, &catalog, 1 + seeded_below(&seeded, round % 2 ? 50 : 2000));
        catalog_free(&catalog);
    }
}

static size_t lose(const void *context, const uint8_t *bytes, size_t len,
                   struct parting_state *state)
{
    (void)context, (void)bytes, (void)len;
    state->lost = true;
    return 0;
}

static void a_beginning_that_must_be_seen_fits_a_part(void **state)
{
    struct world *world = *state;
    struct root_reader reader;
    struct catalog catalog;
    uint8_t part[8192];
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add(&catalog, folder_put("small", "text", 4), false, &world->fail));
    assert_true(catalog_add(&catalog, folder_put("large", "more text", 9), false, &world->fail));
    assert_true(root_reader_init(&reader, &world->mem, &catalog, (struct parting){lose, NULL}, 8,
                                 &world->fail));
    assert_true(root_reader_next(&reader, part, 8, &world->fail) > 0);
    assert_int_equal(root_reader_next(&reader, part, 8, &world->fail), 0);
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_non_null(strstr(world->fail.text, "large: the first record is longer than the 8 bytes"));
    root_reader_free(&reader, &world->mem);
    catalog_free(&catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(who_parts_is_told_how_far_a_record_has_come),
        folder_test(a_beginning_that_must_be_seen_fits_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
