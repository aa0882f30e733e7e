/* SPDX-License-Identifier: BSD-3-Clause */
/* A bin is read three times: for what its keys have in common, for the sample, and to be divided.
 */
#include "data/bins_inner.h"

#include <stdlib.h>

enum {
    CUTS_EACH = 2,     /* for each part: samples mislead */
    SAMPLES_EACH = 16, /* for each cut, in this part of the room at most: */
    SAMPLES_SHARE = 32,
    ENDS_SHARE = 16, /* and open ends of bins in this */
    SKIP_SHARE = 32, /* and what keys have in common in this */
};

struct division {
    enum order order;
    struct mem *mem;
    struct fail *fail;
    uint64_t records, bytes; /* in the bin; of memory, to sort it */
    uint64_t count;          /* of the first record */
    uint8_t *common; /* what all keys begin with, where all are long, and where counts matter
                        have the same: of so many bytes; nothing otherwise */
    size_t common_len, common_cap;
    struct ranking_mark *marks; /* the sample */
    size_t marks_len, marks_cap;
    uint64_t step, place; /* of it, in bytes of memory, so that bins are as large as each other */
    struct ranking_splitters cuts;
    struct bins *into;
    size_t full_bytes; /* of records in memory, before they are spilled */
};

static uint64_t bytes_of(const struct record *record)
{
    return RANKING_RECORD_BYTES + record->len;
}

/* Looks how far the keys agree. */
static bool compare(void *context, const struct record *record)
{
    struct division *division = context;
    const bool first = division->records == 0;
    division->records++;
    division->bytes += bytes_of(record);
    if (!record->bytes
        || (!first && division->order == ORDER_COUNT && record->count != division->count)) {
        division->common_len = 0;
    } else if (first) {
        const size_t most = division->mem->limit_bytes / SKIP_SHARE;
        division->count = record->count;
        division->common_len = record->len < most ? record->len : most;
        division->common = mem_reserve(division->mem, NULL, &division->common_cap,
                                       division->common_len, division->fail);
        if (!division->common)
            return false;
        memcpy(division->common, record->bytes, division->common_len);
    } else {
        size_t len = 0;
        while (len < division->common_len && len < record->len
               && record->bytes[len] == division->common[len])
            len++;
        division->common_len = len;
    }
    return true;
}

/* The record as it would be without what all keys begin with. */
static struct record behind_common(const struct division *division, const struct record *record)
{
    if (division->common_len == 0)
        return *record;
    const uint8_t *bytes = record->bytes + division->common_len;
    const size_t len = record->len - division->common_len;
    const bool is_short = len <= KEY_SHORT_MAX;
    return (struct record){.key = is_short ? key_short(bytes, len) : key_long(bytes),
                           .count = record->count,
                           .bytes = is_short ? NULL : bytes,
                           .len = len};
}

static bool sample(void *context, const struct record *record)
{
    struct division *division = context;
    division->place += bytes_of(record);
    if (division->place < division->step || division->marks_len == division->marks_cap)
        return true;
    division->place %= division->step;
    const struct record behind = behind_common(division, record);
    ranking_mark(division->order, &behind, &division->marks[division->marks_len++]);
    return true;
}

/* Bins between cuts have even numbers, those of what equals a cut odd ones. */
static size_t bin_of(const struct division *division, const struct record *record)
{
    const struct record behind = behind_common(division, record);
    const size_t cut = ranking_find(&division->cuts, &behind);
    struct ranking_mark mark;
    if (cut == 0)
        return 0;
    ranking_mark(division->order, &behind, &mark);
    return 2 * cut - (ranking_compare_marks(&mark, &division->cuts.marks[cut - 1]) == 0);
}

/* Records have many lengths: what is free again is for any. */
static bool empty_memory(struct division *division)
{
    const bool ok = bins_empty_memory(division->into, division->fail);
    arena_recut(division->into->box.arena);
    return ok;
}

static bool put(void *context, const struct record *record)
{
    struct division *division = context;
    struct box *box = &division->into->box;
    return parcel_add(box->arena, &box->parcels[bin_of(division, record)], record, division->fail)
        && (box->arena->used_bytes <= division->full_bytes || empty_memory(division));
}

/* No more than there is memory for. */
static size_t cuts_for(const struct division *division, size_t parts)
{
    const size_t room = mem_room(division->mem), ends = room / ENDS_SHARE / ARENA_CHUNK_BYTES,
                 marks = room / SAMPLES_SHARE / sizeof(struct ranking_mark) / SAMPLES_EACH;
    size_t cuts = parts * CUTS_EACH;
    cuts = cuts < ends / 2 ? cuts : ends / 2;
    cuts = cuts < marks ? cuts : marks;
    return cuts > 1 ? cuts : 1;
}

/* Finds where to cut. */
static bool find_cuts(struct division *division, struct bins *bins, size_t bin, size_t cuts)
{
    struct fail *fail = division->fail;
    division->marks_cap = cuts * SAMPLES_EACH;
    division->step = division->bytes / division->marks_cap + 1;
    division->place = division->step - 1; /* the first record is one */
    division->marks = mem_alloc(division->mem, division->marks_cap * sizeof *division->marks, fail);
    if (!division->marks || !bins_walk(bins, bin, sample, division, fail)
        || !ranking_reserve(&division->cuts, division->order, division->mem, cuts, fail))
        return false;
    qsort(division->marks, division->marks_len, sizeof *division->marks, ranking_compare_marks);
    for (size_t i = 0; i < cuts; i++)
        division->cuts.marks[i] = division->marks[(2 * i + 1) * division->marks_len / (2 * cuts)];
    ranking_index(&division->cuts);
    return true;
}

static bool divide(struct division *division, struct bins *bins, size_t bin, size_t parts)
{
    struct arena *arena = bins->box.arena;
    struct fail *fail = division->fail;
    if (!bins_walk(bins, bin, compare, division, fail))
        return false;
    const size_t cuts = cuts_for(division, parts);
    if (!find_cuts(division, bins, bin, cuts)
        || !bins_init(division->into, bins->order, arena, bins->spill.space, 2 * cuts + 1, fail))
        return false;
    division->full_bytes = arena->used_bytes + arena_room(arena) / 2;
    const bool ok = bins_walk(bins, bin, put, division, fail) && empty_memory(division);
    arena_trim(arena);
    return ok;
}

bool bins_inner_push(struct bins_inner **top, struct bins *bins, size_t bin, size_t parts,
                     struct fail *fail)
{
    struct mem *mem = bins->box.arena->mem;
    struct bins_inner *inner = mem_alloc(mem, sizeof *inner, fail);
    if (!inner)
        return false;
    arena_trim(bins->box.arena);
    *inner = (struct bins_inner){.mem = mem, .parent = *top};
    *top = inner;
    struct division division = {
        .order = bins->order, .mem = mem, .fail = fail, .into = &inner->bins};
    const bool ok = divide(&division, bins, bin, parts);
    mem_free(mem, division.common, division.common_cap);
    mem_free(mem, division.marks, division.marks_cap * sizeof *division.marks);
    ranking_free_splitters(&division.cuts);
    return ok;
}

void bins_inner_pop(struct bins_inner **top)
{
    struct bins_inner *inner = *top;
    struct mem *mem = inner->mem;
    *top = inner->parent;
    bins_free(&inner->bins);
    mem_free(mem, inner, sizeof *inner);
}
