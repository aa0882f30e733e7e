/* SPDX-License-Identifier: BSD-3-Clause */
/* Records in the form in which they are stored and sent. */
#include "data/parcel.h"

#include "check.h"

/* What was put in, to be compared with what comes out, in order. */
struct sample {
    uint8_t *bytes;
    size_t len;
    uint64_t count;
};

static const uint64_t counts[] = {
    0, 1, 2, 255, 256, UINT32_MAX, (uint64_t)1 << 32, (uint64_t)1 << 63, UINT64_MAX};

/* Every length that a border may be at. */
static size_t make_samples(struct seeded *seeded, struct sample **samples)
{
    size_t len = 0, cap = 0;
    *samples = NULL;
    for (size_t length = 0; length <= 100000; length++) {
        bool wanted = length <= 40 || (length >= 255 && length <= 257)
                   || (length >= 960 && length <= 1040) || (length >= 4095 && length <= 5000)
                   || length == 100000;
        for (size_t i = 0; wanted && i < LEN(counts); i += length <= 300 ? 1 : LEN(counts)) {
            if (len == cap)
                *samples = realloc(*samples, (cap = cap * 2 + 64) * sizeof **samples);
            uint8_t *bytes = malloc(length + 16);
            seeded_fill(seeded, bytes, length);
            size_t count = length <= 300 ? i : seeded_below(seeded, LEN(counts));
            (*samples)[len++] = (struct sample){bytes, length, counts[count]};
        }
    }
    for (size_t i = len - 1; i > 0; i--) {
        size_t other = seeded_below(seeded, i + 1);
        struct sample swapped = (*samples)[i];
        (*samples)[i] = (*samples)[other];
        (*samples)[other] = swapped;
    }
    return len;
}

static void free_samples(struct sample *samples, size_t len)
{
    for (size_t i = 0; i < len; i++)
        free(samples[i].bytes);
    free(samples);
}

static void put(struct world *world, struct parcel *parcel, const struct sample *samples,
                size_t len)
{
    for (size_t i = 0; i < len; i++)
        assert_true(add_key(&world->arena, parcel, samples[i].bytes, samples[i].len,
                            samples[i].count, &world->fail));
}

static void check_record(const struct record *record, const struct sample *sample)
{
    bool is_short = sample->len <= KEY_SHORT_MAX;
    struct key key = is_short ? key_short(sample->bytes, sample->len) : key_long(sample->bytes);
    assert_int_equal(record->len, sample->len);
    assert_int_equal(record->count, sample->count);
    assert_memory_equal(&record->key, &key, sizeof key);
    assert_int_equal(record->bytes == NULL, is_short);
    if (!is_short)
        assert_memory_equal(record->bytes, sample->bytes, sample->len);
}

static void check(struct parcel *parcel, const struct sample *samples, size_t len)
{
    size_t seen = 0;
    parcel_settle(parcel);
    assert_int_equal(parcel->records, len);
    for (const struct chunk *chunk = parcel->head; chunk; chunk = chunk->next) {
        const uint8_t *at = chunk->bytes, *end = at + chunk->used_bytes;
        while (at < end) {
            struct record record;
            at = parcel_next(at, end, &record);
            assert_non_null(at);
            assert_true(seen < len);
            check_record(&record, &samples[seen++]);
        }
        assert_ptr_equal(at, end); /* no record straddles two chunks */
    }
    assert_int_equal(seen, len);
}

static void records_come_out_as_they_went_in(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct sample *samples;
    struct parcel parcel = {0};
    size_t len = make_samples(&seeded, &samples);
    put(world, &parcel, samples, len);
    check(&parcel, samples, len);
    parcel_clear(&world->arena, &parcel);
    assert_int_equal(parcel.records, 0);
    free_samples(samples, len);
}

static void a_record_taken_apart_can_be_added_again(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    struct sample *samples;
    struct parcel parcel = {0}, copy = {0};
    size_t len = make_samples(&seeded, &samples);
    put(world, &parcel, samples, len);
    parcel_settle(&parcel);
    for (struct chunk *chunk; (chunk = parcel_shift(&parcel));) {
        struct records records = records_of_chunk(chunk);
        struct record record;
        while (records_next(&records, &record))
            assert_true(parcel_add(&world->arena, &copy, &record, &world->fail));
        arena_give(&world->arena, chunk);
    }
    check(&copy, samples, len);
    parcel_clear(&world->arena, &copy);
    free_samples(samples, len);
}

