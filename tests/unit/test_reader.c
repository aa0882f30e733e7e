/* SPDX-License-Identifier: BSD-3-Clause */
/* The text of an input, read in portions of any size: stored as it is, or compressed in any number
 * of members, in each way that is decoded; whole, cut short and damaged. */
#include "input/reader.h"

#include "packed.h"
#include "world_in_folder.h"

enum { TEXT_MAX = 3000, MEMBERS_MAX = 5, STORED_MAX = MEMBERS_MAX * (TEXT_MAX + 200) };

struct text {
    uint8_t bytes[TEXT_MAX], stored[STORED_MAX];
    size_t len, stored_len;
};

static void make_text(struct seeded *seeded, struct text *text)
{
    text->len = seeded_below(seeded, 3) ? seeded_below(seeded, TEXT_MAX) : seeded_below(seeded, 3);
    for (size_t i = 0; i < text->len; i++)
        text->bytes[i] = seeded_of(seeded, "abc \n\xff", 6);
}

enum how { PLAIN, CHECKED, ZEROS_BEHIND };

/* The text in some members, of which some hold nothing, and frames to skip between them. */
static void store(struct seeded *seeded, const struct packer *packer, struct text *text,
                  enum how how)
{
    struct packed packed = {.bytes = text->stored, .room = STORED_MAX};
    size_t done = 0, members = 1 + seeded_below(seeded, MEMBERS_MAX);
    for (size_t member = 0; member < members; member++) {
        size_t left = text->len - done;
        size_t len = member + 1 == members ? left : seeded_below(seeded, left + 1);
        if (packer->skips && (member > 0 || packer->skips_first) && seeded_below(seeded, 3) == 0)
            packed_skip(seeded, &packed);
        packer->add(seeded, &packed, text->bytes + done, len, how == CHECKED);
        done += len;
    }
    if (packer->skips && seeded_below(seeded, 3) == 0)
        packed_skip(seeded, &packed);
    if (how == ZEROS_BEHIND)
        packed_zeros(&packed, packer->zeros * seeded_below(seeded, 12));
    text->stored_len = packed.len;
}

/* Reads a file in portions of up to `most` bytes, 0 among them; returns how much it was. False with
 * the world's failure set. */
static bool read_all(struct world *world, struct seeded *seeded, const char *path, size_t most,
                     uint8_t *into, size_t room, size_t *len)
{
    struct catalog catalog;
    struct reader reader = {0};
    bool ended = false;
    *len = 0;
    world->fail = (struct fail){0};
    catalog_init(&catalog, &world->mem);
    bool ok = catalog_add(&catalog, path, false, &world->fail)
           && reader_open(&reader, &world->mem, catalog_name(&catalog, 0), catalog.files,
                          catalog.any_format, &world->fail);
    while (ok && !ended) {
        size_t got = 0, want = seeded_below(seeded, most + 1);
        want = want < room - *len ? want : room - *len;
        ok = reader_read(&reader, into + *len, want, &got, &ended, &world->fail);
        assert_true(got <= want);
        assert_true(!ok || ended || got == want);
        *len += got;
        if (ok && *len == room && !ended)
            fail_msg("more text than there is");
    }
    reader_close(&reader);
    reader_close(&reader);
    catalog_free(&catalog);
    assert_int_equal(world->mem.used_bytes, 0);
    assert_int_equal(world->fail.code, ok ? FAIL_NONE : FAIL_INPUT);
    return ok;
}

static void expect_text(struct world *world, struct seeded *seeded, const struct text *text,
                        const char *path)
{
    uint8_t into[TEXT_MAX + 1];
    size_t len, most = seeded_below(seeded, 2) ? 1 + seeded_below(seeded, 20) : TEXT_MAX;
    if (!read_all(world, seeded, path, most, into, sizeof into, &len))
        fail_msg("%s", world->fail.text);
    assert_int_equal(len, text->len);
    assert_memory_equal(into, text->bytes, len);
}

static void what_is_stored_is_read_however_it_is_stored(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static struct text text;
    for (int round = 0; round < 1000; round++) {
        const struct packer *packer = &packers[(size_t)round % LEN(packers)];
        make_text(&seeded, &text);
        expect_text(world, &seeded, &text, folder_put("text", text.bytes, text.len));
        store(&seeded, packer, &text, seeded_below(&seeded, 2) ? PLAIN : ZEROS_BEHIND);
        expect_text(world, &seeded, &text, folder_put("text", text.stored, text.stored_len));
    }
}

