/* SPDX-License-Identifier: BSD-3-Clause */
/* Parts of an encoded file, each by itself: their text, where their records end, and that two that
 * meet at a place call it the same. What mappers make of them is in test_encoded_parts. */
#include "input/encoded.h"

#include "membered.h"

/* Where in the text a member begins whose place in the file is known. */
struct place {
    uint64_t name;
    bool known;
};

/* A file, its joints, and where these lie in the text. */
struct jointed {
    struct membered file;
    struct catalog catalog;
    uint64_t text_at[MEMBERED_MAX + 2]; /* of the beginning, of each joint, and of the end */
    struct place places[MEMBERED_TEXT_MAX + 1];
};

static uint64_t begin_of(const struct jointed *jointed, size_t part)
{
    return part == 0 ? 0 : jointed->catalog.joints[part - 1];
}

static uint64_t end_of(const struct jointed *jointed, size_t part)
{
    return part == jointed->catalog.joints_len ? jointed->file.stored_len
                                               : jointed->catalog.joints[part];
}

static bool open_part(struct world *world, const struct jointed *jointed, size_t first, size_t last,
                      uint64_t behind, struct encoded *encoded)
{
    const struct encoded_range range = {
        .file_bytes = jointed->file.stored_len,
        .begin = begin_of(jointed, first),
        .end = end_of(jointed, last),
        .unit = jointed->catalog.unit,
        .ahead_bytes = first % 2, /* now and then by a thread */
    };
    return encoded_open(encoded, &world->mem, catalog_name(&jointed->catalog, 0), &range, behind,
                        &world->fail);
}

static void find_in_text(struct jointed *jointed)
{
    const struct membered *file = &jointed->file;
    size_t member = 0;
    jointed->text_at[0] = 0;
    for (size_t joint = 0; joint < jointed->catalog.joints_len; joint++) {
        while (file->begins[member] != jointed->catalog.joints[joint])
            assert_true(++member < file->members);
        jointed->text_at[joint + 1] = file->texts[member];
    }
    jointed->text_at[jointed->catalog.joints_len + 1] = file->len;
}

/* The name of a place, which others may have seen before. */
static void check_name(struct jointed *jointed, uint64_t at, uint64_t name)
{
    struct place *place = &jointed->places[at];
    if (place->known)
        assert_int_equal(place->name, name);
    *place = (struct place){name, true};
    assert_int_equal(name == (uint64_t)ENCODED_END, at == jointed->file.len);
}

/* Reads a part and all that follows it, in portions of any size. */
static void read_on(struct world *world, struct seeded *seeded, struct jointed *jointed,
                    size_t first, size_t last)
{
    static uint8_t text[MEMBERED_TEXT_MAX + 1];
    struct encoded encoded;
    const struct membered *file = &jointed->file;
    const uint64_t begin = jointed->text_at[first], bytes = jointed->text_at[last + 1] - begin;
    const uint64_t left = file->len - begin, most = 1 + seeded_below(seeded, 3 * (size_t)left + 1);
    const uint64_t behind = 1 + seeded_below(seeded, 4);
    uint64_t at = 0, from = 0;
    assert_true(open_part(world, jointed, first, last, behind, &encoded));
    for (;;) {
        size_t got = seeded_below(seeded, (size_t)most) + 1, want = got;
        assert_true(encoded_read(&encoded, text, &got, from, &world->fail));
        assert_true(got <= want && got <= left - at);
        assert_memory_equal(text, file->text + begin + at, got);
        at += got;
        assert_true(got > 0 || at == left);
        const bool known = encoded.text_bytes != UINT64_MAX;
        const uint64_t own = bytes + behind < left ? bytes + behind : left;
        assert_true(known || at < bytes);
        assert_true(!known || at + 1 >= bytes); /* it may have looked at the last byte, too */
        assert_true(!known || encoded.text_bytes == bytes);
        assert_true(known ? encoded_own(&encoded) >= own : encoded_own(&encoded) == UINT64_MAX);
        const bool ends =
            encoded.file_end != UINT64_MAX; /* before that is known, ours ends behind it */
        assert_true(at < bytes || encoded_own(&encoded) == (ends ? own : bytes + behind));
        if (at == left)
            assert_int_equal(encoded.file_end, left); /* known with the last byte */
        for (uint64_t place = from; place <= at; place++)
            if (place > 0 || (first == 0 && left > 0))
                check_name(jointed, begin + place, encoded_place(&encoded, place));
        if (got == 0)
            break;
        from += seeded_below(seeded, (size_t)(at - from) + 1);
    }
    encoded_close(&encoded);
    encoded_close(&encoded);
}

static void make(struct world *world, struct seeded *seeded, int round, struct jointed *jointed)
{
    const struct packer *packer = &membered_packers[(size_t)round % LEN(membered_packers)];
    memset(jointed, 0, sizeof *jointed);
    membered_make(seeded, packer, 1 + seeded_below(seeded, 20), seeded_below(seeded, 3) ? 8 : 300,
                  "ab\n", &jointed->file);
    membered_put(world, &jointed->catalog,
                 1 + (seeded_below(seeded, 2) ? seeded_below(seeded, 200) : 0),
                 jointed->file.stored, jointed->file.stored_len);
    find_in_text(jointed);
}

