/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading ahead: the text, where it stops and how it ends are those of the reader alone. */
#include "input/ahead.h"

#include "membered.h"

enum { LONG_BYTES = 3 << 20, STOPS_MAX = MEMBERED_MAX + 2 };

/* What reading a file came to. */
struct seen {
    uint8_t *text;
    size_t len, room, stops;
    struct {
        size_t at;
        uint64_t member;
    } stop[STOPS_MAX]; /* at joints */
    struct fail fail;
    bool ended;
};

/* Opens the only file of a catalog, of all of it or from its first joint on, and reads in portions
 * of up to `most` bytes: all of it, or with a number of reads no more than these. */
static void look(struct world *world, struct seeded *seeded, const struct catalog *catalog,
                 bool part, uint64_t least_bytes, size_t most, size_t reads, struct seen *seen)
{
    struct ahead ahead = {0};
    const struct catalog_file *file = &catalog->files[0];
    const uint64_t begin = part ? catalog->joints[0] : 0;
    seen->len = seen->stops = 0;
    seen->ended = false;
    seen->fail = (struct fail){0};
    bool ok =
        reader_open(&ahead.reader, &world->mem, catalog_name(catalog, 0), file, false, &seen->fail)
        && reader_part(&ahead.reader, begin, file->bytes, catalog->unit, &seen->fail);
    if (ok)
        ahead_start(&ahead, least_bytes);
    for (; ok && !seen->ended && reads > 0; reads--) {
        size_t got, room = seeded_below(seeded, most) + 1;
        assert_true(room <= seen->room - seen->len);
        ok = ahead_read(&ahead, seen->text + seen->len, room, &got, &seen->ended, &seen->fail);
        if (!ok)
            break;
        assert_true(got == room || seen->ended || ahead.before_joint);
        seen->len += got;
        if (ahead.before_joint) {
            assert_true(seen->stops < STOPS_MAX);
            seen->stop[seen->stops].at = seen->len;
            seen->stop[seen->stops++].member = ahead.member;
        }
    }
    if (seen->ended && !part)
        assert_int_equal(ahead.stored, file->bytes);
    if (seen->ended && ahead.thread) {
        size_t got;
        bool ended;
        assert_true(ahead_read(&ahead, seen->text, 1, &got, &ended, &seen->fail));
        assert_true(got == 0 && ended);
    }
    ahead_close(&ahead);
    ahead_close(&ahead);
    assert_int_equal(seen->ended, ok && reads > 0);
}

static void expect_same(const struct seen *seen, const struct seen *alone)
{
    assert_int_equal(seen->fail.code, alone->fail.code);
    assert_int_equal(seen->ended, alone->ended);
    assert_int_equal(seen->stops, alone->stops);
    for (size_t i = 0; i < seen->stops; i++) {
        assert_int_equal(seen->stop[i].at, alone->stop[i].at);
        assert_int_equal(seen->stop[i].member, alone->stop[i].member);
    }
    /* Of damaged text the one may have handed out more than the other before it was noticed, at
     * another byte. */
    if (seen->ended)
        assert_int_equal(seen->len, alone->len);
    assert_memory_equal(seen->text, alone->text, seen->len < alone->len ? seen->len : alone->len);
}

/* Both ways, in any portions. */
static void compare(struct world *world, struct seeded *seeded, const struct catalog *catalog,
                    bool part, struct seen *seen, struct seen *alone)
{
    const size_t most = seeded_below(seeded, 2) ? 40 : 20000;
    look(world, seeded, catalog, part, 0, most, SIZE_MAX, alone);
    look(world, seeded, catalog, part, 1, most, SIZE_MAX, seen);
    expect_same(seen, alone);
}

