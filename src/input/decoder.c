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

bool decoder_too_large(const char *name, size_t bytes, size_t memory_bytes, struct fail *fail)
{
    char needed[16], memory[16];
    return fail_set(fail, FAIL_MEMORY,
                    "%s: to decode it takes %s, and at most half of --memory is for that, which "
                    "is %s a rank: allow more, or let a command decode it (--pre)",
                    name, mem_human(needed, bytes), mem_human(memory, memory_bytes));
}

bool decoder_no_room(const char *name, size_t bytes, size_t memory_bytes, struct fail *fail)
{
    char needed[16], memory[16];
    return fail_set(fail, FAIL_MEMORY,
                    "%s: to decode it takes %s, and not so much is left of --memory, which is %s a "
                    "rank: allow more, or let a command decode it (--pre)",
                    name, mem_human(needed, bytes), mem_human(memory, memory_bytes));
}

size_t decoder_needs(const struct decoder *decoder, const uint8_t *bytes, size_t len)
{
    uint8_t text;
    const size_t needs = decoder->needs ? decoder->needs(bytes, len) : 0;
    struct decoder_step step = {.in = bytes, .in_len = len, .out = &text, .out_len = sizeof text};
    void *state = needs > 0 ? NULL : decoder->open();
    if (!state)
        return needs;
    while (step.in_len > 0 && decoder->decode(state, &step) == DECODER_NEXT)
        ;
    decoder->close(state);
    return step.held_bytes;
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
        step->held_bytes = members->held(state);
        if (got != DECODER_BAD && step->limit_bytes > 0 && step->held_bytes > step->limit_bytes)
            return DECODER_EXCESS;
        *between = got == DECODER_END;
        if (got != DECODER_END && got != DECODER_MORE)
            return got;
        if (got == DECODER_MORE && step->out_len > 0 && step->in_len == 0)
            return step->in_ends ? decoder_bad(step, members->cut) : DECODER_MORE;
    }
}
