/* SPDX-License-Identifier: BSD-3-Clause */
/* Words by UAX #29: those of Unicode's own test; the same by the short way for ASCII; and the same
 * whether a text is cut at its blanks first, but for what unicode.c names. */
#include "ruled.h"

#include "rules/edition.h"
#include "text/scan.h"

#include <stdio.h>
#include <unictype.h>

static const char test_file[] = "/usr/share/unicode/auxiliary/WordBreakTest.txt";

/* The test is of the version of Unicode that this system's data has, the words are of that of
 * libunistring. They must agree where the versions are the same, and where a row says that no rule
 * and no character of the test changed between them. In others, what differs is shown. */
static const struct pair {
    const char *test, *library;
} same_rules[] = {{"15.0", "14.0"}};

static void cut_bytes(struct cutter *cutter, struct world *world, const uint8_t *bytes, size_t len,
                      bool ascii, struct ruled *ruled)
{
    const struct cutter_text text = {bytes, len, ascii};
    ruled_clear(ruled);
    assert_true(cutter->cut(cutter, &world->mem, &text, ruled_add, ruled, &world->fail));
}

static struct cutter choose(struct world *world)
{
    struct cutter cutter;
    assert_true(cutter_choose("unicode", &cutter, &world->fail));
    return cutter;
}

static void expect_both_ways(struct cutter *cutter, struct world *world,
                             const struct ruled *expected, const uint8_t *bytes, size_t len)
{
    static struct ruled ruled;
    bool ascii = true;
    for (size_t i = 0; i < len; i++)
        ascii &= bytes[i] < 0x80;
    cut_bytes(cutter, world, bytes, len, ascii, &ruled);
    assert_string_equal(ruled.text, expected->text);
    if (ascii) {
        cut_bytes(cutter, world, bytes, len, false, &ruled);
        assert_string_equal(ruled.text, expected->text);
    }
}

struct line {
    uint8_t bytes[512];
    size_t len;
    struct ruled words;
};

