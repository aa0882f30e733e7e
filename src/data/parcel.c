/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of chunks of records. */
#include "data/parcel.h"

#include "data/records.h"

uint8_t *parcel_reserve(struct arena *arena, struct parcel *parcel, size_t bytes, struct fail *fail)
{
    struct chunk *chunk = arena_take(arena, bytes, fail);
    if (!chunk)
        return NULL;
    parcel_settle(parcel);
    if (parcel->tail)
        parcel->tail->next = chunk;
    else
        parcel->head = chunk;
    parcel->tail = chunk;
    parcel->at = chunk->bytes + bytes;
    parcel->end = chunk->bytes + chunk->cap_bytes;
    return chunk->bytes;
}

bool parcel_add_long(struct arena *arena, struct parcel *parcel, const uint8_t *bytes, size_t len,
                     uint64_t count, struct fail *fail)
{
    uint64_t head[2] = {count, len};
    uint8_t *at = parcel_room(arena, parcel, PARCEL_LONG_HEAD_BYTES + len, fail);
    if (!at)
        return false;
    at[0] = PARCEL_LONG;
    memcpy(at + 1, head, sizeof head);
    memcpy(at + PARCEL_LONG_HEAD_BYTES, bytes, len);
    parcel->records++;
    return true;
}

bool parcel_add(struct arena *arena, struct parcel *parcel, const struct record *record,
                struct fail *fail)
{
    return record->bytes
             ? parcel_add_long(arena, parcel, record->bytes, record->len, record->count, fail)
             : parcel_add_short(arena, parcel, record->key, record->count, fail);
}

void parcel_join_chunk(struct arena *arena, struct parcel *parcel, struct chunk *chunk,
                       uint64_t records)
{
    parcel->records += records;
    if ((size_t)(parcel->end - parcel->at) >= chunk->used_bytes) {
        memcpy(parcel->at, chunk->bytes, chunk->used_bytes);
        parcel->at += chunk->used_bytes;
        arena_give(arena, chunk);
        return;
    }
    parcel_settle(parcel);
    chunk->next = NULL;
    if (parcel->tail)
        parcel->tail->next = chunk;
    else
        parcel->head = chunk;
    parcel->tail = chunk;
    parcel->at = chunk->bytes + chunk->used_bytes;
    parcel->end = chunk->bytes + chunk->cap_bytes;
}

struct chunk *parcel_shift(struct parcel *parcel)
{
    struct chunk *chunk = parcel->head;
    if (!chunk)
        return NULL;
    parcel->head = chunk->next;
    if (!parcel->head)
        *parcel = (struct parcel){0};
    return chunk;
}

void parcel_join(struct arena *arena, struct parcel *parcel, struct parcel *from)
{
    parcel_settle(from);
    if (!parcel->head) {
        *parcel = *from;
        *from = (struct parcel){0};
        return;
    }
    if (from->head && from->head == from->tail) {
        parcel_join_chunk(arena, parcel, from->head, from->records);
    } else if (from->head) { /* goes before ours, so that our last chunk stays open, and nobody
                                walks the list */
        from->tail->next = parcel->head;
        parcel->head = from->head;
        parcel->records += from->records;
    }
    *from = (struct parcel){0};
}

void parcel_tally(const struct parcel *parcel, const struct hash_seed *seed, struct tally *tally)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        tally_add(tally, record.count, record_hash(seed, &record));
}

void parcel_clear(struct arena *arena, struct parcel *parcel)
{
    for (struct chunk *chunk; (chunk = parcel_shift(parcel));)
        arena_give(arena, chunk);
    *parcel = (struct parcel){0};
}
