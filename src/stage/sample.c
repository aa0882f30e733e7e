/* SPDX-License-Identifier: BSD-3-Clause */
/* All parts are equally likely. Where there are more than can be kept, those between two that are
 * chosen are skipped at once. No collectives. */
#include "stage/sample.h"

#include "env.h"
#include "input/joints.h"

#include <math.h>
#include <stdlib.h>

enum {
    PIECE_BYTES = 64 << 10, /* smaller ones say more, byte for byte, but each file is opened */
    LONG_BYTES = 4 << 20,   /* what cannot be cut and is longer is taken from its beginning */
    PREFIX_MIN_BYTES = 64 << 10,
    LONGS_MAX = 256, /* that are looked into: each has to be begun in every step */
    UNITS_MAX = 1 << 18,
    FEW_UNITS = 64,    /* more than are wanted, of which chance may choose fewer */
    MEMORY_SHARE = 16, /* a part of the memory for parts, and one for those of a step */
    TEXT_RATIO = 4,    /* text of a compressed file, about: how much it was shows when it is read */
};

struct sample_unit {
    uint64_t begin, bytes;
    uint32_t file;
    bool is_long;
};

/* While units are chosen: how many are skipped before the next one. */
struct choice {
    struct sample *sample;
    double share;  /* of the units that are chosen */
    uint64_t skip; /* before the next one */
    uint64_t state;
    uint64_t units; /* seen */
    size_t room;
};

/* splitmix64, as in hash.c. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t draw_skip(struct choice *choice)
{
    const double uniform = (double)(draw(&choice->state) >> 11) / 0x1p53;
    if (choice->share <= 0)
        return UINT64_MAX / 2;
    return choice->share >= 1 ? 0 : (uint64_t)(log1p(-uniform) / log1p(-choice->share));
}

static bool is_long(const struct choice *choice, const struct sample_unit *unit)
{
    return unit->bytes > LONG_BYTES && !choice->sample->plan->catalog.filter
        && catalog_jointed(&choice->sample->plan->catalog, unit->file);
}

/* Room for what was chosen of so many is there, unless chance wants more than it should. */
static void add(struct choice *choice, struct sample_unit unit)
{
    struct sample *sample = choice->sample;
    if (sample->units && sample->len < choice->room)
        sample->units[sample->len++] = unit;
}

/* `len` units follow each other, the last of which may be shorter. Without `units` they are only
 * counted. */
static void offer(struct choice *choice, struct sample_unit unit, uint64_t len)
{
    struct sample *sample = choice->sample;
    choice->units += len;
    if (!sample->units)
        return;
    for (; choice->skip < len; choice->skip += 1 + draw_skip(choice)) {
        const uint64_t before = len > 1 ? choice->skip * PIECE_BYTES : 0;
        const uint64_t left = unit.bytes - before;
        add(choice,
            (struct sample_unit){.file = unit.file,
                                 .begin = unit.begin + before,
                                 .bytes = len > 1 && left > PIECE_BYTES ? PIECE_BYTES : left});
    }
    choice->skip -= len;
}

static void offer_file(struct choice *choice, size_t file)
{
    struct sample *sample = choice->sample;
    const struct catalog *catalog = &sample->plan->catalog;
    const uint64_t bytes = catalog->files[file].bytes;
    struct sample_unit unit = {.file = (uint32_t)file, .bytes = bytes};
    if (!catalog_jointed(catalog, file)) {
        offer(choice, unit, bytes / PIECE_BYTES + (bytes % PIECE_BYTES > 0));
        return;
    }
    for (uint64_t end; unit.begin < bytes; unit.begin = end) {
        end = joints_behind(catalog, file, unit.begin);
        unit.bytes = end - unit.begin;
        unit.is_long = is_long(choice, &unit);
        if (!unit.is_long)
            offer(choice, unit, 1);
    }
}

/* The long ones, all of them. */
static void add_longs(struct choice *choice)
{
    struct sample *sample = choice->sample;
    const struct catalog *catalog = &sample->plan->catalog;
    for (size_t file = 0; file < catalog->len; file++) {
        struct sample_unit unit = {.file = (uint32_t)file};
        if (!catalog_jointed(catalog, file))
            continue;
        for (uint64_t end; unit.begin < catalog->files[file].bytes; unit.begin = end) {
            end = joints_behind(catalog, file, unit.begin);
            unit.bytes = end - unit.begin;
            unit.is_long = is_long(choice, &unit);
            sample->long_bytes += unit.is_long && !sample->units ? unit.bytes : 0;
            sample->longs += unit.is_long && !sample->units;
            if (unit.is_long)
                add(choice, unit);
        }
    }
}

/* Of the units behind `first`, all in random order. */
static void shuffle(struct sample *sample, size_t first, uint64_t *state)
{
    for (size_t i = sample->len; i > first + 1; i--) {
        const size_t other = first + draw(state) % (i - first);
        const struct sample_unit unit = sample->units[i - 1];
        sample->units[i - 1] = sample->units[other];
        sample->units[other] = unit;
    }
}

/* Some of the long ones, which stand for all. */
static void choose_longs(struct choice *choice)
{
    struct sample *sample = choice->sample;
    uint64_t bytes = 0;
    add_longs(choice);
    shuffle(sample, 0, &choice->state);
    if (sample->longs > LONGS_MAX)
        sample->len = sample->longs = LONGS_MAX;
    for (size_t i = 0; i < sample->longs; i++)
        bytes += sample->units[i].bytes;
    sample->longs_share = bytes > 0 ? (double)sample->long_bytes / (double)bytes : 1;
    sample->least_bytes = sample->longs * PREFIX_MIN_BYTES;
}

