/* SPDX-License-Identifier: BSD-3-Clause */
/* The combiner: whatever its table holds or passes on, the outbox has every token once. */
#include "data/combiner.h"

#include "check.h"

#include <stdio.h>

enum { BUCKETS = 7 };

/* A text and the edges of its words, as a mapper makes them, with the slack that a block has; and
 * how often each is counted, by which it is put: those that are added count once. */
struct text {
    uint8_t *bytes;
    uint32_t *edges;
    uint64_t *counts;
    size_t len, words;
    uint64_t tokens;
};

/* What makes a word from a number; returns its length, at most WORD_MAX. */
typedef size_t speller(uint8_t *at, size_t number);

enum { WORD_MAX = 3000 };

static size_t digits(uint8_t *at, size_t number)
{
    return (size_t)sprintf((char *)at, "%zu", number);
}

/* No byte, as an empty line has; all lengths from 1 to 40; and every seventh number around the
 * length that tables do not keep. */
static size_t any_length(uint8_t *at, size_t number)
{
    if (number == 0)
        return 0;
    size_t len = digits(at, number), padded = number % 7 ? 1 + number % 40 : 1000 + number % 50;
    for (; len < padded; len++)
        at[len] = (uint8_t)("xyz"[number % 3]);
    return len;
}

static size_t very_long(uint8_t *at, size_t number)
{
    size_t len = digits(at, number);
    memset(at + len, '.', WORD_MAX - len);
    return WORD_MAX;
}

static void count_once(struct text *text)
{
    for (size_t i = 0; i < text->words; i++)
        text->counts[i] = 1;
    text->tokens = text->words;
}

static struct text make_text(struct seeded *seeded, size_t words, size_t vocabulary, speller *spell)
{
    struct text text = {.edges = malloc(2 * words * sizeof *text.edges),
                        .counts = malloc(words * sizeof *text.counts),
                        .words = words};
    size_t cap = 0;
    for (size_t i = 0; i < words; i++) {
        if (cap - text.len < WORD_MAX + KEY_SLACK_BYTES + 16) {
            cap = cap * 2 + (1 << 20);
            text.bytes = realloc(text.bytes, cap);
        }
        /* The square makes small numbers frequent, as words are. */
        size_t a = seeded_below(seeded, vocabulary), number = a * a / vocabulary;
        text.edges[2 * i] = (uint32_t)text.len;
        text.len += spell(text.bytes + text.len, number);
        text.edges[2 * i + 1] = (uint32_t)text.len;
        text.bytes[text.len++] = ' ';
    }
    count_once(&text);
    memset(text.bytes + text.len, 0xaa, KEY_SLACK_BYTES);
    return text;
}

static void free_text(struct text *text)
{
    free(text->bytes);
    free(text->edges);
    free(text->counts);
}

/* Adds the words from, to in batches of random sizes. */
static bool add(struct world *world, struct combiner *combiner, const struct text *text,
                size_t from, size_t to, struct seeded *seeded, struct box *outbox)
{
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 128, 1000};
    while (from < to) {
        size_t len = sizes[seeded_below(seeded, LEN(sizes))];
        len = len < to - from ? len : to - from;
        struct batch batch = {.base = text->bytes, .edges = text->edges + 2 * from, .len = len};
        const bool ok = combiner_add(combiner, &batch, outbox, &world->fail);
        assert_int_equal(ok, world->fail.code == FAIL_NONE);
        if (!ok)
            return false;
        from += len;
    }
    return true;
}

/* The outbox holds exactly the words of the text, each in the bucket of its hash; the tally is
 * theirs. */
static void check(struct combiner *combiner, struct box *outbox, const struct text *text,
                  const struct hash_seed *seed)
{
    struct naive oracle = {0}, got = {0};
    struct tally sent = {0};
    uint8_t *store = malloc(16 * (text->words + 1)), *at = store;
    for (size_t i = 0; i < text->words; i++)
        naive_add(&oracle, text->bytes + text->edges[2 * i],
                  text->edges[2 * i + 1] - text->edges[2 * i], text->counts[i]);
    for (size_t bucket = 0; bucket < outbox->len; bucket++) {
        struct parcel *parcel = &outbox->parcels[bucket];
        size_t first = got.len;
        parcel_settle(parcel);
        assert_true(list_records(parcel, &got, &at));
        parcel_tally(parcel, seed, &sent);
        for (size_t i = first; i < got.len; i++) {
            const struct naive_word *word = &got.words[i];
            uint64_t hash = word->len <= KEY_SHORT_MAX
                              ? hash_short(seed, key_short(word->bytes, word->len))
                              : hash_long(seed, word->bytes, word->len);
            assert_int_equal(hash_bucket(hash, outbox->len), bucket);
        }
    }
    naive_merge(&oracle);
    naive_merge(&got);
    assert_true(naive_same(&got, &oracle));
    assert_int_equal(combiner->tally.tokens, text->tokens);
    assert_int_equal(sent.tokens, text->tokens);
    assert_true(combiner->tally.keyed == (combiner->verify ? sent.keyed : 0));
    naive_free(&oracle);
    naive_free(&got);
    free(store);
}

