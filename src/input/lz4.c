/* SPDX-License-Identifier: BSD-3-Clause */
/* LZ4 frames, by liblz4, which checks what a frame says of its length, and its checksums. A file is
 * any number of frames one after another, and among them such as are to be skipped. One that begins
 * with a frame to skip is taken for Zstandard, which has them too. */
#include "input/decoder.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <string.h>

struct lz4 {
    LZ4F_dctx *frames;

    /* What the library would like to have next, up to the end of a block. It gets no more, so that
     * a message names the place of the block that is damaged. */
    size_t wanted;
    size_t held;
    bool between; /* a frame has ended, and no other has begun */
};

static bool lz4_begins(const uint8_t *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "\x04\x22\x4d\x18", 4) == 0;
}

static void *lz4_open(void)
{
    struct lz4 *lz4 = calloc(1, sizeof *lz4);
    if (lz4 && LZ4F_isError(LZ4F_createDecompressionContext(&lz4->frames, LZ4F_VERSION))) {
        free(lz4);
        return NULL;
    }
    if (lz4)
        lz4->wanted = LZ4F_HEADER_SIZE_MIN;
    return lz4;
}

/* The library shows which error it is by name only. */
static enum decoder_state failed(struct decoder_step *step, size_t status)
{
    const char *name = LZ4F_getErrorName(status);
    if (strcmp(name, "ERROR_allocation_failed") == 0)
        return DECODER_NO_MEMORY;
    if (strcmp(name, "ERROR_frameType_unknown") == 0)
        return decoder_bad(step, "something else follows the last frame");
    return decoder_bad(step, name);
}

/* Of the frame whose head was read last: a block as it is stored, and its text, or more of it where
 * a block may refer to those before it. The library keeps the largest ones that it needed. */
static void note_held(struct lz4 *lz4)
{
    enum { BEFORE_BYTES = 128 << 10 };
    LZ4F_frameInfo_t info;
    size_t none = 0;
    if (LZ4F_isError(LZ4F_getFrameInfo(lz4->frames, &info, "", &none)))
        return;
    const unsigned id = info.blockSizeID == LZ4F_default ? LZ4F_max64KB : info.blockSizeID;
    const size_t block = (size_t)1 << (8 + 2 * id), /* 4 is 64 KB, 7 is 4 MB */
        before = info.blockMode == LZ4F_blockLinked ? BEFORE_BYTES : 0;
    if (2 * block + before > lz4->held)
        lz4->held = 2 * block + before;
}

/* Whether another frame begins. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct lz4 *lz4 = state;
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (*step->in != 0x04 && *step->in >> 4 != 5)
        return decoder_bad(step, "something else follows the last frame");
    lz4->wanted = LZ4F_HEADER_SIZE_MIN;
    return DECODER_NEXT;
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    struct lz4 *lz4 = state;
    size_t took = step->in_len < lz4->wanted ? step->in_len : lz4->wanted, wrote = step->out_len;
    lz4->wanted = LZ4F_decompress(lz4->frames, step->out, &wrote, step->in, &took, NULL);
    step->in += took;
    step->in_len -= took;
    step->out += wrote;
    step->out_len -= wrote;
    if (LZ4F_isError(lz4->wanted))
        return failed(step, lz4->wanted);
    note_held(lz4);
    return lz4->wanted == 0 ? DECODER_END : DECODER_MORE;
}

static size_t held(const void *state)
{
    return ((const struct lz4 *)state)->held;
}

static enum decoder_state lz4_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members frames = {decode_some, pass_on, held,
                                                  "ends inside a frame"};
    return decoder_members(&frames, state, &((struct lz4 *)state)->between, step);
}

static void lz4_close(void *state)
{
    struct lz4 *lz4 = state;
    LZ4F_freeDecompressionContext(lz4->frames);
    free(lz4);
}

/* From the length of each block, of which the highest bit says that it is stored as it is, to the
 * next; 0 comes behind the last one. */
static uint64_t pass_blocks(struct peek *peek, uint64_t at, uint32_t checksum_bytes)
{
    enum { HEAD = 4 };
    const uint8_t *head;
    while ((head = peek_at(peek, at, HEAD))) {
        const uint32_t len = peek_32(head) & INT32_MAX;
        at += HEAD;
        if (peek_32(head) == 0)
            return at;
        at += (uint64_t)len + checksum_bytes;
    }
    return 0;
}

static uint64_t lz4_next(struct peek *peek, uint64_t at, uint64_t from)
{
    (void)from;
    enum { MARK = 4, FLAGS = 4, HEAD = 7, SKIPPED_HEAD = 8, CHECKSUM_BYTES = 4 };
    enum { ID = 1, CHECKSUM = 4, SIZE = 8, BLOCK_CHECKSUM = 16, ID_BYTES = 4, SIZE_BYTES = 8 };
    const uint8_t *head = peek_at(peek, at, HEAD);
    if (!head)
        return 0;
    if (head[0] >> 4 == 5 && memcmp(head + 1, "\x2a\x4d\x18", 3) == 0)
        return (head = peek_at(peek, at, SKIPPED_HEAD)) ? at + SKIPPED_HEAD + peek_32(head + MARK)
                                                        : 0;
    const uint8_t flags = head[FLAGS];
    if (!lz4_begins(head, HEAD) || flags >> 6 != 1)
        return 0;
    at += HEAD + (flags & SIZE ? SIZE_BYTES : 0) + (flags & ID ? ID_BYTES : 0);
    at = pass_blocks(peek, at, flags & BLOCK_CHECKSUM ? CHECKSUM_BYTES : 0);
    return at > 0 && flags & CHECKSUM ? at + CHECKSUM_BYTES : at;
}

extern const struct decoder lz4_decoder;
const struct decoder lz4_decoder = {
    .name = "LZ4 data",
    .block_bytes = 4 << 20,
    .begins = lz4_begins,
    .open = lz4_open,
    .decode = lz4_decode,
    .close = lz4_close,
    .next = lz4_next,
};