bool sample_init(struct env *env, struct sample *sample, const struct plan *plan,
                 uint64_t most_bytes)
{
    struct choice choice = {.sample = sample, .share = 1, .state = env->seed.word[3]};
    *sample = (struct sample){.plan = plan};
    add_longs(&choice);
    for (size_t i = 0; i < plan->catalog.len; i++)
        offer_file(&choice, i);
    sample->others_bytes = plan->total_bytes - sample->long_bytes;
    const double room =
        (double)(env->budget.memory_bytes / MEMORY_SHARE / sizeof(struct catalog_file));
    const double most = fmin(fmin(UNITS_MAX, room), (double)choice.units);
    const double wanted = (double)most_bytes * 1.25 + (double)PIECE_BYTES * FEW_UNITS;
    choice.share =
        fmin(most / fmax((double)choice.units, 1), wanted / (double)(sample->others_bytes + 1));
    choice.room = (size_t)((double)choice.units * choice.share * 1.1) + sample->longs + 64;
    sample->units_bytes = choice.room * sizeof *sample->units;
    sample->units = mem_alloc(&env->mem, sample->units_bytes, &env->fail);
    if (!sample->units)
        return false;
    choose_longs(&choice);
    choice.skip = draw_skip(&choice);
    for (size_t i = 0; i < plan->catalog.len; i++)
        offer_file(&choice, i);
    shuffle(sample, sample->longs, &choice.state);
    sample->taken = sample->longs;
    return true;
}

/* As an entry of the catalog; of a long one a share. */
static void take(struct sample *sample, const struct sample_unit *unit, double share)
{
    struct catalog *catalog = &sample->catalog;
    struct catalog_file *file = &catalog->files[catalog->len];
    struct catalog_part *part = &catalog->parts[catalog->len++];
    const double prefix = fmax((double)unit->bytes * share, PREFIX_MIN_BYTES);
    *file = sample->plan->catalog.files[unit->file];
    *part = (struct catalog_part){.file = unit->file,
                                  .between_joints = file->encoded && file->joints_len > 0,
                                  .begin = unit->begin,
                                  .file_bytes = file->bytes,
                                  .text_bytes = UINT64_MAX};
    file->bytes = unit->bytes;
    file->joints_len = 0;
    if (!unit->is_long || prefix >= (double)unit->bytes)
        return;
    if (file->encoded)
        part->text_bytes = (uint64_t)(prefix * TEXT_RATIO);
    else
        file->bytes = (uint64_t)prefix;
}

static void free_catalog(struct env *env, struct sample *sample)
{
    struct catalog *catalog = &sample->catalog;
    mem_free(&env->mem, catalog->files, sample->entries * sizeof *catalog->files);
    mem_free(&env->mem, catalog->parts, sample->entries * sizeof *catalog->parts);
}

/* Room for so many entries. */
static bool clear_catalog(struct env *env, struct sample *sample, size_t entries)
{
    struct catalog *catalog = &sample->catalog;
    const struct catalog_file *all = sample->plan->catalog.files;
    free_catalog(env, sample);
    *catalog = sample->plan->catalog;
    sample->entries = entries;
    catalog->len = 0;
    catalog->files = mem_alloc(&env->mem, entries * sizeof *all, &env->fail);
    catalog->parts = mem_alloc(&env->mem, entries * sizeof *catalog->parts, &env->fail);
    return catalog->files && catalog->parts;
}

static int by_place(const void *a, const void *b)
{
    const struct sample_unit *left = a, *right = b;
    return left->file != right->file ? (left->file > right->file) - (left->file < right->file)
                                     : (left->begin > right->begin) - (left->begin < right->begin);
}

/* Those that a step takes come in the order of the input, as files are best read. */
bool sample_step(struct env *env, struct sample *sample, uint64_t bytes, struct plan *step)
{
    const double share = (double)bytes / (double)(sample->plan->total_bytes + 1);
    const uint64_t wanted = (uint64_t)(share * (double)sample->others_bytes);
    const size_t first = sample->longs > 0 ? sample->longs : sample->taken;
    uint64_t others = sample->taken_bytes;
    size_t end = sample->taken;
    while (end < sample->len && others < wanted)
        others += sample->units[end++].bytes;
    if (!clear_catalog(env, sample, sample->longs + end - first))
        return false;
    qsort(sample->units + sample->taken, end - sample->taken, sizeof *sample->units, by_place);
    for (size_t i = 0; i < sample->longs; i++)
        take(sample, &sample->units[i], share * sample->longs_share);
    for (size_t i = first; i < end; i++)
        take(sample, &sample->units[i], 1);
    sample->taken = end;
    sample->taken_bytes = others;
    *step = *sample->plan;
    step->catalog = sample->catalog;
    step->total_bytes = step->left_bytes = catalog_bytes(&sample->catalog);
    step->files = sample->catalog.len;
    step->longest_bytes = 0;
    step->split_bytes = step->total_bytes + 1;
    step->sampled = true;
    return true;
}

void sample_free(struct env *env, struct sample *sample)
{
    free_catalog(env, sample);
    mem_free(&env->mem, sample->units, sample->units_bytes);
    *sample = (struct sample){0};
}
