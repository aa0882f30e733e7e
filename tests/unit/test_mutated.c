/* SPDX-License-Identifier: BSD-3-Clause */
/* What nobody wrote: files of every decoder and texts of every extractor, changed in several places
 * by chance, and always the same ones. Whatever becomes of them, nothing is read or written where
 * it must not be (the sanitizers see it: buffers are as long as they may be), all comes to an end,
 * and what an extractor finds does not depend on the blocks in which it comes. A case that fails is
 * shown again by WC_SEED=N WC_CASES=1. */
#include "input/decoder.h"

#include "csv_read.h"
#include "membered.h"

enum {
    ROUNDS = 1500,
    TEXT_BYTES = 400,
    ROOM = 600,            /* for what changes add */
    DECODED_MAX = 1 << 20, /* a few bytes may mean much */
};

/* Changes up to six stretches; returns the new length, at least 1. */
static size_t mutate(struct seeded *seeded, uint8_t *bytes, size_t len, size_t room)
{
    static const char telling[] = "\0\xff\x7f\x80\"\n\r,{}[]:\\/ 0W";
    for (size_t changes = 1 + seeded_below(seeded, 6); changes > 0; changes--) {
        const size_t at = seeded_below(seeded, len), from = seeded_below(seeded, len),
                     far = at > from ? at : from, some = seeded_below(seeded, len - far) % 16;
        switch (seeded_below(seeded, 7)) {
        case 0:
            bytes[at] ^= (uint8_t)(1 << seeded_below(seeded, 8));
            break;
        case 1:
            bytes[at] = (uint8_t)seeded_next(seeded);
            break;
        case 2:
            bytes[at] = seeded_of(seeded, telling, sizeof telling - 1);
            break;
        case 3:
            memmove(bytes + at, bytes + from, some);
            break;
        case 4:
            memmove(bytes + at, bytes + at + some, len - at - some);
            len -= some < len ? some : 0;
            break;
        case 5:
            if (len + 1 > room)
                break;
            memmove(bytes + at + 1, bytes + at, len++ - at);
            bytes[at] = seeded_of(seeded, telling, sizeof telling - 1);
            break;
        default:
            len = seeded_below(seeded, 8) ? len : at + 1;
        }
    }
    return len;
}

/* The bytes where the sanitizer sees who reads before or behind them, or more than `slack` behind.
 */
