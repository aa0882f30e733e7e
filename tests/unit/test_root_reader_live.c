/* SPDX-License-Identifier: BSD-3-Clause */
/* What rank 0 reads of a pipe as it comes: complete lines at once, the rest when it is complete,
 * and never waiting. */
#include "input/root_reader.h"
#include "mapper/mapper.h"

#include "packed.h"
#include "world_in_folder.h"

enum { PART_MAX = 1 << 16, TEXT_MAX = 1 << 18 };

/* A reader of a pipe, whose other end is open, and then maybe of a file. */
struct live {
    struct world *world;
    struct catalog catalog;
    struct root_reader reader;
    int pipe;
    size_t part_bytes;
    uint64_t looked; /* bytes in which a place to part them was looked for */
    uint8_t *part;
    struct root_reader_part head; /* of the last part */
    uint8_t text[TEXT_MAX];       /* of all parts */
    size_t len;
};

static size_t part_lines(const void *context, const uint8_t *bytes, size_t len,
                         struct parting_state *state)
{
    (void)state;
    *(uint64_t *)(uintptr_t)context += len;
    return lines_mapper.part(bytes, len);
}

/* The next part; whether it was one. */
static bool next(struct live *live)
{
    if (root_reader_next(&live->reader, live->part, live->part_bytes, &live->world->fail) == 0)
        fail_msg("%s", live->world->fail.text);
    memcpy(&live->head, live->part, sizeof live->head);
    const uint8_t *bytes = live->part + sizeof live->head;
    assert_true(live->len + live->head.bytes <= TEXT_MAX);
    memcpy(live->text + live->len, bytes, live->head.bytes);
    live->len += live->head.bytes;
    struct window_range last;
    if (live->head.ranges > 0)
        memcpy(&last, bytes + mem_padded(live->head.bytes) + (live->head.ranges - 1) * sizeof last,
               sizeof last);
    if (live->head.ranges > 0 && !live->head.ends && !last.continues) /* never inside a line */
        assert_int_equal(bytes[live->head.bytes - 1], '\n');
    return live->head.ranges > 0;
}

static void expect_nothing(struct live *live)
{
    assert_false(next(live));
    assert_false(live->head.ends);
}

static void expect(struct live *live, const char *text)
{
    const size_t before = live->len;
    assert_true(next(live));
    assert_int_equal(live->len - before, strlen(text));
    assert_memory_equal(live->text + before, text, strlen(text));
}

