/* SPDX-License-Identifier: BSD-3-Clause */
/* xz, by liblzma, which verifies the index and the checks of every stream. A file is any number of
 * streams one after another; behind each of them there may be zeros, four or a multiple of that. */
#include "input/decoder.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>

/* xz -9 needs 65 MB, the largest dictionary that a file can name 4 GB, which takes a few bytes. */
enum { MEMORY_LIMIT = 512 << 20 };

struct xz {
    lzma_stream stream;
    bool between; /* a stream has ended, and no other has begun */
    size_t zeros; /* so many have followed it */
};

static bool xz_begins(const uint8_t *bytes, size_t len)
{
    return len >= 6 && memcmp(bytes, "\xfd\x37zXZ\0", 6) == 0;
}

/* Makes ready for a stream. A check of a kind that cannot be verified is a failure. */
static lzma_ret prepare(struct xz *xz)
{
    xz->zeros = 0;
    return lzma_stream_decoder(&xz->stream, MEMORY_LIMIT, LZMA_TELL_UNSUPPORTED_CHECK);
}

static void *xz_open(void)
{
    struct xz *xz = calloc(1, sizeof *xz);
    if (xz && prepare(xz) != LZMA_OK) {
        free(xz);
        return NULL;
    }
    return xz;
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

/* What follows a stream: zeros, another one, or nothing. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct xz *xz = state;
    for (; step->in_len > 0 && *step->in == 0; step->in++, step->in_len--)
        xz->zeros++;
    if (step->in_len == 0 && !step->in_ends)
        return DECODER_MORE;
    if (step->in_len > 0 && *step->in != 0xfd)
        return decoder_bad(step, "something else follows the last stream");
    if (xz->zeros % 4 > 0)
        return decoder_bad(step, "the zeros behind a stream are not a multiple of four");
    if (step->in_len == 0)
        return DECODER_END;
    lzma_ret status = prepare(xz);
    return status == LZMA_OK ? DECODER_NEXT : failed(step, status);
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    lzma_stream *stream = &((struct xz *)state)->stream;
    stream->next_in = step->in;
    stream->avail_in = step->in_len;
    stream->next_out = step->out;
    stream->avail_out = step->out_len;
    lzma_ret status = lzma_code(stream, LZMA_RUN);
    step->in = stream->next_in;
    step->in_len = stream->avail_in;
    step->out = stream->next_out;
    step->out_len = stream->avail_out;
    return status == LZMA_STREAM_END                     ? DECODER_END
         : status == LZMA_OK || status == LZMA_BUF_ERROR ? DECODER_MORE
                                                         : failed(step, status);
}

static enum decoder_state xz_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members streams = {decode_some, pass_on, "ends inside a stream"};
    return decoder_members(&streams, state, &((struct xz *)state)->between, step);
}

static void xz_close(void *state)
{
    struct xz *xz = state;
    lzma_end(&xz->stream);
    free(xz);
}

extern const struct decoder xz_decoder;
const struct decoder xz_decoder = {
    .name = "xz data",
    .begins = xz_begins,
    .open = xz_open,
    .decode = xz_decode,
    .close = xz_close,
};
