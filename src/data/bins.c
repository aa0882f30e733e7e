/* SPDX-License-Identifier: BSD-3-Clause */
/* Bins in memory and on the disk. Of a bin that is read in pieces a sample says where to cut it;
 * then it is read once for each piece, which is rare: bins are made small, and there are as many as
 * there is memory for their open ends. */
#include "data/bins.h"

#include "data/records.h"

#include <stdlib.h>

enum { SAMPLES_PER_PIECE = 32 };

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

/* In how many pieces a bin is sorted, so that each has room. False with fail set. */
static bool plan_pieces(struct bins_reader *reader, size_t bin, struct fail *fail)
{
    struct bins *bins = reader->bins;
    struct arena *arena = bins->box.arena;
    const struct ranking_run *run = &reader->run;
    uint64_t records, bytes;
    if (!spill_read_size(&bins->spill, bin, &records, &bytes, fail))
        return false;
    records += bins->box.parcels[bin].records;
    const uint64_t sorting = records * RANKING_RECORD_BYTES, holding = bytes * 5 / 4;
    const uint64_t room =
        mem_room(arena->mem) + run->shorts_bytes + run->longs_bytes + run->spare_bytes;
    reader->pieces = 1 + sorting / (room / 2 + 1) + holding / (arena_room(arena) / 2 + 1);
    reader->piece = 0;
    reader->bytes = sorting + bytes;
    return true;
}

struct sampling {
    enum order order;
    struct ranking_mark *marks;
    size_t len, cap;
    uint64_t step, place; /* in bytes of memory, so that pieces are as large as each other */
};

static bool sample(void *context, const struct record *record)
{
    struct sampling *sampling = context;
    sampling->place += RANKING_RECORD_BYTES + record->len;
    for (; sampling->place >= sampling->step; sampling->place -= sampling->step)
        if (sampling->len < sampling->cap)
            ranking_mark(sampling->order, record, &sampling->marks[sampling->len++]);
    return true;
}

/* Finds where to cut a bin in so many pieces. */
static bool cut(struct bins_reader *reader, size_t bin, size_t pieces, struct fail *fail)
{
    struct bins *bins = reader->bins;
    struct mem *mem = bins->box.arena->mem;
    struct sampling sampling = {.order = bins->order, .cap = pieces * SAMPLES_PER_PIECE};
    const size_t bytes = sampling.cap * sizeof *sampling.marks;
    sampling.step = reader->bytes / sampling.cap + 1;
    sampling.marks = mem_alloc(mem, bytes, fail);
    bool ok = sampling.marks && bins_walk(bins, bin, sample, &sampling, fail)
           && ranking_reserve(&reader->cuts, bins->order, mem, pieces - 1, fail);
    if (ok) {
        qsort(sampling.marks, sampling.len, sizeof *sampling.marks, ranking_compare_marks);
        for (size_t i = 1; i < pieces && sampling.len > 0; i++)
            reader->cuts.marks[i - 1] = sampling.marks[i * sampling.len / pieces];
        ranking_index(&reader->cuts);
    }
    mem_free(mem, sampling.marks, bytes);
    return ok;
}

/* Takes what belongs to the piece at hand. */
struct picking {
    struct bins_reader *reader;
    struct fail *fail;
};

static bool pick(void *context, const struct record *record)
{
    const struct picking *picking = context;
    struct bins_reader *reader = picking->reader;
    return ranking_find(&reader->cuts, record) != reader->piece
        || parcel_add(reader->bins->box.arena, &reader->at_hand, record, picking->fail);
}

static bool load_piece(struct bins_reader *reader, size_t bin, struct fail *fail)
{
    struct picking picking = {reader, fail};
    bool ok = bins_walk(reader->bins, bin, pick, &picking, fail);
    if (++reader->piece == reader->pieces && !reader->keeps) {
        parcel_clear(reader->bins->box.arena, &reader->bins->box.parcels[bin]);
        ok = ok && spill_read_drop(&reader->bins->spill, bin, fail);
    }
    return ok;
}

/* All records of a bin, in one parcel. */
static bool load_whole(struct bins_reader *reader, size_t bin, struct fail *fail)
{
    struct bins *bins = reader->bins;
    struct picking picking = {reader, fail};
    if (reader->keeps) {
        reader->piece = 0; /* without cuts all is in the first */
        return bins_walk(bins, bin, pick, &picking, fail);
    }
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

static bool load_spilled(struct bins_reader *reader, struct fail *fail)
{
    const bool goes_on = reader->piece < reader->pieces;
    const size_t bin = goes_on ? reader->next - 1 : reader->next++;
    parcel_clear(reader->bins->box.arena, &reader->at_hand);
    if (goes_on) {
        arena_recut(reader->bins->box.arena);
    } else {
        ranking_free_splitters(&reader->cuts);
        if (!plan_pieces(reader, bin, fail)
            || (reader->pieces > 1 && !cut(reader, bin, reader->pieces, fail)))
            return false;
    }
    bool ok = reader->pieces > 1 ? load_piece(reader, bin, fail) : load_whole(reader, bin, fail);
    if (reader->pieces == 1)
        reader->piece = 1;
    return ok && rank_at_hand(reader, &reader->at_hand, fail);
}

bool bins_load(struct bins_reader *reader, struct record *record, struct fail *fail)
{
    struct bins *bins = reader->bins;
    while (reader->piece < reader->pieces || reader->next < bins->box.len) {
        bool ok = bins->spill.records > 0 ? load_spilled(reader, fail) : load_kept(reader, fail);
        if (!ok)
            return false;
        if (ranking_next(&reader->run, record))
            return true;
    }
    return false;
}

/* Shows what belongs to later pieces. */
struct skipping {
    struct bins_reader *reader;
    spill_visitor *visitor;
    void *context;
};

static bool skip(void *context, const struct record *record)
{
    const struct skipping *skipping = context;
    const struct bins_reader *reader = skipping->reader;
    return ranking_find(&reader->cuts, record) < reader->piece
        || skipping->visitor(skipping->context, record);
}

bool bins_skip(struct bins_reader *reader, spill_visitor *visitor, void *context, struct fail *fail)
{
    struct skipping skipping = {reader, visitor, context};
    struct record record;
    bool ok = true;
    while (ok && ranking_next(&reader->run, &record))
        ok = visitor(context, &record);
    if (ok && reader->piece < reader->pieces)
        ok = bins_walk(reader->bins, reader->next - 1, skip, &skipping, fail);
    reader->pieces = reader->piece = 0;
    while (ok && reader->next < reader->bins->box.len)
        ok = bins_walk(reader->bins, reader->next++, visitor, context, fail);
    return ok;
}

void bins_close(struct bins_reader *reader)
{
    if (!reader->bins)
        return;
    ranking_free(&reader->run);
    ranking_free_splitters(&reader->cuts);
    parcel_clear(reader->bins->box.arena, &reader->at_hand);
    *reader = (struct bins_reader){0};
}
