/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever happens to a count file is noticed, and hostile ones are refused: those whose checksums
 * hold. WC_HARMS=N: harm it so many times. */
#include "counted.h"

#include <xxhash.h>

enum { HARMS = 10000 };

static size_t harms(void)
{
    const char *text = getenv("WC_HARMS");
    return text ? (size_t)atol(text) : HARMS;
}

/* A file that is made anew: one that is cut and written again waits for the disk. */
static const char *put(const char *name, const void *bytes, size_t len)
{
    unlink(folder_path(name));
    return folder_put(name, bytes, len);
}

/* Where the blocks of a file begin, its end last. */
static size_t find_blocks(const uint8_t *bytes, size_t len, size_t *places, size_t most)
{
    size_t found = 0, at = COUNTS_HEADER_BYTES;
    while (at < len - COUNTS_FOOTER_BYTES && found + 1 < most) {
        places[found++] = at;
        at += (size_t)counts_block_bytes(counts_layout_get64(bytes + at + 8));
    }
    places[found] = at;
    return found;
}

struct harmed {
    const uint8_t *bytes; /* sound */
    size_t len;
    size_t *places, blocks;
    uint8_t *other; /* a file like it, from other counts */
    size_t other_len;
};

/* Bits that flip, bytes that are others, stretches that are zero or from elsewhere. */
static size_t harm_bytes(struct seeded *seeded, const struct harmed *file, uint8_t *to)
{
    const size_t at = seeded_below(seeded, file->len);
    size_t len = 1 + seeded_below(seeded, 600);
    len = len < file->len - at ? len : file->len - at;
    memcpy(to, file->bytes, file->len);
    switch (seeded_below(seeded, 4)) {
    case 0:
        to[at] ^= (uint8_t)(1 << seeded_below(seeded, 8));
        break;
    case 1:
        to[at] = (uint8_t)seeded_next(seeded);
        break;
    case 2:
        memset(to + at, 0, len);
        break;
    default:
        memmove(to + at, file->bytes + seeded_below(seeded, file->len - len + 1), len);
    }
    return file->len;
}

/* Files that are cut, or have a piece too little or too much. */
static size_t harm_length(struct seeded *seeded, const struct harmed *file, uint8_t *to)
{
    const size_t at = seeded_below(seeded, file->len);
    const size_t len = 1 + seeded_below(seeded, 64);
    memcpy(to, file->bytes, file->len);
    if (seeded_below(seeded, 2))
        return at;
    memcpy(to + at + len, file->bytes + at, file->len - at);
    return file->len + len;
}

/* Blocks that change places, are dropped, are there twice, or come from the other file. */
static size_t harm_blocks(struct seeded *seeded, const struct harmed *file, uint8_t *to)
{
    const size_t a = seeded_below(seeded, file->blocks), b = seeded_below(seeded, file->blocks);
    const size_t how = seeded_below(seeded, 4);
    size_t len = file->places[0];
    memcpy(to, file->bytes, len);
    for (size_t i = 0; i < file->blocks; i++) {
        const size_t from = how != 0 ? i : i == a ? b : i == b ? a : i;
        const size_t size = file->places[from + 1] - file->places[from];
        const bool other = how == 3 && i == a && file->places[i + 1] <= file->other_len;
        const size_t times = how == 1 && i == a ? 0 : how == 2 && i == a ? 2 : 1;
        for (size_t t = 0; t < times; t++) {
            memcpy(to + len, (other ? file->other : file->bytes) + file->places[from], size);
            len += size;
        }
    }
    memcpy(to + len, file->bytes + file->places[file->blocks], COUNTS_FOOTER_BYTES);
    return len + COUNTS_FOOTER_BYTES;
}

