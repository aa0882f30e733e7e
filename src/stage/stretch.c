/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of ranges: a head, the ranges, then the names of their files. No collectives. */
#include "stage/stretch.h"

#include "job.h"

#include <string.h>
#include <xxhash.h>

/* What a list of ranges begins with; ranges and names follow. */
struct list {
    uint64_t ranges, names_bytes;
    uint64_t checksum;
};

size_t stretch_bytes(const struct plan *plan, struct plan_place from, struct plan_place to)
{
    size_t last = to.file + (to.offset > 0);
    size_t bytes = sizeof(struct list);
    for (size_t file = from.file; file < last; file++)
        bytes += sizeof(struct input_range) + strlen(catalog_name(&plan->catalog, file)) + 1;
    return (bytes + 7) & ~(size_t)7;
}

void stretch_write(const struct plan *plan, struct plan_place from, struct plan_place to,
                   uint8_t *at, size_t bytes)
{
    size_t last = to.file + (to.offset > 0);
    struct list *list = (struct list *)(void *)at;
    struct input_range *ranges = (struct input_range *)(void *)(list + 1);
    char *names = (char *)(ranges + (last - from.file));
    *list = (struct list){0};
    for (size_t file = from.file; file < last; file++) {
        const char *name = catalog_name(&plan->catalog, file);
        uint64_t file_bytes = plan->catalog.files[file].bytes;
        uint64_t begin = file == from.file ? from.offset : 0;
        uint64_t end = file == to.file ? to.offset : file_bytes;
        if (begin == end)
            continue; /* an empty file; its place in the list stays unused */
        ranges[list->ranges++] = (struct input_range){
            .begin = begin,
            .end = end,
            .file_bytes = file_bytes,
            .file = (uint32_t)file,
            .name_off = (uint32_t)list->names_bytes,
        };
        size_t len = strlen(name) + 1;
        memcpy(names + list->names_bytes, name, len);
        list->names_bytes += len;
    }
    memmove(ranges + list->ranges, names, list->names_bytes);
    list->checksum = XXH3_64bits(list + 1, bytes - sizeof *list);
}

bool stretch_set(struct env *env, uint8_t *at, size_t bytes, struct input *input, bool ends)
{
    const struct list *list = (const struct list *)(const void *)at;
    struct input_range *ranges = (struct input_range *)(void *)(at + sizeof *list);
    if (XXH3_64bits(list + 1, bytes - sizeof *list) != list->checksum)
        return fail_set(&env->fail, FAIL_VERIFY,
                        "verification failed: a list of files arrived with a wrong checksum");
    input_set(input, ranges, list->ranges, (const char *)(ranges + list->ranges), ends);
    return true;
}
