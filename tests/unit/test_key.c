/* SPDX-License-Identifier: BSD-3-Clause */
/* The normal form of keys: what makes two short keys one compare. */
#include "text/key.h"

#include "check.h"

static struct key key_of(const char *text, size_t len)
{
    uint8_t padded[32];
    memset(padded, 0xee, sizeof padded); /* whatever stands behind the key */
    memcpy(padded, text, len);
    return key_short(padded, len);
}

static bool same(struct key a, struct key b)
{
    return a.lo == b.lo && a.hi == b.hi;
}

static void a_short_key_is_its_bytes_zeros_and_its_length_plus_one(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    for (size_t len = 0; len <= KEY_SHORT_MAX; len++)
        for (int round = 0; round < 1000; round++) {
            uint8_t bytes[24], expected[16] = {0};
            seeded_fill(&seeded, bytes, sizeof bytes);
            memcpy(expected, bytes, len);
            expected[15] = (uint8_t)(len + 1);
            struct key key = key_short(bytes, len);
            assert_memory_equal(&key, expected, 16);
            assert_int_equal(key_tag(key), len + 1);
        }
}

static void a_long_key_is_its_first_15_bytes_and_its_tag(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    uint8_t bytes[24], expected[16];
    for (int round = 0; round < 1000; round++) {
        seeded_fill(&seeded, bytes, sizeof bytes);
        memcpy(expected, bytes, 15);
        expected[15] = KEY_LONG;
        struct key key = key_long(bytes);
        assert_memory_equal(&key, expected, 16);
    }
}

static void no_more_than_16_bytes_are_read_whatever_the_length(void **state)
{
    (void)state;
    uint8_t *bytes = edge_of_memory() - 16;
    memset(bytes, 'k', 16);
    for (size_t len = 0; len <= KEY_SHORT_MAX; len++)
        assert_int_equal(key_tag(key_short(bytes, len)), len + 1);
    assert_int_equal(key_tag(key_long(bytes)), KEY_LONG);
}

static void keys_that_differ_in_nuls_at_the_end_differ(void **state)
{
    (void)state;
    static const char nuls[16];
    for (size_t a = 0; a <= KEY_SHORT_MAX; a++)
        for (size_t b = 0; b <= KEY_SHORT_MAX; b++)
            assert_int_equal(same(key_of(nuls, a), key_of(nuls, b)), a == b);
    assert_false(same(key_of("a", 1), key_of("a\0", 2)));
    assert_false(same(key_of("", 0), key_of("\0", 1)));
}

static void no_key_is_all_zero(void **state)
{
    (void)state;
    static const uint8_t nuls[16];
    for (size_t len = 0; len <= KEY_SHORT_MAX; len++)
        assert_true(key_short(nuls, len).hi != 0);
    assert_true(key_long(nuls).hi != 0);
}

/* All strings of up to four bytes of an alphabet, each against each. */
static void different_short_keys_have_different_normal_forms(void **state)
{
    (void)state;
    static const char letters[] = {'a', 1, ' ', (char)0xc3, 0};
    enum { LETTERS = sizeof letters, STRINGS = 1 + 5 + 25 + 125 + 625 };
    static struct key keys[STRINGS];
    size_t made = 0, strings = 1;
    for (size_t len = 0; len <= 4; len++, strings *= LETTERS)
        for (size_t string = 0; string < strings; string++) {
            char text[4];
            size_t rest = string;
            for (size_t i = 0; i < len; i++, rest /= LETTERS)
                text[i] = letters[rest % LETTERS];
            keys[made++] = key_of(text, len);
        }
    assert_int_equal(made, STRINGS);
    for (size_t a = 0; a < STRINGS; a++)
        for (size_t b = 0; b < a; b++)
            assert_false(same(keys[a], keys[b]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_key_is_its_bytes_zeros_and_its_length_plus_one),
        cmocka_unit_test(a_long_key_is_its_first_15_bytes_and_its_tag),
        cmocka_unit_test(no_more_than_16_bytes_are_read_whatever_the_length),
        cmocka_unit_test(keys_that_differ_in_nuls_at_the_end_differ),
        cmocka_unit_test(no_key_is_all_zero),
        cmocka_unit_test(different_short_keys_have_different_normal_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
