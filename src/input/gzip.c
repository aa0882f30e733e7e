/* SPDX-License-Identifier: BSD-3-Clause */
/* gzip (RFC 1952), by ISA-L, which checks the CRC and the length of every member and is more than
 * twice as fast as zlib. A file is any number of members one after another; zeros may fill it up
 * behind the last one. How long a member is only bgzip says, in a field of each head. Where others
 * begin is told by what looks like a head and can be decoded; if it is none after all, as in a file
 * of gzip data that was not made smaller, who decodes what is before it does not end there, and
 * that is a failure. */
#include "input/decoder.h"
#include "input/gzip_head.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>
#include <string.h>

struct gzip {
    struct inflate_state stream; /* of what is behind the head */
    struct gzip_head head;
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
        gzip->stream.crc_flag = ISAL_GZIP_NO_HDR_VER;
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
    gzip->head = (struct gzip_head){0};
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
        {ISAL_INCORRECT_CHECKSUM, "incorrect data check"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return rows[i].cause;
    return "ISA-L failed";
}

static enum decoder_state take_head(struct gzip_head *head, struct decoder_step *step)
{
    const char *cause = NULL;
    for (; step->in_len > 0 && head->part != GZIP_HEAD_END; step->in++, step->in_len--)
        if ((cause = gzip_head_take(head, *step->in)))
            return decoder_bad(step, cause);
    return DECODER_MORE;
}

static enum decoder_state decode_some(void *state, struct decoder_step *step)
{
    struct gzip *gzip = state;
    struct inflate_state *stream = &gzip->stream;
    if (gzip->head.part != GZIP_HEAD_END)
        return take_head(&gzip->head, step);
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

static size_t held(const void *state)
{
    (void)state;
    return sizeof(struct gzip);
}

static size_t gzip_needs(const uint8_t *bytes, size_t len)
{
    (void)bytes, (void)len;
    return held(NULL);
}

static enum decoder_state gzip_decode(void *state, struct decoder_step *step)
{
    static const struct decoder_members members = {decode_some, pass_on, held,
                                                   "ends inside a member"};
    return decoder_members(&members, state, &((struct gzip *)state)->between, step);
}

/* By the extra field BC of bgzip, as the specification of SAM and BAM has it: the bytes of the
 * member, less one. *there: it has one; it may lie. */
static uint64_t bgzip_next(struct peek *peek, uint64_t at, bool *there)
{
    enum { HEAD = 12, FIELD = 4, FLAGS = 3, EXTRA = 4, EXTRA_LEN = 10, TRAILER = 8 };
    const uint8_t *head = peek_at(peek, at, HEAD);
    *there = false;
    if (!head || !(head[FLAGS] & EXTRA))
        return 0;
    const uint64_t text = at + HEAD + peek_16(head + EXTRA_LEN);
    uint64_t field = at + HEAD;
    while (field + FIELD + 2 <= text && (head = peek_at(peek, field, FIELD + 2))) {
        const uint32_t len = peek_16(head + 2);
        const uint64_t next = at + peek_16(head + FIELD) + 1;
        *there = head[0] == 'B' && head[1] == 'C' && len == 2;
        if (*there)
            return next > text + TRAILER ? next : 0;
        field += FIELD + len;
    }
    return 0;
}

enum {
    HEAD_BYTES = 10,
    SEARCH_BYTES = 64 << 20, /* in which a head is looked for */
    READ_BYTES = 16 << 10,
    TRY_BYTES = 4 << 10, /* as stored; nothing but a member decodes so far without a fault */
    TEXT_BYTES = 64 << 10,
};

struct trial {
    struct inflate_state stream;
    uint8_t searched[READ_BYTES], in[TRY_BYTES], out[TEXT_BYTES];
};

/* As writers make it: no flags that are reserved, one of the three levels, a known system. */
static bool looks_like_head(const uint8_t *head)
{
    enum { FLAGS = 3, LEVEL = 8, SYSTEM = 9, RESERVED = 0xe0, SYSTEMS = 13, UNKNOWN = 255 };
    return gzip_begins(head, HEAD_BYTES) && (head[FLAGS] & RESERVED) == 0 && (head[LEVEL] & ~6) == 0
        && (head[SYSTEM] <= SYSTEMS || head[SYSTEM] == UNKNOWN);
}

/* Whether a member begins there: it is whole and its checksum right, or it is a long one and begins
 * without a fault. */
static bool is_member(struct trial *trial, const struct peek *peek, uint64_t at)
{
    struct inflate_state *stream = &trial->stream;
    const uint64_t left = peek->bytes - at;
    const size_t len = left < TRY_BYTES ? (size_t)left : TRY_BYTES;
    if (!peek_read(peek, at, trial->in, len))
        return false;
    isal_inflate_init(stream);
    stream->crc_flag = ISAL_GZIP;
    stream->next_in = trial->in;
    stream->avail_in = (uint32_t)len;
    stream->next_out = trial->out;
    stream->avail_out = TEXT_BYTES;
    if (isal_inflate(stream) < 0)
        return false;
    return stream->block_state == ISAL_BLOCK_FINISH || stream->avail_out == 0 || left > TRY_BYTES;
}

/* Where a member begins at or behind `from`, found by what it looks like and tried; where the file
 * ends, if there is none for a long stretch. */
static uint64_t find_member(struct trial *trial, struct peek *peek, uint64_t from)
{
    uint8_t *block = trial->searched;
    const uint64_t end = from + SEARCH_BYTES < peek->bytes ? from + SEARCH_BYTES : peek->bytes;
    while (from < end && peek->bytes - from >= HEAD_BYTES) {
        const size_t len =
            peek->bytes - from < READ_BYTES ? (size_t)(peek->bytes - from) : READ_BYTES;
        const uint8_t *last = block + len - HEAD_BYTES, *head = block;
        if (!peek_read(peek, from, block, len))
            return 0;
        for (; head <= last && (head = memchr(head, 0x1f, (size_t)(last - head) + 1)); head++)
            if (looks_like_head(head) && is_member(trial, peek, from + (uint64_t)(head - block)))
                return from + (uint64_t)(head - block);
        from += len - HEAD_BYTES + 1;
    }
    return peek->bytes;
}

static uint64_t gzip_next(struct peek *peek, uint64_t at, uint64_t from)
{
    bool bgzip;
    const uint8_t *head = peek_at(peek, at, HEAD_BYTES);
    if (!head || !gzip_begins(head, HEAD_BYTES))
        return 0;
    const uint64_t next = bgzip_next(peek, at, &bgzip);
    if (bgzip)
        return next;
    struct trial trial;
    return find_member(&trial, peek, from > at ? from : at + 1);
}

extern const struct decoder gzip_decoder;
const struct decoder gzip_decoder = {
    .name = "gzip data",
    .begins = gzip_begins,
    .open = gzip_open,
    .decode = gzip_decode,
    .close = free,
    .needs = gzip_needs,
    .next = gzip_next,
};
