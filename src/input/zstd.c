/* SPDX-License-Identifier: BSD-3-Clause */
/* Zstandard (RFC 8878), by libzstd, which checks what a frame says of its length and its checksum.
 * A file is any number of frames one after another. Those that are to be skipped hold no text;
 * pzstd begins files with one, and files in which one can seek end with one. */
#include "input/decoder.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* 128 MB, which all levels of compression stay within, and beyond which zstd itself must be told to
 * go: a few bytes can ask for any window. */
enum { LARGEST_WINDOW_LOG = 27 };

/* To make one the library asks the processor what it can, which takes longer than to decode a small
 * file where that is a virtual one. So one that holds little waits for the next file. */
static _Thread_local ZSTD_DStream *spare;

enum { SPARE_BYTES = 512 << 10 };

struct zstd {
    ZSTD_DStream *stream;

    /* What the library would like to have next, up to the end of a block. It gets no more, so that
     * a message names the place of the block that is damaged. */
    size_t wanted;
    bool between; /* a frame has ended, and no other has begun */
};

static bool zstd_begins(const uint8_t *bytes, size_t len)
{
    if (len < 4)
        return false;
    bool skipped = bytes[0] >> 4 == 5 && memcmp(bytes + 1, "\x2a\x4d\x18", 3) == 0;
    return skipped || memcmp(bytes, "\x28\xb5\x2f\xfd", 4) == 0;
}

static void zstd_close(void *state)
{
    struct zstd *zstd = state;
    if (!spare && ZSTD_sizeof_DStream(zstd->stream) <= SPARE_BYTES)
        spare = zstd->stream;
    else
        ZSTD_freeDStream(zstd->stream);
    free(zstd);
}

static void *zstd_open(void)
{
    struct zstd *zstd = calloc(1, sizeof *zstd);
    if (!zstd)
        return NULL;
    zstd->stream = spare ? spare : ZSTD_createDStream();
    spare = NULL;
    zstd->wanted = zstd->stream ? ZSTD_initDStream(zstd->stream) : 0;
    if (zstd->stream && !ZSTD_isError(zstd->wanted)
        && !ZSTD_isError(
            ZSTD_DCtx_setParameter(zstd->stream, ZSTD_d_windowLogMax, LARGEST_WINDOW_LOG)))
        return zstd;
    zstd_close(zstd);
    return NULL;
}

static enum decoder_state failed(struct decoder_step *step, size_t status)
{
    switch (ZSTD_getErrorCode(status)) {
    case ZSTD_error_memory_allocation:
        return DECODER_NO_MEMORY;
    case ZSTD_error_frameParameter_windowTooLarge:
        return decoder_bad(step, "its window is larger than 128 MB");
    case ZSTD_error_prefix_unknown:
        return decoder_bad(step, "something else follows the last frame");
    default:
        return decoder_bad(step, ZSTD_getErrorName(status));
    }
}

/* Whether another frame begins. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct zstd *zstd = state;
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (*step->in != 0x28 && *step->in >> 4 != 5)
        return decoder_bad(step, "something else follows the last frame");
    zstd->wanted = ZSTD_initDStream(zstd->stream);
    return ZSTD_isError(zstd->wanted) ? failed(step, zstd->wanted) : DECODER_NEXT;
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    struct zstd *zstd = state;
    size_t len = step->in_len < zstd->wanted ? step->in_len : zstd->wanted;
    ZSTD_inBuffer in = {step->in, len, 0};
    ZSTD_outBuffer out = {step->out, step->out_len, 0};
    zstd->wanted = ZSTD_decompressStream(zstd->stream, &out, &in);
    step->in += in.pos;
    step->in_len -= in.pos;
    step->out += out.pos;
    step->out_len -= out.pos;
    if (ZSTD_isError(zstd->wanted))
        return failed(step, zstd->wanted);
    return zstd->wanted == 0 ? DECODER_END : DECODER_MORE;
}

static size_t held(const void *state)
{
    return ZSTD_sizeof_DStream(((const struct zstd *)state)->stream);
}

static enum decoder_state zstd_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members frames = {decode_some, pass_on, held,
                                                  "ends inside a frame"};
    return decoder_members(&frames, state, &((struct zstd *)state)->between, step);
}

/* From the head of each block to the next: three bytes, of which the lowest bit says that it is the
 * last, two of which kind it is, and the others how long. */
static uint64_t pass_blocks(struct peek *peek, uint64_t at)
{
    enum { HEAD = 3, REPEATED = 1, RESERVED = 3 };
    for (;;) {
        const uint8_t *head = peek_at(peek, at, HEAD);
        if (!head)
            return 0;
        const uint32_t kind = head[0] >> 1 & 3,
                       len = (peek_16(head) | (uint32_t)head[2] << 16) >> 3;
        if (kind == RESERVED)
            return 0;
        at += HEAD + (kind == REPEATED ? 1 : len);
        if (head[0] & 1)
            return at;
    }
}

/* What a head has behind its mark and its flags. */
struct fields {
    size_t window, id, size; /* bytes that each takes */
};

static struct fields fields_of(uint8_t flags)
{
    enum { SINGLE = 32 };
    static const uint8_t id_bytes[] = {0, 1, 2, 4}, size_bytes[] = {0, 2, 4, 8};
    const bool single = flags & SINGLE; /* segment: all of it is the window */
    const size_t size = size_bytes[flags >> 6];
    return (struct fields){!single, id_bytes[flags & 3], single && size == 0 ? 1 : size};
}

/* A frame with a small window takes little: how much, the library says when it has begun. */
static size_t zstd_needs(const uint8_t *bytes, size_t len)
{
    enum { FLAGS = 4, HEAD = 5, SMALL_BYTES = 64 << 10, LEAST_LOG = 10 };
    if (len < HEAD || *bytes != 0x28)
        return 0;
    const struct fields fields = fields_of(bytes[FLAGS]);
    const uint8_t *field = bytes + HEAD + (fields.window ? 0 : fields.id);
    uint64_t window = 0;
    if (len < HEAD + fields.window + fields.id + fields.size)
        return 0;
    if (fields.window)
        window = (UINT64_C(8) + (*field & 7)) << (LEAST_LOG - 3 + (*field >> 3));
    for (size_t i = fields.window ? 0 : fields.size; i > 0; i--)
        window = window << 8 | field[i - 1];
    return window <= SMALL_BYTES ? (size_t)SPARE_BYTES : 0;
}

static uint64_t zstd_next(struct peek *peek, uint64_t at, uint64_t from)
{
    (void)from;
    enum { SKIPPED_HEAD = 8, MARK = 4, FLAGS = 4, CHECKSUM = 4, CHECKSUM_BYTES = 4 };
    const uint8_t *head = peek_at(peek, at, SKIPPED_HEAD);
    if (!head || !zstd_begins(head, SKIPPED_HEAD))
        return 0;
    if (head[0] != 0x28)
        return at + SKIPPED_HEAD + peek_32(head + MARK);
    const uint8_t flags = head[FLAGS];
    const struct fields fields = fields_of(flags);
    at += MARK + 1 + fields.window + fields.id + fields.size;
    at = pass_blocks(peek, at);
    return at > 0 && flags & CHECKSUM ? at + CHECKSUM_BYTES : at;
}

extern const struct decoder zstd_decoder;
const struct decoder zstd_decoder = {
    .name = "Zstandard data",
    .begins = zstd_begins,
    .open = zstd_open,
    .decode = zstd_decode,
    .close = zstd_close,
    .needs = zstd_needs,
    .next = zstd_next,
};
