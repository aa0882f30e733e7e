/* SPDX-License-Identifier: BSD-3-Clause */
/* Ranks are added up by their hosts, and sorted where only the extremes are shown. */
#include "status/page_places.h"

#include <stdlib.h>
#include <string.h>

uint64_t page_places_load(const struct snapshot *snapshot, const struct snapshot_rank *rank)
{
    return snapshot->runs_tasks ? snapshot_busy_ns(rank) : rank->work.mapped_bytes;
}

static void add(struct page_place *place, const struct snapshot *snapshot, int number)
{
    const struct snapshot_rank *rank = &snapshot->ranks[number];
    if (place->ranks == 0) {
        place->host = rank->host;
        place->rank = number;
    }
    place->ranks++;
    place->load += page_places_load(snapshot, rank);
    place->phase = rank->work.step.phase;
    place->tasks.done += rank->work.tasks.done;
    place->tasks.failed += rank->work.tasks.failed;
    place->tasks.running += rank->work.tasks.running;
    if (rank->peak_bytes > place->peak_bytes)
        place->peak_bytes = rank->peak_bytes;
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        place->spent_ns[phase] += rank->spent_ns[phase];
}

static int by_load(const void *a, const void *b)
{
    const struct page_place *left = a, *right = b;
    return (left->load > right->load) - (left->load < right->load);
}

/* Of too many rows a half are those with the least, a half those with the most. */
static void keep_extremes(struct page_places *places, size_t most)
{
    const size_t half = most / 2;
    if (places->len <= most)
        return;
    qsort(places->rows, places->len, sizeof *places->rows, by_load);
    memmove(places->rows + half, places->rows + places->len - half, half * sizeof *places->rows);
    places->len = most;
}

struct page_places page_places(const struct snapshot *snapshot, size_t most)
{
    struct page_places places = {.by_host = snapshot->size > PAGE_PLACES_MAX, .most = 1};
    places.all = (size_t)(places.by_host ? snapshot->hosts : snapshot->size);
    places.rows = calloc(places.all, sizeof *places.rows);
    if (!places.rows)
        return places;
    places.len = places.all;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const size_t at = places.by_host ? (size_t)snapshot->ranks[rank].host_index : (size_t)rank;
        if (at < places.len)
            add(&places.rows[at], snapshot, rank);
    }
    for (size_t i = 0; i < places.len; i++) {
        struct page_place *place = &places.rows[i];
        if (place->load > places.most)
            places.most = place->load;
        for (int phase = 0; phase < TIMING_PHASES && place->ranks > 1; phase++)
            place->spent_ns[phase] /= (uint64_t)place->ranks;
    }
    keep_extremes(&places, most);
    return places;
}

void page_places_free(struct page_places *places)
{
    free(places->rows);
    *places = (struct page_places){0};
}
