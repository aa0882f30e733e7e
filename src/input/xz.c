/* SPDX-License-Identifier: BSD-3-Clause */
/* xz, by liblzma, which verifies the checks. A file is any number of streams one after another;
 * behind each of them there may be zeros, four or a multiple of that. A stream is its header, any
 * number of blocks, the index, which has a record of each, and a footer.
 *
 * A member is a block and what stands around it: before the first one of a stream its header,
 * behind the last one the index, the footer and the zeros; a stream without blocks is one, too. So
 * decoding may begin with a block, whose kind of check only the stream header says: the blocks of a
 * stream that has not the flags of the first one are one member. */
#include "input/decoder.h"
#include "input/xz_index.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

enum {
    MEMORY_LIMIT = 512 << 20, /* xz -9 needs 65 MB, the largest dictionary that a file can name 4
                                 GB, which takes a few bytes */
    STREAM_MARK = 0xfd,       /* the first byte of a stream */
};

struct xz {
    lzma_stream stream;
    lzma_block block;
    size_t held; /* by the decoder of the block */

    enum {
        MEMBER, /* a stream or a block begins */
        STREAM_HEADER,
        BEHIND_HEADER,
        BLOCK_HEADER,
        BLOCK,
        BEHIND_BLOCK,
        INDEX,
        FOOTER,
        ZEROS, /* a stream has ended, and no other has begun */
    } place;
    bool between; /* two members */

    bool known;                     /* what the first stream of the file says */
    lzma_stream_flags first, flags; /* of that one, and of this one */
    struct xz_index index;
    size_t zeros; /* so many have followed it */

    size_t head_len;
    uint8_t head[LZMA_BLOCK_HEADER_SIZE_MAX];
};

static bool xz_begins(const uint8_t *bytes, size_t len)
{
    return len >= 6 && memcmp(bytes, "\xfd\x37zXZ\0", 6) == 0;
}

/* Of the 12 bytes of a stream header. A check of a kind that cannot be verified is a failure. */
static lzma_ret read_flags(const uint8_t *header, lzma_stream_flags *flags)
{
    const lzma_ret status = lzma_stream_header_decode(flags, header);
    return status == LZMA_OK && !lzma_check_is_supported(flags->check) ? LZMA_UNSUPPORTED_CHECK
                                                                       : status;
}

static bool same_flags(const lzma_stream_flags *a, const lzma_stream_flags *b)
{
    return lzma_stream_flags_compare(a, b) == LZMA_OK;
}

/* Of a stream with these flags; the filters are freed by free_filters. */
static lzma_ret read_block_header(const uint8_t *header, const lzma_stream_flags *flags,
                                  lzma_filter *filters, lzma_block *block)
{
    *block = (lzma_block){.check = flags->check,
                          .header_size = lzma_block_header_size_decode(*header),
                          .filters = filters};
    return lzma_block_header_decode(block, NULL, header);
}

static void free_filters(lzma_filter *filters)
{
    for (; filters->id != LZMA_VLI_UNKNOWN; filters++)
        free(filters->options);
}

/* Whether the footer fits its stream, which has an index of so many bytes. */
static bool is_footer(const uint8_t *bytes, const lzma_stream_flags *flags, uint64_t index_bytes)
{
    lzma_stream_flags footer;
    return lzma_stream_footer_decode(&footer, bytes) == LZMA_OK && same_flags(&footer, flags)
        && footer.backward_size == index_bytes;
}

/* Of the first block, where it is there and allowed. */
static size_t xz_needs(const uint8_t *bytes, size_t len)
{
    lzma_stream_flags flags;
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    lzma_block block;
    const uint8_t *header = bytes + LZMA_STREAM_HEADER_SIZE;
    if (len <= LZMA_STREAM_HEADER_SIZE || *header == XZ_INDEX_MARK
        || len - LZMA_STREAM_HEADER_SIZE < lzma_block_header_size_decode(*header)
        || read_flags(bytes, &flags) != LZMA_OK
        || read_block_header(header, &flags, filters, &block) != LZMA_OK)
        return 0;
    const uint64_t memory = lzma_raw_decoder_memusage(filters);
    free_filters(filters);
    return memory <= MEMORY_LIMIT ? (size_t)memory : 0;
}

static void *xz_open(void)
{
    return calloc(1, sizeof(struct xz));
}

static void xz_resume(void *state, const uint8_t *head, size_t len)
{
    struct xz *xz = state;
    xz->known = len >= LZMA_STREAM_HEADER_SIZE && read_flags(head, &xz->first) == LZMA_OK;
    xz->flags = xz->first;
}

static enum decoder_state failed(struct decoder_step *step, lzma_ret status)
{
    switch (status) {
    case LZMA_MEM_ERROR:
        return DECODER_NO_MEMORY;
    case LZMA_MEMLIMIT_ERROR:
        return decoder_bad(step, "more than 512 MB of memory are needed to decode it");
    case LZMA_FORMAT_ERROR:
        return decoder_bad(step, "something else follows the last stream");
    case LZMA_OPTIONS_ERROR:
        return decoder_bad(step, "it was made with options that are not known here");
    case LZMA_UNSUPPORTED_CHECK:
        return decoder_bad(step, "it has a check that is not known here");
    default:
        return decoder_bad(step, "it contradicts itself");
    }
}

