/* SPDX-License-Identifier: BSD-3-Clause */
/* Streams of xz data, block by block: decoded from wherever a member begins, and passed without
 * decoding; whole, cut short, and with every bit changed. */
#include "xz_file.h"

static void decoding_begins_with_any_member(void **state)
{
    struct seeded seeded = {1};
    static struct xz_file file;
    static struct xz_result result;
    (void)state;
    for (int round = 0; round < 500; round++) {
        xz_file_make(&seeded, 4, 100, false, &file);
        for (size_t member = 0; member < file.members; member++) {
            xz_file_decode(&seeded, &file, file.member[member].begin, file.packed.len,
                           seeded_below(&seeded, 2) ? 10 : XZ_FILE_STORED, &result);
            assert_null(result.cause);
            assert_true(xz_file_has_text(&file, member, &result));
            assert_int_equal(result.members, file.members - member - 1);
            for (size_t i = 0; i < result.members; i++)
                assert_int_equal(result.next[i], file.member[member + 1 + i].begin);
        }
    }
}

/* The first member of the stream from `from` on, or what is behind the stream. */
static void members_are_passed_without_decoding(void **state)
{
    struct seeded seeded = {2};
    static struct xz_file file;
    size_t passed = 0, unknown = 0;
    (void)state;
    for (int round = 0; round < 500; round++) {
        struct peek peek;
        xz_file_make(&seeded, 4, seeded_below(&seeded, 2) ? 10 : 100, false, &file);
        xz_file_put(&peek, &file, file.packed.len);
        for (size_t i = 0; i < file.members; i++) {
            const struct member *member = &file.member[i], *next = member + 1;
            const size_t from =
                member->begin + 1 + seeded_below(&seeded, seeded_below(&seeded, 2) ? 3 : 500);
            while (!next->stream && next->begin < from)
                next++;
            if (!member->stream && !member->sized) /* nobody comes there */
                continue;
            const uint64_t got = xz_decoder.next(&peek, member->begin, from);
            assert_int_equal(got, member->sized ? next->begin : 0);
            passed += got > 0;
            unknown += got == 0;
        }
        close(peek.fd);
    }
    assert_true(passed > 1000 && unknown > 50);
}

/* Whether the bytes end where a stream does, or behind some of the zeros that follow it. */
static bool is_end(const struct xz_file *file, size_t begin, size_t len)
{
    for (size_t i = 1; i <= file->members; i++) {
        size_t end = file->member[i].begin;
        for (; file->member[i].stream && end > begin && end >= len; end -= 4) {
            if (end == len)
                return true;
            if (peek_32(file->stored + end - 4) > 0)
                break;
        }
    }
    return false;
}

static void what_is_cut_short_is_noticed(void **state)
{
    struct seeded seeded = {3};
    static struct xz_file file;
    static struct xz_result result;
    size_t whole = 0;
    (void)state;
    for (int round = 0; round < 30; round++) {
        xz_file_make(&seeded, 4, 10, false, &file);
        for (size_t i = 0; i < file.members; i++) {
            const size_t begin = file.member[i].begin, text = file.member[i].text;
            for (size_t len = begin > 0 ? begin : 12; len < file.packed.len; len++) {
                xz_file_decode(&seeded, &file, begin, len, XZ_FILE_STORED, &result);
                assert_true(result.len <= file.len - text);
                assert_memory_equal(result.text, file.text + text, result.len);
                assert_int_equal(result.cause == NULL, is_end(&file, begin, len));
                assert_true(!result.cause || strcmp(result.cause, "ends inside a stream") == 0
                            || (len % 4 > 0 && strstr(result.cause, "zeros behind a stream")));
                whole += !result.cause;
            }
        }
    }
    assert_true(whole > 30);
}

/* From where decoding begins on, and in the header that says which check there is. */
static void every_bit_that_is_changed_is_noticed(void **state)
{
    struct seeded seeded = {4};
    static struct xz_file file;
    static struct xz_result result;
    size_t unseen = 0;
    (void)state;
    for (int round = 0; round < 15; round++) {
        xz_file_make(&seeded, 3, 8, false, &file);
        for (size_t i = 0; i < file.members; i++) {
            const struct member *member = &file.member[i];
            for (size_t bit = 0; bit < 8 * file.packed.len; bit++) {
                const size_t at = bit / 8;
                if (at >= LZMA_STREAM_HEADER_SIZE && at < member->begin)
                    continue;
                file.stored[at] ^= (uint8_t)(1 << bit % 8);
                xz_file_decode(&seeded, &file, member->begin, file.packed.len, XZ_FILE_STORED,
                               &result);
                file.stored[at] ^= (uint8_t)(1 << bit % 8);
                if (at < member->begin && member->stream) /* which has a header of its own */
                    assert_true(result.cause || xz_file_has_text(&file, i, &result));
                else
                    assert_non_null(result.cause);
                unseen += !result.cause;
            }
        }
    }
    assert_true(unseen > 0);
}

