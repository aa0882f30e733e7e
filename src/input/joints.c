/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk from member to member. A member whose head or length cannot be believed ends the walk, and
 * whoever decodes it, or takes the record, says what is wrong. */
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

static uint64_t behind_member(const void *context, struct peek *peek, uint64_t at, uint64_t from)
{
    return ((const struct decoder *)context)->next(peek, at, from);
}

/* The members of an encoded file. False: where they begin cannot be known. */
static bool look(struct peek *peek, struct joints_records *members)
{
    const size_t len = peek->bytes < MAGIC_BYTES ? (size_t)peek->bytes : MAGIC_BYTES;
    const uint8_t *head = peek_at(peek, 0, len);
    const struct decoder *decoder = head ? decoder_find(head, len) : NULL;
    *members = (struct joints_records){.next = behind_member, .context = decoder};
    return decoder && decoder->next;
}

/* A joint before the last member is kept only where that is whole: what may follow the last one,
 * as zeros behind gzip data, is no member. */
static bool walk(struct catalog *catalog, size_t file, const struct joints_records *members,
                 struct peek *peek, struct fail *fail)
{
    const uint64_t unit = catalog->unit;
    uint64_t last = 0, next;
    for (uint64_t at = 0; at < peek->bytes; last = at, at = next) {
        next = members->next(members->context, peek, at, (at / unit + 1) * unit);
        if (next <= at || next > peek->bytes)
            return true;
        if (joints_between(last, at, unit) && !add(catalog, file, at, fail))
            return false;
    }
    return true;
}

bool joints_find(struct catalog *catalog, size_t file, const struct joints_records *records,
                 struct fail *fail)
{
    struct peek peek = {.bytes = catalog->files[file].bytes};
    struct joints_records members;
    catalog->files[file].joints = catalog->joints_len;
    peek.fd = open(catalog_name(catalog, file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (peek.fd < 0)
        return true; /* who wants to read it says why that is not possible */
    bool ok = true;
    if (records && records->head)
        catalog->files[file].head = records->head(records->context, &peek);
    if (records && (!records->head || catalog->files[file].head))
        ok = walk(catalog, file, records, &peek, fail);
    else if (!records && look(&peek, &members))
        ok = walk(catalog, file, &members, &peek, fail);
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