/* What follows a stream: zeros, another one, or nothing. What follows a block shows within. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct xz *xz = state;
    if (xz->place != ZEROS)
        return DECODER_NEXT;
    for (; step->in_len > 0 && *step->in == 0; step->in++, step->in_len--)
        xz->zeros++;
    if (step->in_len == 0 && !step->in_ends)
        return DECODER_MORE;
    if (step->in_len > 0 && *step->in != STREAM_MARK)
        return decoder_bad(step, "something else follows the last stream");
    if (xz->zeros % 4 > 0)
        return decoder_bad(step, "the zeros behind a stream are not a multiple of four");
    if (step->in_len == 0)
        return DECODER_END;
    xz->place = STREAM_HEADER;
    return DECODER_NEXT;
}

/* Collects so many bytes; false: more are to come. */
static bool collect(struct xz *xz, struct decoder_step *step, size_t len)
{
    const size_t missing = len - xz->head_len,
                 some = missing < step->in_len ? missing : step->in_len;
    memcpy(xz->head + xz->head_len, step->in, some);
    step->in += some;
    step->in_len -= some;
    xz->head_len = some < missing ? xz->head_len + some : 0;
    return some == missing;
}

static lzma_ret begin_stream(struct xz *xz)
{
    const lzma_ret status = read_flags(xz->head, &xz->flags);
    if (!xz->known)
        xz->first = xz->flags;
    xz->known = true;
    xz->index = (struct xz_index){.whole = true};
    xz->place = BEHIND_HEADER;
    return status;
}

static lzma_ret begin_block(struct xz *xz)
{
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    lzma_ret status = read_block_header(xz->head, &xz->flags, filters, &xz->block);
    if (status != LZMA_OK)
        return status;
    const uint64_t memory = lzma_raw_decoder_memusage(filters);
    status = memory == UINT64_MAX  ? LZMA_OPTIONS_ERROR
           : memory > MEMORY_LIMIT ? LZMA_MEMLIMIT_ERROR
                                   : lzma_block_decoder(&xz->stream, &xz->block);
    free_filters(filters);
    xz->held = memory > MEMORY_LIMIT ? 0 : (size_t)memory;
    xz->block.filters = NULL;
    xz->place = BLOCK;
    return status;
}

static lzma_ret decode_block(struct xz *xz, struct decoder_step *step)
{
    lzma_stream *stream = &xz->stream;
    stream->next_in = step->in;
    stream->avail_in = step->in_len;
    stream->next_out = step->out;
    stream->avail_out = step->out_len;
    const lzma_ret status = lzma_code(stream, LZMA_RUN);
    step->in = stream->next_in;
    step->in_len = stream->avail_in;
    step->out = stream->next_out;
    step->out_len = stream->avail_out;
    if (status != LZMA_STREAM_END)
        return status == LZMA_BUF_ERROR ? LZMA_OK : status;
    xz_index_add(&xz->index, lzma_block_unpadded_size(&xz->block), xz->block.uncompressed_size);
    xz->place = BEHIND_BLOCK;
    return LZMA_OK;
}

static lzma_ret read_index(struct xz *xz, struct decoder_step *step)
{
    for (; step->in_len > 0 && xz->index.part != XZ_INDEX_END; step->in++, step->in_len--)
        if (!xz_index_take(&xz->index, *step->in))
            return LZMA_DATA_ERROR;
    xz->place = xz->index.part == XZ_INDEX_END ? FOOTER : INDEX;
    return LZMA_OK;
}

static lzma_ret end_stream(struct xz *xz)
{
    xz->zeros = 0;
    xz->place = ZEROS;
    return is_footer(xz->head, &xz->flags, xz->index.bytes) ? LZMA_OK : LZMA_DATA_ERROR;
}

/* By the next byte. */
static lzma_ret look(struct xz *xz, uint8_t byte)
{
    if (xz->place == MEMBER && byte != STREAM_MARK && (!xz->known || byte == XZ_INDEX_MARK))
        return LZMA_DATA_ERROR;
    xz->place = xz->place == MEMBER && byte == STREAM_MARK ? STREAM_HEADER
              : byte == XZ_INDEX_MARK                      ? INDEX
                                                           : BLOCK_HEADER;
    xz->block.header_size = lzma_block_header_size_decode(byte);
    return LZMA_OK;
}

