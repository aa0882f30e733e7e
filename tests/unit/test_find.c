/* SPDX-License-Identifier: BSD-3-Clause */
/* Every kernel that finds bytes, against a loop over bytes. */
#include "text/scan.h"

#include "check.h"

enum { CANARY = 0x5ca1ab1e };

static void check_kernels(const uint8_t *bytes, size_t from, size_t len, struct find_set set)
{
    static uint32_t expected[FIND_MAX_BYTES], at[FIND_ROOM + 1];
    const struct scan *scan;
    size_t wanted = 0;
    for (size_t i = from; i < from + len; i++)
        if (memchr(set.bytes, bytes[i], sizeof set.bytes))
            expected[wanted++] = (uint32_t)i;
    at[FIND_ROOM] = CANARY;
    for (size_t k = 0; (scan = scan_at(k)); k++) {
        size_t found = scan->find(bytes, from, len, set, at);
        if (found != wanted || memcmp(at, expected, found * sizeof *at) != 0)
            fail_msg("%s differs at from %zu, len %zu: %zu of %zu", scan->name, from, len, found,
                     wanted);
        assert_int_equal(at[FIND_ROOM], CANARY);
    }
}

/* Neighbours must not reach into each other: sums of SWAR. */
static void every_pair_of_bytes_is_told_apart(void **state)
{
    (void)state;
    static const struct find_set sets[] = {
        {{'\n', '\n', '\n'}}, {{'\n', ' ', '\t'}}, {{0, 0x80, 0xff}}, {{1, 0x7f, 0x81}}};
    uint8_t bytes[128];
    memset(bytes, 'x', sizeof bytes);
    for (unsigned pair = 0; pair < 65536; pair++)
        for (size_t i = 0; i < LEN(sets); i++) {
            bytes[7] = (uint8_t)pair;
            bytes[8] = (uint8_t)(pair >> 8);
            check_kernels(bytes, 0, 16, sets[i]);
        }
}

static void fill(struct seeded *seeded, uint8_t *bytes, size_t len)
{
    size_t rare = 1 + seeded_below(seeded, 40);
    for (size_t i = 0; i < len; i++)
        bytes[i] = seeded_below(seeded, rare) ? 'x' : seeded_of(seeded, "\n ,\0\xff", 5);
}

static void any_length_at_any_alignment_is_searched_like_a_byte_loop(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    static uint8_t bytes[64 + FIND_MAX_BYTES + 64] __attribute__((aligned(64)));
    for (size_t from = 0; from < 64; from += 3)
        for (size_t len = 0; len <= FIND_MAX_BYTES; len++) {
            fill(&seeded, bytes, sizeof bytes);
            check_kernels(bytes, from, len, (struct find_set){{'\n', ' ', 0}});
        }
}

static void as_many_as_there_can_be_have_room(void **state)
{
    (void)state;
    static uint8_t bytes[FIND_MAX_BYTES + 64];
    memset(bytes, '\n', sizeof bytes);
    for (size_t len = FIND_MAX_BYTES - 130; len <= FIND_MAX_BYTES; len++)
        check_kernels(bytes, 0, len, (struct find_set){{'\n', '\n', '\n'}});
}

static void no_more_than_63_bytes_behind_the_end_are_read(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    uint8_t *edge = edge_of_memory();
    for (size_t len = 0; len <= 300; len++) {
        uint8_t *bytes = edge - 63 - len;
        fill(&seeded, bytes, len + 63);
        check_kernels(bytes, 0, len, (struct find_set){{'\n', ',', 0xff}});
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_bytes_is_told_apart),
        cmocka_unit_test(any_length_at_any_alignment_is_searched_like_a_byte_loop),
        cmocka_unit_test(as_many_as_there_can_be_have_room),
        cmocka_unit_test(no_more_than_63_bytes_behind_the_end_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
