/* SPDX-License-Identifier: BSD-3-Clause */
/* extracting: an extractor at work on a text, in ranges and blocks of any size, and what came of
 * it: each byte is accounted for by one range. */
#ifndef EXTRACTING_H
#define EXTRACTING_H

#include "extract/extractor.h"

#include "check.h"

enum { EXTRACTING_MAX = 700 };

/* What the ranges of a text came to. */
struct found {
    char text[EXTRACTING_MAX];
    size_t len;
    uint8_t owners[EXTRACTING_MAX]; /* of each byte: how many ranges accounted for it */
    uint64_t head, lines;
    struct extractor_sums sums;
    const char *lacks;
    const char *cause; /* of the first record that is bad, and where it is */
    size_t bad_at, bad_begin;
};

/* How it is shown to the extractor. */
struct way {
    size_t block; /* bytes that come into the block whenever more are wanted */
    size_t room;  /* for text, at first */
    bool late;    /* that the file has ended is known only after its last byte */
};

/* The extractor of an option, with its argument. */
static inline struct extractor extracting_by(const char *option, const char *argument,
                                             bool skip_bad)
{
    const struct extractor *found = extractor_find(option);
    assert_non_null(found);
    struct extractor extractor = *found;
    extractor.argument = argument;
    extractor.skip_bad = skip_bad;
    assert_true(extractor.parse(&extractor));
    return extractor;
}

/* A whole file in a block, whose bytes have room for it, one before it, and the slack. */
static inline struct block extracting_whole(uint8_t *bytes, const char *text, size_t len)
{
    memcpy(bytes + 1, text, len);
    return (struct block){.bytes = bytes,
                          .begin = 1,
                          .end = 1 + len,
                          .own = 1 + len,
                          .starts_file = true,
                          .ends_file = true};
}

/* One call, with a text that ends where memory does, and the head that is in *got. Returns whether
 * there was room. */
static inline bool extracting_once(const struct extractor *extractor, const struct block *block,
                                   size_t room, struct extracted *got)
{
    *got = (struct extracted){.text = edge_of_memory() - EXTRACTOR_SLACK_BYTES - room,
                              .room = room,
                              .starts_file = block->begin == 1,
                              .head = got->head};
    extractor->extract(extractor, block, got);
    assert_true(got->len <= room);
    assert_true(got->next >= block->begin && got->next <= block->end);
    assert_true(got->skipped_bytes <= got->next - block->begin);
    if (got->need == 0)
        return true;
    assert_true(got->need > room && got->len == 0 && !got->cause);
    return false;
}

static inline void extracting_add(struct found *found, const struct block *block,
                                  const struct extracted *got)
{
    assert_true(found->len + got->len <= EXTRACTING_MAX);
    memcpy(found->text + found->len, got->text, got->len);
    found->len += got->len;
    for (size_t i = block->begin + got->skipped_bytes; i < got->next; i++)
        found->owners[i - 1]++;
    found->head = got->head;
    found->lines += got->lines;
    found->sums.records += got->sums.records;
    found->sums.without += got->sums.without;
    found->sums.bad += got->sums.bad;
    found->lacks = got->lacks;
    if (got->cause && !found->cause) {
        found->cause = got->cause;
        found->bad_at = got->bad_at - 1;
        found->bad_begin = got->next - 1;
    }
}

/* Reads the range [begin, end) of a text, of which a byte lies before it at bytes[0]. */
static inline void extracting_range(const struct extractor *extractor, const uint8_t *bytes,
                                    size_t len, size_t begin, size_t end, struct way way,
                                    struct found *found)
{
    struct block block = {.bytes = bytes,
                          .begin = begin + 1,
                          .end = begin + 1,
                          .own = way.late && end == len ? SIZE_MAX : end + 1,
                          .starts_file = begin == 0,
                          .ends_file = begin == len};
    bool stuck = true;
    struct extracted got = {.head = found->head};
    while ((block.begin < block.own || block.within)
           && !(block.ends_file && block.begin == block.end) && !got.cause && !got.lacks) {
        if (stuck || block.begin == block.end) {
            assert_false(block.ends_file); /* with all of the file it cannot want more */
            const size_t left = len + 1 - block.end;
            block.ends_file = way.late ? left == 0 : way.block >= left;
            block.end += way.block < left ? way.block : left;
            if (block.begin == block.end)
                continue;
        }
        while (!extracting_once(extractor, &block, way.room, &got)) {
            way.room = got.need;
            got.head = found->head; /* all of it comes again */
        }
        extracting_add(found, &block, &got);
        stuck = got.next == block.begin;
        block_advance(&block, got.next, got.within);
    }
}

struct expected {
    const char *text;
    struct extractor_sums sums;
    size_t lines;
};

static inline void extracting_check(const char *text, const struct found *found,
                                    const void *expected)
{
    const struct expected *whole = expected;
    assert_null(found->cause);
    assert_int_equal(found->len, strlen(whole->text));
    assert_memory_equal(found->text, whole->text, found->len);
    assert_int_equal(found->sums.records, whole->sums.records);
    assert_int_equal(found->sums.without, whole->sums.without);
    assert_int_equal(found->sums.bad, whole->sums.bad);
    assert_int_equal(found->lines, whole->lines);
    for (size_t i = 0; text[i]; i++)
        assert_int_equal(found->owners[i], 1);
}

#endif