/* Where it still leads from member to member, it leads to where one may begin. */
static void a_damaged_file_is_passed_to_places_in_it(void **state)
{
    struct seeded seeded = {5};
    static struct xz_file file;
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct peek peek;
        xz_file_make(&seeded, 4, 10, true, &file);
        const size_t len = file.packed.len - seeded_below(&seeded, 2) * seeded_below(&seeded, 30);
        for (size_t changes = seeded_below(&seeded, 3); changes > 0; changes--)
            file.stored[seeded_below(&seeded, len)] = (uint8_t)seeded_next(&seeded);
        xz_file_put(&peek, &file, len);
        for (uint64_t at = 0, next; at < len; at++) {
            next = xz_decoder.next(&peek, at, at + seeded_below(&seeded, 100));
            assert_true(next == 0 || (next > at && next <= len && next % 4 == at % 4));
        }
        close(peek.fd);
    }
}

/* The first byte of a block is that of a stream where its header has 1016 bytes. */
static void a_block_that_begins_as_streams_do_is_decoded_but_no_place_to_begin(void **state)
{
    enum { HEADER = 1016, BLOCKS = 3 };
    struct seeded seeded = {7};
    static struct xz_file file;
    static struct xz_result result;
    struct peek peek;
    (void)state;
    file.packed = (struct packed){.bytes = file.stored, .room = XZ_FILE_STORED};
    xz_file_member(&file, true, true);
    lzma_index *index = packed_xz_begin(&file.packed, LZMA_CHECK_CRC64);
    for (size_t i = 0; i < BLOCKS; i++) {
        if (i > 0)
            xz_file_member(&file, false, true);
        memset(file.text + file.len, 'a', 10);
        packed_xz_add(&file.packed, index, LZMA_CHECK_CRC64, file.text + file.len, 10, true,
                      i == 1 ? HEADER : 0);
        file.len += 10;
    }
    packed_xz_end(&file.packed, index, LZMA_CHECK_CRC64);
    assert_int_equal(file.stored[file.member[1].begin], 0xfd);
    xz_file_decode(&seeded, &file, 0, file.packed.len, XZ_FILE_STORED, &result);
    assert_null(result.cause);
    assert_true(xz_file_has_text(&file, 0, &result));
    xz_file_put(&peek, &file, file.packed.len);
    assert_int_equal(xz_decoder.next(&peek, 0, 1), file.member[1].begin);
    assert_int_equal(xz_decoder.next(&peek, file.member[1].begin, file.packed.len), 0);
    assert_int_equal(xz_decoder.next(&peek, 0, file.member[2].begin), file.member[2].begin);
    close(peek.fd);
}

static void zeros_lead_on_in_fours(void **state)
{
    struct seeded seeded = {9};
    static struct xz_file file;
    (void)state;
    xz_file_make(&seeded, 4, 10, true, &file);
    const size_t last = file.member[file.members - 1].begin;
    for (size_t zeros = 0; zeros < 20; zeros++) {
        struct peek peek;
        for (size_t more = 0; more < 9; more++) {
            memset(file.stored + file.packed.len, 0, zeros);
            memset(file.stored + file.packed.len + zeros, 0xfd, more);
            xz_file_put(&peek, &file, file.packed.len + zeros + more);
            assert_int_equal(xz_decoder.next(&peek, last, last + 1),
                             zeros % 4 > 0 ? 0 : file.packed.len + zeros);
            close(peek.fd);
        }
    }
}

static void a_check_that_cannot_be_verified_is_refused(void **state)
{
    struct seeded seeded = {8};
    static struct xz_file file;
    static struct xz_result result;
    struct peek peek;
    const lzma_stream_flags flags = {.check = (lzma_check)2};
    (void)state;
    xz_file_make(&seeded, 1, 10, true, &file);
    assert_int_equal(lzma_stream_header_encode(&flags, file.stored), LZMA_OK);
    xz_file_decode(&seeded, &file, 0, file.packed.len, XZ_FILE_STORED, &result);
    assert_string_equal(result.cause, "it has a check that is not known here");
    xz_file_put(&peek, &file, file.packed.len);
    assert_int_equal(xz_decoder.next(&peek, 0, 1), 0);
    close(peek.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(decoding_begins_with_any_member),
        folder_test(members_are_passed_without_decoding),
        folder_test(what_is_cut_short_is_noticed),
        folder_test(every_bit_that_is_changed_is_noticed),
        folder_test(a_damaged_file_is_passed_to_places_in_it),
        folder_test(a_block_that_begins_as_streams_do_is_decoded_but_no_place_to_begin),
        folder_test(zeros_lead_on_in_fours),
        folder_test(a_check_that_cannot_be_verified_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
