/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks with the blanks before them, for rules by which a word may begin with its blank. A chunk
 * ends before a blank, where the rules say that a text may be parted there, which the one character
 * before it decides; blanks at the end of a file are a chunk of their own. Every byte belongs to a
 * chunk.
 *
 * The mapper has no state: a chunk begins where the one before it may end, which can be seen from
 * the bytes around that place. */
#include "mapper/mark.h"

enum { CHARACTER_BYTES = 4 };

/* After a letter or digit of ASCII every text may be parted. */
static bool is_plain(uint8_t byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10;
}

/* Whether the text may be parted before byte `at`, which is in the block, and not the first of a
 * file. */
static bool is_place(const struct mapper *mapper, const struct block *block, size_t at)
{
    const uint8_t *end = block->bytes + at;
    return scan_is_gap(*end) && !scan_is_gap(end[-1])
        && (is_plain(end[-1])
            || mapper->parts(mapper->context, end - CHARACTER_BYTES, CHARACTER_BYTES, *end));
}

/* The first such place behind `at`, which is not the first byte of a file; or the end of the block,
 * with *found where the file ends there. */
static size_t next_place(const struct mapper *mapper, const struct block *block, size_t at,
                         bool *found)
{
    for (*found = true; at < block->end; at++) {
        if (scan_is_gap(block->bytes[at - 1]))
            while (at < block->end && scan_is_gap(block->bytes[at]))
                at++;
        at = scan_gap(block->bytes, at, block->end);
        if (at < block->end && is_place(mapper, block, at))
            return at;
    }
    *found = block->ends_file;
    return block->end;
}

/* Goes past the rest of a chunk that began before our range. */
static size_t skip(const struct mapper *mapper, const struct block *block, struct cut *cut)
{
    bool found;
    size_t begin = block->begin;
    if (!block->starts_file && begin < block->end && !is_place(mapper, block, begin))
        begin = next_place(mapper, block, begin, &found);
    cut->skipped_bytes = begin - block->begin;
    return begin;
}

static void chunks_cut(const struct mapper *mapper, const struct block *block,
                       const struct scan *scan, uint32_t *edges, struct cut *cut)
{
    *cut = (struct cut){.batch = {.base = block->bytes, .edges = edges}};
    const size_t from = skip(mapper, block, cut);
    size_t stop = block->own < block->end ? block->own : block->end;
    size_t start = from, out = 0;
    uint64_t gap_bytes;
    bool found;
    cut->next = from;
    if (from >= stop)
        return;
    if (stop - from > SCAN_MAX_BYTES)
        stop = from + SCAN_MAX_BYTES;
    const size_t len = scan->kernel(block->bytes, from, stop - from, edges, &gap_bytes);
    for (size_t i = 1; i < len; i += 2) { /* a place of edges is read before it is written */
        const size_t end = edges[i];
        if (end == start || !is_place(mapper, block, end))
            continue;
        edges[out++] = (uint32_t)start;
        edges[out++] = (uint32_t)end;
        start = end;
    }
    const size_t end = next_place(mapper, block, stop, &found);
    if (found && start < end) {
        edges[out++] = (uint32_t)start;
        edges[out++] = (uint32_t)end;
        start = end;
    }
    cut->next = start;
    cut->batch.len = out / 2;
    cut->record_bytes = start - from;
    if (block->mark_bytes > 0)
        mark_take_off(block, edges, false, cut);
}

/* Where no rules need to be asked. */
static size_t chunks_part(const uint8_t *bytes, size_t len)
{
    for (size_t at = len; at > 1; at--)
        if (scan_is_gap(bytes[at - 1]) && is_plain(bytes[at - 2]))
            return at - 1;
    return 0;
}

const struct mapper chunks_mapper = {
    .behind_bytes = CHARACTER_BYTES,
    .cut = chunks_cut,
    .part = chunks_part,
};
