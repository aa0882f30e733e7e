/* SPDX-License-Identifier: BSD-3-Clause */
/* The text of an input, read in portions of any size: stored as it is, or as any number of gzip
 * members; whole, cut short and damaged. */
#include "input/reader.h"

#include "world_in_folder.h"

#include <zlib.h>

enum { TEXT_MAX = 3000, MEMBERS_MAX = 5, STORED_MAX = MEMBERS_MAX * (TEXT_MAX + 100) };

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

/* The text in some members, of which some hold nothing; behind them `filled` zeros. */
static void store(struct seeded *seeded, struct text *text, size_t filled)
{
    size_t done = 0, members = 1 + seeded_below(seeded, MEMBERS_MAX);
    text->stored_len = 0;
    for (size_t member = 0; member < members; member++) {
        z_stream stream = {0};
        size_t left = text->len - done;
        size_t len = member + 1 == members ? left : seeded_below(seeded, left + 1);
        int level = (int)seeded_below(seeded, 10);
        assert_int_equal(deflateInit2(&stream, level, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
        stream.next_in = text->bytes + done;
        stream.avail_in = (uInt)len;
        stream.next_out = text->stored + text->stored_len;
        stream.avail_out = (uInt)(STORED_MAX - text->stored_len);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        text->stored_len += stream.total_out;
        deflateEnd(&stream);
        done += len;
    }
    memset(text->stored + text->stored_len, 0, filled);
    text->stored_len += filled;
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
        make_text(&seeded, &text);
        expect_text(world, &seeded, &text, folder_put("text", text.bytes, text.len));
        store(&seeded, &text, seeded_below(&seeded, 2) ? 0 : seeded_below(&seeded, 50));
        expect_text(world, &seeded, &text, folder_put("text", text.stored, text.stored_len));
    }
}

/* Cut anywhere but between two members, or with zeros gone, it is no text. */
static void what_is_cut_short_is_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static struct text text;
    size_t whole = 0, noticed = 0;
    for (int round = 0; round < 30; round++) {
        make_text(&seeded, &text);
        text.len %= 100;
        store(&seeded, &text, 0);
        for (size_t stored = 3; stored < text.stored_len; stored++) {
            uint8_t into[TEXT_MAX + 1];
            size_t len;
            const char *path = folder_put("text", text.stored, stored);
            if (read_all(world, &seeded, path, 40, into, sizeof into, &len)) {
                assert_true(len <= text.len);
                assert_memory_equal(into, text.bytes, len);
                assert_memory_equal(text.stored + stored, "\x1f\x8b\x08", 3);
                whole++;
                continue;
            }
            assert_non_null(strstr(world->fail.text, "text: at byte "));
            noticed++;
        }
    }
    assert_true(whole > 10 && noticed > 1000);
}

/* A bit that is changed is noticed, unless it is one of those that say nothing of the text. */
static void what_is_damaged_is_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static struct text text;
    size_t noticed = 0;
    for (int round = 0; round < 3000; round++) {
        uint8_t into[TEXT_MAX + 1];
        size_t len;
        make_text(&seeded, &text);
        text.len %= 200;
        store(&seeded, &text, 0);
        text.stored[3 + seeded_below(&seeded, text.stored_len - 3)] ^=
            (uint8_t)(1 << seeded_below(&seeded, 8));
        const char *path = folder_put("text", text.stored, text.stored_len);
        if (read_all(world, &seeded, path, 40, into, sizeof into, &len)) {
            assert_int_equal(len, text.len);
            assert_memory_equal(into, text.bytes, len);
        } else {
            noticed++;
        }
    }
    assert_true(noticed > 1000);
}

static void what_follows_is_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {4};
    static struct text text;
    static const char *const tails[] = {"x", "\x1f", "\x1f\x8b", "\x1fx",
                                        "more text behind the last member"};
    for (size_t i = 0; i < 2 * LEN(tails); i++) {
        uint8_t into[TEXT_MAX + 1];
        size_t len, tail = strlen(tails[i / 2]);
        make_text(&seeded, &text);
        store(&seeded, &text, i % 2 ? 0 : 20);
        memcpy(text.stored + text.stored_len, tails[i / 2], tail);
        const char *path = folder_put("text", text.stored, text.stored_len + tail);
        assert_false(read_all(world, &seeded, path, TEXT_MAX, into, sizeof into, &len));
        assert_non_null(strstr(world->fail.text, "damaged gzip data"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_is_stored_is_read_however_it_is_stored),
        folder_test(what_is_cut_short_is_noticed),
        folder_test(what_is_damaged_is_noticed),
        folder_test(what_follows_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