/* Puts them all, as often as a draw says. */
static bool put(struct world *world, struct combiner *combiner, struct text *text,
                struct seeded *seeded, struct box *outbox)
{
    static const uint64_t counts[] = {0, 1, 1, 2, 255, 256, 1 << 20, 1ull << 40};
    text->tokens = 0;
    for (size_t i = 0; i < text->words; i++) {
        const uint8_t *bytes = text->bytes + text->edges[2 * i];
        struct record record = {.len = text->edges[2 * i + 1] - text->edges[2 * i]};
        record.bytes = record.len > KEY_SHORT_MAX ? bytes : NULL;
        record.key = record.bytes ? key_long(bytes) : key_short(bytes, (unsigned)record.len);
        record.count = text->counts[i] = counts[seeded_below(seeded, LEN(counts))];
        text->tokens += record.count;
        if (!combiner_put(combiner, &record, outbox, &world->fail))
            return false;
    }
    return true;
}

static void check_text(struct world *world, size_t words, size_t vocabulary, speller *spell,
                       size_t max_bytes, bool verify)
{
    struct seeded seeded = {words + vocabulary};
    struct hash_seed seed = hash_seed_from(vocabulary);
    struct text text = make_text(&seeded, words, vocabulary, spell);
    struct combiner combiner;
    struct box outbox;
    for (int puts = 0; puts < 2; puts++) {
        assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
        assert_true(
            combiner_init(&combiner, &world->arena, &seed, max_bytes, verify, &world->fail));
        assert_true(puts ? put(world, &combiner, &text, &seeded, &outbox)
                         : add(world, &combiner, &text, 0, words, &seeded, &outbox));
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        check(&combiner, &outbox, &text, &seed);
        box_free(&outbox);
        combiner_free(&combiner);
        combiner_free(&combiner);
    }
    free_text(&text);
}

static void a_vocabulary_that_fits_is_counted_in_the_table(void **state)
{
    check_text(*state, 100000, 200, digits, 1 << 20, true);
    check_text(*state, 30000, 120, any_length, 1 << 20, true);
}

static void a_vocabulary_much_larger_than_the_table_is_counted_too(void **state)
{
    check_text(*state, 300000, 200000, digits, 1, true);
    check_text(*state, 300000, 200000, digits, 1 << 20, true);
    check_text(*state, 60000, 30000, any_length, 1, true);
    check_text(*state, 60000, 30000, any_length, 1 << 22, true);
}

static void words_too_long_to_keep_are_passed_on(void **state)
{
    check_text(*state, 3000, 100, very_long, 1 << 20, true);
}

static void without_verification_only_the_tokens_are_summed(void **state)
{
    check_text(*state, 50000, 10000, digits, 1 << 16, false);
    check_text(*state, 20000, 5000, any_length, 1 << 16, false);
}

/* While few words are distinct, nothing but one record for each comes out: what the combiner is
 * for. */
static void a_frequent_word_leaves_as_one_record(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct hash_seed seed = hash_seed_from(1);
    struct text text = make_text(&seeded, 50000, 300, any_length);
    struct naive oracle = {0};
    for (size_t i = 0; i < text.words; i++) {
        size_t len = text.edges[2 * i + 1] - text.edges[2 * i];
        if (len <= 40)
            naive_add(&oracle, text.bytes + text.edges[2 * i], len, 1);
    }
    naive_merge(&oracle);
    for (int puts = 0; puts < 2; puts++) {
        struct combiner combiner;
        struct box outbox;
        assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
        assert_true(combiner_init(&combiner, &world->arena, &seed, 1 << 20, true, &world->fail));
        assert_true(puts ? put(world, &combiner, &text, &seeded, &outbox)
                         : add(world, &combiner, &text, 0, text.words, &seeded, &outbox));
        uint64_t passed = box_records(&outbox);
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        assert_true(box_records(&outbox) - passed >= oracle.len);
        assert_true(box_records(&outbox) - passed <= 300);
        box_free(&outbox);
        combiner_free(&combiner);
    }
    naive_free(&oracle);
    free_text(&text);
}

static void without_a_table_every_word_is_a_record(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    struct hash_seed seed = hash_seed_from(5);
    struct text text = make_text(&seeded, 30000, 100, any_length);
    struct combiner combiner;
    struct box outbox;
    assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
    assert_true(combiner_init(&combiner, &world->arena, &seed, 0, true, &world->fail));
    for (size_t part = 0; part < 2; part++) {
        assert_true(
            add(world, &combiner, &text, part * 15000, (part + 1) * 15000, &seeded, &outbox));
        assert_int_equal(box_records(&outbox), (part + 1) * 15000);
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
    }
    assert_int_equal(box_records(&outbox), text.words);
    check(&combiner, &outbox, &text, &seed);
    box_free(&outbox);
    combiner_free(&combiner);
    free_text(&text);
}

