/* SPDX-License-Identifier: BSD-3-Clause */
/* Taking the mark off. */
#include "mapper/mark.h"

void mark_take_off(const struct block *block, uint32_t *edges, bool stays, struct cut *cut)
{
    if (cut->batch.len == 0)
        return;
    edges[0] += (uint32_t)block->mark_bytes;
    cut->record_bytes -= block->mark_bytes;
    cut->gap_bytes += block->mark_bytes;
    if (edges[0] < edges[1] || stays)
        return;
    cut->batch.edges += 2;
    cut->batch.len--;
}