static void members_are_read_as_without_a_thread(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static struct membered file;
    static uint8_t texts[2][1 << 20];
    static struct seen seen, alone;
    size_t failed = 0, stops = 0;
    seen = (struct seen){.text = texts[0], .room = sizeof texts[0]};
    alone = (struct seen){.text = texts[1], .room = sizeof texts[1]};
    for (int round = 0; round < 600; round++) {
        struct catalog catalog;
        const struct packer *packer = &membered_packers[(size_t)round % LEN(membered_packers)];
        membered_make(&seeded, packer, 1 + seeded_below(&seeded, 40), 100, "ab\n", &file);
        membered_put(world, &catalog, 1 + seeded_below(&seeded, 200), file.stored, file.stored_len);
        compare(world, &seeded, &catalog, catalog.joints_len > 0 && round % 2, &seen, &alone);
        stops += seen.stops;
        if (round % 2 == 0) {
            assert_int_equal(seen.len, file.len);
            assert_memory_equal(seen.text, file.text, file.len);
            file.stored[seeded_below(&seeded, file.stored_len)] ^= 1; /* or cut short */
            const size_t len = round % 4 ? file.stored_len : seeded_below(&seeded, file.stored_len);
            folder_put("members", file.stored, len);
            catalog.files[0].bytes = len;
            compare(world, &seeded, &catalog, false, &seen, &alone);
            failed += seen.fail.code != FAIL_NONE;
        }
        catalog_free(&catalog);
    }
    assert_true(failed > 200 && stops > 2000);
}

/* Much more than all pieces hold. */
static void a_long_text_is_read_in_any_portions_or_left(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static uint8_t text[LONG_BYTES], stored[2 * LONG_BYTES], into[LONG_BYTES + (1 << 20)];
    struct seen seen = {.text = into, .room = sizeof into};
    struct packed packed = {.bytes = stored, .room = sizeof stored};
    struct catalog catalog;
    for (size_t i = 0; i < LONG_BYTES; i++)
        text[i] = (uint8_t)seeded_of(&seeded, "ab c", 4);
    packed_gzip(&seeded, &packed, text, LONG_BYTES, true);
    catalog_init(&catalog, &world->mem);
    assert_true(catalog_add(&catalog, folder_put("long", stored, packed.len), false, &world->fail));
    for (size_t most = 1000; most <= 1000000; most *= 1000) {
        look(world, &seeded, &catalog, false, 1, most, SIZE_MAX, &seen);
        assert_true(seen.ended);
        assert_int_equal(seen.len, LONG_BYTES);
        assert_memory_equal(into, text, LONG_BYTES);
    }
    for (size_t reads = 0; reads < 20; reads++) {
        look(world, &seeded, &catalog, false, 1, 100000, reads, &seen);
        assert_memory_equal(into, text, seen.len);
    }
    catalog_free(&catalog);
}

static void a_thread_is_started_where_it_is_worth_it(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static uint8_t stored[1000];
    struct packed packed = {.bytes = stored, .room = sizeof stored};
    struct fail *fail = &world->fail;
    packed_gzip(&seeded, &packed, (const uint8_t *)"some text\n", 10, true);
    const struct catalog_file entry = {.bytes = packed.len, .encoded = true},
                              stream = {.bytes = packed.len, .stream = true}, text = {.bytes = 10};
    const char *path = folder_put("text.gz", stored, packed.len),
               *plain = folder_put("text", (const uint8_t *)"some text\n", 10);
    const struct {
        const char *path;
        const struct catalog_file *entry;
        uint64_t least_bytes;
        size_t limit_bytes;
        bool starts;
    } cases[] = {
        {path, &entry, 1, CHECK_LIMIT_BYTES, true},
        {path, &entry, packed.len, CHECK_LIMIT_BYTES, true},
        {path, &entry, packed.len + 1, CHECK_LIMIT_BYTES, false},
        {path, &entry, 0, CHECK_LIMIT_BYTES, false},
        {path, &entry, 1, 4 << 20, false},
        {path, &stream, 1, CHECK_LIMIT_BYTES, false},
        {plain, &text, 1, CHECK_LIMIT_BYTES, false},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct ahead ahead = {0};
        uint8_t into[20];
        size_t got;
        bool ended;
        world->mem.limit_bytes = cases[i].limit_bytes;
        assert_true(
            reader_open(&ahead.reader, &world->mem, cases[i].path, cases[i].entry, false, fail));
        ahead_start(&ahead, cases[i].least_bytes);
        assert_int_equal(ahead.thread != NULL, cases[i].starts);
        assert_true(ahead_read(&ahead, into, sizeof into, &got, &ended, fail));
        assert_true(got == 10 && ended);
        ahead_close(&ahead);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(members_are_read_as_without_a_thread),
        folder_test(a_long_text_is_read_in_any_portions_or_left),
        folder_test(a_thread_is_started_where_it_is_worth_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
