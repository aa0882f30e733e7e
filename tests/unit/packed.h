/* SPDX-License-Identifier: BSD-3-Clause */
/* packed: a text as the decoders find it, compressed by the library of each. */
#ifndef PACKED_H
#define PACKED_H

#include "check.h"

#include <bzlib.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

struct packed {
    uint8_t *bytes;
    size_t len, room;
    size_t begin, unit; /* of what was added last, unless at the end of what was there: where it
                           begins, and where that begins which must be whole so that it is found */
};

struct packer {
    const char *name; /* as messages have it */
    const char *mark; /* how what it makes begins */
    size_t mark_len;
    size_t zeros;     /* a multiple of so many may stand at the end; 0: none */
    bool skips;       /* there may be frames that are skipped */
    bool skips_first; /* even at the beginning */

    /* Appends a member. With `checked` it has every checksum that there is; otherwise some. */
    void (*add)(struct seeded *seeded, struct packed *packed, const uint8_t *text, size_t len,
                bool checked);
};

static inline void packed_gzip(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                               size_t len, bool checked)
{
    z_stream stream = {0};
    (void)checked;
    assert_int_equal(
        deflateInit2(&stream, (int)seeded_below(seeded, 10), Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)len;
    stream.next_out = packed->bytes + packed->len;
    stream.avail_out = (uInt)(packed->room - packed->len);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    packed->len += stream.total_out;
    deflateEnd(&stream);
}

/* A member as bgzip writes it: its head says how long it is; here and there in a second field. The
 * text is at most 64 KB, and so is what it becomes. */
static inline void packed_bgzf(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                               size_t len, bool checked)
{
    uint8_t extra[] = {'X', 'Y', 3, 0, 'a', 'b', 'c', 'B', 'C', 2, 0, 0, 0}, *bc = extra + 7;
    const bool second = seeded_below(seeded, 4) == 0;
    gz_header head = {.extra = second ? extra : bc, .extra_len = second ? sizeof extra : 6};
    z_stream stream = {0};
    (void)checked;
    for (int pass = 0; pass < 2; pass++) { /* the length is known after the first */
        assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
        assert_int_equal(deflateSetHeader(&stream, &head), Z_OK);
        stream.next_in = (Bytef *)(uintptr_t)text;
        stream.avail_in = (uInt)len;
        stream.next_out = packed->bytes + packed->len;
        stream.avail_out = (uInt)(packed->room - packed->len);
        assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
        bc[4] = (uint8_t)(stream.total_out - 1);
        bc[5] = (uint8_t)((stream.total_out - 1) >> 8);
        assert_int_equal(deflateEnd(&stream), Z_OK);
    }
    packed->len += stream.total_out;
}

static inline void packed_zstd(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                               size_t len, bool checked)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    bool checksum = checked || seeded_below(seeded, 2);
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, (int)seeded_below(seeded, 6));
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum);
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, (int)seeded_below(seeded, 2));
    size_t got =
        ZSTD_compress2(context, packed->bytes + packed->len, packed->room - packed->len, text, len);
    ZSTD_freeCCtx(context);
    assert_false(ZSTD_isError(got));
    packed->len += got;
}

static inline void packed_xz(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                             size_t len, bool checked)
{
    static const lzma_check checks[] = {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256,
                                        LZMA_CHECK_NONE};
    lzma_check check = checks[seeded_below(seeded, checked ? 3 : 4)];
    assert_int_equal(lzma_easy_buffer_encode(0, check, NULL, text, len, packed->bytes, &packed->len,
                                             packed->room),
                     LZMA_OK);
}

/* Begins a stream of xz data, to which blocks can be added; returns its index, for packed_xz_end.
 */
static inline lzma_index *packed_xz_begin(struct packed *packed, lzma_check check)
{
    const lzma_stream_flags flags = {.check = check};
    packed->unit = packed->begin = packed->len;
    assert_int_equal(lzma_stream_header_encode(&flags, packed->bytes + packed->len), LZMA_OK);
    packed->len += LZMA_STREAM_HEADER_SIZE;
    return lzma_index_init(NULL);
}

/* `sized`: its header, which has at least so many bytes, says how long it is. */
static inline void packed_xz_add(struct packed *packed, lzma_index *index, lzma_check check,
                                 const uint8_t *text, size_t len, bool sized, uint32_t header)
{
    lzma_options_lzma options;
    lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, NULL}};
    lzma_block block = {.check = check, .filters = filters};
    uint8_t *head = packed->bytes + packed->len, *body = head + LZMA_BLOCK_HEADER_SIZE_MAX;
    size_t got = 0, room = packed->room - packed->len - LZMA_BLOCK_HEADER_SIZE_MAX;
    assert_false(lzma_lzma_preset(&options, 0));
    assert_int_equal(lzma_block_buffer_encode(&block, NULL, text, len, body, &got, room), LZMA_OK);
    const lzma_vli stored = block.compressed_size;
    const uint32_t first = block.header_size;
    if (!sized)
        block.compressed_size = block.uncompressed_size = LZMA_VLI_UNKNOWN;
    assert_int_equal(lzma_block_header_size(&block), LZMA_OK);
    block.header_size = block.header_size < header ? header : block.header_size;
    assert_int_equal(lzma_block_header_encode(&block, head), LZMA_OK);
    memmove(head + block.header_size, body + first, got - first);
    packed->len += block.header_size + got - first;
    block.compressed_size = stored;
    assert_int_equal(lzma_index_append(index, NULL, lzma_block_unpadded_size(&block), len),
                     LZMA_OK);
}

