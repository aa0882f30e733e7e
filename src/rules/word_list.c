/* SPDX-License-Identifier: BSD-3-Clause */
/* A hash table with open addressing, at most half full. Nobody else's text is in it, so its hash
 * needs no seed (FNV-1a). */
#include "rules/word_list.h"

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
static struct word_list_slot *find(const struct word_list *list, const uint8_t *bytes, size_t len)
{
    for (size_t at = (size_t)hash(bytes, len);; at++) {
        struct word_list_slot *slot = &list->slots[at & (list->slots_len - 1)];
        if (slot->len == 0
            || (slot->len == len && memcmp(list->texts.bytes + slot->offset, bytes, len) == 0))
            return slot;
    }
}

static bool grow(struct word_list *list, struct mem *mem, struct fail *fail)
{
    const struct word_list old = *list;
    list->slots_len = old.slots_len ? 2 * old.slots_len : FIRST_SLOTS;
    list->slots = mem_alloc(mem, list->slots_len * sizeof *list->slots, fail);
    if (!list->slots) {
        *list = old;
        return false;
    }
    for (size_t i = 0; i < old.slots_len; i++)
        if (old.slots[i].len)
            *find(list, old.texts.bytes + old.slots[i].offset, old.slots[i].len) = old.slots[i];
    mem_free(mem, old.slots, old.slots_len * sizeof *old.slots);
    return true;
}

static bool add(struct word_list *list, struct mem *mem, const uint8_t *bytes, size_t len,
                struct fail *fail)
{
    if (2 * (list->words + 1) > list->slots_len && !grow(list, mem, fail))
        return false;
    struct word_list_slot *slot = find(list, bytes, len);
    if (slot->len)
        return true;
    if (!buffer_append(&list->texts, mem, bytes, len, fail))
        return false;
    *slot = (struct word_list_slot){list->texts.len - len, len};
    list->words++;
    return true;
}

/* Moves past a byte order mark. */
static void skip_mark(const uint8_t **bytes, size_t *len)
{
    if (*len < 3 || memcmp(*bytes, "\xef\xbb\xbf", 3) != 0)
        return;
    *bytes += 3;
    *len -= 3;
}

static bool add_lines(struct word_list *list, FILE *file, const char *path, struct mem *mem,
                      word_list_map *map, void *context, struct fail *fail)
{
    char *line = NULL;
    size_t cap = 0;
    bool ok = true, first = true;
    errno = 0;
    for (ssize_t got; ok && (got = getline(&line, &cap, file)) > 0; errno = 0) {
        const uint8_t *bytes = (const uint8_t *)line;
        size_t len = (size_t)got;
        len -= bytes[len - 1] == '\n';
        len -= len > 0 && bytes[len - 1] == '\r';
        if (first)
            skip_mark(&bytes, &len);
        first = false;
        ok = len == 0
          || (map(context, &bytes, &len, fail) && (len == 0 || add(list, mem, bytes, len, fail)));
    }
    if (ok && !feof(file))
        ok = fail_errno(fail, FAIL_INPUT, path, errno);
    free(line);
    return ok;
}

bool word_list_read(struct word_list *list, const char *path, struct mem *mem, word_list_map *map,
                    void *context, struct fail *fail)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    const bool ok = add_lines(list, file, path, mem, map, context, fail);
    fclose(file);
    return ok;
}

bool word_list_has(const struct word_list *list, const uint8_t *bytes, size_t len)
{
    return list->words > 0 && find(list, bytes, len)->len > 0;
}

bool word_list_next(const struct word_list *list, size_t *at, const uint8_t **bytes, size_t *len)
{
    for (; *at < list->slots_len; ++*at) {
        const struct word_list_slot *slot = &list->slots[*at];
        if (slot->len == 0)
            continue;
        *bytes = list->texts.bytes + slot->offset;
        *len = (size_t)slot->len;
        ++*at;
        return true;
    }
    return false;
}

uint64_t word_list_sum(const struct word_list *list)
{
    uint64_t sum = list->words;
    for (size_t i = 0; i < list->slots_len; i++) {
        const struct word_list_slot *slot = &list->slots[i];
        if (slot->len)
            sum += hash(list->texts.bytes + slot->offset, (size_t)slot->len);
    }
    return sum;
}

void word_list_free(struct word_list *list, struct mem *mem)
{
    buffer_free(&list->texts, mem);
    mem_free(mem, list->slots, list->slots_len * sizeof *list->slots);
    *list = (struct word_list){0};
}
