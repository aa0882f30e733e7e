/* SPDX-License-Identifier: BSD-3-Clause */
/* An array of parcels. */
#include "data/box.h"

bool box_init(struct box *box, struct arena *arena, size_t len, struct fail *fail)
{
    *box = (struct box){.arena = arena};
    box->parcels = mem_alloc(arena->mem, len * sizeof *box->parcels, fail);
    if (box->parcels)
        box->len = len;
    return box->parcels != NULL;
}

void box_join(struct box *box, struct box *from)
{
    for (size_t i = 0; i < from->len; i++)
        if (from->parcels[i].head)
            parcel_join(box->arena, &box->parcels[i], &from->parcels[i]);
}

uint64_t box_records(const struct box *box)
{
    uint64_t records = 0;
    for (size_t i = 0; i < box->len; i++)
        records += box->parcels[i].records;
    return records;
}

void box_free(struct box *box)
{
    if (box->parcels) {
        for (size_t i = 0; i < box->len; i++)
            parcel_clear(box->arena, &box->parcels[i]);
        mem_free(box->arena->mem, box->parcels, box->len * sizeof *box->parcels);
    }
    *box = (struct box){0};
}