static void every_harm_is_noticed(void **state)
{
    struct world *world = *state;
    const struct counts_meta none = {0};
    struct counted list = counted_draw(3000, 100, 1);
    struct counted_bytes sound = counted_write(world, &list, &counted_tiny, &none, 1);
    for (size_t i = 0; i < list.len; i += 7)
        list.records[i].count ^= 1;
    struct counted_bytes other = counted_write(world, &list, &counted_tiny, &none, 1);
    size_t places[2000], read, noticed = 0, same = 0;
    const struct harmed file = {
        sound.bytes, sound.len, places, find_blocks(sound.bytes, sound.len, places, LEN(places)),
        other.bytes, other.len};
    uint8_t *to = malloc(2 * sound.len + 100000);
    assert_true(file.blocks > 100);
    for (size_t i = 0; i < harms(); i++) {
        struct seeded seeded = {i};
        const size_t len = i % 3 == 0 ? harm_bytes(&seeded, &file, to)
                         : i % 3 == 1 ? harm_length(&seeded, &file, to)
                                      : harm_blocks(&seeded, &file, to);
        if (len == sound.len && memcmp(to, sound.bytes, len) == 0) {
            same++;
            continue;
        }
        world->fail = (struct fail){0};
        if (counted_read(world, put("harmed", to, len), &read))
            fail_msg("harm %zu was not noticed", i);
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text, "/harmed: byte "));
        noticed++;
    }
    assert_true(noticed + same == harms() && same < noticed / 10);
    free(to);
    free(sound.bytes);
    free(other.bytes);
    counted_free(&list);
}

/* Makes the checksums of header and footer hold. */
static void seal_ends(uint8_t *bytes, size_t len)
{
    uint8_t *footer = bytes + len - COUNTS_FOOTER_BYTES;
    counts_layout_put64(bytes + 56, XXH3_64bits(bytes, 56));
    counts_layout_put64(footer + 240, XXH3_64bits(footer, 240));
}

/* The footer of a small file says anything, and its checksum holds. */
static void hostile_footers_are_refused(void **state)
{
    struct world *world = *state;
    const struct counts_meta none = {0};
    struct counted list = counted_draw(300, 20, 1);
    struct counted_bytes sound = counted_write(world, &list, &counted_tiny, &none, 1);
    uint8_t *to = malloc(sound.len), *footer = to + sound.len - COUNTS_FOOTER_BYTES;
    static const uint64_t values[] = {0, 1, 63, 64, 1000, UINT32_MAX, UINT64_MAX / 2, UINT64_MAX};
    size_t read;
    for (size_t at = 8; at < 192; at += 8)
        for (size_t i = 0; i < LEN(values); i++) {
            memcpy(to, sound.bytes, sound.len);
            if (counts_layout_get64(footer + at) == values[i] || (at >= 72 && at < 176))
                continue; /* nothing is looked up by what is said from 72 on: see --check */
            counts_layout_put64(footer + at, values[i]);
            seal_ends(to, sound.len);
            world->fail = (struct fail){0};
            if (counted_read(world, put("hostile", to, sound.len), &read))
                fail_msg("footer, byte %zu, value %zu", at, i);
            assert_true(world->fail.code == FAIL_INPUT || world->fail.code == FAIL_MEMORY);
        }
    free(to);
    free(sound.bytes);
    counted_free(&list);
}

/* Seals all blocks of a file anew, bottom up, so that all checksums hold: what is in it is what
 * somebody wanted it to be. */
static void seal_all(uint8_t *bytes, size_t len)
{
    size_t places[2000];
    const size_t blocks = find_blocks(bytes, len, places, LEN(places));
    for (size_t i = 0; i < blocks; i++) {
        uint8_t *block = bytes + places[i];
        const size_t covered = places[i + 1] - places[i] - COUNTS_CHECKSUM_BYTES;
        const uint64_t old = counts_layout_get64(block + covered);
        const uint64_t sum = XXH3_64bits(block, covered);
        counts_layout_put64(block + covered, sum);
        for (uint8_t *at = block + covered + 8; at + 8 <= bytes + len; at++)
            if (counts_layout_get64(at) == old)
                counts_layout_put64(at, sum);
    }
    seal_ends(bytes, len);
}

/* Any byte of any block is another, and all checksums hold: it is refused, or it is a count file of
 * other counts; it does no harm. Under the sanitizers this says more. */
