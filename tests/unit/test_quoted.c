/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps over quoted text are those of a machine that takes a byte at a time. */
#include "text/quoted.h"

#include "check.h"

enum { ROUNDS = 20000, TEXT = 200 };

static bool ends_field(uint8_t byte)
{
    return byte == ',' || byte == '\n';
}

/* Takes a byte; false if it may not stand there. */
static bool take(enum quoted_state *state, uint8_t byte)
{
    switch (*state) {
    case QUOTED_INSIDE:
        *state = byte == '"' ? QUOTED_CLOSED : QUOTED_INSIDE;
        return true;
    case QUOTED_CLOSED:
        *state = byte == '"' ? QUOTED_INSIDE : ends_field(byte) ? QUOTED_BEGINS : QUOTED_RETURNED;
        return byte == '"' || byte == '\r' || ends_field(byte);
    case QUOTED_RETURNED:
        *state = QUOTED_BEGINS;
        return byte == '\n';
    default:
        if (byte == '"' && *state == QUOTED_FIELD)
            return false;
        *state = byte == '"' ? QUOTED_INSIDE : ends_field(byte) ? QUOTED_BEGINS : QUOTED_FIELD;
        return true;
    }
}

/* Bits of what is ours; what follows the first one that is bad does not matter. */
static uint64_t good(uint64_t marks, uint64_t bad)
{
    return bad ? marks & ((bad & -bad) - 1) : marks;
}

static void steps_are_those_of_one_byte_at_a_time(void **state)
{
    (void)state;
    uint64_t bad_texts = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct seeded seeded = {round};
        uint8_t *bytes = edge_of_memory() - TEXT - QUOTED_STEP_BYTES;
        const char *letters = round % 2 ? "aaaaaaaaaaaaaaaaaaaa\",\n\r" : "a\"\"\"\",\n\r";
        for (size_t i = 0; i < TEXT + QUOTED_STEP_BYTES; i++)
            bytes[i] = seeded_of(&seeded, letters, strlen(letters));
        enum quoted_state ours = QUOTED_BEGINS, naive = QUOTED_BEGINS;
        struct quoted_marks marks = {0};
        for (size_t at = 0; at < TEXT && !marks.bad;) {
            const size_t left = TEXT - at;
            size_t len = seeded_below(&seeded, 3) ? 64 : 1 + seeded_below(&seeded, 64);
            struct quoted_marks expected = {0};
            len = len < left ? len : left;
            for (size_t i = 0; i < len && !expected.bad; i++) {
                const uint8_t byte = bytes[at + i];
                if (!take(&naive, byte))
                    expected.bad |= (uint64_t)1 << i;
                expected.newlines |= (uint64_t)(byte == '\n') << i;
                expected.ends |= (uint64_t)(naive == QUOTED_BEGINS) << i;
            }
            marks = quoted_step(&ours, bytes + at, len, ',');
            assert_int_equal(marks.bad & -marks.bad, expected.bad);
            assert_int_equal(good(marks.ends, marks.bad), good(expected.ends, expected.bad));
            assert_int_equal(good(marks.newlines, marks.bad),
                             good(expected.newlines, expected.bad));
            if (!marks.bad)
                assert_int_equal(ours, naive);
            at += len;
        }
        bad_texts += marks.bad != 0;
    }
    assert_true(bad_texts > ROUNDS / 4 && bad_texts < ROUNDS);
}

static void a_byte_is_found_wherever_it_is(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct seeded seeded = {round};
        uint8_t *bytes = edge_of_memory() - QUOTED_STEP_BYTES;
        const uint8_t byte = (uint8_t)seeded_next(&seeded), flip = (uint8_t)(1 << round % 8);
        uint64_t expected = 0;
        for (size_t i = 0; i < QUOTED_STEP_BYTES; i++) {
            bytes[i] = seeded_below(&seeded, 3) ? byte ^ flip : byte;
            expected |= (uint64_t)(bytes[i] == byte) << i;
        }
        assert_int_equal(quoted_equal(bytes, byte), expected);
        assert_int_equal(quoted_equal_swar(bytes, byte), expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_one_byte_at_a_time),
        cmocka_unit_test(a_byte_is_found_wherever_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
