/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows of one block after another. */
#include "counts/counts_reader.h"

#include "data/order.h"

static bool check_restarts(const struct counts_reader *reader, const struct counts_block *block)
{
    const uint64_t due =
        ((uint64_t)block->rows + reader->path.header.restart - 1) / reader->path.header.restart;
    if (block->part != due || due > block->payload_bytes / 4)
        return false;
    const size_t rows_bytes = block->payload_bytes - 4 * (size_t)due;
    const uint8_t *at = block->payload + rows_bytes;
    uint32_t last = 0;
    bool good = due > 0 && rows_bytes > 0 && counts_layout_get32(at) == 0;
    for (size_t i = 1; good && i < due; i++) {
        const uint32_t offset = counts_layout_get32(at + 4 * i);
        good = offset > last && offset < rows_bytes;
        last = offset;
    }
    return good;
}

static void begin_rows(struct counts_reader *reader, size_t restart)
{
    reader->at = reader->rows + counts_layout_get32(reader->restarts + 4 * restart);
    reader->row = (uint32_t)restart * reader->path.header.restart;
    reader->plain = 0; /* the row at a restart is none */
    reader->sum = 0;
    reader->whole = restart == 0;
}

/* Loads the block that the path leads to; its first row is the next. */
static bool load_data(struct counts_reader *reader, struct fail *fail)
{
    const struct counts_path_level *level = counts_path_here(&reader->path);
    const struct counts_entry *entry = &level->here;
    const struct counts_ends_place place = {level->place, entry->bytes, entry->checksum};
    struct counts_block block;
    reader->loaded = false;
    if (!counts_path_load(&reader->path, &reader->block, &reader->block_cap, &place,
                          level->below_end, COUNTS_DATA, &block, fail))
        return false;
    if (block.rows != entry->rows || block.sum != entry->sum || block.first != 0
        || !check_restarts(reader, &block))
        return counts_path_corrupt(&reader->path, place.at,
                                   "a block that is not what the index says", fail);
    reader->block_at = place.at;
    reader->rows = block.payload;
    reader->restarts = block.payload + block.payload_bytes - 4 * (size_t)block.part;
    reader->restarts_len = block.part;
    reader->end = reader->restarts;
    reader->rows_due = block.rows;
    reader->sum_due = block.sum;
    reader->loaded = true;
    begin_rows(reader, 0);
    return true;
}

static bool bad_row(const struct counts_reader *reader, const uint8_t *at, struct fail *fail)
{
    return counts_path_corrupt(&reader->path, reader->block_at + (uint64_t)(at - reader->block),
                               "a malformed row, or keys out of order", fail);
}

/* A row that shares nothing: whether its key comes behind the last one. */
static bool is_behind(const struct counts_reader *reader, const uint8_t *key, size_t len)
{
    return !reader->begun || order_compare_bytes(key, len, reader->key, reader->key_len) > 0;
}

/* How many bytes of its key a row shares, and how many are its own: of a tag, and of varints behind
 * it. NULL where they are malformed. */
static const uint8_t *lengths(const uint8_t *at, const uint8_t *end, uint64_t *shared,
                              uint64_t *fresh)
{
    uint64_t beyond = 0;
    *shared = *at >> 4;
    *fresh = *at & COUNTS_NIBBLE;
    at++;
    if (*shared == COUNTS_NIBBLE) {
        at = counts_layout_get(at, end, &beyond);
        *shared += beyond;
        if (!at || *shared < beyond)
            return NULL;
    }
    if (*fresh == COUNTS_NIBBLE) {
        at = counts_layout_get(at, end, &beyond);
        *fresh += beyond;
        if (!at || *fresh < beyond)
            return NULL;
    }
    return *fresh <= (uint64_t)(end - at) ? at : NULL;
}

/* Room for the key of a row that shares no more than there is, and for any whose lengths are
 * numbers of one byte. */
