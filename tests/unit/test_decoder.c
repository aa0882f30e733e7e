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

enum { FRAME_BYTES = 9, STREAM_MAX_BYTES = LZMA_STREAM_HEADER_SIZE + LZMA_BLOCK_HEADER_SIZE_MAX };

/* A frame with a window of 1 KB times a power of two, and an empty block. */
static void put_frame(uint8_t power, uint8_t *frame)
{
    memcpy(frame, "\x28\xb5\x2f\xfd\0\0\1\0\0", FRAME_BYTES);
    frame[5] = (uint8_t)(power << 3);
}

static enum decoder_state decode_window(uint8_t power, const char **cause)
{
    uint8_t frame[FRAME_BYTES];
    put_frame(power, frame);
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

/* The beginning of a stream whose block has such a dictionary; returns its length. */
static size_t put_stream(uint32_t bytes, uint8_t *stream)
{
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
    return LZMA_STREAM_HEADER_SIZE + block.header_size;
}

static enum decoder_state decode_dictionary(uint32_t bytes, const char **cause)
{
    uint8_t stream[STREAM_MAX_BYTES];
    return decode_all(stream, put_stream(bytes, stream), cause);
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

static void expect_needs(const uint8_t *bytes, size_t len, size_t least, size_t most)
{
    const struct decoder *decoder = decoder_find(bytes, len);
    assert_non_null(decoder);
    const size_t needs = decoder_needs(decoder, bytes, len);
    assert_in_range(needs, least, most);
    if (needs <= 256 << 10)
        return; /* as much as there always is */
    uint8_t out[10];
    struct decoder_step step = {
        .in = bytes, .in_len = len, .out = out, .out_len = sizeof out, .limit_bytes = needs - 1};
    void *decoding = decoder->open();
    assert_non_null(decoding);
    enum decoder_state state;
    while ((state = decoder->decode(decoding, &step)) == DECODER_NEXT)
        ;
    assert_int_equal(state, DECODER_EXCESS);
    assert_int_equal(step.held_bytes, needs);
    decoder->close(decoding);
}

static size_t put_lz4_head(LZ4F_blockSizeID_t size, LZ4F_blockMode_t mode, uint8_t *head)
{
    LZ4F_cctx *frames;
    const LZ4F_preferences_t how = {.frameInfo = {.blockSizeID = size, .blockMode = mode}};
    assert_false(LZ4F_isError(LZ4F_createCompressionContext(&frames, LZ4F_VERSION)));
    const size_t len = LZ4F_compressBegin(frames, head, LZ4F_HEADER_SIZE_MAX, &how);
    assert_false(LZ4F_isError(len));
    LZ4F_freeCompressionContext(frames);
    return len;
}

static void what_decoding_holds_is_seen_by_the_head_and_may_be_too_much(void **state)
{
    enum { KB = 1 << 10, MB = 1 << 20 };
    uint8_t head[STREAM_MAX_BYTES];
    (void)state;
    expect_needs(BYTES("\x1f\x8b\x08\0\0\0\0\0\0\3"), 32 * KB, 256 * KB);
    expect_needs(BYTES("BZh1\x31\x41\x59\x26\x53\x59"), 400 * KB, 500 * KB);
    expect_needs(BYTES("BZh9\x31\x41\x59\x26\x53\x59"), 3500 * KB, 3700 * KB);
    for (uint8_t power = 11; power <= 17; power++) {
        put_frame(power, head);
        expect_needs(head, FRAME_BYTES, (size_t)KB << power, ((size_t)KB << power) + MB);
    }
    for (uint32_t bytes = MB; bytes <= 256 * MB; bytes *= 2)
        expect_needs(head, put_stream(bytes, head), bytes, bytes + MB);
    for (unsigned size = LZ4F_max64KB; size <= LZ4F_max4MB; size++)
        for (int linked = 0; linked < 2; linked++) {
            const size_t block = (size_t)1 << (8 + 2 * size);
            const size_t len =
                put_lz4_head(size, linked ? LZ4F_blockLinked : LZ4F_blockIndependent, head);
            expect_needs(head, len, 2 * block, 2 * block + 128 * KB);
        }
}

/* What decoding holds once it has seen all of it. */
static size_t held_by(const uint8_t *bytes, size_t len)
{
    static uint8_t out[1 << 20];
    const struct decoder *decoder = decoder_find(bytes, len);
    struct decoder_step step = {
        .in = bytes, .in_len = len, .in_ends = true, .out = out, .out_len = sizeof out};
    void *decoding = decoder->open();
    assert_non_null(decoding);
    while (decoder->decode(decoding, &step) == DECODER_NEXT)
        ;
    decoder->close(decoding);
    return step.held_bytes;
}

/* By their heads alone, in all forms that these have; and what waits for the next frame is little,
 * and as good as new, whatever was wrong with the last one. */
static void small_frames_need_as_much_as_they_hold_and_not_much_more(void **state)
{
    enum { MOST = 512 << 10, TEXT = 300000 };
    static uint8_t text[TEXT], stored[TEXT + 1000];
    uint8_t damaged[FRAME_BYTES];
    const char *cause;
    (void)state;
    for (uint8_t power = 0; power <= 10; power++) {
        put_frame(power, stored);
        const size_t needs = decoder_needs(decoder_find(stored, FRAME_BYTES), stored, FRAME_BYTES);
        assert_in_range(held_by(stored, FRAME_BYTES), 1, needs);
        assert_true(needs <= MOST || power > 6);
        put_frame(power, damaged);
        damaged[6] = 6; /* of a kind that there is none of */
        assert_int_equal(decode_all(damaged, sizeof damaged, &cause), DECODER_BAD);
        assert_int_equal(decode_window(power, &cause), DECODER_END);
    }
    for (size_t len = 1; len <= TEXT; len *= 2) {
        memset(text, 'a', len);
        const size_t stored_len = ZSTD_compress(stored, sizeof stored, text, len, 1),
                     needs = decoder_needs(decoder_find(stored, stored_len), stored, stored_len);
        assert_false(ZSTD_isError(stored_len));
        assert_in_range(held_by(stored, stored_len), 1, needs);
        assert_true(needs <= MOST || len > MOST / 8);
        for (size_t cut = 4; cut < 8; cut++)
            assert_in_range(decoder_needs(decoder_find(stored, cut), stored, cut), 1, MOST);
    }
}

/* A frame to be skipped comes before one with a large window, as pzstd writes them. */
static void what_is_skipped_holds_nothing(void **state)
{
    uint8_t bytes[12 + FRAME_BYTES] = "\x50\x2a\x4d\x18\4\0\0\0abcd";
    (void)state;
    put_frame(17, bytes + 12);
    expect_needs(bytes, sizeof bytes, 128 << 20, 129 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decoder_is_found_by_the_first_bytes),
        cmocka_unit_test(zstd_windows_are_of_128_mb_at_most),
        cmocka_unit_test(xz_takes_512_mb_at_most),
        cmocka_unit_test(what_decoding_holds_is_seen_by_the_head_and_may_be_too_much),
        cmocka_unit_test(small_frames_need_as_much_as_they_hold_and_not_much_more),
        cmocka_unit_test(what_is_skipped_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