/* Reads `÷ 0061 × 0308 ÷ # ...`. False where there is no test on the line. */
static bool parse(char *text, struct line *line)
{
    uint8_t segment[512];
    size_t segment_len = 0;
    bool substantial = false;
    line->len = 0;
    ruled_clear(&line->words);
    text[strcspn(text, "#\n")] = '\0';
    for (char *part = strtok(text, " \t"); part; part = strtok(NULL, " \t")) {
        if (strcmp(part, "×") == 0)
            continue;
        if (strcmp(part, "÷") == 0) {
            if (segment_len > 0 && substantial)
                ruled_add(&line->words, segment, segment_len);
            segment_len = 0;
            substantial = false;
            continue;
        }
        const unsigned long character = strtoul(part, NULL, 16);
        substantial |= uc_is_general_category_withtable((uint32_t)character,
                                                        UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
        segment_len += ruled_write((uint32_t)character, segment + segment_len);
        line->len += ruled_write((uint32_t)character, line->bytes + line->len);
    }
    return line->len > 0;
}

static bool must_agree(const char *head)
{
    const char *library = edition_of_properties();
    char test[8] = "";
    sscanf(head, "# WordBreakTest-%4[0-9.]", test);
    print_message("# the test is of Unicode %s, libunistring of %s\n", test, library);
    for (size_t i = 0; i < LEN(same_rules); i++)
        if (strcmp(same_rules[i].test, test) == 0 && strcmp(same_rules[i].library, library) == 0)
            return true;
    return strcmp(test, library) == 0;
}

static void words_are_those_of_the_test_of_unicode(void **state)
{
    struct world *world = *state;
    struct cutter cutter = choose(world);
    static struct line line;
    static struct ruled ruled;
    char text[1024], shown[1024];
    size_t tests = 0, others = 0;
    FILE *file = fopen(test_file, "r");
    if (!file)
        skip();
    assert_non_null(fgets(text, sizeof text, file));
    const bool strict = must_agree(text);
    while (fgets(text, sizeof text, file)) {
        snprintf(shown, sizeof shown, "%.*s", (int)strcspn(text, "#\t"), text);
        if (!parse(text, &line))
            continue;
        tests++;
        cut_bytes(&cutter, world, line.bytes, line.len, false, &ruled);
        if (strcmp(ruled.text, line.words.text) == 0) {
            expect_both_ways(&cutter, world, &line.words, line.bytes, line.len);
            continue;
        }
        print_message("# %s: '%s', not '%s'\n", shown, ruled.text, line.words.text);
        others++;
    }
    fclose(file);
    print_message("# %zu lines, %zu differ\n", tests, others);
    assert_true(tests > 1000);
    assert_true(!strict || others == 0);
    cutter_free(&cutter, &world->mem);
}

static void ascii_is_cut_as_all_text_is(void **state)
{
    struct world *world = *state;
    struct cutter cutter = choose(world);
    static const char letters[] = "aZ07_.:,;'\"-( \t";
    static struct ruled ruled;
    const size_t kinds = sizeof letters - 1;
    uint8_t text[32];
    for (size_t len = 1, texts = kinds; len <= 4; len++, texts *= kinds)
        for (size_t number = 0; number < texts; number++) {
            for (size_t i = 0, rest = number; i < len; i++, rest /= kinds)
                text[i] = (uint8_t)letters[rest % kinds];
            cut_bytes(&cutter, world, text, len, true, &ruled);
            expect_both_ways(&cutter, world, &ruled, text, len);
        }
    struct seeded seeded = {7};
    for (int i = 0; i < 100000; i++) {
        const size_t len = 1 + seeded_below(&seeded, sizeof text);
        for (size_t j = 0; j < len; j++)
            text[j] = seeded_below(&seeded, 2) ? seeded_of(&seeded, letters, kinds)
                                               : (uint8_t)(1 + seeded_below(&seeded, 127));
        for (size_t j = 0; j < len; j++)
            text[j] = text[j] == '|' ? '!' : text[j];
        cut_bytes(&cutter, world, text, len, true, &ruled);
        expect_both_ways(&cutter, world, &ruled, text, len);
    }
    cutter_free(&cutter, &world->mem);
}

/* One character of each property that the rules know, of those that are no ASCII blank, and of
 * some that they do not. */
static const uint32_t properties[] = {
    'a',     0x5d0,  '1',    '_',    ':',    '.',     ',',
    '\'',    '"', /* ALetter, Hebrew, Numeric, ExtendNumLet, Mid... */
    0x30ab,  0x301,  0x93e,  0xad,   0x200d, 0x1f600, /* Katakana, Extend (Mn, Mc), Format, ZWJ,
                                                         emoji */
    0x1f1e6, 0x3000, 0x85,   0x2028, 0x24c2, '-', /* Regional, WSegSpace, Newline (2), both, other
                                                   */
    0x4e00,  0xe01,  0xff9e,                      /* Han, Thai, a mark that is a letter */
};
static const char *const blanks[] = {" ", "\t", "\n", "\v", "\f", "\r", "  ", " \t", "\r\n", "\n "};

/* The words of a text without the blanks that they begin with, and whether one of these is ASCII.
 */
struct trimmed {
    struct ruled ruled;
    bool blank;
};

static bool add_trimmed(void *context, const uint8_t *word, size_t len)
{
    struct trimmed *trimmed = context;
    for (;;) {
        const bool wide = len >= 3 && memcmp(word, "\u3000", 3) == 0;
        if (!wide && !(len > 0 && scan_is_gap(*word)))
            break;
        trimmed->blank |= !wide;
        word += wide ? 3 : 1;
        len -= wide ? 3 : 1;
    }
    return ruled_add(&trimmed->ruled, word, len);
}

/* Whether a text, and what is before and after its blanks, have the same words. */
static void compare(struct cutter *cutter, struct world *world, const uint8_t *bytes, size_t before,
                    size_t gap, size_t len, bool *blank)
{
    static struct trimmed whole, parts;
    const struct cutter_text texts[] = {{bytes, len, false},
                                        {bytes, before, false},
                                        {bytes + before + gap, len - before - gap, false}};
    ruled_clear(&whole.ruled);
    ruled_clear(&parts.ruled);
    whole.blank = false;
    assert_true(cutter->cut(cutter, &world->mem, &texts[0], add_trimmed, &whole, &world->fail));
    for (int i = 1; i <= 2; i++)
        assert_true(cutter->cut(cutter, &world->mem, &texts[i], add_trimmed, &parts, &world->fail));
    *blank |= whole.blank;
    if (strcmp(whole.ruled.text, parts.ruled.text) != 0)
        fail_msg("'%.*s': '%s' in the text, '%s' in its chunks", (int)len, (const char *)bytes,
                 whole.ruled.text, parts.ruled.text);
}

static void a_text_has_the_words_of_its_chunks(void **state)
{
    struct world *world = *state;
    struct cutter cutter = choose(world);
    enum { KINDS = LEN(properties), PAIRS = KINDS * KINDS };
    uint8_t bytes[64];
    size_t with_blank = 0;
    for (size_t before = 0; before < PAIRS; before++)
        for (size_t gap = 0; gap < LEN(blanks); gap++)
            for (size_t after = 0; after < PAIRS; after++) {
                if (before >= KINDS && after >= KINDS && gap >= 3)
                    break; /* pairs on both sides: by the first blanks only */
                size_t len = ruled_write(properties[before % KINDS], bytes);
                if (before >= KINDS)
                    len += ruled_write(properties[before / KINDS], bytes + len);
                const size_t start = len, gap_len = strlen(blanks[gap]);
                memcpy(bytes + len, blanks[gap], gap_len);
                len += gap_len;
                len += ruled_write(properties[after % KINDS], bytes + len);
                if (after >= KINDS)
                    len += ruled_write(properties[after / KINDS], bytes + len);
                bool blank = false;
                compare(&cutter, world, bytes, start, gap_len, len, &blank);
                with_blank += blank;
                if (blank) /* U+FF9E is in the chunk after it */
                    assert_non_null(memmem(bytes + start, len - start, "\xef\xbe\x9e", 3));
            }
    print_message("# %zu texts had a word that begins with a blank\n", with_blank);
    assert_true(with_blank > 0);
    cutter_free(&cutter, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(words_are_those_of_the_test_of_unicode),
        world_test(ascii_is_cut_as_all_text_is),
        world_test(a_text_has_the_words_of_its_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
