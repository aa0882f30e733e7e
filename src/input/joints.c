/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk from the head of a member to the next. Nothing is decoded: a member whose head or length
 * cannot be believed ends the walk, and whoever decodes it says what is wrong. */
#include "input/joints.h"

#include "input/decoder.h"
#include "input/magic.h"

#include <fcntl.h>
#include <unistd.h>

static bool add(struct catalog *catalog, size_t file, uint64_t at, struct fail *fail)
{
    uint64_t *joints = mem_reserve(catalog->mem, catalog->joints, &catalog->joints_bytes,
                                   (catalog->joints_len + 1) * sizeof *joints, fail);
    if (!joints)
        return false;
    catalog->joints = joints;
    catalog->joints[catalog->joints_len++] = at;
    catalog->files[file].joints_len++;
    return true;
}

/* A joint before the last member is kept only where that is whole: what may follow the last one,
 * as zeros behind gzip data, is no member. */
static bool walk(struct catalog *catalog, size_t file, struct peek *peek, struct fail *fail)
{
    const uint8_t *head =
        peek_at(peek, 0, peek->bytes < MAGIC_BYTES ? (size_t)peek->bytes : MAGIC_BYTES);
    const struct decoder *decoder =
        head ? decoder_find(head, peek->bytes < MAGIC_BYTES ? (size_t)peek->bytes : MAGIC_BYTES)
             : NULL;
    uint64_t last = 0, next;
    if (!decoder || !decoder->next)
        return true;
    for (uint64_t at = 0; at < peek->bytes; last = at, at = next) {
        next = decoder->next(peek, at);
        if (next <= at || next > peek->bytes)
            return true;
        if (joints_between(last, at, catalog->unit) && !add(catalog, file, at, fail))
            return false;
    }
    return true;
}

bool joints_find(struct catalog *catalog, size_t file, struct fail *fail)
{
    struct peek peek = {.bytes = catalog->files[file].bytes};
    catalog->files[file].joints = catalog->joints_len;
    peek.fd = open(catalog_name(catalog, file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (peek.fd < 0)
        return true; /* who wants to read it says why that is not possible */
    bool ok = walk(catalog, file, &peek, fail);
    close(peek.fd);
    return ok;
}

/* How many joints of the file lie at or before `offset`. */
static size_t count_upto(const struct catalog *catalog, size_t file, uint64_t offset)
{
    const uint64_t *joints = catalog->joints + catalog->files[file].joints;
    size_t low = 0, high = catalog->files[file].joints_len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (joints[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t joints_at_or_before(const struct catalog *catalog, size_t file, uint64_t offset)
{
    size_t count = count_upto(catalog, file, offset);
    return count > 0 ? catalog->joints[catalog->files[file].joints + count - 1] : 0;
}

uint64_t joints_behind(const struct catalog *catalog, size_t file, uint64_t offset)
{
    const struct catalog_file *entry = &catalog->files[file];
    size_t count = count_upto(catalog, file, offset);
    return count < entry->joints_len ? catalog->joints[entry->joints + count] : entry->bytes;
}

uint64_t joints_longest(const struct catalog *catalog, size_t file)
{
    uint64_t longest = 0;
    for (uint64_t at = 0, next; at < catalog->files[file].bytes; at = next) {
        next = joints_behind(catalog, file, at);
        longest = next - at > longest ? next - at : longest;
    }
    return longest;
}
