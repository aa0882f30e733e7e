/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of ASCII are the matches of the pattern, which is asked itself: in every short text of the
 * characters that it tells apart, in every place of every character, and in long texts. */
#include "ruled.h"

static const char *const ways[] = {"gpt2", "cl100k", "o200k"};

/* The ends of the words of a text, which are all of it. */
struct ends {
    const uint8_t *bytes;
    size_t len, count;
    bool end[RULED_BYTES];
};

static bool add(void *context, const uint8_t *word, size_t len)
{
    struct ends *ends = context;
    assert_true(word == ends->bytes + ends->len && len > 0);
    ends->len += len;
    ends->end[ends->len] = true;
    ends->count++;
    return true;
}

static void cut(struct cutter *cutter, struct world *world, const uint8_t *bytes, size_t len,
                bool ascii, struct ends *ends)
{
    const struct cutter_text text = {bytes, len, ascii};
    memset(ends->end, 0, len + 1);
    ends->bytes = bytes;
    ends->len = ends->count = 0;
    if (!cutter->cut(cutter, &world->mem, &text, add, ends, &world->fail))
        fail_msg("%s", world->fail.text);
    assert_int_equal(ends->len, len);
}

/* Returns how many pieces there are. */
static size_t compare(struct cutter *cutter, struct world *world, const uint8_t *bytes, size_t len)
{
    static struct ends pieces, matches;
    cut(cutter, world, bytes, len, true, &pieces);
    cut(cutter, world, bytes, len, false, &matches);
    if (memcmp(pieces.end, matches.end, len + 1) == 0)
        return pieces.count;
    for (size_t i = 0; i <= len; i++)
        print_message("%02x%s%s\n", i < len ? bytes[i] : 0, pieces.end[i] ? " piece" : "",
                      matches.end[i] ? " match" : "");
    fail_msg("%s: a text of %zu bytes has other pieces than matches", cutter->name, len);
    return 0;
}

static struct cutter choose(struct world *world, const char *way)
{
    struct cutter cutter;
    assert_true(cutter_choose(way, &cutter, &world->fail));
    return cutter;
}

/* Every text of `len` of these characters; the bytes end where memory ends. */
static void compare_all(struct world *world, const char *way, const char *characters, size_t kinds,
                        size_t len)
{
    struct cutter cutter = choose(world, way);
    uint8_t *bytes = edge_of_memory() - len;
    size_t texts = 1;
    for (size_t i = 0; i < len; i++)
        texts *= kinds;
    for (size_t text = 0; text < texts; text++) {
        size_t rest = text;
        for (size_t i = 0; i < len; i++, rest /= kinds)
            bytes[i] = (uint8_t)characters[rest % kinds];
        compare(&cutter, world, bytes, len);
    }
    cutter_free(&cutter, &world->mem);
}

static void pieces_of_every_short_text_are_the_matches(void **state)
{
    static const char apart[] = " \t\n'sLa1!/\0\x1c"; /* what any of the patterns tells apart */
    static const char few[] = " \t\n\rA!/1";          /* blanks and what is around them */
    static const char letters[] = "'slLveErmtdDa ";   /* contractions */
    for (size_t way = 0; way < LEN(ways); way++) {
        for (size_t len = 0; len <= 4; len++) {
            compare_all(*state, ways[way], apart, sizeof apart - 1, len);
            compare_all(*state, ways[way], letters, sizeof letters - 1, len);
        }
        compare_all(*state, ways[way], " \t\n'sLa1!/", 10, 5);
        compare_all(*state, ways[way], few, sizeof few - 1, 5);
        compare_all(*state, ways[way], " \nAa'", 5, 6);
        compare_all(*state, ways[way], " \n!/", 4, 7);
    }
}

/* Each character before, behind and between two others. */
static void pieces_with_every_character_are_the_matches(void **state)
{
    static const char others[] = " \n'sA1!/";
    const size_t kinds = sizeof others - 1;
    for (size_t way = 0; way < LEN(ways); way++) {
        struct cutter cutter = choose(*state, ways[way]);
        for (size_t i = 0; i < 128 * 3 * kinds * kinds; i++) {
            uint8_t bytes[3];
            const size_t place = i / 128 % 3;
            bytes[place] = i % 128;
            bytes[(place + 1) % 3] = (uint8_t)others[i / 128 / 3 % kinds];
            bytes[(place + 2) % 3] = (uint8_t)others[i / 128 / 3 / kinds];
            compare(&cutter, *state, bytes, sizeof bytes);
        }
        cutter_free(&cutter, &((struct world *)*state)->mem);
    }
}

/* Runs of one class each, or characters that are drawn one by one. */
static size_t draw_text(struct seeded *seeded, uint8_t *text, size_t most)
{
    static const char *const runs[] = {" ",  "\n",  " \t\r\n", "az",   "AZ",
                                       "aZ", "019", "!'",      "!/\n", "'sSlLvVeErRtTmMdD"};
    const size_t len = seeded_below(seeded, most), longest = 1 + seeded_below(seeded, 12);
    for (size_t at = 0; at < len;) {
        const char *run = runs[seeded_below(seeded, LEN(runs))];
        const bool any = seeded_below(seeded, 8) == 0;
        for (size_t n = 1 + seeded_below(seeded, longest); n > 0 && at < len; n--)
            text[at++] = any ? seeded_next(seeded) & 0x7f : seeded_of(seeded, run, strlen(run));
    }
    return len;
}

static void pieces_of_long_texts_are_the_matches(void **state)
{
    for (size_t way = 0; way < LEN(ways); way++) {
        struct seeded seeded = {way};
        struct cutter cutter = choose(*state, ways[way]);
        size_t bytes = 0, pieces = 0;
        for (int i = 0; i < 3000; i++) {
            uint8_t text[400];
            const size_t len = draw_text(&seeded, text, sizeof text);
            pieces += compare(&cutter, *state, text, len);
            bytes += len;
        }
        assert_true(pieces > bytes / 8 && pieces < bytes / 2);
        cutter_free(&cutter, &((struct world *)*state)->mem);
    }
}

static bool count(void *context, const uint8_t *word, size_t len)
{
    (void)word;
    *(size_t *)context += len;
    return true;
}

/* A piece that looked for the end of its run again and again would take the square of it. */
static void a_long_run_takes_no_longer_by_the_byte(void **state)
{
    struct world *world = *state;
    enum { LONG = 8 << 20 };
    uint8_t *bytes = malloc(LONG);
    assert_non_null(bytes);
    for (size_t way = 0; way < LEN(ways); way++)
        for (const char *run = "\n \t1aA!/'"; *run; run++) {
            struct cutter cutter = choose(world, ways[way]);
            const struct cutter_text text = {bytes, LONG, true};
            size_t seen = 0;
            memset(bytes, *run, LONG);
            assert_true(cutter.cut(&cutter, &world->mem, &text, count, &seen, &world->fail));
            assert_int_equal(seen, LONG);
            cutter_free(&cutter, &world->mem);
        }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(pieces_of_every_short_text_are_the_matches),
        world_test(pieces_with_every_character_are_the_matches),
        world_test(pieces_of_long_texts_are_the_matches),
        world_test(a_long_run_takes_no_longer_by_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
