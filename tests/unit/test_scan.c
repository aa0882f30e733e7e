/* SPDX-License-Identifier: BSD-3-Clause */
/* Every scan kernel this processor has, against a loop over bytes. */
#include "text/scan.h"

#include "check.h"

enum { CANARIES = 16, CANARY = 0x5ca1ab1e };

/* What kernels write into: room as promised, and words around it that must stay as they are. */
static uint32_t edges_room[CANARIES + SCAN_MAX_EDGES + CANARIES];
static uint32_t *const edges = edges_room + CANARIES;

static void set_canaries(void)
{
    for (int i = 0; i < CANARIES; i++)
        edges_room[i] = edges[SCAN_MAX_EDGES + i] = CANARY;
}

static bool canaries_live(void)
{
    uint32_t all = 0;
    for (int i = 0; i < CANARIES; i++)
        all |= (edges_room[i] ^ CANARY) | (edges[SCAN_MAX_EDGES + i] ^ CANARY);
    return all == 0;
}

static size_t scan_naively(const uint8_t *bytes, size_t from, size_t len, uint32_t *found,
                           uint64_t *gaps)
{
    bool in_gap = true;
    size_t n = 0;
    for (size_t i = from; i < from + len; i++) {
        bool gap = naive_is_gap(bytes[i]);
        *gaps += gap;
        if (gap != in_gap)
            found[n++] = (uint32_t)i;
        in_gap = gap;
    }
    return n;
}

/* Counting starts at a number, because a kernel must add to what is there. */
static void check_kernel(const struct scan *scan, const uint8_t *bytes, size_t from, size_t len)
{
    static uint32_t expected[SCAN_MAX_BYTES];
    uint64_t gaps = 1000, expected_gaps = 1000;
    size_t n = scan_naively(bytes, from, len, expected, &expected_gaps);
    size_t got = scan->kernel(bytes, from, len, edges, &gaps);
    if (got != n || gaps != expected_gaps || memcmp(edges, expected, n * sizeof *edges) != 0)
        fail_msg("kernel %s differs at from %zu, len %zu: %zu edges of %zu", scan->name, from, len,
                 got, n);
    if (!canaries_live())
        fail_msg("kernel %s writes beyond its edges at len %zu", scan->name, len);
}

static void check_kernels(const uint8_t *bytes, size_t from, size_t len)
{
    const struct scan *scan;
    for (size_t i = 0; (scan = scan_at(i)); i++)
        check_kernel(scan, bytes, from, len);
}

static int start(void **state)
{
    (void)state;
    set_canaries();
    return 0;
}

static void each_of_256_bytes_is_a_gap_or_not_at_each_place(void **state)
{
    (void)state;
    uint8_t bytes[192];
    for (unsigned byte = 0; byte < 256; byte++) {
        assert_int_equal(scan_is_gap((uint8_t)byte), naive_is_gap((uint8_t)byte));
        for (size_t at = 0; at < 64; at++) {
            memset(bytes, at % 2 ? 'x' : ' ', sizeof bytes);
            bytes[at] = (uint8_t)byte;
            check_kernels(bytes, 0, 64);
        }
    }
}

/* Neighbours must not reach into each other: sums of SWAR, halves of shuffles. */
static void every_pair_of_bytes_is_told_apart(void **state)
{
    (void)state;
    uint8_t bytes[192];
    for (unsigned pair = 0; pair < 65536; pair++) {
        memset(bytes, 'x', sizeof bytes);
        bytes[7] = (uint8_t)pair;
        bytes[8] = (uint8_t)(pair >> 8);
        check_kernels(bytes, 0, 16);
    }
}

