/* SPDX-License-Identifier: BSD-3-Clause */
/* Records that are lines. A byte order mark before the first line of a file goes with that line:
 * whoever owns its first byte accounts for both. */
#include "extract/line_records.h"

#include "input/magic.h"
#include "mapper/lines.h"

#include <string.h>

void line_records_extract(const struct extractor *extractor, const struct block *block,
                          struct extracted *extracted, line_records_take *take)
{
    struct cut cut = {0};
    extracted->next = lines_skip('\n', block, &cut);
    extracted->skipped_bytes = cut.skipped_bytes;
    while (extracted->next < block->end && extracted->next < block->own
           && !(extractor->alone && extracted->len > 0)) {
        const uint8_t *line = block->bytes + extracted->next;
        const size_t left = block->end - extracted->next;
        const uint8_t *newline = memchr(line, '\n', left);
        if (!newline && !block->ends_file)
            return;
        const size_t len = newline ? (size_t)(newline - line) : left;
        const bool first = extracted->starts_file && extracted->next == block->begin;
        if (!(first && extractor->header)
            && !take(extractor, line, len, first ? magic_mark(line, len) : 0, extracted))
            return;
        extracted->next += newline ? len + 1 : len;
        extracted->lines++;
    }
}
