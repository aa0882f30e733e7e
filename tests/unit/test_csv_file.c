/* SPDX-License-Identifier: BSD-3-Clause */
/* Where records of CSV begin, found without taking them, is where a plain reader says. */
#include "csv_read.h"
#include "world_in_folder.h"

enum { ROUNDS = 2000, BIG_BYTES = 1 << 20 };

/* The first place from `from` on where a record begins, or the end. */
static size_t first_begin(const struct csv_naive *naive, size_t from)
{
    size_t i = 0;
    while (i < naive->begins_len && naive->begins[i] < from)
        i++;
    return naive->begins[i];
}

static struct peek put(const char *name, const char *bytes, size_t len)
{
    struct peek peek = {.bytes = len};
    peek.fd = open(folder_put(name, bytes, len), O_RDONLY);
    assert_true(peek.fd >= 0);
    return peek;
}

static void records_begin_where_a_plain_reader_says(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        static struct csv_naive naive;
        static char bytes[CSV_NAIVE_BYTES + EXTRACTOR_SLACK_BYTES];
        struct seeded seeded = {round};
        const uint8_t separator = seeded_of(&seeded, ",;a", 3);
        const struct extractor extractor = csv_extractor("1", separator, false);
        const size_t len = csv_naive_draw(&seeded, (char)separator, false, bytes);
        csv_naive(&extractor, 1, bytes, len, &naive);
        naive.begins[0] = 0; /* a mark goes with the first record */
        if (naive.bad)       /* the separator is a letter of a field with quotes in it */
            continue;
        struct peek peek = put("text", bytes, len);
        for (size_t i = 0; i < naive.begins_len; i++) {
            const size_t at = naive.begins[i], left = len - at;
            const size_t from = at + 1 + seeded_below(&seeded, left + 1);
            assert_int_equal(extractor.next(&extractor, &peek, at, from),
                             first_begin(&naive, from));
        }
        close(peek.fd);
    }
}

/* From any byte on, as far as the stretch reaches, in which it may not show. */
static void the_first_record_of_a_stretch_is_one(void **state)
{
    (void)state;
    size_t shown = 0, tried = 0;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        static struct csv_naive naive;
        static char bytes[CSV_NAIVE_BYTES + EXTRACTOR_SLACK_BYTES];
        struct seeded seeded = {round};
        const uint8_t separator = seeded_of(&seeded, ",;a", 3);
        const struct extractor extractor = csv_extractor("1", separator, false);
        const size_t len = csv_naive_draw(&seeded, (char)separator, false, bytes);
        csv_naive(&extractor, 1, bytes, len, &naive);
        if (naive.bad)
            continue;
        for (int i = 0; i < 20; i++, tried++) {
            const size_t at = seeded_below(&seeded, len + 1),
                         some = seeded_below(&seeded, len - at + 1);
            if (at < 3) /* a mark may be there */
                continue;
            const size_t first = extractor.first(&extractor, (const uint8_t *)bytes + at, some);
            if (first > 0)
                assert_int_equal(at + first, first_begin(&naive, at + 1));
            assert_true(first <= some);
            shown += first > 0;
        }
    }
    assert_true(shown > tried / 20);
}

/* Without quotes, lines are believed to be records if enough of them have as many fields. */
static void lines_alike_are_records(void **state)
{
    (void)state;
    const struct extractor extractor = csv_extractor("1", ';', false);
    static const struct {
        const char *line, *last;
        size_t lines, first;
    } rows[] = {
        {"a;b\n", "a;b\n", 16, 4},   {"a;b\n", "a;b\n", 15, 0},     {"a;b\n", "ab\n", 16, 0},
        {"a;b\n", "ab\n", 17, 4},    {"a;b\n", "a;b;c\n", 16, 0},   {"a;b\n", "a;\"\"\n", 16, 0},
        {"word\n", "word\n", 40, 0}, {";;;\r\n", ";;;\r\n", 16, 5}, {"a;b\n", "\n", 16, 0},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t text[1000];
        size_t len = 0;
        for (size_t line = 0; line <= rows[i].lines; line++) /* the first one is not whole, maybe */
            len = (size_t)(stpcpy((char *)text + len,
                                  line < rows[i].lines ? rows[i].line : rows[i].last)
                           - (char *)text);
        assert_int_equal(extractor.first(&extractor, text, len), rows[i].first);
    }
}