/* The index is freed. */
static inline void packed_xz_end(struct packed *packed, lzma_index *index, lzma_check check)
{
    const lzma_stream_flags flags = {.check = check, .backward_size = lzma_index_size(index)};
    assert_int_equal(lzma_index_buffer_encode(index, packed->bytes, &packed->len, packed->room),
                     LZMA_OK);
    assert_int_equal(lzma_stream_footer_encode(&flags, packed->bytes + packed->len), LZMA_OK);
    packed->len += LZMA_STREAM_HEADER_SIZE;
    lzma_index_end(index, NULL);
}

/* A block, mostly in the stream before it, if that has the check of the first one: in others there
 * is but one. The zeros before a stream belong to what is before them. */
static inline void packed_xz_block(struct seeded *seeded, struct packed *packed,
                                   const uint8_t *text, size_t len, bool checked)
{
    static const lzma_check checks[] = {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256,
                                        LZMA_CHECK_NONE};
    lzma_check check = checks[seeded_below(seeded, checked ? 3 : 4)];
    lzma_stream_flags first, last;
    lzma_index *index = NULL;
    if (packed->len > 0) {
        uint8_t *footer = packed->bytes + packed->len - LZMA_STREAM_HEADER_SIZE;
        assert_int_equal(lzma_stream_header_decode(&first, packed->bytes), LZMA_OK);
        assert_int_equal(lzma_stream_footer_decode(&last, footer), LZMA_OK);
        check = seeded_below(seeded, 4) ? first.check : check;
        if (last.check == first.check && check == first.check && seeded_below(seeded, 5)) {
            uint64_t memory = UINT64_MAX;
            size_t taken = 0;
            assert_int_equal(lzma_index_buffer_decode(&index, &memory, NULL,
                                                      footer - last.backward_size, &taken,
                                                      last.backward_size),
                             LZMA_OK);
            packed->unit = packed->len - lzma_index_file_size(index);
            packed->begin = packed->len -= LZMA_STREAM_HEADER_SIZE + last.backward_size;
        }
    }
    index = index ? index : packed_xz_begin(packed, check);
    packed_xz_add(packed, index, check, text, len, true, 0);
    packed_xz_end(packed, index, check);
}

static inline void packed_bzip2(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                                size_t len, bool checked)
{
    unsigned got = (unsigned)(packed->room - packed->len);
    char *out = (char *)packed->bytes + packed->len;
    int level = 1 + (int)seeded_below(seeded, 3);
    (void)checked;
    assert_int_equal(
        BZ2_bzBuffToBuffCompress(out, &got, (char *)(uintptr_t)text, (unsigned)len, level, 0, 0),
        BZ_OK);
    packed->len += got;
}

static inline void packed_lz4(struct seeded *seeded, struct packed *packed, const uint8_t *text,
                              size_t len, bool checked)
{
    LZ4F_preferences_t how = {0};
    how.frameInfo.contentChecksumFlag =
        checked || seeded_below(seeded, 2) ? LZ4F_contentChecksumEnabled : LZ4F_noContentChecksum;
    how.frameInfo.blockChecksumFlag =
        seeded_below(seeded, 2) ? LZ4F_blockChecksumEnabled : LZ4F_noBlockChecksum;
    how.frameInfo.contentSize = seeded_below(seeded, 2) ? len : 0;
    size_t got = LZ4F_compressFrame(packed->bytes + packed->len, packed->room - packed->len, text,
                                    len, &how);
    assert_false(LZ4F_isError(got));
    packed->len += got;
}

static const struct packer packers[] = {
    {"gzip data", "\x1f\x8b\x08", 3, 1, false, false, packed_gzip},
    {"Zstandard data", "\x28\xb5\x2f\xfd", 4, 0, true, true, packed_zstd},
    {"xz data", "\xfd\x37zXZ\0", 6, 4, false, false, packed_xz},
    {"bzip2 data", "BZh1\x31\x41\x59\x26\x53\x59", 10, 0, false, false, packed_bzip2},
    {"LZ4 data", "\x04\x22\x4d\x18", 4, 0, true, false, packed_lz4},
};

/* A frame that holds no text. */
static inline void packed_skip(struct seeded *seeded, struct packed *packed)
{
    uint8_t len = (uint8_t)seeded_below(seeded, 20);
    uint8_t head[] = {(uint8_t)(0x50 + seeded_below(seeded, 16)), 0x2a, 0x4d, 0x18, len, 0, 0, 0};
    memcpy(packed->bytes + packed->len, head, sizeof head);
    seeded_fill(seeded, packed->bytes + packed->len + sizeof head, len);
    packed->len += sizeof head + len;
}

static inline void packed_zeros(struct packed *packed, size_t zeros)
{
    memset(packed->bytes + packed->len, 0, zeros);
    packed->len += zeros;
}

#endif
