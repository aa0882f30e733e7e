/* SPDX-License-Identifier: BSD-3-Clause */
/* bzip2, by libbz2, which checks the CRC of every block and every stream. A file is any number of
 * streams one after another. */
#include "input/decoder.h"

#include <bzlib.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct bzip2 {
    bz_stream stream;
    size_t held;
    bool between; /* a stream has ended, and no other has begun */
};

/* A text may begin with "BZh9": the mark of the first block tells, or that of the end. */
static bool bzip2_begins(const uint8_t *bytes, size_t len)
{
    return len >= 10 && memcmp(bytes, "BZh", 3) == 0 && bytes[3] >= '1' && bytes[3] <= '9'
        && (memcmp(bytes + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0
            || memcmp(bytes + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0);
}

/* The library frees all of a stream before it begins another one. */
static void *allocate(void *context, int items, int bytes)
{
    ((struct bzip2 *)context)->held += (size_t)items * (size_t)bytes;
    return malloc((size_t)items * (size_t)bytes);
}

static void let_go(void *context, void *block)
{
    (void)context;
    free(block);
}

static int begin(struct bzip2 *bzip2)
{
    bzip2->held = 0;
    bzip2->stream = (bz_stream){.bzalloc = allocate, .bzfree = let_go, .opaque = bzip2};
    return BZ2_bzDecompressInit(&bzip2->stream, 0, 0);
}

static void *bzip2_open(void)
{
    struct bzip2 *bzip2 = calloc(1, sizeof *bzip2);
    if (bzip2 && begin(bzip2) != BZ_OK) {
        free(bzip2);
        return NULL;
    }
    return bzip2;
}

static enum decoder_state failed(struct decoder_step *step, int status)
{
    switch (status) {
    case BZ_MEM_ERROR:
        return DECODER_NO_MEMORY;
    case BZ_DATA_ERROR_MAGIC:
        return decoder_bad(step, "something else follows the last stream");
    default:
        return decoder_bad(step, "it contradicts itself");
    }
}

/* The library cannot begin again with what it has. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct bzip2 *bzip2 = state;
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (*step->in != 'B')
        return decoder_bad(step, "something else follows the last stream");
    BZ2_bzDecompressEnd(&bzip2->stream);
    int status = begin(bzip2);
    return status == BZ_OK ? DECODER_NEXT : failed(step, status);
}

/* The library counts in 32 bits. */
static unsigned at_most(size_t len)
{
    return len < UINT_MAX ? (unsigned)len : UINT_MAX;
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    bz_stream *stream = &((struct bzip2 *)state)->stream;
    stream->next_in = (char *)(uintptr_t)step->in;
    stream->next_out = (char *)step->out;
    stream->avail_in = at_most(step->in_len);
    stream->avail_out = at_most(step->out_len);
    int status = BZ2_bzDecompress(stream);
    const uint8_t *in = (const uint8_t *)stream->next_in;
    uint8_t *out = (uint8_t *)stream->next_out;
    step->in_len -= (size_t)(in - step->in);
    step->out_len -= (size_t)(out - step->out);
    step->in = in;
    step->out = out;
    return status == BZ_STREAM_END ? DECODER_END
         : status == BZ_OK         ? DECODER_MORE
                                   : failed(step, status);
}

static size_t held(const void *state)
{
    return ((const struct bzip2 *)state)->held;
}

static enum decoder_state bzip2_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members streams = {decode_some, pass_on, held,
                                                   "ends inside a stream"};
    return decoder_members(&streams, state, &((struct bzip2 *)state)->between, step);
}

static void bzip2_close(void *state)
{
    struct bzip2 *bzip2 = state;
    BZ2_bzDecompressEnd(&bzip2->stream);
    free(bzip2);
}

extern const struct decoder bzip2_decoder;
const struct decoder bzip2_decoder = {
    .name = "bzip2 data",
    .begins = bzip2_begins,
    .open = bzip2_open,
    .decode = bzip2_decode,
    .close = bzip2_close,
};
