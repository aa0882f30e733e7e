/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules: the words of random texts are those that Python makes of them, byte for byte, where Python
 * has the module `regex`. */
#include "ruled.h"

#include "folder.h"

/* What both sides call the same. \w of PCRE2 has marks as well from 10.43 on. */
static const struct way {
    const char *name;
    struct rules_options options;
    bool blanks; /* texts may have them */
} ways[] = {
    {"lower", {.lower = true}, false},
    {"fold", {.fold = true}, false},
    {"word", {.words = "regex:[\\p{L}\\p{N}_]+", .lower = true}, true},
    {"nfc", {.nfc = true}, false},
    {"fold-nfc", {.fold = true, .nfc = true}, false},
    {"lower-nfc", {.lower = true, .nfc = true}, false},
    {"nfkc", {.nfkc = true}, false},
    {"fold-nfkc", {.fold = true, .nfkc = true}, false},
    {"strip", {.strip = true}, false},
    {"gpt2", {.words = "gpt2"}, true},
    {"cl100k", {.words = "cl100k"}, true},
    {"o200k", {.words = "o200k"}, true},
};

/* All of them older than any library here; the blanks last. */
static const uint32_t characters[] = {
    'a',     'S',     'T',     'k',     '1',     '2',      '3',    '4',    '_',    '\'',   '\'',
    's',     't',     'L',     '.',     ',',     '-',      '/',    '!',    '$',    '+',    '^',
    0xdf,    0xe9,    0xc9,    0x130,   0x131,   0x149,    0x17f,  0x1c5,  0x2b0,  0x2bc,  0x300,
    0x301,   0x323,   0x345,   0x390,   0x3a3,   0x3a3,    0x3a3,  0x3b1,  0x3c2,  0x416,  0x451,
    0x587,   0x5d0,   0x5b0,   0x661,   0x938,   0x94d,    0xe01,  0x10d0, 0x13a0, 0xab70, 0x1100,
    0x1161,  0x11a8,  0xac00,  0x1d2c,  0x1e9e,  0x1fb3,   0x1f88, 0x2019, 0x201c, 0x2026, 0x20ac,
    0x2121,  0x2160,  0x212a,  0x212b,  0x24b6,  0x3042,   0x3099, 0x304b, 0x30ab, 0x4e00, 0xfb03,
    0xfdfa,  0xff21,  0xff76,  0xff9e,  0xbd,    0xb2,     0xaa,   0xb7,   0xad,   0x200d, 0x180e,
    0x10400, 0x1d400, 0x1d7d8, 0x1f600, 0x1f468, 0x10fffd, 0xa0,   0x85,   0x3000, 0x2028, 0xa8,
    ' ',     ' ',     ' ',     ' ',     '\n',    '\r',     '\t',   '\v',   '\f'};
enum { BLANKS = 9, TEXTS = 3000, TEXT_BYTES = 128 };

static uint8_t texts[LEN(ways) * TEXTS][TEXT_BYTES];
static size_t lens[LEN(ways) * TEXTS];

static size_t draw_text(struct seeded *seeded, bool blanks, uint8_t *text)
{
    size_t len = 0;
    const size_t kinds = LEN(characters) - (blanks ? 0 : BLANKS);
    const bool few = seeded_below(seeded, 2); /* kinds, so that some come together often */
    const size_t from = few ? seeded_below(seeded, kinds - 8) : 0;
    for (size_t n = 1 + seeded_below(seeded, 12); n > 0; n--)
        len += ruled_draw(seeded, characters + from, few ? 8 : kinds, text + len);
    return len;
}

static void write_texts(FILE *file)
{
    struct seeded seeded = {11};
    for (size_t i = 0; i < LEN(ways) * TEXTS; i++) {
        lens[i] = draw_text(&seeded, ways[i / TEXTS].blanks, texts[i]);
        fprintf(file, "%s ", ways[i / TEXTS].name);
        for (size_t j = 0; j < lens[i]; j++)
            fprintf(file, "%02x", texts[i][j]);
        fputc('\n', file);
    }
}

/* The words in hex, as Python writes them. */
static void show(const struct ruled *ruled, char *hex)
{
    *hex = '\0';
    for (size_t i = 0; i < ruled->len; i++)
        if (ruled->text[i] == '|')
            hex = stpcpy(hex, " ");
        else
            hex += sprintf(hex, "%02x", (uint8_t)ruled->text[i]);
}

static void compare(struct world *world, FILE *python)
{
    static char line[8192], hex[8192];
    for (size_t way = 0; way < LEN(ways); way++) {
        static struct ruled ruled;
        struct rules rules;
        ruled_init(&rules, &ways[way].options, &world->mem);
        for (size_t i = way * TEXTS; i < (way + 1) * TEXTS; i++) {
            if (!fgets(line, sizeof line, python))
                fail_msg("Python ends before text %zu", i);
            line[strcspn(line, "\n")] = '\0';
            ruled_clear(&ruled);
            ruled_apply(&rules, texts[i], lens[i], &ruled);
            show(&ruled, hex);
            if (strcmp(line, hex) != 0)
                fail_msg("%s of '%.*s': %s, not %s", ways[way].name, (int)lens[i],
                         (const char *)texts[i], hex, line);
        }
        rules_free(&rules);
    }
}

static void words_are_those_of_python(void **state)
{
    if (system("python3 -c 'import regex' 2>/dev/null") != 0)
        skip();
    assert_true(folder_make());
    FILE *file = fopen(folder_path("texts"), "w");
    assert_non_null(file);
    write_texts(file);
    assert_int_equal(fclose(file), 0);
    char command[PATH_MAX + 64];
    snprintf(command, sizeof command, "python3 tests/unit/by_python.py <%s", folder_path("texts"));
    FILE *python = popen(command, "r");
    assert_non_null(python);
    compare(*state, python);
    pclose(python);
    folder_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(words_are_those_of_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