static void a_flushed_combiner_is_empty_and_counts_on(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    struct hash_seed seed = hash_seed_from(2);
    struct text text = make_text(&seeded, 40000, 3000, any_length);
    struct combiner combiner;
    struct box outbox;
    assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
    assert_true(combiner_init(&combiner, &world->arena, &seed, 1 << 16, true, &world->fail));
    for (size_t part = 0; part < 5; part++) {
        assert_true(add(world, &combiner, &text, part * 8000, (part + 1) * 8000, &seeded, &outbox));
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        uint64_t records = box_records(&outbox);
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        assert_int_equal(box_records(&outbox), records);
    }
    check(&combiner, &outbox, &text, &seed);
    box_free(&outbox);
    combiner_free(&combiner);
    free_text(&text);
}

/* After all that passed it by, an emptied table must hold what the text is about now. */
static void a_table_that_was_emptied_combines_again(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {4};
    struct hash_seed seed = hash_seed_from(4);
    struct text many = make_text(&seeded, 50000, 200000, digits);
    struct text few = make_text(&seeded, 20000, 10, digits);
    for (int puts = 0; puts < 2; puts++) {
        struct combiner combiner;
        struct box outbox;
        assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
        assert_true(combiner_init(&combiner, &world->arena, &seed, 1, true, &world->fail));
        assert_true(puts ? put(world, &combiner, &many, &seeded, &outbox)
                         : add(world, &combiner, &many, 0, many.words, &seeded, &outbox));
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        uint64_t records = box_records(&outbox);
        assert_true(records > 20000); /* far too many for the table */
        assert_true(puts ? put(world, &combiner, &few, &seeded, &outbox)
                         : add(world, &combiner, &few, 0, few.words, &seeded, &outbox));
        assert_true(combiner_flush(&combiner, &outbox, &world->fail));
        assert_true(box_records(&outbox) - records <= 10);
        box_free(&outbox);
        combiner_free(&combiner);
    }
    free_text(&many);
    free_text(&few);
}

/* At every limit from none to enough: a clean failure or the right counts. The teardown looks for
 * what was lost. */
static void check_memory(struct world *world, speller *spell)
{
    struct seeded seeded = {3};
    struct hash_seed seed = hash_seed_from(3);
    struct text text = make_text(&seeded, 20000, 8000, spell);
    size_t failed = 0, done = 0;
    for (size_t limit = 0; limit <= 12 << 20; limit += 2 * CHECK_SLAB_BYTES) {
        struct combiner combiner = {0};
        struct box outbox = {0};
        const bool puts = limit % (4 * CHECK_SLAB_BYTES) != 0;
        count_once(&text);
        world->fail = (struct fail){0};
        world->mem.limit_bytes = limit;
        bool ok = box_init(&outbox, &world->arena, BUCKETS, &world->fail)
               && combiner_init(&combiner, &world->arena, &seed, 1 << 19, true, &world->fail)
               && (puts ? put(world, &combiner, &text, &seeded, &outbox)
                        : add(world, &combiner, &text, 0, text.words, &seeded, &outbox))
               && combiner_flush(&combiner, &outbox, &world->fail);
        assert_int_equal(world->fail.code, ok ? FAIL_NONE : FAIL_MEMORY);
        if (ok)
            check(&combiner, &outbox, &text, &seed);
        *(ok ? &done : &failed) += 1;
        box_free(&outbox);
        combiner_free(&combiner);
        arena_free(&world->arena);
        assert_int_equal(world->mem.used_bytes, 0);
        arena_init(&world->arena, &world->mem, CHECK_SLAB_BYTES, 0);
    }
    assert_true(failed > 5 && done > 5); /* the sweep saw both sides */
    free_text(&text);
}

static void memory_that_ends_anywhere_is_a_clean_failure(void **state)
{
    check_memory(*state, any_length);
    check_memory(*state, digits); /* no key is long: nothing else of a batch can fail */
}

static void no_more_than_the_slack_is_read_behind_the_last_key(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(4);
    struct combiner combiner;
    struct box outbox;
    assert_true(box_init(&outbox, &world->arena, BUCKETS, &world->fail));
    assert_true(combiner_init(&combiner, &world->arena, &seed, 1 << 16, true, &world->fail));
    for (uint32_t len = 1; len <= 100; len++) {
        uint32_t edges[2] = {0, len};
        struct batch batch = {
            .base = edge_of_memory() - KEY_SLACK_BYTES - len, .edges = edges, .len = 1};
        assert_true(combiner_add(&combiner, &batch, &outbox, &world->fail));
    }
    assert_int_equal(combiner.tally.tokens, 100);
    combiner_free(&combiner);
    box_free(&outbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_vocabulary_that_fits_is_counted_in_the_table),
        world_test(a_vocabulary_much_larger_than_the_table_is_counted_too),
        world_test(words_too_long_to_keep_are_passed_on),
        world_test(without_verification_only_the_tokens_are_summed),
        world_test(a_frequent_word_leaves_as_one_record),
        world_test(without_a_table_every_word_is_a_record),
        world_test(a_flushed_combiner_is_empty_and_counts_on),
        world_test(a_table_that_was_emptied_combines_again),
        world_test(memory_that_ends_anywhere_is_a_clean_failure),
        world_test(no_more_than_the_slack_is_read_behind_the_last_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
