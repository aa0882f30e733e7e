/* SPDX-License-Identifier: BSD-3-Clause */
/* The texts of random CSV are those that Python's module finds, and what that refuses is bad. Only
 * a quote within a field that does not begin with one Python takes as it is.
 *
 * A text is its number: WC_SEED is the first, WC_CASES how many; a million take some minutes. */
#include "csv_read.h"
#include "world_in_folder.h"

#include <inttypes.h>

enum { CASES = 4000, BATCH = 20000 };

struct drawn {
    char bytes[CSV_NAIVE_BYTES];
    size_t len;
    uint8_t separator;
    char column[2];
};

static struct drawn draw(uint64_t seed)
{
    struct seeded seeded = {seed};
    struct drawn drawn = {.separator = seeded_of(&seeded, ",;\t", 3)};
    drawn.column[0] = (char)('1' + seeded_below(&seeded, 3));
    drawn.len = csv_naive_draw(&seeded, (char)drawn.separator, true, drawn.bytes);
    return drawn;
}

static FILE *ask_python(uint64_t first, uint64_t cases)
{
    char command[PATH_MAX + 64];
    FILE *file = fopen(folder_path("texts"), "w");
    assert_non_null(file);
    for (uint64_t i = 0; i < cases; i++) {
        const struct drawn drawn = draw(first + i);
        fprintf(file, "%02x %s ", drawn.separator, drawn.column);
        for (size_t j = 0; j < drawn.len; j++)
            fprintf(file, "%02x", (uint8_t)drawn.bytes[j]);
        fputc('\n', file);
    }
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "python3 tests/unit/csv_by_python.py <%s",
             folder_path("texts"));
    return popen(command, "r");
}

/* What Python would write of it. */
static void show(const struct found *read, char *line)
{
    line += sprintf(line, "%" PRIu64 " %" PRIu64 " ", read->sums.records, read->sums.without);
    for (size_t i = 0; i < read->len; i++)
        line += sprintf(line, "%02x", (uint8_t)read->text[i]);
    strcpy(line, "\n");
}

/* How often Python said what. */
struct said {
    uint64_t same, bad, taken, other;
};

static bool compare(uint64_t seed, const char *python, struct said *said)
{
    static struct found read;
    static char line[8 * CSV_NAIVE_BYTES];
    const struct drawn drawn = draw(seed);
    const struct extractor extractor = csv_extractor(drawn.column, drawn.separator, false);
    const struct way way = {1 + seed % (drawn.len + 1), 1 + seed % 50, seed % 3 == 0};
    csv_read(&extractor, drawn.bytes, drawn.len, drawn.len, way, &read);
    if (strcmp(python, "other\n") == 0) {
        said->other++;
        return true;
    }
    if (read.cause && strcmp(python, "bad\n") != 0) {
        said->taken++;
        return strstr(read.cause, "a quote within a field") != NULL;
    }
    if (read.cause) {
        said->bad++;
        return true;
    }
    said->same++;
    show(&read, line);
    return strcmp(line, python) == 0;
}

static void texts_are_those_of_python(void **state)
{
    (void)state;
    static char line[8 * CSV_NAIVE_BYTES];
    const uint64_t first = csv_environment("WC_SEED", 1),
                   cases = csv_environment("WC_CASES", CASES);
    struct said said = {0};
    if (system("python3 -c 'import csv' 2>/dev/null") != 0)
        skip();
    for (uint64_t done = 0; done < cases; done += BATCH) {
        const uint64_t batch = cases - done < BATCH ? cases - done : BATCH;
        FILE *python = ask_python(first + done, batch);
        assert_non_null(python);
        for (uint64_t i = first + done; i < first + done + batch; i++)
            if (!fgets(line, sizeof line, python) || !compare(i, line, &said))
                fail_msg("Python says %s; again: WC_SEED=%" PRIu64 " WC_CASES=1", line, i);
        assert_int_equal(pclose(python), 0);
    }
    print_message("# from %" PRIu64 ": %" PRIu64 " alike, %" PRIu64 " bad to both, %" PRIu64
                  " to us, %" PRIu64 " not compared\n",
                  first, said.same, said.bad, said.taken, said.other);
    assert_true(cases < 1000 || (said.same > cases / 2 && said.bad > cases / 100));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(texts_are_those_of_python),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
