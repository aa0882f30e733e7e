/* SPDX-License-Identifier: BSD-3-Clause */
/* Lines: what stands between newlines; every other byte belongs to a line, NUL too, and \r unless
 * told otherwise. An empty line is a record, and a last line needs no newline. Where lines end with
 * NUL that takes the place of the newline in all of this.
 *
 * The mapper has no state: a line that the block does not hold whole is left for the next call. The
 * window doubles for a long one, so its bytes are looked at twice. Newlines are found by a kernel,
 * not by memchr, which must be called for every line: 0.8 ns a line of 2 bytes instead of 4.2, 4.6
 * ns a line of 69 bytes (a log) instead of 6.2, with AVX-512 and the text in cache. */
#include "mapper/lines.h"

#include "mapper/mark.h"

#include <string.h>

size_t lines_skip(uint8_t end, const struct block *block, struct cut *cut)
{
    size_t begin = block->begin;
    if (block->starts_file || block->within || block->bytes[begin - 1] == end)
        return begin;
    const uint8_t *newline = memchr(block->bytes + begin, end, block->end - begin);
    size_t start = newline ? (size_t)(newline - block->bytes) + 1 : block->end;
    cut->skipped_bytes = start - begin;
    return start;
}

static size_t behind_last(uint8_t end, const uint8_t *bytes, size_t len)
{
    const uint8_t *last = memrchr(bytes, end, len);
    return last ? (size_t)(last - bytes) + 1 : 0;
}

size_t lines_part(const uint8_t *bytes, size_t len)
{
    return behind_last('\n', bytes, len);
}

size_t lines_part_nul(const uint8_t *bytes, size_t len)
{
    return behind_last('\0', bytes, len);
}

size_t lines_end(const struct mapper *mapper, const uint8_t *bytes, size_t start, size_t newline)
{
    return newline - (mapper->crlf && newline > start && bytes[newline - 1] == '\r');
}

/* The first record, if it was cut yet, is a gap. */
static void take_header_off(const uint32_t *edges, struct cut *cut)
{
    if (cut->batch.len == 0)
        return;
    cut->record_bytes -= edges[1] - edges[0];
    cut->gap_bytes += edges[1] - edges[0];
    cut->batch.edges += 2;
    cut->batch.len--;
}

void lines_cut(const struct mapper *mapper, const struct block *block, const struct scan *scan,
               uint32_t *edges, struct cut *cut)
{
    const struct find_set newline = {{mapper->end, mapper->end, mapper->end}};
    uint32_t at[FIND_ROOM];
    *cut = (struct cut){.batch = {.base = block->bytes, .edges = edges}};
    const size_t first = lines_skip(mapper->end, block, cut);
    const size_t stop = block->own < block->end ? block->own : block->end;
    size_t start = first, seen = first, len = 0, last = 0, returns = 0;
    while (start < stop && seen < block->end && len + 2 * FIND_MAX_BYTES + 2 <= SCAN_MAX_EDGES
           && (len == 0 || seen - first < LINES_STRETCH_BYTES)) {
        size_t more = block->end - seen < FIND_MAX_BYTES ? block->end - seen : FIND_MAX_BYTES;
        size_t found = scan->find(block->bytes, seen, more, newline, at);
        for (size_t i = 0; i < found && start < stop; i++) {
            const size_t end = lines_end(mapper, block->bytes, start, at[i]);
            edges[len++] = (uint32_t)start;
            edges[len++] = (uint32_t)end;
            returns += at[i] - end;
            start = at[i] + 1;
        }
        seen += more;
    }
    if (start < stop && seen == block->end && block->ends_file) { /* has no newline */
        edges[len++] = (uint32_t)start;
        edges[len++] = (uint32_t)block->end;
        start = block->end;
        last = 1;
    }
    cut->batch.len = len / 2;
    cut->next = start;
    cut->gap_bytes = len / 2 - last + returns;
    cut->record_bytes = start - first - cut->gap_bytes;
    if (mapper->header && block->begins_file)
        take_header_off(edges, cut);
    else if (block->mark_bytes > 0 && len > 0) /* an empty line is one if it has a newline */
        mark_take_off(block, edges, edges[1] < block->end, cut);
}

const struct mapper lines_mapper = {
    .behind_bytes = 1,
    .end = '\n',
    .cut = lines_cut,
    .part = lines_part,
};