/* Whether a member or a frame to skip begins here. */
static bool at_border(const struct packer *packer, const uint8_t *bytes)
{
    return memcmp(bytes, packer->mark, 3) == 0
        || (packer->skips && bytes[0] >> 4 == 5 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0);
}

/* Cut anywhere but between two members it is no text. */
static void what_is_cut_short_is_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static struct text text;
    size_t whole = 0, noticed = 0;
    for (size_t round = 0; round < 8 * LEN(packers); round++) {
        const struct packer *packer = &packers[round % LEN(packers)];
        make_text(&seeded, &text);
        text.len %= 100;
        store(&seeded, packer, &text, PLAIN);
        for (size_t stored = packer->mark_len; stored < text.stored_len; stored++) {
            uint8_t into[TEXT_MAX + 1];
            size_t len;
            const char *path = folder_put("text", text.stored, stored);
            if (read_all(world, &seeded, path, 40, into, sizeof into, &len)) {
                assert_true(len <= text.len);
                assert_memory_equal(into, text.bytes, len);
                assert_true(at_border(packer, text.stored + stored));
                whole++;
                continue;
            }
            assert_non_null(strstr(world->fail.text, "text: at byte "));
            assert_non_null(strstr(world->fail.text, packer->name));
            assert_non_null(strstr(world->fail.text, "ends inside a "));
            noticed++;
        }
    }
    assert_true(whole > 40 && noticed > 4000);
}

/* A bit that is changed is noticed, unless it is one of those that say nothing of the text. */
static size_t change_a_bit(struct world *world, struct seeded *seeded, const struct packer *packer)
{
    static struct text text;
    static uint8_t into[1 << 20]; /* it may make much of it before it is noticed */
    size_t len;
    make_text(seeded, &text);
    text.len %= 200;
    store(seeded, packer, &text, CHECKED);
    size_t at = packer->mark_len + seeded_below(seeded, text.stored_len - packer->mark_len);
    text.stored[at] ^= (uint8_t)(1 << seeded_below(seeded, 8));
    const char *path = folder_put("text", text.stored, text.stored_len);
    if (!read_all(world, seeded, path, 40, into, sizeof into, &len))
        return 1;
    assert_int_equal(len, text.len);
    assert_memory_equal(into, text.bytes, len);
    return 0;
}

static void what_is_damaged_is_noticed(void **state)
{
    struct seeded seeded = {3};
    for (size_t i = 0; i < LEN(packers); i++) {
        size_t noticed = 0;
        for (int round = 0; round < 800; round++)
            noticed += change_a_bit(*state, &seeded, &packers[i]);
        assert_true(noticed > 400);
    }
}

/* Reads a text with something behind it, and zeros in between where the format has them. */
static void expect_refused(struct world *world, struct seeded *seeded, const struct packer *packer,
                           enum how how, const char *tail, size_t tail_len, const char *cause)
{
    static struct text text;
    uint8_t into[TEXT_MAX + 1];
    size_t len;
    make_text(seeded, &text);
    store(seeded, packer, &text, how);
    memcpy(text.stored + text.stored_len, tail, tail_len);
    const char *path = folder_put("text", text.stored, text.stored_len + tail_len);
    assert_false(read_all(world, seeded, path, TEXT_MAX, into, sizeof into, &len));
    assert_non_null(strstr(world->fail.text, packer->name));
    assert_non_null(strstr(world->fail.text, cause));
}

static void what_follows_is_noticed(void **state)
{
    struct seeded seeded = {4};
    for (size_t i = 0; i < 2 * LEN(packers); i++) {
        const struct packer *packer = &packers[i / 2];
        const char begun[] = {packer->mark[0], 'x'}, more[] = "more text behind the last member";
        enum how how = i % 2 ? ZEROS_BEHIND : PLAIN;
        expect_refused(*state, &seeded, packer, how, "x", 1, ": something else follows the last ");
        expect_refused(*state, &seeded, packer, how, more, strlen(more),
                       ": something else follows");
        expect_refused(*state, &seeded, packer, how, begun, 2, "damaged ");
        for (size_t len = 1; len < packer->mark_len; len++)
            expect_refused(*state, &seeded, packer, PLAIN, packer->mark, len, "ends inside a ");
        if (packer->zeros != 1)
            expect_refused(*state, &seeded, packer, how, "\0\0", 2,
                           packer->zeros ? "zeros" : "else");
    }
}

