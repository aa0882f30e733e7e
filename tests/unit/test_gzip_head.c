/* SPDX-License-Identifier: BSD-3-Clause */
/* Heads of gzip members with all that may be in them, against zlib, which writes them: wherever
 * the bytes are cut that a decoder is handed, and whatever is on the stack meanwhile. */
#include "input/decoder.h"

#include "packed.h"

enum { STORED_BYTES = 4096, TEXT_BYTES = 64 };

static const uint8_t text[] = "a text behind a head\n";

/* A member whose head has those of the four fields whose bits are set. */
static size_t make_member(unsigned fields, uint8_t stored[STORED_BYTES])
{
    uint8_t extra[300], name[] = "name\xff", comment[] = "a comment, not of one word";
    gz_header head = {.os = 3, .hcrc = (int)(fields & 1)};
    z_stream stream = {0};
    memset(extra, 0, sizeof extra);
    head.extra = fields & 2 ? extra : NULL;
    head.extra_len = fields & 16 ? 0 : sizeof extra;
    head.name = fields & 4 ? name : NULL;
    head.comment = fields & 8 ? comment : NULL;
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, 0), Z_OK);
    assert_int_equal(deflateSetHeader(&stream, &head), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = sizeof text;
    stream.next_out = stored;
    stream.avail_out = STORED_BYTES;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(deflateEnd(&stream), Z_OK);
    return (size_t)stream.total_out;
}

/* Leaves nothing below of what a call has left there. */
__attribute__((noinline)) static void scribble(int with)
{
    volatile uint8_t bytes[8192];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)with;
}

/* Decodes what is handed over in two portions; *cause says what is wrong. */
static enum decoder_state decode_cut(const uint8_t *stored, size_t len, size_t cut, uint8_t *out,
                                     size_t *out_len, const char **cause)
{
    const struct decoder *decoder = decoder_find((const uint8_t *)"\x1f\x8b\x08", 3);
    void *state = decoder->open();
    struct decoder_step step = {.in = stored, .in_len = cut, .out = out, .out_len = TEXT_BYTES};
    assert_non_null(state);
    enum decoder_state got = decoder->decode(state, &step);
    scribble(cut % 2 ? 0xff : 0x55);
    if (got == DECODER_MORE || got == DECODER_NEXT) {
        step.in_len = (size_t)(stored + len - step.in);
        step.in_ends = true;
        do
            got = decoder->decode(state, &step);
        while (got == DECODER_NEXT || (got == DECODER_MORE && step.out_len > 0));
    }
    decoder->close(state);
    *out_len = (size_t)(step.out - out);
    *cause = step.cause;
    return got;
}

static void heads_may_come_in_pieces(void **state)
{
    uint8_t stored[STORED_BYTES], out[TEXT_BYTES];
    const char *cause;
    (void)state;
    for (unsigned fields = 0; fields < 32; fields++) {
        const size_t len = make_member(fields, stored);
        for (size_t cut = 0; cut <= len; cut++) {
            size_t out_len;
            assert_int_equal(decode_cut(stored, len, cut, out, &out_len, &cause), DECODER_END);
            assert_int_equal(out_len, sizeof text);
            assert_memory_equal(out, text, sizeof text);
        }
    }
}

static void a_bit_that_is_wrong_in_a_head_with_a_sum_is_noticed(void **state)
{
    uint8_t stored[STORED_BYTES], out[TEXT_BYTES];
    const char *cause;
    size_t out_len;
    (void)state;
    for (unsigned fields = 1; fields < 32; fields += 2) {
        const size_t len = make_member(fields, stored), head = len - make_member(0, stored) + 10;
        make_member(fields, stored);
        for (size_t bit = 0; bit < 8 * head; bit++) {
            stored[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(decode_cut(stored, len, bit % len, out, &out_len, &cause),
                             DECODER_BAD);
            stored[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

static void what_is_wrong_is_said(void **state)
{
    static const struct {
        size_t at;
        uint8_t byte;
        const char *cause;
    } rows[] = {
        {0, 0x1e, "incorrect header check"},
        {1, 0x8a, "incorrect header check"},
        {2, 7, "unknown compression method"},
        {3, 0x20, "unknown header flags"},
    };
    uint8_t stored[STORED_BYTES], out[TEXT_BYTES];
    const char *cause;
    size_t out_len;
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        const size_t len = make_member(0, stored);
        stored[rows[i].at] = rows[i].byte;
        assert_int_equal(decode_cut(stored, len, len, out, &out_len, &cause), DECODER_BAD);
        assert_string_equal(cause, rows[i].cause);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_may_come_in_pieces),
        cmocka_unit_test(a_bit_that_is_wrong_in_a_head_with_a_sum_is_noticed),
        cmocka_unit_test(what_is_wrong_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
