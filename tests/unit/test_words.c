/* The words mapper: however a text is cut into pieces and windows, the words and the account of the
 * bytes are the same. */
#include "mapper.h"

#include "check.h"
#include "key.h"

static uint32_t edges[SCAN_MAX_EDGES];

/* The kernel that is tested, behind a check of what the mapper asks of it. */
static scan_kernel *real_kernel;

static size_t checked_kernel(const uint8_t *bytes, size_t from, size_t len, uint32_t *found,
                             uint64_t *gap_bytes)
{
    assert_true(len <= SCAN_MAX_BYTES);
    return real_kernel(bytes, from, len, found, gap_bytes);
}

static const struct scan checked = {"checked", checked_kernel};

/* What all pieces of a text came to. */
struct sums {
    struct naive words;
    uint64_t record_bytes, gap_bytes;
};

/* Reads one piece [begin, end) of a text as the map stage does: through a window that holds
 * `window` bytes more whenever the mapper wants more. */
static void read_piece(const uint8_t *text, size_t len, size_t begin, size_t end, size_t window,
                       const struct scan *scan, struct sums *sums)
{
    struct block block = {.bytes = text,
                          .begin = begin,
                          .end = begin,
                          .own = end,
                          .starts_file = begin == 0,
                          .ends_file = begin == len};
    bool stuck = true;
    while (block.begin < block.own && !(block.ends_file && block.begin == block.end)) {
        struct cut cut;
        if (stuck || block.begin == block.end) {
            assert_true(block.end < len); /* with all of the file it cannot want more */
            block.end = block.end + window < len ? block.end + window : len;
            block.ends_file = block.end == len;
        }
        real_kernel = scan->kernel;
        words_mapper.cut(&block, &checked, edges, &cut);
        assert_true(cut.next >= block.begin && cut.next <= block.end);
        assert_int_equal(cut.record_bytes + cut.gap_bytes + cut.skipped_bytes,
                         cut.next - block.begin);
        for (size_t i = 0; i < cut.batch.len; i++) {
            uint32_t from = cut.batch.edges[2 * i], to = cut.batch.edges[2 * i + 1];
            assert_true(from < to && from >= begin && from < end);
            naive_add(&sums->words, cut.batch.base + from, to - from, 1);
        }
        sums->record_bytes += cut.record_bytes;
        sums->gap_bytes += cut.gap_bytes;
        stuck = cut.next == block.begin;
        block.starts_file = block.starts_file && stuck;
        block.begin = cut.next;
    }
}

static void check_sums(struct sums *sums, const uint8_t *text, size_t len)
{
    struct naive expected = {0};
    uint64_t gaps = 0;
    for (size_t i = 0; i < len; i++)
        gaps += naive_is_gap(text[i]);
    naive_split(&expected, text, len);
    naive_merge(&expected);
    naive_merge(&sums->words);
    assert_true(naive_same(&sums->words, &expected));
    assert_int_equal(sums->gap_bytes, gaps);
    assert_int_equal(sums->record_bytes, len - gaps);
    naive_free(&expected);
    naive_free(&sums->words);
}

/* Every string of up to five bytes, every pair of cuts, every size of window. */
static void short_texts_cut_anywhere_give_the_same_words(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', 'B', ' ', '\n', 0xc3, 0xa9, 0};
    uint8_t text[8 + KEY_SLACK_BYTES] = {0};
    size_t strings = 1;
    for (size_t len = 0; len <= 5; len++, strings *= LEN(letters))
        for (size_t string = 0; string < strings; string++) {
            size_t rest = string;
            for (size_t i = 0; i < len; i++, rest /= LEN(letters))
                text[i] = letters[rest % LEN(letters)];
            for (size_t a = 0; a <= len; a++)
                for (size_t b = a; b <= len; b++) {
                    struct sums sums = {0};
                    size_t window = 1 + (a + b) % 3;
                    read_piece(text, len, 0, a, window, scan_at(0), &sums);
                    read_piece(text, len, a, b, window, scan_at(0), &sums);
                    read_piece(text, len, b, len, window, scan_at(0), &sums);
                    check_sums(&sums, text, len);
                }
        }
}

