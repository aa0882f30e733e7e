/* SPDX-License-Identifier: BSD-3-Clause */
/* Which decoder takes what, by its first bytes, and the most memory that a file can ask for. What
 * the decoders make of whole and damaged files is tried through the reader. */
#include "input/decoder.h"

#include "packed.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void a_decoder_is_found_by_the_first_bytes(void **state)
{
    (void)state;
    const struct {
        const uint8_t *bytes;
        size_t len;
        const char *name; /* NULL: none */
    } rows[] = {
        {BYTES("\x1f\x8b\x08"), "gzip data"},
        {BYTES("\x28\xb5\x2f\xfd"), "Zstandard data"},
        {BYTES("\x50\x2a\x4d\x18\1\0\0\0x"), "Zstandard data"},
        {BYTES("\x5f\x2a\x4d\x18"), "Zstandard data"},
        {BYTES("\xfd\x37zXZ\0"), "xz data"},
        {BYTES("BZh1\x31\x41\x59\x26\x53\x59"), "bzip2 data"},
        {BYTES("BZh9\x17\x72\x45\x38\x50\x90"), "bzip2 data"},
        {BYTES("\x04\x22\x4d\x18\x64"), "LZ4 data"},
        {BYTES(""), NULL},
        {BYTES("\x1f\x8b"), NULL},
        {BYTES("\x28\xb5\x2f"), NULL},
        {BYTES("\x4f\x2a\x4d\x18\1\0\0\0x"), NULL},
        {BYTES("\x60\x2a\x4d\x18\1\0\0\0x"), NULL},
        {BYTES("\xfd\x37zXZ"), NULL},
        {BYTES("BZh0\x31\x41\x59\x26\x53\x59"), NULL},
        {BYTES("BZh:\x31\x41\x59\x26\x53\x59"), NULL},
        {BYTES("BZh9\x31\x41\x59\x26\x53"), NULL},
        {BYTES("BZh9 is bzip2"), NULL},
        {BYTES("\x04\x22\x4d"), NULL},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct decoder *decoder = decoder_find(rows[i].bytes, rows[i].len);
        assert_int_equal(decoder != NULL, rows[i].name != NULL);
        if (decoder)
            assert_string_equal(decoder->name, rows[i].name);
    }
}

/* Decodes something without text; *cause is set if it cannot be. */
static enum decoder_state decode_all(const uint8_t *bytes, size_t len, const char **cause)
{
    uint8_t out[10];
    const struct decoder *decoder = decoder_find(bytes, len);
    struct decoder_step step = {
        .in = bytes, .in_len = len, .in_ends = true, .out = out, .out_len = sizeof out};
    assert_non_null(decoder);
    void *decoding = decoder->open();
    assert_non_null(decoding);
    enum decoder_state state = decoder->decode(decoding, &step);
    decoder->close(decoding);
    assert_int_equal(step.out_len, sizeof out);
    *cause = step.cause;
    return state;
}

/* A frame with a window of 1 KB times a power of two, and an empty block. */
static enum decoder_state decode_window(uint8_t power, const char **cause)
{
    const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0, (uint8_t)(power << 3), 1, 0, 0};
    return decode_all(frame, sizeof frame, cause);
}

static void zstd_windows_are_of_128_mb_at_most(void **state)
{
    const char *cause;
    (void)state;
    assert_int_equal(decode_window(0, &cause), DECODER_END);
    assert_int_equal(decode_window(17, &cause), DECODER_END);
    assert_int_equal(decode_window(18, &cause), DECODER_BAD);
    assert_string_equal(cause, "its window is larger than 128 MB");
    assert_int_equal(decode_window(31, &cause), DECODER_BAD);
    assert_string_equal(cause, "its window is larger than 128 MB");
}

/* The beginning of a stream whose block has such a dictionary. */
static enum decoder_state decode_dictionary(uint32_t bytes, const char **cause)
{
    uint8_t stream[LZMA_STREAM_HEADER_SIZE + LZMA_BLOCK_HEADER_SIZE_MAX];
    lzma_options_lzma options = {.dict_size = bytes};
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_stream_flags flags = {.check = LZMA_CHECK_CRC32};
    lzma_block block = {.check = LZMA_CHECK_CRC32,
                        .filters = filters,
                        .compressed_size = LZMA_VLI_UNKNOWN,
                        .uncompressed_size = LZMA_VLI_UNKNOWN};
    assert_int_equal(lzma_stream_header_encode(&flags, stream), LZMA_OK);
    assert_int_equal(lzma_block_header_size(&block), LZMA_OK);
    assert_int_equal(lzma_block_header_encode(&block, stream + LZMA_STREAM_HEADER_SIZE), LZMA_OK);
    return decode_all(stream, LZMA_STREAM_HEADER_SIZE + block.header_size, cause);
}

static void xz_takes_512_mb_at_most(void **state)
{
    const char *cause;
    (void)state;
    assert_int_equal(decode_dictionary(64 << 20, &cause), DECODER_BAD);
    assert_string_equal(cause, "ends inside a stream");
    assert_int_equal(decode_dictionary(256 << 20, &cause), DECODER_BAD);
    assert_string_equal(cause, "ends inside a stream");
    assert_int_equal(decode_dictionary(512 << 20, &cause), DECODER_BAD);
    assert_string_equal(cause, "more than 512 MB of memory are needed to decode it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decoder_is_found_by_the_first_bytes),
        cmocka_unit_test(zstd_windows_are_of_128_mb_at_most),
        cmocka_unit_test(xz_takes_512_mb_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
