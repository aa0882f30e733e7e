/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip (RFC 1952), by ISA-L, which checks the CRC and the length of every member and is more than
 * twice as fast as zlib. A file is any number of members one after another; zeros may fill it up
 * behind the last one. How long a member is only bgzip says, in a field of each head: where others
 * begin could not be told from bytes that look like it. */
#include "input/decoder.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

struct gzip {
    struct inflate_state stream;
    bool between; /* a member has ended, and no other has begun */
    bool filled;  /* zeros have followed it */
};

static bool gzip_begins(const uint8_t *bytes, size_t len)
{
    return len >= 3 && memcmp(bytes, "\x1f\x8b\x08", 3) == 0;
}

static void *gzip_open(void)
{
    struct gzip *gzip = calloc(1, sizeof *gzip);
    if (gzip) {
        isal_inflate_init(&gzip->stream);
        gzip->stream.crc_flag = ISAL_GZIP;
    }
    return gzip;
}

/* What follows a member: zeros, another one, or nothing. */
static enum decoder_state pass_on(void *state, struct decoder_step *step)
{
    struct gzip *gzip = state;
    while (step->in_len > 0 && *step->in == 0) {
        gzip->filled = true;
        step->in++;
        step->in_len--;
    }
    if (step->in_len == 0)
        return step->in_ends ? DECODER_END : DECODER_MORE;
    if (gzip->filled || *step->in != 0x1f)
        return decoder_bad(step, "something else follows the last member");
    isal_inflate_reset(&gzip->stream);
    return DECODER_NEXT;
}

/* ISA-L counts in 32 bits. */
static uint32_t at_most(size_t len)
{
    return len < UINT32_MAX ? (uint32_t)len : UINT32_MAX;
}

static const char *cause_of(int status)
{
    static const struct {
        int status;
        const char *cause;
    } rows[] = {
        {ISAL_INVALID_BLOCK, "invalid block"},
        {ISAL_INVALID_SYMBOL, "invalid code"},
        {ISAL_INVALID_LOOKBACK, "invalid distance too far back"},
        {ISAL_INVALID_WRAPPER, "incorrect header check"},
        {ISAL_UNSUPPORTED_METHOD, "unknown compression method"},
        {ISAL_INCORRECT_CHECKSUM, "incorrect data check"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return rows[i].cause;
    return "ISA-L failed";
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    struct inflate_state *stream = &((struct gzip *)state)->stream;
    stream->next_in = (uint8_t *)(uintptr_t)step->in;
    stream->next_out = step->out;
    stream->avail_in = at_most(step->in_len);
    stream->avail_out = at_most(step->out_len);
    int status = isal_inflate(stream);
    step->in_len -= (size_t)(stream->next_in - step->in);
    step->out_len -= (size_t)(stream->next_out - step->out);
    step->in = stream->next_in;
    step->out = stream->next_out;
    if (status != ISAL_DECOMP_OK && status != ISAL_END_INPUT && status != ISAL_OUT_OVERFLOW)
        return decoder_bad(step, cause_of(status));
    return stream->block_state == ISAL_BLOCK_FINISH ? DECODER_END : DECODER_MORE;
}

static enum decoder_state gzip_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members members = {decode_some, pass_on, "ends inside a member"};
    return decoder_members(&members, state, &((struct gzip *)state)->between, step);
}

/* By the extra field BC of bgzip, as the specification of SAM and BAM has it: the bytes of the
 * member, less one. */
static uint64_t gzip_next(struct peek *peek, uint64_t at)
{
    enum { HEAD = 12, FIELD = 4, FLAGS = 3, EXTRA = 4, EXTRA_LEN = 10, TRAILER = 8 };
    const uint8_t *head = peek_at(peek, at, HEAD);
    if (!head || !gzip_begins(head, HEAD) || !(head[FLAGS] & EXTRA))
        return 0;
    const uint64_t text = at + HEAD + peek_16(head + EXTRA_LEN);
    uint64_t field = at + HEAD;
    while (field + FIELD + 2 <= text && (head = peek_at(peek, field, FIELD + 2))) {
        const uint32_t len = peek_16(head + 2);
        const uint64_t next = at + peek_16(head + FIELD) + 1;
        if (head[0] == 'B' && head[1] == 'C' && len == 2)
            return next > text + TRAILER ? next : 0;
        field += FIELD + len;
    }
    return 0;
}

extern const struct decoder gzip_decoder;
const struct decoder gzip_decoder = {
    .name = "gzip data",
    .begins = gzip_begins,
    .open = gzip_open,
    .decode = gzip_decode,
    .close = free,
    .next = gzip_next,
};
