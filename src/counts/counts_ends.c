/* SPDX-License-Identifier: BSD-3-Clause */
/* Header and footer, byte by byte. */
#include "counts/counts_ends.h"

#include "counts/counts_block.h"

#include <xxhash.h>

enum {
    HEADER_CHECKED = 56,
    FOOTER_CHECKED = 240,
    VERSION_AT = 8,
    TOTALS_AT = 56,
    SPECTRUM_AT = 112,
    LEVELS_AT = 176,
};

static const uint32_t version = COUNTS_MAJOR | (uint32_t)COUNTS_MINOR << 16;

void counts_ends_put_header(uint8_t bytes[COUNTS_HEADER_BYTES],
                            const struct counts_ends_header *header)
{
    memset(bytes, 0, COUNTS_HEADER_BYTES);
    memcpy(bytes, COUNTS_MAGIC, COUNTS_MAGIC_BYTES);
    counts_layout_put32(bytes + VERSION_AT, version);
    counts_layout_put32(bytes + 16, header->target_bytes);
    counts_layout_put32(bytes + 20, header->restart);
    counts_layout_put64(bytes + HEADER_CHECKED, XXH3_64bits(bytes, HEADER_CHECKED));
}

const char *counts_ends_get_header(const uint8_t bytes[COUNTS_HEADER_BYTES],
                                   struct counts_ends_header *header)
{
    if (memcmp(bytes, COUNTS_MAGIC, COUNTS_MAGIC_BYTES) != 0)
        return "not a count file";
    if (XXH3_64bits(bytes, HEADER_CHECKED) != counts_layout_get64(bytes + HEADER_CHECKED))
        return "the checksum of the header does not hold";
    if ((counts_layout_get32(bytes + VERSION_AT) & UINT16_MAX) != COUNTS_MAJOR)
        return "a count file of a version that is not known here";
    if (counts_layout_get32(bytes + 12) != 0)
        return "a count file with an order, values or a codec that are not known here";
    header->target_bytes = counts_layout_get32(bytes + 16);
    header->restart = counts_layout_get32(bytes + 20);
    return header->target_bytes > 0 && header->restart > 0 ? NULL : "a malformed header";
}

static void put_place(uint8_t *at, const struct counts_ends_place *place)
{
    counts_layout_put64(at, place->at);
    counts_layout_put64(at + 8, place->bytes);
    counts_layout_put64(at + 16, place->checksum);
}

static struct counts_ends_place get_place(const uint8_t *at)
{
    return (struct counts_ends_place){counts_layout_get64(at), counts_layout_get64(at + 8),
                                      counts_layout_get64(at + 16)};
}

void counts_ends_put_footer(uint8_t bytes[COUNTS_FOOTER_BYTES],
                            const struct counts_ends_footer *footer)
{
    const struct counts_totals *totals = &footer->totals;
    const uint64_t numbers[] = {totals->records,   (uint64_t)totals->sum, totals->sum >> 64,
                                totals->key_bytes, totals->longest,       totals->largest,
                                totals->blocks};
    memset(bytes, 0, COUNTS_FOOTER_BYTES);
    counts_layout_put32(bytes, COUNTS_FOOTER);
    counts_layout_put32(bytes + 4, version);
    put_place(bytes + 8, &footer->root);
    put_place(bytes + 32, &footer->meta);
    memcpy(bytes + TOTALS_AT, numbers, sizeof numbers);
    memcpy(bytes + SPECTRUM_AT, totals->of, sizeof totals->of);
    counts_layout_put64(bytes + LEVELS_AT, footer->levels);
    counts_layout_put64(bytes + LEVELS_AT + 8, footer->file_bytes);
    counts_layout_put64(bytes + FOOTER_CHECKED, XXH3_64bits(bytes, FOOTER_CHECKED));
    memcpy(bytes + FOOTER_CHECKED + 8, COUNTS_MAGIC, COUNTS_MAGIC_BYTES);
}

/* Whether a block lies where it should: it ends at `end`, behind the header. */
static bool is_before(const struct counts_ends_place *place, uint64_t end)
{
    return place->bytes >= counts_block_bytes(0) && place->at >= COUNTS_HEADER_BYTES
        && place->at <= end && end - place->at == place->bytes;
}

const char *counts_ends_get_footer(const uint8_t bytes[COUNTS_FOOTER_BYTES], uint64_t file_bytes,
                                   struct counts_ends_footer *footer)
{
    uint64_t numbers[7];
    struct counts_totals *totals = &footer->totals;
    if (memcmp(bytes + FOOTER_CHECKED + 8, COUNTS_MAGIC, COUNTS_MAGIC_BYTES) != 0
        || counts_layout_get32(bytes) != COUNTS_FOOTER)
        return "no footer: the file was cut short";
    if (XXH3_64bits(bytes, FOOTER_CHECKED) != counts_layout_get64(bytes + FOOTER_CHECKED))
        return "the checksum of the footer does not hold";
    *footer = (struct counts_ends_footer){.root = get_place(bytes + 8),
                                          .meta = get_place(bytes + 32),
                                          .levels = counts_layout_get64(bytes + LEVELS_AT),
                                          .file_bytes = counts_layout_get64(bytes + LEVELS_AT + 8)};
    memcpy(numbers, bytes + TOTALS_AT, sizeof numbers);
    memcpy(totals->of, bytes + SPECTRUM_AT, sizeof totals->of);
    totals->records = numbers[0];
    totals->sum = (unsigned __int128)numbers[2] << 64 | numbers[1];
    totals->key_bytes = numbers[3];
    totals->longest = numbers[4];
    totals->largest = numbers[5];
    totals->blocks = numbers[6];
    if ((counts_layout_get32(bytes + 4) & UINT16_MAX) != COUNTS_MAJOR)
        return "a footer of a version that is not known here";
    if (footer->file_bytes != file_bytes)
        return "the file is not as long as its footer says";
    if (footer->levels < 1 || footer->levels > COUNTS_LEVELS_MAX
        || !is_before(&footer->meta, file_bytes - COUNTS_FOOTER_BYTES)
        || !is_before(&footer->root, footer->meta.at))
        return "a footer that points to no place in the file";
    return NULL;
}
