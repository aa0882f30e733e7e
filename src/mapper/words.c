/* SPDX-License-Identifier: BSD-3-Clause */
/* Words: maximal runs of bytes that are not space, \t, \n, \v, \f or \r.
 *
 * The mapper has no state. Whether `begin` lies inside a word is seen from the byte before it; a
 * word that is still open at the end of a scanned stretch is followed byte by byte to its end, and
 * if the block ends first it is left for the next call, whole. */
#include "mapper/mark.h"

#include "text/key.h"

/* Skips the rest of a word that began before our range. */
static size_t skip(const struct block *block, struct cut *cut)
{
    size_t begin = block->begin;
    if (!block->starts_file && !scan_is_gap(block->bytes[begin - 1])) {
        begin = scan_gap(block->bytes, begin, block->end);
        cut->skipped_bytes = begin - block->begin;
    }
    return begin;
}

static void words_cut(const struct mapper *mapper, const struct block *block,
                      const struct scan *scan, uint32_t *edges, struct cut *cut)
{
    (void)mapper;
    *cut = (struct cut){.batch = {.base = block->bytes, .edges = edges}};
    size_t from = skip(block, cut);
    size_t stop = block->own < block->end ? block->own : block->end;
    cut->next = from;
    if (from >= stop)
        return;
    if (stop - from > SCAN_MAX_BYTES)
        stop = from + SCAN_MAX_BYTES;
    size_t len = scan->kernel(block->bytes, from, stop - from, edges, &cut->gap_bytes);
    cut->next = stop;
    if (len % 2 == 1) { /* the last word is open */
        size_t end = scan_gap(block->bytes, stop, block->end);
        if (end < block->end || block->ends_file) {
            edges[len++] = (uint32_t)end;
            cut->next = end;
        } else {
            cut->next = edges[--len];
        }
    }
    cut->batch.len = len / 2;
    uint32_t words = 0; /* modulo 2^32: their difference is at most SCAN_MAX_BYTES and one word */
    for (size_t i = 0; i < len; i += 2)
        words += edges[i + 1] - edges[i];
    cut->record_bytes = words;
    if (block->mark_bytes > 0)
        mark_take_off(block, edges, false, cut);
}

static size_t words_part(const uint8_t *bytes, size_t len)
{
    return scan_last_gap(bytes, len);
}

const struct mapper words_mapper = {
    .behind_bytes = 1,
    .cut = words_cut,
    .part = words_part,
};