static bool reserve_key(struct counts_reader *reader, size_t len, struct fail *fail)
{
    enum { LEAST_BYTES = 2 * (COUNTS_NIBBLE + 0x7f) };
    const size_t need = (len > LEAST_BYTES ? len : LEAST_BYTES) + KEY_SLACK_BYTES;
    uint8_t *key = mem_reserve(reader->path.mem, reader->key, &reader->key_cap, need, fail);
    reader->key = key ? key : reader->key;
    return key != NULL;
}

/* A row at a restart shares nothing, and stands where the restarts say. */
static bool begin_restart(struct counts_reader *reader)
{
    const uint32_t every = reader->path.header.restart, left = reader->rows_due - reader->row;
    const uint32_t restart = reader->row / every;
    reader->plain = every < left ? every : left;
    reader->row += reader->plain;
    return reader->at == reader->rows + counts_layout_get32(reader->restarts + 4 * restart)
        && *reader->at >> 4 == 0;
}

/* Whether the key of a row comes behind the last one: what it shares is all that they share. */
static bool in_order(const struct counts_reader *reader, const uint8_t *fresh, uint64_t fresh_len,
                     uint64_t shared)
{
    if (shared == 0)
        return is_behind(reader, fresh, (size_t)fresh_len);
    return fresh_len > 0 && shared <= reader->key_len
        && (shared == reader->key_len || fresh[0] > reader->key[shared]);
}

/* Reads the row at hand; there is one. */
static bool read_row(struct counts_reader *reader, struct fail *fail)
{
    const uint8_t *at = reader->at, *end = reader->end;
    uint64_t shared, fresh, count;
    if (at >= end || (reader->plain == 0 && !begin_restart(reader)))
        return bad_row(reader, at, fail);
    at = lengths(at, end, &shared, &fresh);
    if (!at || !in_order(reader, at, fresh, shared))
        return bad_row(reader, reader->at, fail);
    if (!reserve_key(reader, (size_t)(shared + fresh), fail))
        return false;
    memcpy(reader->key + shared, at, (size_t)fresh);
    at = counts_layout_get(at + fresh, end, &count);
    if (!at)
        return bad_row(reader, reader->at, fail);
    reader->key_len = (size_t)(shared + fresh);
    reader->count = count;
    reader->sum += count;
    reader->at = at;
    reader->plain--;
    reader->begun = true;
    return true;
}

/* The rows of the block end here. */
static bool end_rows(const struct counts_reader *reader, struct fail *fail)
{
    return (reader->at == reader->end && (!reader->whole || reader->sum == reader->sum_due))
        || counts_path_corrupt(&reader->path, reader->block_at,
                               "a block whose rows are not what its head says", fail);
}

/* Goes on to the next block. False at the end, or with fail set. */
static bool next_block(struct counts_reader *reader, struct fail *fail)
{
    bool found;
    return (!reader->loaded || end_rows(reader, fail))
        && counts_path_next(&reader->path, &found, fail) && found && load_data(reader, fail);
}

/* A record that waits is the next one, whatever rows are behind it. */
static void wait_for(struct counts_reader *reader, bool waits)
{
    if (waits && !reader->waits) {
        reader->held = reader->plain;
        reader->plain = 0;
    }
    if (!waits && reader->waits)
        reader->plain = reader->held;
    reader->waits = waits;
}

bool counts_reader_next_any(struct counts_reader *reader, struct fail *fail)
{
    if (reader->waits) {
        wait_for(reader, false);
        return true;
    }
    if ((!reader->loaded || (reader->plain == 0 && reader->row == reader->rows_due))
        && !next_block(reader, fail))
        return false;
    return read_row(reader, fail);
}

/* Goes to the block where the key would be. Where it is in the one at hand, behind the record at
 * hand, nothing is loaded. */
static bool find_block(struct counts_reader *reader, const uint8_t *key, size_t len,
                       struct fail *fail)
{
    bool found;
    const bool onward = reader->loaded && reader->begun
                     && order_compare_bytes(key, len, reader->key, reader->key_len) >= 0;
    if (onward && counts_path_covers(&reader->path, key, len))
        return true;
    reader->loaded = reader->begun = false;
    reader->plain = 0;
    return counts_path_find(&reader->path, key, len, onward, &found, fail)
        && (!found || load_data(reader, fail));
}