/* Where nothing tells, where it does at once, and where a quote is now and then. */
static void blocks_of_a_large_file_hang_together(void **state)
{
    (void)state;
    static char bytes[BIG_BYTES];
    static const char *const fields[] = {"\"\",\"\n\",\"\"\n", "plain,fields\n", "\"a\nb\",c\n"};
    const struct extractor extractor = csv_extractor("1", ',', false);
    for (size_t kind = 0; kind < 4; kind++) {
        struct seeded seeded = {kind};
        size_t len = 0;
        while (len + 400000 < BIG_BYTES) {
            const char *field = fields[kind < 3 ? kind : seeded_below(&seeded, 20) ? 1 : 2];
            len = (size_t)(stpcpy(bytes + len, field) - bytes);
        }
        len += (size_t)sprintf(bytes + len, "\"%0100000d,\n%0200000d\"\nend", 1, 2);
        struct peek peek = put("large", bytes, len);
        for (uint64_t unit = 1000; unit < 300000; unit = unit * 7 + 1) {
            bool inside = false;
            uint64_t at = 0, begin = 0;
            for (size_t i = 0; i <= len; i++) {
                if (i == len || (!inside && bytes[i] == '\n'))
                    begin = i == len ? len : i + 1;
                inside ^= i < len && bytes[i] == '"';
                if (begin < (at / unit + 1) * unit && i < len)
                    continue;
                assert_int_equal(extractor.next(&extractor, &peek, at, (at / unit + 1) * unit),
                                 begin);
                at = begin;
            }
        }
        close(peek.fd);
    }
}

/* Parts of a text as rank 0 makes them: those without a place go on in the next. */
static void check_parts(const struct extractor *extractor, const struct csv_naive *naive,
                        size_t part_bytes)
{
    struct parting_state state = {.begins = true};
    size_t at = 0, begin = 0;
    while (naive->len - at > part_bytes) {
        const size_t cut =
            extractor->part(extractor, (const uint8_t *)naive->bytes + at, part_bytes, &state);
        const size_t last = cut > 0 ? at + cut : begin;
        assert_int_equal(first_begin(naive, last), last);
        if (!naive->unclosed) /* and no record begins behind it */
            assert_true(first_begin(naive, last + 1) > at + part_bytes
                        || first_begin(naive, last + 1) == naive->len);
        at += cut > 0 ? cut : part_bytes;
        begin = last;
        if (cut > 0)
            state = (struct parting_state){.head = state.head};
        state.begins = false;
    }
}

static void parts_end_with_records(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        static struct csv_naive naive;
        static char bytes[CSV_NAIVE_BYTES + EXTRACTOR_SLACK_BYTES];
        struct seeded seeded = {round};
        const struct extractor extractor = csv_extractor("1", ',', true);
        const size_t len = csv_naive_draw(&seeded, ',', true, bytes);
        csv_naive(&extractor, 1, bytes, len, &naive);
        naive.begins[0] = 0; /* a mark goes with the first record */
        check_parts(&extractor, &naive, 3 + seeded_below(&seeded, 100));
        check_parts(&extractor, &naive, 3);
    }
}

static void a_header_is_found_once(void **state)
{
    (void)state;
    static const char text[100] = "\xef\xbb\xbf\r\n\"a\n\",b\n1,2\n3,4\n5,6\n";
    const struct extractor extractor = csv_extractor("b", ',', false);
    const size_t header_end = (size_t)(strstr(text, "1,2") - text);
    for (size_t len = 3; len < strlen(text); len++) {
        struct parting_state parting = {.begins = true};
        const size_t cut = extractor.part(&extractor, (const uint8_t *)text, len, &parting);
        assert_int_equal(parting.head, len < header_end ? 0 : 2);
        assert_int_equal(parting.lost, len < 5); /* what is behind an empty line may be the next */
        assert_true(cut <= 5 || cut >= header_end);
    }
    struct peek peek = put("text", text, strlen(text));
    assert_int_equal(extractor.head(&extractor, (const uint8_t *)text, strlen(text)), 2);
    for (size_t from = 1; from < header_end; from++)
        assert_int_equal(extractor.next(&extractor, &peek, 0, from), header_end);
    const struct extractor other = csv_extractor("c", ',', false);
    assert_int_equal(other.head(&other, (const uint8_t *)text, strlen(text)), UINT64_MAX);
    close(peek.fd);
}

static void what_cannot_be_known_is_not_cut(void **state)
{
    (void)state;
    static char bytes[BIG_BYTES];
    const struct extractor named = csv_extractor("b", ',', false),
                           numbered = csv_extractor("2", ',', false),
                           skipping = csv_extractor("2", ',', true);
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes + 70000, ",b\n1,2\n", 7);
    struct peek peek = put("long", bytes, sizeof bytes);
    assert_int_equal(named.head(&named, (const uint8_t *)bytes, 70000), 0);
    assert_int_equal(named.next(&named, &peek, 0, 1), 0);
    assert_int_equal(numbered.head(&numbered, (const uint8_t *)bytes, 70000), 2);
    assert_int_equal(numbered.next(&numbered, &peek, 0, 1), 70003);
    assert_int_equal(skipping.next(&skipping, &peek, 0, 1), 0);
    close(peek.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(records_begin_where_a_plain_reader_says),
        cmocka_unit_test(the_first_record_of_a_stretch_is_one),
        cmocka_unit_test(lines_alike_are_records),
        folder_test(blocks_of_a_large_file_hang_together),
        cmocka_unit_test(parts_end_with_records),
        folder_test(a_header_is_found_once),
        folder_test(what_cannot_be_known_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
