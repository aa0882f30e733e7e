/* SPDX-License-Identifier: BSD-3-Clause */
/* A hash table with open addressing, at most half full. Nobody else's text is in it, so its hash
 * needs no seed (FNV-1a). */
#include "rules/stop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 256 };

static uint64_t hash(const uint8_t *bytes, size_t len)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 0x100000001b3u;
    return sum ^ sum >> 32;
}

/* Where a word is, or would be. There is an empty slot. */
static struct stop_slot *find(const struct stop *stop, const uint8_t *bytes, size_t len)
{
    for (size_t at = (size_t)hash(bytes, len);; at++) {
        struct stop_slot *slot = &stop->slots[at & (stop->slots_len - 1)];
        if (slot->len == 0
            || (slot->len == len && memcmp(stop->texts.bytes + slot->offset, bytes, len) == 0))
            return slot;
    }
}

static bool grow(struct stop *stop, struct mem *mem, struct fail *fail)
{
    const struct stop old = *stop;
    stop->slots_len = old.slots_len ? 2 * old.slots_len : FIRST_SLOTS;
    stop->slots = mem_alloc(mem, stop->slots_len * sizeof *stop->slots, fail);
    if (!stop->slots) {
        *stop = old;
        return false;
    }
    for (size_t i = 0; i < old.slots_len; i++)
        if (old.slots[i].len)
            *find(stop, old.texts.bytes + old.slots[i].offset, old.slots[i].len) = old.slots[i];
    mem_free(mem, old.slots, old.slots_len * sizeof *old.slots);
    return true;
}

static bool add(struct stop *stop, struct mem *mem, const uint8_t *bytes, size_t len,
                struct fail *fail)
{
    if (2 * (stop->words + 1) > stop->slots_len && !grow(stop, mem, fail))
        return false;
    struct stop_slot *slot = find(stop, bytes, len);
    if (slot->len)
        return true;
    if (!buffer_append(&stop->texts, mem, bytes, len, fail))
        return false;
    *slot = (struct stop_slot){stop->texts.len - len, len};
    stop->words++;
    return true;
}

static bool add_lines(struct stop *stop, FILE *file, const char *path, struct mem *mem,
                      stop_map *map, void *context, struct fail *fail)
{
    char *line = NULL;
    size_t cap = 0;
    bool ok = true;
    errno = 0;
    for (ssize_t got; ok && (got = getline(&line, &cap, file)) > 0; errno = 0) {
        const uint8_t *bytes = (const uint8_t *)line;
        size_t len = (size_t)got;
        len -= bytes[len - 1] == '\n';
        len -= len > 0 && bytes[len - 1] == '\r';
        ok = len == 0
          || (map(context, &bytes, &len, fail) && (len == 0 || add(stop, mem, bytes, len, fail)));
    }
    if (ok && !feof(file))
        ok = fail_errno(fail, FAIL_INPUT, path, errno);
    free(line);
    return ok;
}

bool stop_read(struct stop *stop, const char *path, struct mem *mem, stop_map *map, void *context,
               struct fail *fail)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    const bool ok = add_lines(stop, file, path, mem, map, context, fail);
    fclose(file);
    return ok;
}

bool stop_has(const struct stop *stop, const uint8_t *bytes, size_t len)
{
    return stop->words > 0 && find(stop, bytes, len)->len > 0;
}

uint64_t stop_sum(const struct stop *stop)
{
    uint64_t sum = stop->words;
    for (size_t i = 0; i < stop->slots_len; i++) {
        const struct stop_slot *slot = &stop->slots[i];
        if (slot->len)
            sum += hash(stop->texts.bytes + slot->offset, (size_t)slot->len);
    }
    return sum;
}

void stop_free(struct stop *stop, struct mem *mem)
{
    buffer_free(&stop->texts, mem);
    mem_free(mem, stop->slots, stop->slots_len * sizeof *stop->slots);
    *stop = (struct stop){0};
}
