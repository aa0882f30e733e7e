/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of decoders: a word for each. */
#include "input/decoder.h"

#define DECODERS(DECODER) DECODER(gzip) DECODER(zstd) DECODER(xz) DECODER(bzip2) DECODER(lz4)

#define DECLARE(name) extern const struct decoder name##_decoder;
DECODERS(DECLARE)

#define ROW(name) &name##_decoder,
static const struct decoder *const rows[] = {DECODERS(ROW)};

const struct decoder *decoder_find(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i]->begins(bytes, len))
            return rows[i];
    return NULL;
}

enum decoder_state decoder_members(const struct decoder_members *members, void *state,
                                   bool *between, struct decoder_step *step)
{
    for (;;) {
        if (*between) {
            const enum decoder_state next = members->between(state, step);
            *between = next != DECODER_NEXT;
            return next;
        }
        if (step->out_len == 0)
            return DECODER_MORE;
        const enum decoder_state got = members->within(state, step);
        *between = got == DECODER_END;
        if (got != DECODER_END && got != DECODER_MORE)
            return got;
        if (got == DECODER_MORE && step->out_len > 0 && step->in_len == 0)
            return step->in_ends ? decoder_bad(step, members->cut) : DECODER_MORE;
    }
}