static void fill_text(struct seeded *seeded, uint8_t *bytes, size_t len)
{
    static const char letters[] = "ab\t\n\v\f\r \x08\x0e\x1f!\x80\x89\xa0\xff\x20";
    size_t kinds = 1 + seeded_below(seeded, sizeof letters - 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = seeded_of(seeded, letters, kinds);
}

static void any_length_at_any_alignment_scans_like_a_byte_loop(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    uint8_t bytes[64 + 200 + 128] __attribute__((aligned(64)));
    for (size_t from = 0; from < 64; from++)
        for (size_t len = 0; len <= 200; len++) {
            if (seeded_below(&seeded, 2))
                fill_text(&seeded, bytes, sizeof bytes);
            else
                seeded_fill(&seeded, bytes, sizeof bytes);
            check_kernels(bytes, from, len);
        }
}

static void one_word_anywhere_around_two_vectors_is_found(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (size_t begin = 0; begin < 130; begin++)
        for (size_t end = begin; end <= 130; end++) {
            memset(bytes, ' ', sizeof bytes);
            memset(bytes + begin, 'w', end - begin);
            check_kernels(bytes, 0, 130);
        }
}

static void long_stretches_scan_like_a_byte_loop(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    static uint8_t bytes[64 + SCAN_MAX_BYTES + 64];
    for (int round = 0; round < 500; round++) {
        fill_text(&seeded, bytes, sizeof bytes);
        check_kernels(bytes, seeded_below(&seeded, 64), seeded_below(&seeded, SCAN_MAX_BYTES + 1));
    }
}

static void as_many_edges_as_there_can_be_have_room(void **state)
{
    (void)state;
    static uint8_t bytes[SCAN_MAX_BYTES + 64];
    for (size_t first = 0; first < 2; first++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = i % 2 == first ? 'x' : ' ';
        for (size_t len = SCAN_MAX_BYTES - 130; len <= SCAN_MAX_BYTES; len++)
            check_kernels(bytes, 0, len);
    }
}

static void no_more_than_63_bytes_behind_the_end_are_read(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    uint8_t *edge = edge_of_memory();
    for (size_t len = 0; len <= 300; len++) {
        uint8_t *bytes = edge - 63 - len;
        fill_text(&seeded, bytes, len + 63);
        check_kernels(bytes, 0, len);
    }
}

static void offsets_just_below_4_gib_are_right(void **state)
{
    (void)state;
    struct seeded seeded = {4};
    const size_t all = (size_t)1 << 32;
    uint8_t *bytes = mmap(NULL, all + 4096, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED)
        skip(); /* no such address space here */
    for (size_t len = 1; len <= 200; len++) {
        fill_text(&seeded, bytes + all - 512, 512);
        check_kernels(bytes, all - 1 - len, len);
    }
    munmap(bytes, all + 4096);
}

/* 960,800 strings of letters, blanks, a two-byte character and NUL. */
static void all_strings_of_up_to_seven_bytes_scan_like_a_byte_loop(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', 'B', ' ', '\n', 0xc3, 0xa9, 0};
    uint8_t bytes[128];
    memset(bytes, 'x', sizeof bytes);
    size_t strings = 1;
    for (size_t len = 0; len <= 7; len++, strings *= 7)
        for (size_t string = 0; string < strings; string++) {
            size_t rest = string;
            for (size_t i = 0; i < len; i++, rest /= 7)
                bytes[i] = letters[rest % 7];
            check_kernels(bytes, 0, len);
        }
}

static void kernels_are_chosen_by_name_or_by_speed(void **state)
{
    (void)state;
    const struct scan *scan;
    size_t kernels = 0;
    for (; (scan = scan_at(kernels)); kernels++)
        assert_ptr_equal(scan_choose(scan->name), scan);
    assert_true(kernels >= 1);
    assert_string_equal(scan_at(kernels - 1)->name, "swar"); /* runs everywhere */
    assert_ptr_equal(scan_choose(NULL), scan_at(0));
    assert_null(scan_choose("abacus"));
    assert_null(scan_choose(""));
    assert_null(scan_at(kernels + 1));
}

static void searches_for_gaps_agree_with_byte_loops(void **state)
{
    (void)state;
    struct seeded seeded = {5};
    uint8_t bytes[40];
    for (int round = 0; round < 20000; round++) {
        size_t len = seeded_below(&seeded, sizeof bytes + 1), from = seeded_below(&seeded, len + 1);
        fill_text(&seeded, bytes, sizeof bytes);
        size_t first = from, last = 0;
        while (first < len && !naive_is_gap(bytes[first]))
            first++;
        for (size_t i = 0; i < len; i++)
            last = naive_is_gap(bytes[i]) ? i + 1 : last;
        assert_int_equal(scan_gap(bytes, from, len), first);
        assert_int_equal(scan_last_gap(bytes, len), last);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_of_256_bytes_is_a_gap_or_not_at_each_place),
        cmocka_unit_test(every_pair_of_bytes_is_told_apart),
        cmocka_unit_test(any_length_at_any_alignment_scans_like_a_byte_loop),
        cmocka_unit_test(one_word_anywhere_around_two_vectors_is_found),
        cmocka_unit_test(long_stretches_scan_like_a_byte_loop),
        cmocka_unit_test(as_many_edges_as_there_can_be_have_room),
        cmocka_unit_test(no_more_than_63_bytes_behind_the_end_are_read),
        cmocka_unit_test(offsets_just_below_4_gib_are_right),
        cmocka_unit_test(all_strings_of_up_to_seven_bytes_scan_like_a_byte_loop),
        cmocka_unit_test(kernels_are_chosen_by_name_or_by_speed),
        cmocka_unit_test(searches_for_gaps_agree_with_byte_loops),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
