/* SPDX-License-Identifier: BSD-3-Clause */
/* The index is built level by level: what one block lists becomes an entry of the level above,
 * until a single block lists all. */
#include "counts/counts_file.h"

#include "counts/counts_block.h"
#include "counts/counts_entry.h"

bool counts_file_begin(struct counts_sink sink, const struct counts_ends_header *form,
                       struct fail *fail)
{
    uint8_t bytes[COUNTS_HEADER_BYTES];
    counts_ends_put_header(bytes, form);
    return sink.put(sink.context, bytes, sizeof bytes, fail);
}

/* One level as it is written. */
struct level {
    uint32_t number;
    uint64_t first; /* where the blocks that it lists begin */
    uint64_t at;    /* where the next of its own blocks begins */
    struct buffer above, block;
    struct counts_ends_place last; /* block */
    uint64_t blocks;
};

/* How many of the entries from `at` on one block has, and what they are together. */
static const uint8_t *take(const uint8_t *at, const uint8_t *end, struct counts_block *head,
                           struct counts_entry *sum)
{
    const uint8_t *begin = at;
    struct counts_entry entry = {0};
    *sum = (struct counts_entry){.key = (const uint8_t *)""};
    while (at < end && (at - begin < COUNTS_INDEX_BYTES || head->rows < COUNTS_INDEX_ENTRIES)) {
        at = counts_entry_get(at, end, &entry);
        if (head->rows++ == 0)
            *sum = (struct counts_entry){.key = entry.key, .key_len = entry.key_len};
        sum->bytes += entry.bytes;
        sum->rows += entry.rows;
        sum->sum += entry.sum;
    }
    return at;
}

static bool put_block(struct counts_sink sink, struct mem *mem, struct level *level,
                      const uint8_t *begin, const uint8_t *end, struct counts_block *head,
                      struct counts_entry *entry, struct fail *fail)
{
    struct buffer *block = &level->block, *above = &level->above;
    head->what = COUNTS_INDEX;
    head->part = level->number;
    head->payload_bytes = (size_t)(end - begin);
    head->sum = entry->sum;
    head->first = level->first;
    level->first += entry->bytes;
    block->len = 0;
    const size_t before = above->len, bytes = (size_t)counts_block_bytes(head->payload_bytes);
    if (!buffer_append(block, mem, NULL, bytes, fail)
        || !buffer_append(above, mem, NULL, COUNTS_ENTRY_BYTES + (size_t)entry->key_len, fail))
        return false;
    if (begin < end)
        memcpy(block->bytes + COUNTS_HEAD_BYTES, begin, head->payload_bytes);
    counts_block_seal(block->bytes, head);
    entry->bytes = bytes;
    entry->checksum = head->checksum;
    above->len = (size_t)(counts_entry_put(above->bytes + before, entry) - above->bytes);
    level->last = (struct counts_ends_place){level->at, bytes, head->checksum};
    level->at += bytes;
    level->blocks++;
    return sink.put(sink.context, block->bytes, bytes, fail);
}

/* Writes the blocks of one level, one at least. */
static bool put_level(struct counts_sink sink, struct mem *mem, struct level *level,
                      const struct buffer *entries, struct fail *fail)
{
    const uint8_t *at = entries->bytes, *end = at + entries->len;
    bool ok = true;
    do {
        struct counts_block head = {0};
        struct counts_entry entry = {0};
        const uint8_t *begin = at;
        at = take(at, end, &head, &entry);
        ok = put_block(sink, mem, level, begin, at, &head, &entry, fail);
    } while (ok && at < end);
    return ok;
}

static bool put_index(struct counts_sink sink, struct mem *mem, const struct buffer *entries,
                      uint64_t data_end, struct counts_ends_footer *footer, struct fail *fail)
{
    struct level level = {.first = COUNTS_HEADER_BYTES, .at = data_end};
    struct buffer below = {0};
    bool ok = true;
    while (ok && level.blocks != 1) {
        const uint64_t begin = level.at;
        level.number++;
        level.blocks = 0;
        ok = put_level(sink, mem, &level, level.number == 1 ? entries : &below, fail);
        level.first = begin;
        const struct buffer above = level.above;
        level.above = below;
        level.above.len = 0;
        below = above;
    }
    footer->root = level.last;
    footer->levels = level.number;
    footer->meta.at = level.at;
    buffer_free(&level.above, mem);
    buffer_free(&level.block, mem);
    buffer_free(&below, mem);
    return ok;
}

static bool put_meta(struct counts_sink sink, struct mem *mem, const struct counts_meta *meta,
                     struct counts_ends_place *place, struct fail *fail)
{
    struct buffer block = {0};
    struct counts_block head = {
        .what = COUNTS_META, .rows = meta->lines, .payload_bytes = meta->text.len};
    place->bytes = counts_block_bytes(meta->text.len);
    bool ok = buffer_append(&block, mem, NULL, (size_t)place->bytes, fail);
    if (ok) {
        if (meta->text.len > 0)
            memcpy(block.bytes + COUNTS_HEAD_BYTES, meta->text.bytes, meta->text.len);
        counts_block_seal(block.bytes, &head);
        place->checksum = head.checksum;
        ok = sink.put(sink.context, block.bytes, (size_t)place->bytes, fail);
    }
    buffer_free(&block, mem);
    return ok;
}

bool counts_file_end(struct counts_sink sink, struct mem *mem, const struct buffer *entries,
                     const struct counts_totals *totals, const struct counts_meta *meta,
                     uint64_t *bytes, struct fail *fail)
{
    struct counts_ends_footer footer = {.totals = *totals};
    uint8_t last[COUNTS_FOOTER_BYTES];
    if (!put_index(sink, mem, entries, COUNTS_HEADER_BYTES + totals->block_bytes, &footer, fail)
        || !put_meta(sink, mem, meta, &footer.meta, fail))
        return false;
    *bytes = footer.file_bytes = footer.meta.at + footer.meta.bytes + COUNTS_FOOTER_BYTES;
    counts_ends_put_footer(last, &footer);
    return sink.put(sink.context, last, sizeof last, fail);
}
