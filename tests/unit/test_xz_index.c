/* SPDX-License-Identifier: BSD-3-Clause */
/* An index that says something else than its stream has is noticed by everybody who knows better.
 * One that is right is taken in test_xz. */
#include "xz_file.h"

enum { BLOCKS = 4 };

/* What an index says that is not so: of a block; of one that is missing, or that there is none
 * before the others; what fills it up. What the footer says: how long the index is; the check. */
enum lie { STORED, TEXT, MISSING, EXTRA, FILL, INDEX_BYTES, CHECK, LIES };

/* The index of which `index`, which is freed, is the truth. */
static lzma_index *index_of(lzma_index *index, enum lie lie, size_t wrong)
{
    lzma_index *told = lzma_index_init(NULL);
    lzma_index_iter iter;
    lzma_index_iter_init(&iter, index);
    if (lie == EXTRA)
        assert_int_equal(lzma_index_append(told, NULL, 40, 20), LZMA_OK);
    for (size_t i = 0; !lzma_index_iter_next(&iter, LZMA_INDEX_ITER_BLOCK); i++)
        if (lie != MISSING || i != wrong)
            assert_int_equal(
                lzma_index_append(told, NULL,
                                  iter.block.unpadded_size + (i == wrong && lie == STORED),
                                  iter.block.uncompressed_size + (i == wrong && lie == TEXT)),
                LZMA_OK);
    lzma_index_end(index, NULL);
    return told;
}

/* Lies that a footer tells, or that nobody else can. */
static void change_end(struct xz_file *file, enum lie lie)
{
    uint8_t *footer = file->stored + file->packed.len - LZMA_STREAM_HEADER_SIZE;
    lzma_stream_flags flags;
    assert_int_equal(lzma_stream_footer_decode(&flags, footer), LZMA_OK);
    if (lie == INDEX_BYTES)
        flags.backward_size += 4;
    if (lie == CHECK)
        flags.check = LZMA_CHECK_CRC64;
    assert_int_equal(lzma_stream_footer_encode(&flags, footer), LZMA_OK);
    if (lie == FILL) {
        assert_int_equal(footer[-5], 0);
        footer[-5] = 1;
        const uint32_t sum =
            lzma_crc32(footer - flags.backward_size, (size_t)flags.backward_size - 4, 0);
        for (int i = 0; i < 4; i++)
            footer[i - 4] = (uint8_t)(sum >> 8 * i);
    }
}

static void make_lying(struct seeded *seeded, enum lie lie, size_t wrong, struct xz_file *file)
{
    file->packed = (struct packed){.bytes = file->stored, .room = XZ_FILE_STORED};
    file->len = file->members = 0;
    xz_file_member(file, true, true);
    lzma_index *index = packed_xz_begin(&file->packed, LZMA_CHECK_CRC32);
    for (size_t i = 0; i < BLOCKS; i++) {
        if (i > 0)
            xz_file_member(file, false, true);
        xz_file_block(seeded, file, index, LZMA_CHECK_CRC32, 20, true);
    }
    packed_xz_end(&file->packed, index_of(index, lie, wrong), LZMA_CHECK_CRC32);
    change_end(file, lie);
    xz_file_member(file, true, true);
    file->members--;
}

static void an_index_of_other_blocks_is_noticed(void **state)
{
    struct seeded seeded = {6};
    static struct xz_file file;
    static struct xz_result result;
    (void)state;
    for (int round = 0; round < 600; round++) {
        const enum lie lie = (enum lie)(round % LIES);
        const size_t wrong = lie == STORED || lie == TEXT   ? seeded_below(&seeded, BLOCKS)
                           : lie == MISSING || lie == EXTRA ? 0
                                                            : BLOCKS - 1;
        struct peek peek;
        make_lying(&seeded, lie, wrong, &file);
        xz_file_put(&peek, &file, file.packed.len);
        assert_int_equal(xz_decoder.next(&peek, 0, 1), 0); /* it is not cut */
        close(peek.fd);
        for (size_t i = 0; i < file.members; i++) {
            xz_file_decode(&seeded, &file, file.member[i].begin, file.packed.len, XZ_FILE_STORED,
                           &result);
            assert_int_equal(result.cause != NULL, i <= wrong); /* nobody else knows the block */
            if (result.cause)
                assert_string_equal(result.cause, "it contradicts itself");
            else
                assert_true(xz_file_has_text(&file, i, &result));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(an_index_of_other_blocks_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
