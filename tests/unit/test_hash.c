/* SPDX-License-Identifier: BSD-3-Clause */
/* The hash: even, seeded, and not so linear that the keyed sum of the verification would miss words
 * that were mixed up. */
#include "text/hash.h"

#include "check.h"

#include <stdio.h>

static uint64_t hash_of(const struct hash_seed *seed, const char *text, size_t len)
{
    uint8_t padded[64] = {0};
    memcpy(padded, text, len);
    return len <= KEY_SHORT_MAX ? hash_short(seed, key_short(padded, len))
                                : hash_long(seed, padded, len);
}

static void buckets_nest(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    for (int round = 0; round < 100000; round++) {
        uint64_t hash = seeded_next(&seeded);
        size_t n = 1 + seeded_below(&seeded, 1000), m = 1 + seeded_below(&seeded, 5000);
        assert_int_equal(hash_bucket(hash, n * m) / m, hash_bucket(hash, n));
    }
}

static void every_hash_has_a_bucket_and_the_last_is_reached(void **state)
{
    (void)state;
    for (size_t buckets = 1; buckets < 100; buckets++) {
        assert_int_equal(hash_bucket(0, buckets), 0);
        assert_int_equal(hash_bucket(UINT64_MAX, buckets), buckets - 1);
    }
}

/* Numbers as words, as they come in real data: the hardest of simple inputs. Each count may be 6
 * standard deviations off. */
static void check_even(uint64_t *(*counter)(uint64_t hash, uint64_t *counts), size_t places)
{
    enum { KEYS = 200000 };
    struct hash_seed seed = hash_seed_from(7);
    uint64_t counts[1024] = {0};
    for (int i = 0; i < KEYS; i++) {
        char text[32];
        int len = snprintf(text, sizeof text, i % 2 ? "%d" : "word-number-%020d", i);
        ++*counter(hash_of(&seed, text, (size_t)len), counts);
    }
    double mean = (double)KEYS / (double)places;
    for (size_t i = 0; i < places; i++) {
        double off = (double)counts[i] - mean;
        assert_true(off * off < 36 * mean);
    }
}

static uint64_t *by_low_bits(uint64_t hash, uint64_t *counts)
{
    return &counts[hash % 1024];
}

static uint64_t *by_bucket(uint64_t hash, uint64_t *counts)
{
    return &counts[hash_bucket(hash, 100)];
}

/* What picks a slot must be even among the keys of one bucket too. */
static uint64_t *by_both(uint64_t hash, uint64_t *counts)
{
    return &counts[hash_bucket(hash, 16) * 16 + hash % 16];
}

static void buckets_are_even(void **state)
{
    (void)state;
    check_even(by_bucket, 100);
}

static void slots_are_even(void **state)
{
    (void)state;
    check_even(by_low_bits, 1024);
}

static void slots_are_even_within_a_bucket(void **state)
{
    (void)state;
    check_even(by_both, 256);
}

/* {aa, bb} taken for {ab, ba}, for halves of every length: a sum of raw products would not see it.
 */
static void keyed_sums_tell_mixed_up_halves(void **state)
{
    (void)state;
    for (uint64_t number = 1; number <= 300; number++) {
        struct hash_seed seed = hash_seed_from(number);
        for (size_t half = 1; half <= 20; half++) {
            char words[4][40]; /* aa, bb, ab, ba */
            for (int word = 0; word < 4; word++) {
                memset(words[word], "abab"[word], half);
                memset(words[word] + half, "abba"[word], half);
            }
            unsigned __int128 sums[2] = {0};
            for (int word = 0; word < 4; word++)
                sums[word / 2] += hash_of(&seed, words[word], 2 * half);
            assert_true(sums[0] != sums[1]);
        }
    }
}

