/* SPDX-License-Identifier: BSD-3-Clause */
/* Bins in memory and on the disk. Bins are made small, and there are as many as there is memory for
 * their open ends; one is too large where a sample has misled, where memory is small, or where a
 * mark does not tell its keys apart. */
#include "data/bins.h"

#include "data/bins_inner.h"
#include "data/records.h"

bool bins_init(struct bins *bins, enum order order, struct arena *arena,
               struct scratch_space *space, size_t len, struct fail *fail)
{
    *bins = (struct bins){.order = order};
    return box_init(&bins->box, arena, len, fail)
        && (!space || space->len == 0 || spill_init(&bins->spill, arena, space, len, fail));
}

bool bins_empty_memory(struct bins *bins, struct fail *fail)
{
    return spill_box(&bins->spill, &bins->box, fail);
}

uint64_t bins_records(const struct bins *bins)
{
    return box_records(&bins->box) + bins->spill.records;
}

static bool walk_parcel(struct parcel *parcel, spill_visitor *visitor, void *context,
                        struct fail *fail)
{
    parcel_settle(parcel);
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        if (!visitor(context, &record))
            return false;
    return records_end(&records, "sort", fail);
}

bool bins_walk(struct bins *bins, size_t bin, spill_visitor *visitor, void *context,
               struct fail *fail)
{
    return walk_parcel(&bins->box.parcels[bin], visitor, context, fail)
        && (!bins_spill(bins) || spill_read_walk(&bins->spill, bin, visitor, context, fail));
}

void bins_free(struct bins *bins)
{
    box_free(&bins->box);
    spill_free(&bins->spill);
}

/* In how many parts a bin would have to be sorted, so that each has room: 1 where it has. False
 * with fail set. */
static bool parts_of(struct bins_reader *reader, struct bins *bins, size_t bin, size_t *parts,
                     struct fail *fail)
{
    const struct arena *arena = bins->box.arena;
    const struct ranking_run *run = &reader->run;
    uint64_t records, bytes;
    if (!spill_read_size(&bins->spill, bin, &records, &bytes, fail))
        return false;
    records += bins->box.parcels[bin].records;
    const uint64_t sorting = records * RANKING_RECORD_BYTES, holding = bytes * 5 / 4;
    const uint64_t room =
        mem_room(arena->mem) + run->shorts_bytes + run->longs_bytes + run->spare_bytes;
    *parts = records < 2 ? 1 : 1 + sorting / (room / 2 + 1) + holding / (arena_room(arena) / 2 + 1);
    return true;
}

struct copying {
    struct bins_reader *reader;
    struct fail *fail;
};

static bool copy(void *context, const struct record *record)
{
    const struct copying *copying = context;
    struct bins_reader *reader = copying->reader;
    return parcel_add(reader->bins->box.arena, &reader->at_hand, record, copying->fail);
}

/* All records of a bin, in one parcel. */
static bool load_whole(struct bins_reader *reader, struct bins *bins, size_t bin, bool keeps,
                       struct fail *fail)
{
    struct copying copying = {reader, fail};
    if (keeps)
        return bins_walk(bins, bin, copy, &copying, fail);
    parcel_join(bins->box.arena, &reader->at_hand, &bins->box.parcels[bin]);
    return spill_read_take(&bins->spill, bin, &reader->at_hand, fail);
}

static bool rank_at_hand(struct bins_reader *reader, struct parcel *parcel, struct fail *fail)
{
    parcel_settle(parcel);
    return ranking_load(&reader->run, reader->bins->order, reader->bins->box.arena->mem, parcel,
                        fail);
}

/* A bin that lies in memory is read where it lies, and the one before it is given back. */
static bool load_kept(struct bins_reader *reader, struct fail *fail)
{
    struct box *box = &reader->bins->box;
    if (reader->next > 0 && !reader->keeps)
        parcel_clear(box->arena, &box->parcels[reader->next - 1]);
    return rank_at_hand(reader, &box->parcels[reader->next++], fail);
}

/* Nothing of a bin is needed any more. */
static bool drop(struct bins *bins, size_t bin, struct fail *fail)
{
    parcel_clear(bins->box.arena, &bins->box.parcels[bin]);
    return spill_read_drop(&bins->spill, bin, fail);
}

/* The next bin is loaded, or divided. */
static bool load_or_divide(struct bins_reader *reader, struct bins *bins, size_t bin, bool keeps,
                           struct fail *fail)
{
    size_t parts;
    parcel_clear(bins->box.arena, &reader->at_hand);
    arena_recut(bins->box.arena);
    if (!parts_of(reader, bins, bin, &parts, fail))
        return false;
    if (parts == 1)
        return load_whole(reader, bins, bin, keeps, fail)
            && rank_at_hand(reader, &reader->at_hand, fail);
    ranking_free(&reader->run);
    reader->divided++;
    return bins_inner_push(&reader->inner, bins, bin, parts, fail)
        && (keeps || drop(bins, bin, fail));
}

static bool load_spilled(struct bins_reader *reader, struct fail *fail)
{
    struct bins_inner *inner = reader->inner;
    if (!inner)
        return load_or_divide(reader, reader->bins, reader->next++, reader->keeps, fail);
    if (inner->next < inner->bins.box.len)
        return load_or_divide(reader, &inner->bins, inner->next++, false, fail);
    bins_inner_pop(&reader->inner);
    return true;
}

bool bins_load(struct bins_reader *reader, struct record *record, struct fail *fail)
{
    struct bins *bins = reader->bins;
    while (reader->inner || reader->next < bins->box.len) {
        bool ok = bins->spill.records > 0 ? load_spilled(reader, fail) : load_kept(reader, fail);
        if (!ok)
            return false;
        if (ranking_next(&reader->run, record))
            return true;
    }
    return false;
}

bool bins_skip(struct bins_reader *reader, spill_visitor *visitor, void *context, struct fail *fail)
{
    struct record record;
    bool ok = true;
    while (ok && ranking_next(&reader->run, &record))
        ok = visitor(context, &record);
    for (struct bins_inner *inner; ok && (inner = reader->inner);) {
        while (ok && inner->next < inner->bins.box.len)
            ok = bins_walk(&inner->bins, inner->next++, visitor, context, fail);
        bins_inner_pop(&reader->inner);
    }
    while (ok && reader->next < reader->bins->box.len)
        ok = bins_walk(reader->bins, reader->next++, visitor, context, fail);
    return ok;
}

void bins_close(struct bins_reader *reader)
{
    if (!reader->bins)
        return;
    while (reader->inner)
        bins_inner_pop(&reader->inner);
    ranking_free(&reader->run);
    parcel_clear(reader->bins->box.arena, &reader->at_hand);
    *reader = (struct bins_reader){0};
}