/* So much of its text, and what follows is there to go on with. */
static void a_range_may_end_behind_some_of_its_text(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static struct jointed jointed;
    static uint8_t text[MEMBERED_TEXT_MAX + 1];
    for (int round = 0; round < 200; round++) {
        make(world, &seeded, round, &jointed);
        const uint64_t len = jointed.file.len, wanted = 1 + seeded_below(&seeded, len + 5);
        const struct encoded_range range = {.file_bytes = jointed.file.stored_len,
                                            .end = jointed.file.stored_len,
                                            .text_bytes = wanted};
        const uint64_t behind = 2, own = wanted + behind < len ? wanted + behind : len;
        struct encoded encoded;
        assert_true(encoded_open(&encoded, &world->mem, catalog_name(&jointed.catalog, 0), &range,
                                 behind, &world->fail));
        size_t at = 0, got = 1;
        while (got > 0) {
            got = 1 + seeded_below(&seeded, 50);
            assert_true(encoded_read(&encoded, text, &got, at, &world->fail));
            assert_memory_equal(text, jointed.file.text + at, got);
            at += got;
        }
        assert_int_equal(at, len);
        assert_int_equal(encoded_own(&encoded), own);
        encoded_close(&encoded);
        catalog_free(&jointed.catalog);
    }
}

static void parts_put_together_are_the_text_and_places_have_one_name(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static struct jointed jointed;
    for (int round = 0; round < 400; round++) {
        make(world, &seeded, round, &jointed);
        for (size_t first = 0; first <= jointed.catalog.joints_len; first++) {
            size_t rest = jointed.catalog.joints_len - first;
            read_on(world, &seeded, &jointed, first, first + seeded_below(&seeded, rest + 1));
        }
        for (size_t a = 0; a <= jointed.file.len; a++) /* and no other place has it */
            for (size_t b = a + 1; b <= jointed.file.len && b < a + 300; b++)
                assert_true(!jointed.places[a].known || !jointed.places[b].known
                            || jointed.places[a].name != jointed.places[b].name);
        catalog_free(&jointed.catalog);
    }
}

static void what_comes_before_a_place_is_counted(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static struct jointed jointed;
    static uint8_t text[MEMBERED_TEXT_MAX];
    for (int round = 0; round < 200; round++) {
        struct encoded encoded;
        uint64_t bytes, lines, newlines = 0;
        make(world, &seeded, round, &jointed);
        size_t part = seeded_below(&seeded, jointed.catalog.joints_len + 1);
        const uint64_t begin = jointed.text_at[part];
        size_t got = jointed.file.len - (size_t)begin, all = got;
        const uint64_t offset = seeded_below(&seeded, got + 1);
        assert_true(open_part(world, &jointed, part, part, 1, &encoded));
        assert_true(encoded_read(&encoded, text, &got, 0, &world->fail));
        assert_true(encoded_before(&encoded, offset, &bytes, &lines));
        for (size_t i = 0; i < begin + offset; i++)
            newlines += jointed.file.text[i] == '\n';
        assert_int_equal(bytes, begin + offset);
        assert_int_equal(lines, newlines);
        assert_false(encoded_before(&encoded, all + 1, &bytes, &lines));
        encoded_close(&encoded);
        catalog_free(&jointed.catalog);
    }
}

/* Members of bgzip that say another length than they have, so that a part would begin where none
 * does: nobody counts such a file wrongly. */
static void members_that_lie_are_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static struct membered file;
    static uint8_t text[MEMBERED_TEXT_MAX];
    membered_make(&seeded, &membered_packers[0], 10, 300, "ab", &file);
    for (size_t wrong = 1; wrong < file.stored_len; wrong++) {
        struct encoded encoded;
        bool border = false, ok = true;
        for (size_t i = 1; i < file.members; i++)
            border = border || file.begins[i] == wrong;
        const char *path = folder_put("lying", file.stored, file.stored_len);
        const struct encoded_range range = {.file_bytes = file.stored_len, .end = wrong, .unit = 1};
        assert_true(encoded_open(&encoded, &world->mem, path, &range, 1, &world->fail));
        for (size_t got = 1; ok && got > 0;) {
            got = sizeof text;
            ok = encoded_read(&encoded, text, &got, 0, &world->fail);
        }
        assert_int_equal(ok, border);
        if (!ok)
            assert_non_null(strstr(world->fail.text, "members are not where they seem to be"));
        encoded_close(&encoded);
        world->fail = (struct fail){0};
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_range_may_end_behind_some_of_its_text),
        folder_test(parts_put_together_are_the_text_and_places_have_one_name),
        folder_test(what_comes_before_a_place_is_counted),
        folder_test(members_that_lie_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