static void records_take_the_bytes_the_header_states(void **state)
{
    struct world *world = *state;
    static const uint8_t word[40] = "a word of a certain length, nothing else";
    for (size_t len = 0; len <= sizeof word; len++)
        for (size_t i = 0; i < LEN(counts); i++) {
            struct parcel parcel = {0};
            uint64_t count = counts[i];
            size_t count_bytes = count == 1 ? 0 : count < 256 ? 1 : count <= UINT32_MAX ? 4 : 8;
            size_t expected = len > 15 ? 17 + len : 1 + len + count_bytes;
            add_key(&world->arena, &parcel, word, len, count, &world->fail);
            parcel_settle(&parcel);
            assert_int_equal(parcel.head->used_bytes, expected);
            parcel_clear(&world->arena, &parcel);
        }
}

/* Parcels from empty to many chunks, joined to parcels of every such size: by copying and by
 * pointer. */
static bool is_sample(const struct record *record, const struct sample *sample)
{
    const uint8_t *bytes = record_bytes(record);
    return record->len == sample->len && record->count == sample->count
        && memcmp(bytes, sample->bytes, record->len) == 0;
}

static void check_any_order(struct parcel *parcel, const struct sample *samples, size_t len)
{
    bool *found = calloc(len, sizeof *found);
    parcel_settle(parcel);
    assert_int_equal(parcel->records, len);
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record)) {
        size_t i = 0;
        while (i < len && (found[i] || !is_sample(&record, &samples[i])))
            i++;
        assert_true(i < len);
        found[i] = true;
    }
    assert_false(records.malformed);
    free(found);
}

static void joined_parcels_hold_the_records_of_both(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    struct sample *samples;
    size_t len = make_samples(&seeded, &samples);
    static const size_t sizes[] = {0, 1, 2, 5, 20, 100, 300};
    for (size_t a = 0; a < LEN(sizes); a++)
        for (size_t b = 0; b < LEN(sizes); b++)
            for (int round = 0; round < 5; round++) {
                struct parcel parcel = {0}, from = {0};
                size_t first = seeded_below(&seeded, len - 600);
                put(world, &parcel, samples + first, sizes[a]);
                put(world, &from, samples + first + sizes[a], sizes[b]);
                parcel_join(&world->arena, &parcel, &from);
                assert_int_equal(from.records, 0);
                assert_null(from.head);
                /* It goes on, and the other one begins anew. */
                put(world, &parcel, samples + first + sizes[a] + sizes[b], 3);
                put(world, &from, samples + first, 1);
                check_any_order(&parcel, samples + first, sizes[a] + sizes[b] + 3);
                parcel_clear(&world->arena, &parcel);
                parcel_clear(&world->arena, &from);
            }
    free_samples(samples, len);
}

static void small_parcels_joined_share_a_chunk(void **state)
{
    struct world *world = *state;
    struct parcel parcel = {0};
    for (int i = 0; i < 20; i++) {
        struct parcel from = {0};
        add_key(&world->arena, &from, (const uint8_t *)"word", 4, 1, &world->fail);
        parcel_join(&world->arena, &parcel, &from);
    }
    assert_int_equal(parcel.records, 20);
    assert_int_equal(world->arena.used_bytes, ARENA_CHUNK_BYTES);
    parcel_clear(&world->arena, &parcel);
}

static void chunks_can_be_taken_one_by_one_until_the_parcel_is_empty(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {4};
    struct sample *samples;
    struct parcel parcel = {0}, again = {0};
    size_t len = make_samples(&seeded, &samples);
    put(world, &parcel, samples, len);
    parcel_settle(&parcel);
    uint64_t records = parcel.records;
    for (struct chunk *chunk; (chunk = parcel_shift(&parcel)); records = 0)
        parcel_join_chunk(&world->arena, &again, chunk, records);
    assert_null(parcel.head);
    assert_int_equal(parcel.records, 0);
    check(&again, samples, len);
    parcel_clear(&world->arena, &again);
    put(world, &parcel, samples, 10); /* an emptied parcel can be used again */
    check(&parcel, samples, 10);
    parcel_clear(&world->arena, &parcel);
    free_samples(samples, len);
}

/* What is taken out must not hold on to what followed it. */
static void a_chunk_that_moves_leaves_its_successors_behind(void **state)
{
    struct world *world = *state;
    struct parcel parcel = {0}, other = {0};
    uint8_t word[100];
    memset(word, 'w', sizeof word);
    for (int i = 0; i < 20; i++)
        assert_true(add_key(&world->arena, &parcel, word, sizeof word, 1, &world->fail));
    parcel_settle(&parcel);
    uint64_t records = parcel.head->used_bytes / (PARCEL_LONG_HEAD_BYTES + sizeof word);
    parcel_join_chunk(&world->arena, &other, parcel_shift(&parcel), records);
    parcel_clear(&world->arena, &parcel);
    parcel_settle(&other);
    assert_null(other.head->next);
    assert_int_equal(other.records, records);
    parcel_clear(&world->arena, &other);
}

