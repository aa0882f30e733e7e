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
     * a message names the place of the block that is damaged. 0: between two frames. */
    size_t wanted;
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

/* Whether another frame begins. */
static enum decoder_state pass_on(struct lz4 *lz4, struct decoder_step *step)
{
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (*step->in != 0x04 && *step->in >> 4 != 5)
        return decoder_bad(step, "something else follows the last frame");
    lz4->wanted = LZ4F_HEADER_SIZE_MIN;
    return DECODER_MORE;
}

static size_t decode_some(struct lz4 *lz4, struct decoder_step *step)
{
    size_t took = step->in_len < lz4->wanted ? step->in_len : lz4->wanted, wrote = step->out_len;
    size_t status = LZ4F_decompress(lz4->frames, step->out, &wrote, step->in, &took, NULL);
    step->in += took;
    step->in_len -= took;
    step->out += wrote;
    step->out_len -= wrote;
    return status;
}

static enum decoder_state lz4_decode(void *state, struct decoder_step *step)
{
    struct lz4 *lz4 = state;
    for (;;) {
        if (lz4->wanted == 0) {
            enum decoder_state passed = pass_on(lz4, step);
            if (lz4->wanted == 0)
                return passed;
        }
        if (step->out_len == 0)
            return DECODER_MORE;
        size_t status = decode_some(lz4, step);
        if (LZ4F_isError(status))
            return failed(step, status);
        lz4->wanted = status;
        if (lz4->wanted > 0 && step->out_len > 0 && step->in_len == 0)
            return step->in_ends ? decoder_bad(step, "ends inside a frame") : DECODER_MORE;
    }
}

static void lz4_close(void *state)
{
    struct lz4 *lz4 = state;
    LZ4F_freeDecompressionContext(lz4->frames);
    free(lz4);
}

extern const struct decoder lz4_decoder;
const struct decoder lz4_decoder = {"LZ4 data", lz4_begins, lz4_open, lz4_decode, lz4_close};