static void other_seeds_give_other_hashes(void **state)
{
    (void)state;
    static const char *const words[] = {"", "a", "the", "fifteen letters",
                                        "more than fifteen letters"};
    uint64_t seen[200];
    for (size_t word = 0; word < LEN(words); word++)
        for (uint64_t number = 0; number < LEN(seen); number++) {
            struct hash_seed seed = hash_seed_from(number);
            seen[number] = hash_of(&seed, words[word], strlen(words[word]));
            for (uint64_t other = 0; other < number; other++)
                assert_true(seen[number] != seen[other]);
        }
}

static void the_same_seed_gives_the_same_hash(void **state)
{
    (void)state;
    struct hash_seed a = hash_seed_from(42), b = hash_seed_from(42);
    assert_memory_equal(&a, &b, sizeof a);
    for (int i = 0; i < 4; i++)
        assert_int_equal(a.word[i] % 2, 1);
}

static void a_long_hash_depends_on_each_bit(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    struct hash_seed seed = hash_seed_from(5);
    uint8_t bytes[130];
    for (size_t len = 16; len <= sizeof bytes; len++) {
        seeded_fill(&seeded, bytes, len);
        uint64_t hash = hash_long(&seed, bytes, len);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(hash_long(&seed, bytes, len) != hash);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_true(hash_long(&seed, bytes, len) == hash);
    }
}

static void a_long_hash_depends_on_the_length(void **state)
{
    (void)state;
    struct hash_seed seed = hash_seed_from(5);
    static const uint8_t nuls[300];
    for (size_t a = 16; a <= sizeof nuls; a++)
        for (size_t b = 16; b < a; b++)
            assert_true(hash_long(&seed, nuls, a) != hash_long(&seed, nuls, b));
}

static void a_long_hash_reads_nothing_behind_the_key(void **state)
{
    (void)state;
    struct seeded seeded = {4};
    struct hash_seed seed = hash_seed_from(5);
    uint8_t copy[200];
    for (size_t len = 16; len <= 100; len++) {
        uint8_t *bytes = edge_of_memory() - len;
        seeded_fill(&seeded, copy, sizeof copy);
        memcpy(bytes, copy, len);
        assert_true(hash_long(&seed, bytes, len) == hash_long(&seed, copy, len));
    }
}

static void a_short_hash_depends_on_each_bit(void **state)
{
    (void)state;
    struct seeded seeded = {6};
    struct hash_seed seed = hash_seed_from(5);
    uint8_t bytes[16];
    for (size_t len = 1; len <= KEY_SHORT_MAX; len++) {
        seeded_fill(&seeded, bytes, sizeof bytes);
        uint64_t hash = hash_short(&seed, key_short(bytes, len));
        for (size_t bit = 0; bit < 8 * len; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_true(hash_short(&seed, key_short(bytes, len)) != hash);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void a_vector_has_the_hash_of_its_key(void **state)
{
    (void)state;
    struct seeded seeded = {7};
    struct hash_seed seed = hash_seed_from(6);
    uint8_t bytes[16];
    for (size_t i = 0; i < 1000; i++) {
        seeded_fill(&seeded, bytes, sizeof bytes);
        size_t len = i % (KEY_SHORT_MAX + 1);
        assert_true(hash_short_vector(&seed, key_short_vector(bytes, len))
                    == hash_short(&seed, key_short(bytes, len)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_nest),
        cmocka_unit_test(every_hash_has_a_bucket_and_the_last_is_reached),
        cmocka_unit_test(buckets_are_even),
        cmocka_unit_test(slots_are_even),
        cmocka_unit_test(slots_are_even_within_a_bucket),
        cmocka_unit_test(keyed_sums_tell_mixed_up_halves),
        cmocka_unit_test(other_seeds_give_other_hashes),
        cmocka_unit_test(the_same_seed_gives_the_same_hash),
        cmocka_unit_test(a_long_hash_depends_on_each_bit),
        cmocka_unit_test(a_long_hash_depends_on_the_length),
        cmocka_unit_test(a_long_hash_reads_nothing_behind_the_key),
        cmocka_unit_test(a_short_hash_depends_on_each_bit),
        cmocka_unit_test(a_vector_has_the_hash_of_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
