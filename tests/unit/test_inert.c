/* SPDX-License-Identifier: BSD-3-Clause */
/* Text that is told to be inert stays as it is, in every form and case; and what is told is worth
 * asking for. */
#include "rules/inert.h"

#include "ruled.h"

#include <uninorm.h>

enum { CHARACTERS = 0x110000 };

/* One form and one case, as a text is asked about. */
struct setting {
    enum normal_form form;
    enum lettercase_kind kind;
};

static const struct setting settings[] = {
    {NORMAL_NFC, LETTERCASE_AS_IT_IS}, {NORMAL_NFKC, LETTERCASE_AS_IT_IS},
    {NORMAL_NONE, LETTERCASE_LOWER},   {NORMAL_NONE, LETTERCASE_FOLD},
    {NORMAL_NFC, LETTERCASE_LOWER},    {NORMAL_NFC, LETTERCASE_FOLD},
    {NORMAL_NFKC, LETTERCASE_LOWER},   {NORMAL_NFKC, LETTERCASE_FOLD},
};

static struct inert inert_of(struct world *world, struct setting setting)
{
    return (struct inert){
        .form = setting.form, .lettercase.kind = setting.kind, .mem = &world->mem};
}

/* Whether what is done to a text leaves it as it is. */
static bool stays(struct world *world, struct setting setting, const uint8_t *bytes, size_t len)
{
    static struct mem mem = {.limit_bytes = CHECK_LIMIT_BYTES};
    static struct buffer to; /* there are millions of calls */
    struct lettercase lettercase = {.kind = setting.kind};
    bool same = true;
    if (setting.kind != LETTERCASE_AS_IT_IS) {
        assert_true(lettercase_map(&lettercase, &mem, bytes, len, &to, &world->fail));
        same = to.len == len && memcmp(to.bytes, bytes, len) == 0;
    }
    if (setting.form != NORMAL_NONE) {
        assert_true(normal_map(setting.form, &mem, bytes, len, &to, &world->fail));
        same = same && to.len == len && memcmp(to.bytes, bytes, len) == 0;
    }
    lettercase_free(&lettercase, &mem);
    return same;
}

/* Of the characters that stay alone, only those are not inert that may compose with one before. */
static void a_character_is_inert_if_it_stays(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < LEN(settings); i++) {
        struct inert inert = inert_of(world, settings[i]);
        size_t others = 0;
        for (uint32_t character = 0; character < CHARACTERS; character++) {
            uint8_t text[4];
            if (character >> 11 == 0x1b)
                continue; /* surrogates */
            const size_t len = ruled_write(character, text);
            const bool is = inert_text(&inert, text, len);
            const bool does = stays(world, settings[i], text, len);
            assert_true(does || !is);
            assert_false(is && character >= INERT_CHARACTERS);
            others += does && !is && character < INERT_CHARACTERS;
        }
        if (settings[i].form == NORMAL_NONE)
            assert_int_equal(others, 0);
        else
            assert_in_range(others, 60, 300);
        inert_free(&inert);
    }
}

/* In all of Unicode, whatever the characters are that it would compose with. */
static void what_may_compose_is_not_inert(void **state)
{
    struct world *world = *state;
    struct inert inert = inert_of(world, settings[0]);
    size_t pairs = 0;
    for (uint32_t character = 0; character < CHARACTERS; character++) {
        ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
        uint8_t second[4];
        if (uc_canonical_decomposition(character, parts) != 2)
            continue;
        assert_false(inert_text(&inert, second, ruled_write(parts[1], second)));
        pairs++;
    }
    assert_in_range(pairs, 12000, 14000);
    inert_free(&inert);
}

/* Letters with and without case, what composes and what it composes with, marks of several classes,
 * syllables whole and in parts, what compatibility replaces, and a character of the third plane. */
static void a_text_that_is_inert_stays(void **state)
{
    static const uint32_t some[] = {
        'a',    'k',    'Q',    0xe9,   0xc9,    0xaa,    0x301,   0x323,   0x327,
        0x345,  0x3c3,  0x3a3,  0x3c2,  0x1e9b,  0x5d0,   0x5b7,   0x5bc,   0x627,
        0x653,  0x9c7,  0x9be,  0x9d7,  0xe01,   0xe31,   0xe48,   0xe33,   0x1100,
        0x1161, 0x11a8, 0xac00, 0xac01, 0x212b,  0x3042,  0x304b,  0x3099,  0x4e00,
        0xf900, 0xff21, 0xff41, 0xff9e, 0x10400, 0x1d15e, 0x11099, 0x110ba, 0x20000};
    struct world *world = *state;
    struct seeded seeded = {11};
    for (size_t i = 0; i < LEN(settings); i++) {
        struct inert inert = inert_of(world, settings[i]);
        size_t told = 0, stayed = 0;
        for (size_t n = 0; n < 200000; n++) {
            uint8_t text[24];
            size_t len = 0;
            for (size_t left = 1 + seeded_below(&seeded, 5); left > 0; left--)
                len += ruled_draw(&seeded, some, LEN(some), text + len);
            const bool is = inert_text(&inert, text, len),
                       does = stays(world, settings[i], text, len);
            assert_true(does || !is);
            told += is;
            stayed += does;
        }
        assert_true(told > stayed / 4 && stayed < 190000);
        inert_free(&inert);
    }
}

static void without_memory_nothing_is_inert(void **state)
{
    struct world *world = *state;
    struct inert inert = inert_of(world, settings[0]);
    world->mem.limit_bytes = world->mem.used_bytes + 1;
    assert_false(inert_text(&inert, (const uint8_t *)"a", 1));
    world->mem.limit_bytes = CHECK_LIMIT_BYTES;
    assert_true(inert_text(&inert, (const uint8_t *)"a", 1));
    inert_free(&inert);
    inert_free(&inert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_character_is_inert_if_it_stays),
        world_test(what_may_compose_is_not_inert),
        world_test(a_text_that_is_inert_stays),
        world_test(without_memory_nothing_is_inert),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