static struct live *begin(struct world *world, size_t part_bytes, const char *file)
{
    static struct live live;
    memset(&live, 0, sizeof live);
    live.world = world;
    live.part_bytes = part_bytes;
    live.part = malloc(root_reader_room(part_bytes));
    unlink(folder_path("pipe"));
    assert_int_equal(mkfifo(folder_path("pipe"), 0600), 0);
    catalog_init(&live.catalog, &world->mem);
    live.catalog.live = true;
    assert_true(catalog_add(&live.catalog, folder_path("pipe"), false, &world->fail));
    if (file)
        assert_true(catalog_add(&live.catalog, file, false, &world->fail));
    assert_true(root_reader_init(&live.reader, &world->mem, &live.catalog,
                                 (struct parting){part_lines, &live.looked}, part_bytes,
                                 &world->fail));
    expect_nothing(&live); /* nobody writes to it yet */
    live.pipe = open(folder_path("pipe"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(live.pipe >= 0);
    expect_nothing(&live);
    return &live;
}

static void end(struct live *live)
{
    root_reader_free(&live->reader, &live->world->mem);
    catalog_free(&live->catalog);
    free(live->part);
    if (live->pipe >= 0)
        close(live->pipe);
}

static void come_bytes(struct live *live, const void *bytes, size_t len)
{
    assert_int_equal(write(live->pipe, bytes, len), len);
}

static void come(struct live *live, const char *text)
{
    come_bytes(live, text, strlen(text));
}

static void stop_coming(struct live *live)
{
    close(live->pipe);
    live->pipe = -1;
}

static void lines_are_read_when_they_are_complete(void **state)
{
    struct live *live = begin(*state, 1000, NULL);
    come(live, "one\ntw");
    expect(live, "one\n");
    expect_nothing(live);
    expect_nothing(live);
    come(live, "o");
    expect_nothing(live);
    come(live, "\n\n\nthree\n");
    expect(live, "two\n\n\nthree\n");
    expect_nothing(live);
    come(live, "\n");
    expect(live, "\n");
    come(live, "the last");
    expect_nothing(live);
    stop_coming(live);
    expect(live, "the last");
    assert_true(live->head.ends && root_reader_ended(&live->reader));
    assert_int_equal(live->reader.read_bytes, live->len);
    end(live);
}

static void what_comes_before_the_first_newline_waits_for_it(void **state)
{
    struct live *live = begin(*state, 1000, NULL);
    for (int i = 0; i < 500; i++) { /* longer than what is looked at to see what it is */
        come(live, "x");
        expect_nothing(live);
    }
    come(live, "\n");
    assert_true(next(live));
    assert_int_equal(live->len, 501);
    stop_coming(live);
    assert_false(next(live));
    assert_true(live->head.ends);
    end(live);
}

static void a_line_that_comes_byte_by_byte_is_looked_at_once(void **state)
{
    enum { LEN = 10000 };
    struct live *live = begin(*state, PART_MAX, NULL);
    come(live, "first\n");
    expect(live, "first\n");
    live->looked = 0;
    for (int i = 0; i < LEN; i++) {
        come(live, "x");
        expect_nothing(live);
    }
    come(live, "\nsome");
    assert_true(next(live));
    assert_int_equal(live->len, 6 + LEN + 1);
    assert_int_equal(live->looked, LEN + 5);
    expect_nothing(live);
    assert_int_equal(live->looked, LEN + 5);
    end(live);
}

static void a_line_longer_than_a_part_goes_on_in_the_next(void **state)
{
    struct live *live = begin(*state, 10, NULL);
    come(live, "a\nabcdefghijkl");
    expect(live, "a\n");
    expect(live, "abcdefghij");
    assert_true(live->reader.open);
    expect_nothing(live);
    assert_true(live->reader.open);
    come(live, "m\nn");
    expect(live, "klm\n");
    assert_false(live->reader.open);
    come(live, "opqrstuvw");
    expect(live, "nopqrstuvw");
    stop_coming(live); /* that it ended there */
    expect(live, "");
    assert_true(live->head.ends && live->head.ranges == 1);
    end(live);
}

static void a_file_comes_after_the_pipe(void **state)
{
    struct live *live = begin(*state, 1000, folder_put("file", "in a file", 9));
    come(live, "piped");
    expect_nothing(live);
    stop_coming(live);
    expect(live, "pipedin a file");
    assert_int_equal(live->head.ranges, 2);
    assert_true(live->head.ends);
    end(live);
}

/* Bursts of any size, parts of any size: all of it comes, in order. */
static void what_comes_in_bursts_is_all_read(void **state)
{
    struct seeded seeded = {1};
    static uint8_t text[TEXT_MAX];
    for (int round = 0; round < 100; round++) {
        struct live *live = begin(*state, 1 + seeded_below(&seeded, 2000), NULL);
        const size_t burst = 1 + seeded_below(&seeded, 6000), lines = 1 + seeded_below(&seeded, 60);
        size_t len = 0;
        for (int i = 0; i < 20; i++) {
            const size_t more = seeded_below(&seeded, burst);
            for (size_t k = 0; k < more; k++)
                text[len + k] = seeded_below(&seeded, lines) ? 'x' : '\n';
            come_bytes(live, text + len, more);
            len += more;
            while (next(live))
                ;
        }
        stop_coming(live);
        while (!live->head.ends)
            next(live);
        assert_int_equal(live->len, len);
        assert_memory_equal(live->text, text, len);
        end(live);
    }
}

/* What a decoder has made of what has come is read, and all of it is in the end. */
static void what_is_compressed_comes_in_pieces_too(void **state)
{
    struct seeded seeded = {2};
    static uint8_t text[9000], stored[20000];
    for (size_t round = 0; round < 10 * LEN(packers); round++) {
        const struct packer *packer = &packers[round % LEN(packers)];
        struct packed packed = {.bytes = stored, .room = sizeof stored};
        struct live *live = begin(*state, 5000, NULL);
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = seeded_of(&seeded, "abcdef\n", 7);
        packer->add(&seeded, &packed, text, sizeof text / 3, true);
        packer->add(&seeded, &packed, text + sizeof text / 3, sizeof text / 3 * 2, true);
        const size_t step = 1 + seeded_below(&seeded, round % 2 ? 20 : 9000);
        for (size_t at = 0; at < packed.len; at += step) {
            come_bytes(live, stored + at, step < packed.len - at ? step : packed.len - at);
            while (next(live))
                ;
        }
        assert_true(live->len >= sizeof text / 3 - 100); /* the first member, but for a line */
        stop_coming(live);
        while (!live->head.ends)
            next(live);
        assert_int_equal(live->len, sizeof text);
        assert_memory_equal(live->text, text, sizeof text);
        end(live);
    }
}

/* What it is shows by its first bytes, before there are many. */
static void a_few_compressed_bytes_are_enough(void **state)
{
    struct seeded seeded = {3};
    for (size_t i = 0; i < LEN(packers); i++) {
        uint8_t stored[200];
        struct packed packed = {.bytes = stored, .room = sizeof stored};
        struct live *live = begin(*state, 5000, NULL);
        packers[i].add(&seeded, &packed, (const uint8_t *)"1\n2\n3", 5, true);
        come_bytes(live, stored, packed.len);
        expect(live, "1\n2\n");
        expect_nothing(live);
        stop_coming(live);
        expect(live, "3");
        assert_true(live->head.ends);
        end(live);
    }
}

static void what_is_no_text_is_refused_as_it_comes(void **state)
{
    struct live *live = begin(*state, 1000, NULL);
    struct fail *fail = &live->world->fail;
    come(live, "PK\3");
    expect_nothing(live);
    come(live, "\4\n");
    assert_int_equal(root_reader_next(&live->reader, live->part, 1000, fail), 0);
    assert_int_equal(fail->code, FAIL_INPUT);
    assert_non_null(strstr(fail->text, "is a zip archive"));
    end(live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(lines_are_read_when_they_are_complete),
        folder_test(what_comes_before_the_first_newline_waits_for_it),
        folder_test(a_line_that_comes_byte_by_byte_is_looked_at_once),
        folder_test(a_line_longer_than_a_part_goes_on_in_the_next),
        folder_test(a_file_comes_after_the_pipe),
        folder_test(what_comes_in_bursts_is_all_read),
        folder_test(what_is_compressed_comes_in_pieces_too),
        folder_test(a_few_compressed_bytes_are_enough),
        folder_test(what_is_no_text_is_refused_as_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