static uint8_t *fenced(const uint8_t *bytes, size_t len, size_t slack)
{
    uint8_t *copy = calloc(1, len + slack + (len + slack == 0));
    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

/* Decodes in portions of any size from a place on; whether it came to the end. */
static bool decode(struct seeded *seeded, const struct decoder *decoder, const uint8_t *stored,
                   size_t len, size_t from)
{
    static const size_t limits[] = {0, 200 << 10, 2 << 20};
    const size_t limit = limits[seeded_below(seeded, LEN(limits))];
    enum decoder_state state = DECODER_MORE;
    void *decoding = decoder->open();
    assert_non_null(decoding);
    if (from > 0 && decoder->resume)
        decoder->resume(decoding, stored, len);
    for (size_t done = 0, idle = 0; done < DECODED_MAX && idle < 4;) {
        const size_t left = len - from,
                     in_len = seeded_below(seeded, 2) ? left : seeded_below(seeded, left + 1),
                     out_len = seeded_below(seeded, seeded_below(seeded, 2) ? 4 : 5000);
        uint8_t *in = fenced(stored + from, in_len, 0), *out = fenced(NULL, 0, out_len);
        struct decoder_step step = {.in = in,
                                    .in_len = in_len,
                                    .in_ends = in_len == left,
                                    .out = out,
                                    .out_len = out_len,
                                    .limit_bytes = limit};
        state = decoder->decode(decoding, &step);
        assert_true(step.in_len <= in_len && step.out_len <= out_len);
        assert_ptr_equal(step.in, in + in_len - step.in_len);
        assert_ptr_equal(step.out, out + out_len - step.out_len);
        if (state == DECODER_BAD)
            assert_true(strlen(step.cause) > 0);
        idle = step.in_len < in_len || step.out_len < out_len
                 ? 0
                 : idle + (out_len > 0 && in_len == left);
        from += in_len - step.in_len;
        done += out_len - step.out_len;
        free(in);
        free(out);
        if (state != DECODER_MORE && state != DECODER_NEXT)
            break;
    }
    decoder->close(decoding);
    assert_true(state != DECODER_NO_MEMORY);
    assert_true(state != DECODER_EXCESS || limit > 0);
    return state == DECODER_END;
}

static void decoders_come_to_an_end(void **state)
{
    (void)state;
    const uint64_t first = csv_environment("WC_SEED", 0),
                   cases = csv_environment("WC_CASES", ROUNDS);
    for (size_t i = 0; i <= LEN(membered_packers); i++) {
        const struct packer *packer =
            i < LEN(membered_packers) ? &membered_packers[i] : &packers[3];
        size_t whole = 0;
        for (uint64_t round = first; round < first + cases; round++) {
            struct seeded seeded = {round};
            static struct membered file;
            membered_make(&seeded, packer, 1 + seeded_below(&seeded, 4), 200, "ab \n", &file);
            const struct decoder *decoder =
                decoder_find((const uint8_t *)packer->mark, packer->mark_len);
            assert_non_null(decoder);
            const size_t len = mutate(&seeded, file.stored, file.stored_len, sizeof file.stored),
                         from = file.begins[seeded_below(&seeded, file.members)];
            uint8_t *head = fenced(file.stored, len < 262 ? len : 262, 0);
            decoder_needs(decoder, head, len < 262 ? len : 262);
            free(head);
            whole += decode(&seeded, decoder, file.stored, len, 0);
            if (from < len)
                decode(&seeded, decoder, file.stored, len, from);
        }
        if (cases == ROUNDS)
            assert_in_range(whole, 1, ROUNDS / 2); /* some changes do not show, most do */
    }
}

/* A text of records of each kind. */
static const struct kind {
    const char *option, *argument, *text;
    bool lines; /* a range may begin anywhere */
} kinds[] = {
    {"jsonl", "a.b",
     "{\"a\": {\"b\": \"one \\u00e9\\n two\"}, \"c\": [1, -2.5e3, null]}\n{\"a\": 1}\r\n\n"
     "{\"x\": {\"b\": \"no\"}, \"a\": {\"c\": [[], {}], \"b\": \"\\ud83d\\ude00 three\"}}\n"
     "{\"a\": {\"b\": \"\"}}\n{\"a\": {\"b\": \"last\"}}",
     true},
    {"csv", "text",
     "id,text,more\r\n1,one,x\r\n2,\"two, \"\"2\"\"\nmore\",\r\n\r\n3,,\"\"\n4\n5,\"five\",6\n"
     "\"7\",eight,\"nine\nten\"\n11,last,",
     false},
    {"csv", "2", "\xef\xbb\xbfone,two\n\"1\n\",\"2\"\n\n3,4,5,6\n\"\",\"\"\"\"\n", false},
    {"warc", NULL,
     "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 4\r\n\r\na: b\r\n\r\n"
     "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: 8\r\n\r\none\ntwo\n\r\n\r\n"
     "WARC/1.1\r\nContent-Type: application/http; msgtype=response\r\nWARC-Type: response\r\n"
     "Content-Length: 27\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n<p>\r\n\r\n",
     false},
};

/* The text from its beginning, in blocks of a way, and where it may be, as two ranges. */
static void find(const struct extractor *extractor, const uint8_t *bytes, size_t len, size_t cut,
                 struct way way, struct found *found)
{
    *found = (struct found){0};
    extracting_range(extractor, bytes, len, 0, cut, way, found);
    if (!found->cause && !found->lacks && cut < len)
        extracting_range(extractor, bytes, len, cut, len, way, found);
}

static void check_same(const struct found *found, const struct found *expected)
{
    assert_int_equal(found->cause != NULL, expected->cause != NULL);
    assert_int_equal(found->lacks != NULL, expected->lacks != NULL);
    if (found->cause || found->lacks)
        return; /* how much of the text before it was taken depends on the blocks */
    assert_int_equal(found->len, expected->len);
    assert_memory_equal(found->text, expected->text, found->len);
    assert_memory_equal(&found->sums, &expected->sums, sizeof found->sums);
    assert_int_equal(found->lines, expected->lines);
}

/* The ways to go through the text without taking it out. */
static void walk(struct seeded *seeded, const struct extractor *extractor, const uint8_t *text,
                 size_t len)
{
    struct parting_state parting = {.begins = true};
    const size_t some = seeded_below(seeded, len + 1);
    assert_true(extractor->part(extractor, text, some, &parting) <= some);
    if (extractor->first)
        assert_true(extractor->first(extractor, text, len) <= len);
    if (extractor->head)
        extractor->head(extractor, text, len);
    if (!extractor->next)
        return;
    struct peek peek = {.bytes = len};
    peek.fd = open(folder_put("text", text, len), O_RDONLY);
    assert_true(peek.fd >= 0);
    for (uint64_t at = 0, next; at < len; at = next) {
        next = extractor->next(extractor, &peek, at, at + 1 + seeded_below(seeded, 50));
        if (next == 0)
            break;
        assert_true(next > at); /* behind the end: one that goes on there is none */
    }
    close(peek.fd);
}

static void extractors_see_the_same_in_all_blocks(void **state)
{
    (void)state;
    const uint64_t first = csv_environment("WC_SEED", 0),
                   cases = csv_environment("WC_CASES", ROUNDS);
    for (size_t i = 0; i < LEN(kinds); i++) {
        size_t good = 0;
        for (uint64_t round = first; round < first + cases; round++) {
            struct seeded seeded = {round};
            static struct found expected, found;
            uint8_t text[ROOM];
            const bool skip_bad = seeded_below(&seeded, 2);
            struct extractor extractor =
                extracting_by(kinds[i].option, kinds[i].argument, skip_bad);
            memcpy(text, kinds[i].text, strlen(kinds[i].text));
            const size_t len = mutate(&seeded, text, strlen(kinds[i].text), sizeof text);
            uint8_t *bytes = calloc(1, 1 + len + EXTRACTOR_SLACK_BYTES);
            assert_non_null(bytes);
            memcpy(bytes + 1, text, len);
            find(&extractor, bytes, len, len, (struct way){len, ROOM, false}, &expected);
            good += !expected.cause && !expected.lacks;
            for (int way = 0; way < 3; way++) {
                const struct way blocks = {1 + seeded_below(&seeded, way ? 5 : 100),
                                           1 + seeded_below(&seeded, 50), seeded_below(&seeded, 2)};
                const size_t cut = kinds[i].lines ? seeded_below(&seeded, len + 1) : len;
                find(&extractor, bytes, len, cut, blocks, &found);
                check_same(&found, &expected);
            }
            walk(&seeded, &extractor, bytes + 1, len);
            free(bytes);
        }
        if (cases == ROUNDS)
            assert_in_range(good, ROUNDS / 10, ROUNDS * 9 / 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoders_come_to_an_end),
        folder_test(extractors_see_the_same_in_all_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
