/* SPDX-License-Identifier: BSD-3-Clause */
/* Normal forms: those of Unicode's own test, and of all characters that it does not name. */
#include "ruled.h"

#include "rules/edition.h"
#include "rules/normal.h"

#include <stdio.h>
#include <unictype.h>

static const char test_file[] = "/usr/share/unicode/NormalizationTest.txt";

struct line {
    uint8_t fields[5][128]; /* source, NFC, NFD, NFKC, NFKD */
    size_t lens[5];
    uint32_t first; /* character, of the source */
    bool newer;     /* a character is not assigned yet, for libunistring */
};

static bool parse(const char *text, struct line *line)
{
    char *end;
    line->newer = false;
    for (int i = 0; i < 5; i++) {
        line->lens[i] = 0;
        for (;;) {
            const uint32_t character = (uint32_t)strtoul(text, &end, 16);
            if (end == text)
                return false;
            if (i == 0 && line->lens[0] == 0)
                line->first = character;
            line->newer |= uc_is_general_category_withtable(character, UC_CATEGORY_MASK_Cn);
            line->lens[i] += ruled_write(character, line->fields[i] + line->lens[i]);
            text = end + 1;
            if (*end == ';')
                break;
        }
    }
    return true;
}

static size_t wrong(struct world *world, const struct line *line, enum normal_form form, int source,
                    int expected)
{
    static struct buffer to; /* there are millions of calls */
    static struct mem mem = {.limit_bytes = CHECK_LIMIT_BYTES};
    assert_true(
        normal_map(form, &mem, line->fields[source], line->lens[source], &to, &world->fail));
    const bool right =
        to.len == line->lens[expected] && memcmp(to.bytes, line->fields[expected], to.len) == 0;
    return !right;
}

/* The identities at the head of the test, of the composed forms. */
static size_t wrong_forms(struct world *world, const struct line *line)
{
    size_t count = 0;
    for (int source = 0; source < 5; source++) {
        count += wrong(world, line, NORMAL_NFKC, source, 3);
        count += wrong(world, line, NORMAL_NFC, source, source < 3 ? 1 : 3);
    }
    return count;
}

static FILE *open_text(const char *path)
{
    char command[160];
    snprintf(command, sizeof command, "cat %s 2>/dev/null || bzcat %s.bz2 2>/dev/null", path, path);
    return popen(command, "r");
}

/* A version that begins with two numbers, as one that can be compared. */
static double version(const char *text)
{
    int major = 0, minor = 0;
    sscanf(text, "%d.%d", &major, &minor);
    return major + minor / 100.0;
}

/* The characters that the version of the test has; an entry of two lines is a range. */
static bool read_assigned(uint8_t *assigned)
{
    static char text[1024];
    FILE *file = open_text("/usr/share/unicode/UnicodeData.txt");
    uint32_t first = 0;
    size_t lines = 0;
    for (; file && fgets(text, sizeof text, file); lines++) {
        const uint32_t last = (uint32_t)strtoul(text, NULL, 16);
        if (!strstr(text, ", Last>"))
            first = last;
        for (uint32_t i = first; i <= last; i++)
            assigned[i / 8] |= (uint8_t)(1 << i % 8);
    }
    pclose(file);
    return lines > 0;
}

/* Where libunistring is older than the test, only what has a character that it does not know may
 * come out otherwise. Where it is newer, it knows characters that the test would have named. */
static void forms_are_those_of_the_test_of_unicode(void **state)
{
    struct world *world = *state;
    static struct line line;
    static uint8_t named[0x110000 / 8], assigned[0x110000 / 8];
    static char text[2048];
    size_t lines = 0, others = 0, part = 0;
    double tested = 0;
    FILE *file = open_text(test_file);
    assert_non_null(file);
    while (fgets(text, sizeof text, file)) {
        const char *name = lines == 0 ? strstr(text, "NormalizationTest-") : NULL;
        if (name) {
            tested = version(name + strlen("NormalizationTest-"));
            print_message("# %.*s, libunistring has Unicode %s\n", (int)strcspn(text + 2, "\n"),
                          text + 2, edition_of_properties());
        }
        part += strncmp(text, "@Part", 5) == 0;
        if (!parse(text, &line))
            continue;
        lines++;
        if (part == 2)
            named[line.first / 8] |= (uint8_t)(1 << line.first % 8);
        if (wrong_forms(world, &line) == 0)
            continue;
        others++;
        if (!line.newer)
            fail_msg("%s", text);
    }
    pclose(file);
    if (lines == 0)
        skip();
    const bool newer = version(edition_of_properties()) > tested;
    assert_true(read_assigned(assigned));
    for (uint32_t i = 0; i < 0x110000; i++) {
        const bool known = !newer || assigned[i / 8] >> i % 8 & 1;
        if (i / 0x800 == 0x1b || !known || named[i / 8] >> i % 8 & 1)
            continue;
        line.lens[0] = ruled_write(i, line.fields[0]);
        assert_int_equal(wrong(world, &line, NORMAL_NFC, 0, 0), 0);
        assert_int_equal(wrong(world, &line, NORMAL_NFKC, 0, 0), 0);
    }
    print_message("# %zu lines, %zu differ: of newer characters\n", lines, others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(forms_are_those_of_the_test_of_unicode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