/* Words of any length up to 12,000, three times what a kernel looks at in one call. */
static size_t make_text(struct seeded *seeded, uint8_t *text, size_t room)
{
    static const size_t longest[] = {1, 3, 12, 70, 5000, 12000};
    size_t most = longest[seeded_below(seeded, LEN(longest))], len = 0;
    size_t gaps = 1 + seeded_below(seeded, 3), wanted = seeded_below(seeded, room);
    while (len < wanted) {
        size_t word = seeded_below(seeded, most + 1), gap = seeded_below(seeded, gaps + 1);
        for (size_t i = 0; i < word && len < wanted; i++)
            text[len++] = seeded_of(seeded, "abc\0\xff\xa0", 6);
        for (size_t i = 0; i < gap && len < wanted; i++)
            text[len++] = seeded_of(seeded, " \t\n\v\f\r", 6);
    }
    memset(text + len, seeded_below(seeded, 2) ? ' ' : 'x', KEY_SLACK_BYTES);
    return len;
}

static void long_texts_cut_anywhere_give_the_same_words(void **state)
{
    (void)state;
    enum { ROOM = 40000 };
    static uint8_t text[ROOM + KEY_SLACK_BYTES];
    struct seeded seeded = {1};
    for (int round = 0; round < 1500; round++) {
        struct sums sums = {0};
        size_t len = make_text(&seeded, text, round % 10 ? 3000 : ROOM);
        size_t piece = 1 + seeded_below(&seeded, len + 1), window = 1 + seeded_below(&seeded, 9000);
        const struct scan *scan = scan_at(seeded_below(&seeded, 4));
        for (size_t begin = 0; begin < len; begin += piece)
            read_piece(text, len, begin, begin + piece < len ? begin + piece : len, window,
                       scan ? scan : scan_at(0), &sums);
        check_sums(&sums, text, len);
    }
}

/* A rank must not cut a word short that it sees only the beginning of, nor move past it. */
static void a_word_that_is_not_whole_is_left_for_the_next_call(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "one two thre";
    struct cut cut;
    struct block block = {.bytes = text, .end = 12, .own = 100, .starts_file = true};
    words_mapper.cut(&block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 2);
    assert_int_equal(cut.next, 8);
    block.begin = 8;
    block.starts_file = false;
    words_mapper.cut(&block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 0);
    assert_int_equal(cut.next, 8);
    block.ends_file = true;
    words_mapper.cut(&block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 1);
    assert_int_equal(cut.next, 12);
}

static void a_word_that_began_in_another_piece_is_skipped(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "xxxxx yy";
    struct cut cut;
    struct block block = {.bytes = text, .begin = 2, .end = 8, .own = 8, .ends_file = true};
    words_mapper.cut(&block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 3);
    assert_int_equal(cut.batch.len, 1);
    assert_int_equal(cut.batch.edges[0], 6);
    block.starts_file = true; /* the byte before belongs to another file */
    words_mapper.cut(&block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 0);
    assert_int_equal(cut.batch.len, 2);
}

static void a_part_never_ends_inside_a_word_and_is_as_long_as_it_can_be(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    uint8_t bytes[30];
    for (int round = 0; round < 20000; round++) {
        size_t len = seeded_below(&seeded, sizeof bytes + 1), expected = 0;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = seeded_of(&seeded, "aaa\xa0 \n", 6);
        for (size_t i = 1; i <= len; i++)
            if (naive_is_gap(bytes[i - 1]))
                expected = i;
        assert_int_equal(words_mapper.part(bytes, len), expected);
    }
}

static void mappers_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(mapper_find("words"), &words_mapper);
    assert_null(mapper_find("word"));
    assert_null(mapper_find(""));
    assert_true(words_mapper.behind_bytes >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_texts_cut_anywhere_give_the_same_words),
        cmocka_unit_test(long_texts_cut_anywhere_give_the_same_words),
        cmocka_unit_test(a_word_that_is_not_whole_is_left_for_the_next_call),
        cmocka_unit_test(a_word_that_began_in_another_piece_is_skipped),
        cmocka_unit_test(a_part_never_ends_inside_a_word_and_is_as_long_as_it_can_be),
        cmocka_unit_test(mappers_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