static void hostile_blocks_do_no_harm(void **state)
{
    struct world *world = *state;
    const struct counts_meta none = {0};
    struct counted list = counted_draw(400, 40, 1);
    struct counted_bytes sound = counted_write(world, &list, &counted_tiny, &none, 1);
    uint8_t *to = malloc(sound.len);
    size_t read, refused = 0;
    for (size_t i = 0; i < harms() / 8; i++) {
        struct seeded seeded = {i};
        const size_t at =
            COUNTS_HEADER_BYTES
            + seeded_below(&seeded, sound.len - COUNTS_HEADER_BYTES - COUNTS_FOOTER_BYTES);
        memcpy(to, sound.bytes, sound.len);
        to[at] = seeded_below(&seeded, 3) ? (uint8_t)seeded_next(&seeded) : 0xff;
        size_t places[2000];
        if (find_blocks(to, sound.len, places, LEN(places)) == 0
            || counts_layout_get64(to + COUNTS_HEADER_BYTES + 8)
                   != counts_layout_get64(sound.bytes + COUNTS_HEADER_BYTES + 8))
            continue;
        bool heads = true;
        const size_t blocks = find_blocks(sound.bytes, sound.len, places, LEN(places));
        for (size_t b = 0; b < blocks; b++)
            heads &= counts_layout_get64(to + places[b] + 8)
                  == counts_layout_get64(sound.bytes + places[b] + 8);
        if (!heads)
            continue;
        seal_all(to, sound.len);
        world->fail = (struct fail){0};
        const char *path = put("hostile", to, sound.len);
        refused += !counted_read(world, path, &read);
        struct counts_reader reader;
        struct fail fail = {0};
        bool found;
        uint64_t count;
        if (counts_reader_open(&reader, &world->mem, path, &fail))
            for (size_t k = 0; k < list.len; k += 17)
                counts_reader_get(&reader, list.records[k].key, list.records[k].len, &found, &count,
                                  &fail);
        counts_reader_close(&reader);
    }
    assert_in_range(refused, harms() / 32, harms() / 8);
    world->fail = (struct fail){0};
    free(to);
    free(sound.bytes);
    counted_free(&list);
}

static void what_is_no_count_file_is_refused(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *why;
    } cases[] = {
        {"", 0, "byte 0: not a count file"},
        {"the\t4\n", 6, "byte 0: not a count file"},
        {COUNTS_MAGIC, COUNTS_MAGIC_BYTES, "byte 0: not a count file"},
    };
    struct counts_reader reader;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct fail fail = {0};
        assert_false(counts_reader_open(&reader, &world->mem,
                                        put("none", cases[i].bytes, cases[i].len), &fail));
        assert_non_null(strstr(fail.text, cases[i].why));
        assert_int_equal(fail.code, FAIL_INPUT);
        counts_reader_close(&reader);
    }
    struct fail fail = {0};
    assert_false(counts_reader_open(&reader, &world->mem, folder_path("missing"), &fail));
    assert_non_null(strstr(fail.text, "No such file"));
    counts_reader_close(&reader);
    fail = (struct fail){0};
    assert_false(counts_reader_open(&reader, &world->mem, folder_name, &fail));
    assert_non_null(strstr(fail.text, "not a regular file"));
    counts_reader_close(&reader);
}

/* A minor version more is read, a major one is not. */
static void other_versions_are_known(void **state)
{
    struct world *world = *state;
    const struct counts_meta none = {0};
    struct counted list = counted_draw(300, 20, 1);
    struct counted_bytes sound = counted_write(world, &list, &counted_tiny, &none, 1);
    size_t read;
    sound.bytes[10] = sound.bytes[sound.len - COUNTS_FOOTER_BYTES + 6] = 9;
    seal_ends(sound.bytes, sound.len);
    assert_true(counted_read(world, put("minor", sound.bytes, sound.len), &read));
    assert_int_equal(read, list.len);
    sound.bytes[8] = 2;
    seal_ends(sound.bytes, sound.len);
    assert_false(counted_read(world, put("major", sound.bytes, sound.len), &read));
    assert_non_null(strstr(world->fail.text, "/major: byte 0: a count file of a version"));
    free(sound.bytes);
    counted_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(every_harm_is_noticed),     folder_test(hostile_footers_are_refused),
        folder_test(hostile_blocks_do_no_harm), folder_test(what_is_no_count_file_is_refused),
        folder_test(other_versions_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