/* Writes to the stream that is waited for, which ends after three times. */
static void write_some(void *context)
{
    int *stream = context;
    if (stream[1]++ < 3)
        assert_int_equal(write(stream[0], "ab ", 3), 3);
    else
        close(stream[0]);
}

static void who_waits_for_a_stream_is_called_now_and_then(void **state)
{
    (void)state;
    struct mem mem = {.limit_bytes = SIZE_MAX};
    struct fail failure = {0};
    struct reader reader;
    uint8_t text[64];
    size_t got, len = 0;
    bool ended = false;
    int ends[2], stream[2];
    char name[32];
    const struct catalog_idle idle = {write_some, stream};
    const struct catalog_file entry = {.stream = true, .idle = &idle};
    assert_int_equal(pipe(ends), 0);
    snprintf(name, sizeof name, "/dev/fd/%d", ends[0]);
    stream[0] = ends[1];
    stream[1] = 0;
    assert_true(reader_open(&reader, &mem, name, &entry, true, &failure));
    close(ends[0]);
    while (!ended) {
        assert_true(reader_read(&reader, text + len, sizeof text - len, &got, &ended, &failure));
        len += got;
    }
    reader_close(&reader);
    assert_int_equal(len, 9);
    assert_memory_equal(text, "ab ab ab ", 9);
    assert_int_equal(stream[1], 4);
}

/* A later member asks for 8 MB, which the first one does not. */
static void what_keeps_a_member_from_memory_is_said(void **state)
{
    enum { MB = 1 << 20 };
    struct world *world = *state;
    static const char window[] = "\x28\xb5\x2f\xfd\0\x68\1\0";
    static const struct {
        size_t limit, others; /* what others use of it */
        const char *cause;    /* NULL: there is enough */
    } rows[] = {{20 * MB, 0, NULL},
                {20 * MB, 5 * MB, NULL},
                {20 * MB, 14 * MB, ", and not so much is left of --memory, which is 20M a rank: "},
                {12 * MB, 0, ", and at most half of --memory is for that, which is 12M a rank: "}};
    uint8_t stored[100];
    const size_t first = ZSTD_compress(stored, sizeof stored, "text", 4, 1),
                 limit = world->mem.limit_bytes;
    assert_false(ZSTD_isError(first));
    memcpy(stored + first, window, sizeof window);
    const char *path = folder_put("later.zst", stored, first + sizeof window);
    const struct catalog_file entry = {.bytes = first + sizeof window, .encoded = true};
    for (size_t i = 0; i < LEN(rows); i++) {
        struct reader reader;
        uint8_t into[10];
        size_t got;
        bool ended;
        world->mem.limit_bytes = rows[i].limit;
        world->fail = (struct fail){0};
        void *others = rows[i].others ? mem_alloc(&world->mem, rows[i].others, &world->fail) : NULL;
        assert_true(reader_open(&reader, &world->mem, path, &entry, false, &world->fail));
        const bool ok = reader_read(&reader, into, sizeof into, &got, &ended, &world->fail);
        reader_close(&reader);
        mem_free(&world->mem, others, rows[i].others);
        assert_int_equal(ok, rows[i].cause == NULL);
        assert_int_equal(world->fail.code, ok ? FAIL_NONE : FAIL_MEMORY);
        if (!ok && !strstr(world->fail.text, rows[i].cause))
            fail_msg("%s", world->fail.text);
        assert_int_equal(world->mem.used_bytes, 0);
    }
    world->mem.limit_bytes = limit;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_keeps_a_member_from_memory_is_said),
        folder_test(what_is_stored_is_read_however_it_is_stored),
        folder_test(what_is_cut_short_is_noticed),
        folder_test(what_is_damaged_is_noticed),
        folder_test(what_follows_is_noticed),
        cmocka_unit_test(who_waits_for_a_stream_is_called_now_and_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