/* The first byte decides. */
static void every_unknown_tag_is_refused(void **state)
{
    (void)state;
    uint8_t bytes[64] = {0};
    for (unsigned tag = 0; tag < 256; tag++) {
        struct record record;
        bytes[0] = (uint8_t)tag;
        unsigned low = tag % (1 << PARCEL_LEN_BITS);
        bool is_short = tag < PARCEL_LONG && low >= 1 && low <= KEY_SHORT_MAX + 1;
        const uint8_t *next = parcel_next(bytes, bytes + 32, &record);
        assert_int_equal(next != NULL, is_short); /* a long key of length 0 is none */
    }
}

static void a_record_that_is_cut_off_is_refused(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    uint8_t word[64];
    seeded_fill(&seeded, word, sizeof word);
    for (size_t len = 0; len <= sizeof word; len++)
        for (size_t i = 0; i < LEN(counts); i++) {
            struct parcel parcel = {0};
            struct record record;
            add_key(&world->arena, &parcel, word, len, counts[i], &world->fail);
            parcel_settle(&parcel);
            const uint8_t *at = parcel.head->bytes, *end = at + parcel.head->used_bytes;
            assert_ptr_equal(parcel_next(at, end, &record), end);
            while (--end > at)
                assert_null(parcel_next(at, end, &record));
            parcel_clear(&world->arena, &parcel);
        }
}

static void impossible_lengths_are_refused(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {
        0, 1, 15, 48, 49, 64, 65, 1 << 20, UINT64_MAX >> 8, (UINT64_MAX >> 8) - 7};
    uint8_t bytes[64 + ARENA_SLACK_BYTES];
    struct record record;
    memset(bytes, 'x', sizeof bytes);
    bytes[0] = PARCEL_LONG;
    for (size_t i = 0; i < LEN(lengths); i++) {
        uint64_t head[2] = {1, lengths[i]};
        memcpy(bytes + 1, head, sizeof head);
        assert_null(parcel_next(bytes, bytes + 64, &record));
    }
    uint64_t head[2] = {1, 47}; /* the longest that fits */
    memcpy(bytes + 1, head, sizeof head);
    assert_ptr_equal(parcel_next(bytes, bytes + 64, &record), bytes + 64);
}

static void the_tally_of_a_parcel_is_the_sum_over_its_records(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {6};
    struct hash_seed seed = hash_seed_from(6);
    struct sample *samples;
    struct parcel parcel = {0};
    struct tally tally = {.tokens = 5, .keyed = 7}; /* is added to */
    uint64_t tokens = 5;
    unsigned __int128 keyed = 7;
    size_t len = make_samples(&seeded, &samples);
    put(world, &parcel, samples, len);
    parcel_settle(&parcel);
    parcel_tally(&parcel, &seed, &tally);
    for (size_t i = 0; i < len; i++) {
        const struct sample *sample = &samples[i];
        uint64_t hash = sample->len <= KEY_SHORT_MAX
                          ? hash_short(&seed, key_short(sample->bytes, sample->len))
                          : hash_long(&seed, sample->bytes, sample->len);
        tokens += sample->count;
        keyed += (unsigned __int128)hash * sample->count;
    }
    assert_true(tally.tokens == tokens && tally.keyed == keyed);
    parcel_clear(&world->arena, &parcel);
    free_samples(samples, len);
}

static void a_parcel_without_room_keeps_what_it_has(void **state)
{
    struct world *world = *state;
    struct parcel parcel = {0};
    uint8_t word[200];
    memset(word, 'w', sizeof word);
    world->mem.limit_bytes = 4 * CHECK_SLAB_BYTES;
    uint64_t added = 0;
    while (add_key(&world->arena, &parcel, word, added % sizeof word, 1 + added % 2, &world->fail))
        added++;
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(parcel.records, added);
    struct naive list = {0};
    uint8_t *store = malloc(added * 16), *at = store;
    parcel_settle(&parcel);
    assert_true(list_records(&parcel, &list, &at));
    assert_int_equal(list.len, added);
    for (size_t i = 0; i < list.len; i++)
        assert_true(list.words[i].len == i % sizeof word && list.words[i].count == 1 + i % 2);
    parcel_clear(&world->arena, &parcel);
    naive_free(&list);
    free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(records_come_out_as_they_went_in),
        world_test(a_record_taken_apart_can_be_added_again),
        world_test(records_take_the_bytes_the_header_states),
        world_test(joined_parcels_hold_the_records_of_both),
        world_test(small_parcels_joined_share_a_chunk),
        world_test(chunks_can_be_taken_one_by_one_until_the_parcel_is_empty),
        world_test(a_chunk_that_moves_leaves_its_successors_behind),
        cmocka_unit_test(every_unknown_tag_is_refused),
        world_test(a_record_that_is_cut_off_is_refused),
        cmocka_unit_test(impossible_lengths_are_refused),
        world_test(the_tally_of_a_parcel_is_the_sum_over_its_records),
        world_test(a_parcel_without_room_keeps_what_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
