/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of ranges: a head, the ranges, then the names of their files. */
#include "input/split.h"

#include "input/joints.h"

#include <string.h>
#include <xxhash.h>

/* What a list of ranges begins with; ranges and names follow. */
struct list {
    uint64_t ranges, names_bytes;
    uint64_t checksum;
};

struct split_place split_boundary(const struct catalog *catalog, uint64_t unit_bytes,
                                  struct split_place from, uint64_t from_bytes, uint64_t target,
                                  uint64_t *boundary_bytes)
{
    const struct catalog_file *files = catalog->files;
    uint64_t start = from_bytes - from.offset; /* of the file, among all bytes */
    size_t file = from.file;
    while (file < catalog->len && start + files[file].bytes <= target)
        start += files[file++].bytes;
    struct split_place place = {.file = file};
    if (file < catalog->len) {
        uint64_t bytes = files[file].bytes, into = target > start ? target - start : 0;
        uint64_t below = into - into % unit_bytes;
        uint64_t above = bytes - below > unit_bytes ? below + unit_bytes : bytes;
        if (catalog_jointed(catalog, file)) {
            below = joints_at_or_before(catalog, file, into);
            above = joints_behind(catalog, file, into);
        }
        place.offset = into - below <= above - into ? below : above;
        if (start + place.offset < from_bytes)
            place.offset = from.offset; /* never back */
        if (place.offset == bytes)
            place = (struct split_place){.file = file + 1};
    }
    *boundary_bytes = place.file == file ? start + place.offset : start + files[file].bytes;
    return place;
}

size_t split_list_bytes(const struct catalog *catalog, struct split_place from,
                        struct split_place to)
{
    size_t last = to.file + (to.offset > 0);
    size_t bytes = sizeof(struct list);
    for (size_t file = from.file; file < last; file++)
        bytes += sizeof(struct window_range) + strlen(catalog_name(catalog, file)) + 1;
    return mem_padded(bytes);
}

/* The range of an entry that stands for a part of a file. */
static void make_part(const struct catalog *catalog, size_t file, struct window_range *range)
{
    const struct catalog_part *part = &catalog->parts[file];
    range->file = (uint32_t)part->file;
    range->text_from = range->begin == 0 ? part->text_from : 0;
    range->begin += part->begin;
    range->end += part->begin;
    range->file_bytes = part->file_bytes;
    range->head = range->begin > 0 || range->text_from > 0 ? catalog->files[file].head : 0;
    range->unit = part->between_joints ? catalog->unit : 0;
    range->text_bytes = part->text_bytes;
}

void split_write(const struct catalog *catalog, struct split_place from, struct split_place to,
                 uint8_t *at, size_t bytes)
{
    size_t last = to.file + (to.offset > 0);
    struct list *list = (struct list *)(void *)at;
    struct window_range *ranges = (struct window_range *)(void *)(list + 1);
    char *names = (char *)(ranges + (last - from.file));
    *list = (struct list){0};
    for (size_t file = from.file; file < last; file++) {
        const char *name = catalog_name(catalog, file);
        const struct catalog_file *entry = &catalog->files[file];
        uint64_t begin = file == from.file ? from.offset : 0;
        uint64_t end = file == to.file ? to.offset : entry->bytes;
        if (begin == end)
            continue; /* an empty file; its place in the list stays unused */
        struct window_range *range = &ranges[list->ranges++];
        *range = (struct window_range){
            .begin = begin,
            .end = end,
            .file_bytes = entry->bytes,
            .file = (uint32_t)file,
            .name_off = (uint32_t)list->names_bytes,
            .encoded = entry->encoded,
            .head = begin > 0 ? entry->head : 0,
            .unit = entry->encoded && entry->joints_len > 0 ? catalog->unit : 0,
            .text_from = joints_text(catalog, file, begin),
            .text_past = joints_text(catalog, file, end),
        };
        if (catalog->parts)
            make_part(catalog, file, range);
        size_t len = strlen(name) + 1;
        memcpy(names + list->names_bytes, name, len);
        list->names_bytes += len;
    }
    memmove(ranges + list->ranges, names, list->names_bytes);
    list->checksum = XXH3_64bits(list + 1, bytes - sizeof *list);
}

bool split_set(struct window *window, uint8_t *at, size_t bytes, bool ends, struct fail *fail)
{
    const struct list *list = (const struct list *)(const void *)at;
    struct window_range *ranges = (struct window_range *)(void *)(at + sizeof *list);
    if (XXH3_64bits(list + 1, bytes - sizeof *list) != list->checksum)
        return fail_set(fail, FAIL_VERIFY,
                        "verification failed: a list of files arrived with a wrong checksum");
    window_set(window, ranges, list->ranges, (const char *)(ranges + list->ranges), ends);
    return true;
}
