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

struct zstd {
    ZSTD_DStream *stream;

    /* What the library would like to have next, up to the end of a block. It gets no more, so that
     * a message names the place of the block that is damaged. 0: between two frames. */
    size_t wanted;
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
    ZSTD_freeDStream(zstd->stream);
    free(zstd);
}

static void *zstd_open(void)
{
    struct zstd *zstd = calloc(1, sizeof *zstd);
    if (!zstd)
        return NULL;
    zstd->stream = ZSTD_createDStream();
    if (zstd->stream
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
static enum decoder_state pass_on(struct zstd *zstd, struct decoder_step *step)
{
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (*step->in != 0x28 && *step->in >> 4 != 5)
        return decoder_bad(step, "something else follows the last frame");
    zstd->wanted = ZSTD_initDStream(zstd->stream);
    return ZSTD_isError(zstd->wanted) ? failed(step, zstd->wanted) : DECODER_MORE;
}

static size_t decode_some(struct zstd *zstd, struct decoder_step *step)
{
    size_t len = step->in_len < zstd->wanted ? step->in_len : zstd->wanted;
    ZSTD_inBuffer in = {step->in, len, 0};
    ZSTD_outBuffer out = {step->out, step->out_len, 0};
    size_t status = ZSTD_decompressStream(zstd->stream, &out, &in);
    step->in += in.pos;
    step->in_len -= in.pos;
    step->out += out.pos;
    step->out_len -= out.pos;
    return status;
}

static enum decoder_state zstd_decode(void *state, struct decoder_step *step)
{
    struct zstd *zstd = state;
    for (;;) {
        if (zstd->wanted == 0) {
            enum decoder_state passed = pass_on(zstd, step);
            if (zstd->wanted == 0 || passed != DECODER_MORE)
                return passed;
        }
        if (step->out_len == 0)
            return DECODER_MORE;
        size_t status = decode_some(zstd, step);
        if (ZSTD_isError(status))
            return failed(step, status);
        zstd->wanted = status;
        if (zstd->wanted > 0 && step->out_len > 0 && step->in_len == 0)
            return step->in_ends ? decoder_bad(step, "ends inside a frame") : DECODER_MORE;
    }
}

extern const struct decoder zstd_decoder;
const struct decoder zstd_decoder = {"Zstandard data", zstd_begins, zstd_open, zstd_decode,
                                     zstd_close};
