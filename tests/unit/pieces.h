/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces: a text that is cut into pieces and shown to a mapper through windows, as the map stage
 * does; and every string of a few letters, cut at every pair of places. */
#ifndef PIECES_H
#define PIECES_H

#include "kind.h"

#include "check.h"
#include "text/key.h"

/* The mapper of a kind; false if there is no such kind. */
static inline bool choose_mapper(const char *text, struct mapper *mapper)
{
    struct kind kind;
    if (!kind_choose(text, &kind))
        return false;
    *mapper = kind.mapper;
    return true;
}

/* What all pieces of a text came to. */
struct pieces {
    const struct mapper *mapper;
    const struct scan *scan;
    bool
        late; /* that the file has ended is known only after its last byte, as where rank 0 reads */
    size_t mark_bytes; /* of the byte order mark that the text begins with */
    struct naive records;
    uint64_t record_bytes, gap_bytes;
};

static inline void pieces_add(struct pieces *pieces, const struct block *block,
                              const struct cut *cut)
{
    assert_true(cut->next >= block->begin && cut->next <= block->end);
    assert_int_equal(cut->record_bytes + cut->gap_bytes + cut->skipped_bytes,
                     cut->next - block->begin);
    for (size_t i = 0; i < cut->batch.len; i++) {
        uint32_t from = cut->batch.edges[2 * i], to = cut->batch.edges[2 * i + 1];
        assert_true(from <= to && from >= block->begin && to <= block->end);
        naive_add(&pieces->records, cut->batch.base + from, to - from, 1);
    }
    pieces->record_bytes += cut->record_bytes;
    pieces->gap_bytes += cut->gap_bytes;
}

/* Reads one piece [begin, end) of a text through a window that holds `window` bytes more whenever
 * the mapper wants more. */
static inline void pieces_read(struct pieces *pieces, const uint8_t *text, size_t len, size_t begin,
                               size_t end, size_t window)
{
    static uint32_t edges[SCAN_MAX_EDGES];
    struct block block = {.bytes = text,
                          .begin = begin,
                          .end = begin,
                          .own = pieces->late && end == len ? SIZE_MAX : end,
                          .starts_file = begin == 0,
                          .mark_bytes = begin == 0 ? pieces->mark_bytes : 0,
                          .ends_file = begin == len};
    bool stuck = true;
    while ((block.begin < block.own || block.within)
           && !(block.ends_file && block.begin == block.end)) {
        struct cut cut;
        if (stuck || block.begin == block.end) {
            assert_false(block.ends_file); /* with all of the file it cannot want more */
            block.ends_file = block.end == len || (!pieces->late && block.end + window >= len);
            block.end = block.end + window < len ? block.end + window : len;
            block.end = block.end > block.mark_bytes ? block.end : block.mark_bytes;
            if (block.begin == block.end)
                continue;
        }
        pieces->mapper->cut(pieces->mapper, &block, pieces->scan, edges, &cut);
        pieces_add(pieces, &block, &cut);
        stuck = cut.next == block.begin;
        block_advance(&block, cut.next, cut.within);
    }
}

/* Compares with the records expected, which are freed, and forgets all. */
static inline void pieces_check(struct pieces *pieces, struct naive *expected, size_t len)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < expected->len; i++)
        bytes += expected->words[i].len * expected->words[i].count;
    naive_merge(expected);
    naive_merge(&pieces->records);
    assert_true(naive_same(&pieces->records, expected));
    assert_int_equal(pieces->record_bytes, bytes);
    assert_int_equal(pieces->gap_bytes, len - bytes);
    naive_free(expected);
    naive_free(&pieces->records);
    pieces->record_bytes = pieces->gap_bytes = 0;
}

/* What a mapper should find: adds the records of a text. */
typedef void pieces_split(struct naive *naive, const struct mapper *mapper, const uint8_t *text,
                          size_t len);

/* Every string of up to `most` of these letters, every pair of cuts, small windows. */
static inline void pieces_of_short_texts(const struct mapper *mapper, pieces_split *split,
                                         const uint8_t *letters, size_t letters_len, size_t most)
{
    uint8_t text[16 + KEY_SLACK_BYTES] = {0};
    size_t strings = 1;
    struct pieces pieces = {.mapper = mapper, .scan = scan_at(0)};
    for (size_t len = 0; len <= most; len++, strings *= letters_len)
        for (size_t string = 0; string < strings; string++) {
            size_t rest = string;
            for (size_t i = 0; i < len; i++, rest /= letters_len)
                text[i] = letters[rest % letters_len];
            for (size_t a = 0; a <= len; a++)
                for (size_t b = a; b <= len; b++) {
                    struct naive expected = {0};
                    size_t window = 1 + (a + b) % 3;
                    pieces.late = string % 2;
                    pieces_read(&pieces, text, len, 0, a, window);
                    pieces_read(&pieces, text, len, a, b, window);
                    pieces_read(&pieces, text, len, b, len, window);
                    split(&expected, mapper, text, len);
                    pieces_check(&pieces, &expected, len);
                }
        }
}

/* Texts with records of any length up to several stretches of a kernel, of pieces and windows of
 * any size. `ends` are the bytes that end a record. */
static inline void pieces_of_long_texts(const struct mapper *mapper, pieces_split *split,
                                        const char *ends, int rounds)
{
    enum { ROOM = 80000 };
    static const size_t longest[] = {1, 3, 12, 70, 5000, 40000};
    static uint8_t text[ROOM + KEY_SLACK_BYTES];
    struct seeded seeded = {1};
    for (int round = 0; round < rounds; round++) {
        struct naive expected = {0};
        size_t most = longest[seeded_below(&seeded, LEN(longest))], len = 0;
        size_t gaps = 1 + seeded_below(&seeded, 3);
        size_t wanted = seeded_below(&seeded, round % 10 ? 3000 : ROOM);
        while (len < wanted) {
            size_t word = seeded_below(&seeded, most + 1), gap = seeded_below(&seeded, gaps + 1);
            for (size_t i = 0; i < word && len < wanted; i++)
                text[len++] = seeded_of(&seeded, "abc\0\xff\xa0", 6);
            for (size_t i = 0; i < gap && len < wanted; i++)
                text[len++] = seeded_of(&seeded, ends, strlen(ends));
        }
        memset(text + len, seeded_below(&seeded, 2) ? ends[0] : 'x', KEY_SLACK_BYTES);
        size_t piece = 1 + seeded_below(&seeded, len + 1), window = 1 + seeded_below(&seeded, 9000);
        const struct scan *scan = scan_at(seeded_below(&seeded, 5));
        struct pieces pieces = {.mapper = mapper, .scan = scan ? scan : scan_at(0)};
        pieces.late = round % 2;
        for (size_t begin = 0; begin < len; begin += piece)
            pieces_read(&pieces, text, len, begin, begin + piece < len ? begin + piece : len,
                        window);
        split(&expected, mapper, text, len);
        pieces_check(&pieces, &expected, len);
    }
}

#endif