static lzma_ret take_step(struct xz *xz, struct decoder_step *step)
{
    switch (xz->place) {
    case STREAM_HEADER:
        return collect(xz, step, LZMA_STREAM_HEADER_SIZE) ? begin_stream(xz) : LZMA_OK;
    case BLOCK_HEADER:
        return collect(xz, step, xz->block.header_size) ? begin_block(xz) : LZMA_OK;
    case BLOCK:
        return decode_block(xz, step);
    case INDEX:
        return read_index(xz, step);
    case FOOTER:
        return collect(xz, step, LZMA_STREAM_HEADER_SIZE) ? end_stream(xz) : LZMA_OK;
    default:
        return step->in_len > 0 ? look(xz, *step->in) : LZMA_OK;
    }
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    struct xz *xz = state;
    const bool behind_block = xz->place == BEHIND_BLOCK;
    const lzma_ret status = take_step(xz, step);
    if (status != LZMA_OK)
        return failed(step, status);
    const bool next_block =
        behind_block && xz->place == BLOCK_HEADER && same_flags(&xz->flags, &xz->first);
    return next_block || xz->place == ZEROS ? DECODER_END : DECODER_MORE;
}

static size_t held(const void *state)
{
    return ((const struct xz *)state)->held;
}

static enum decoder_state xz_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members members = {decode_some, pass_on, held,
                                                   "ends inside a stream"};
    return decoder_members(&members, state, &((struct xz *)state)->between, step);
}

static void xz_close(void *state)
{
    struct xz *xz = state;
    lzma_end(&xz->stream);
    free(xz);
}

/* Adds the block to the index. 0 where its header does not say how long it is, as when a single
 * thread wrote it. */
static uint64_t pass_block(struct peek *peek, uint64_t at, const lzma_stream_flags *flags,
                           struct xz_index *index)
{
    lzma_filter filters[LZMA_FILTERS_MAX + 1];
    lzma_block block;
    const uint8_t *header = peek_at(peek, at, 1);
    header = header ? peek_at(peek, at, lzma_block_header_size_decode(*header)) : NULL;
    if (!header || read_block_header(header, flags, filters, &block) != LZMA_OK)
        return 0;
    free_filters(filters);
    const uint64_t bytes = lzma_block_total_size(&block); /* 0 and the largest one: unknown */
    xz_index_add(index, lzma_block_unpadded_size(&block), block.uncompressed_size);
    return bytes > 0 && bytes <= peek->bytes - at ? at + bytes : 0;
}

/* To behind the footer, and the zeros that follow it. */
static uint64_t pass_index(struct peek *peek, uint64_t at, const lzma_stream_flags *flags,
                           struct xz_index index)
{
    enum { ZERO_BYTES = 4 };
    const uint8_t *bytes;
    for (; index.part != XZ_INDEX_END; at++)
        if (!(bytes = peek_at(peek, at, 1)) || !xz_index_take(&index, *bytes))
            return 0;
    bytes = peek_at(peek, at, LZMA_STREAM_HEADER_SIZE);
    if (!bytes || !is_footer(bytes, flags, index.bytes))
        return 0;
    at += LZMA_STREAM_HEADER_SIZE;
    for (; (bytes = peek_at(peek, at, 1)) && *bytes == 0; at += ZERO_BYTES)
        if (!(bytes = peek_at(peek, at, ZERO_BYTES)) || peek_32(bytes) > 0)
            return 0;
    return at;
}

/* Goes on in a stream, with its first block if the index is to have those that are passed now and
 * no others, up to the first block from `from` on, or to behind the stream. */
static uint64_t pass_blocks(struct peek *peek, uint64_t at, const lzma_stream_flags *flags,
                            bool whole, uint64_t from)
{
    struct xz_index index = {0};
    const uint8_t *mark;
    index.whole = whole;
    while (at > 0 && (mark = peek_at(peek, at, 1))) {
        if (*mark == XZ_INDEX_MARK)
            return pass_index(peek, at, flags, index);
        if (index.blocks > 0 && at >= from)
            return at;
        at = pass_block(peek, at, flags, &index);
    }
    return 0;
}

/* A stream is cut only where its index is right, so that a block that is missing is noticed, too:
 * those who decode a part know nothing of the other blocks. */
static uint64_t xz_next(struct peek *peek, uint64_t at, uint64_t from)
{
    lzma_stream_flags first, flags;
    const uint8_t *bytes = peek_at(peek, 0, LZMA_STREAM_HEADER_SIZE);
    if (!bytes || read_flags(bytes, &first) != LZMA_OK)
        return 0;
    bytes = peek_at(peek, at, LZMA_STREAM_HEADER_SIZE);
    if (!bytes || *bytes != STREAM_MARK)
        return pass_blocks(peek, at, &first, false, from);
    if (read_flags(bytes, &flags) != LZMA_OK)
        return 0;
    at += LZMA_STREAM_HEADER_SIZE;
    const uint64_t end = pass_blocks(peek, at, &flags, true, UINT64_MAX);
    return end > 0 && same_flags(&first, &flags) ? pass_blocks(peek, at, &flags, false, from) : end;
}

extern const struct decoder xz_decoder;
const struct decoder xz_decoder = {
    .name = "xz data",
    .begins = xz_begins,
    .open = xz_open,
    .decode = xz_decode,
    .close = xz_close,
    .needs = xz_needs,
    .resume = xz_resume,
    .next = xz_next,
};