/* The key of the row at a restart. */
static bool restart_key(const struct counts_reader *reader, size_t restart, const uint8_t **key,
                        uint64_t *len, struct fail *fail)
{
    uint64_t shared;
    const uint8_t *at = reader->rows + counts_layout_get32(reader->restarts + 4 * restart);
    *key = lengths(at, reader->end, &shared, len);
    return (*key && shared == 0) || bad_row(reader, at, fail);
}

/* The last restart that is not behind the key, from the one at hand on. */
static bool find_restart(struct counts_reader *reader, const uint8_t *key, size_t len,
                         struct fail *fail)
{
    const uint32_t next = reader->row - reader->plain;
    const size_t here = reader->begun ? (next - 1) / reader->path.header.restart : 0;
    size_t low = here, high = reader->restarts_len;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        const uint8_t *first;
        uint64_t first_len;
        if (!restart_key(reader, middle, &first, &first_len, fail))
            return false;
        if (order_compare_bytes(first, (size_t)first_len, key, len) <= 0)
            low = middle;
        else
            high = middle;
    }
    if (low > here || !reader->begun) {
        begin_rows(reader, low);
        reader->begun = false;
    }
    return true;
}

/* Whether the record that waits is the first that is not before this key, too. */
static bool waits_for(const struct counts_reader *reader, const uint8_t *key, size_t len)
{
    return reader->waits && order_compare_bytes(key, len, reader->key, reader->key_len) <= 0
        && order_compare_bytes(key, len, reader->sought, reader->sought_len) >= 0;
}

bool counts_reader_seek(struct counts_reader *reader, const uint8_t *key, size_t len,
                        struct fail *fail)
{
    if (waits_for(reader, key, len))
        return true;
    wait_for(reader, false);
    uint8_t *sought =
        mem_reserve(reader->path.mem, reader->sought, &reader->sought_cap, len + 1, fail);
    reader->sought = sought ? sought : reader->sought;
    if (!sought || !find_block(reader, key, len, fail))
        return false;
    memcpy(sought, key, len);
    reader->sought_len = len;
    if (!reader->loaded)
        return true;
    if (!find_restart(reader, key, len, fail))
        return false;
    bool found = reader->begun;
    while ((!found || order_compare_bytes(reader->key, reader->key_len, key, len) < 0)
           && (found = counts_reader_next(reader, fail)))
        ;
    wait_for(reader, found);
    return fail->code == FAIL_NONE;
}

bool counts_reader_get(struct counts_reader *reader, const uint8_t *key, size_t len, bool *found,
                       uint64_t *count, struct fail *fail)
{
    const bool ok = counts_reader_seek(reader, key, len, fail);
    *found = ok && reader->waits && reader->key_len == len && memcmp(reader->key, key, len) == 0;
    *count = *found ? reader->count : 0;
    return ok;
}

static bool read_meta(struct counts_reader *reader, struct fail *fail)
{
    const struct counts_ends_footer *footer = &reader->path.footer;
    struct counts_block block;
    uint8_t *bytes = NULL;
    size_t cap = 0;
    const bool ok = counts_path_load(&reader->path, &bytes, &cap, &footer->meta, footer->file_bytes,
                                     COUNTS_META, &block, fail)
                 && counts_meta_read(&reader->meta, reader->path.mem, block.payload,
                                     block.payload_bytes, block.rows, reader->path.name, fail);
    mem_free(reader->path.mem, bytes, cap);
    return ok;
}

bool counts_reader_open(struct counts_reader *reader, struct mem *mem, const char *name,
                        struct fail *fail)
{
    *reader = (struct counts_reader){.count = 0};
    return counts_path_open(&reader->path, mem, name, fail) && read_meta(reader, fail);
}

void counts_reader_close(struct counts_reader *reader)
{
    struct mem *mem = reader->path.mem;
    if (!mem)
        return;
    mem_free(mem, reader->block, reader->block_cap);
    mem_free(mem, reader->key, reader->key_cap);
    mem_free(mem, reader->sought, reader->sought_cap);
    counts_meta_free(&reader->meta, mem);
    counts_path_close(&reader->path);
}
