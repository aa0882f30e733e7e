/* SPDX-License-Identifier: BSD-3-Clause */
/* membered: a text in many small members, some of them without text, in each format in which a file
 * can be cut between them, and what is known of it. */
#ifndef MEMBERED_H
#define MEMBERED_H

#include "input/joints.h"

#include "packed.h"
#include "world_in_folder.h"

enum { MEMBERED_MAX = 64, MEMBERED_TEXT_MAX = 8000, MEMBERED_STORED_MAX = 40000 };

static const struct packer membered_packers[] = {
    {"gzip data", "\x1f\x8b\x08", 3, 1, false, false, packed_gzip},
    {"gzip data", "\x1f\x8b\x08", 3, 1, false, false, packed_bgzf},
    {"Zstandard data", "\x28\xb5\x2f\xfd", 4, 0, true, true, packed_zstd},
    {"LZ4 data", "\x04\x22\x4d\x18", 4, 0, true, false, packed_lz4},
    {"xz data", "\xfd\x37zXZ\0", 6, 4, false, false, packed_xz},
    {"xz data", "\xfd\x37zXZ\0", 6, 4, false, false, packed_xz_block},
};

struct membered {
    uint8_t text[MEMBERED_TEXT_MAX], stored[MEMBERED_STORED_MAX];
    size_t len, stored_len;
    uint64_t begins[MEMBERED_MAX]; /* of the members, as stored */
    uint64_t units[MEMBERED_MAX];  /* of what must be whole, so that they are found: of a stream */
    uint64_t texts[MEMBERED_MAX];  /* of the members, in the text */
    size_t members;
};

/* So many members, with up to `longest` bytes of text each, made of these letters; every second
 * one has none or a single byte. */
static inline void membered_make(struct seeded *seeded, const struct packer *packer, size_t members,
                                 size_t longest, const char *letters, struct membered *file)
{
    struct packed packed = {.bytes = file->stored, .room = MEMBERED_STORED_MAX};
    file->len = 0;
    for (file->members = 0; file->members < members;) {
        uint8_t *text = file->text + file->len;
        size_t len =
            seeded_below(seeded, 2) ? seeded_below(seeded, 2) : seeded_below(seeded, longest + 1);
        const size_t member = file->members++;
        packed.begin = packed.unit = packed.len;
        file->texts[member] = file->len;
        file->begins[member] = file->units[member] = packed.len;
        if (packer->skips && (packed.len > 0 || packer->skips_first)
            && seeded_below(seeded, 6) == 0) {
            packed_skip(seeded, &packed);
            continue;
        }
        for (size_t i = 0; i < len; i++)
            text[i] = seeded_of(seeded, letters, strlen(letters));
        packer->add(seeded, &packed, text, len, true);
        file->begins[member] = packed.begin;
        file->units[member] = packed.unit;
        file->len += len;
    }
    file->stored_len = packed.len;
}

/* How many members are found in so many bytes of the file. */
static inline size_t membered_found(const struct membered *file, size_t len)
{
    size_t found = 0;
    for (size_t i = 1; i <= file->members; i++)
        if (i == file->members ? file->stored_len <= len
                               : file->units[i] == file->begins[i] && file->begins[i] <= len)
            found = i;
    return found;
}

/* Puts it into the folder and into a catalog, with its joints. */
static inline void membered_put(struct world *world, struct catalog *catalog, uint64_t unit,
                                const uint8_t *stored, size_t len)
{
    catalog_init(catalog, &world->mem);
    assert_true(catalog_add(catalog, folder_put("members", stored, len), false, &world->fail));
    catalog->unit = unit;
    assert_true(joints_find(catalog, 0, NULL, &world->fail));
}

#endif
