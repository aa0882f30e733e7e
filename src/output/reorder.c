/* SPDX-License-Identifier: BSD-3-Clause */
/* A reorder buffer. Items are appended as they come, and each lies in one piece: what does not fit
 * the buffer sends it to the file first. When nothing waits any more, both begin anew. */
#include "output/reorder.h"

#include <assert.h>
#include <string.h>

enum {
    SLOTS_MIN = 256,
    BUFFER_MIN_BYTES = 64 << 10,
    BUFFER_MAX_BYTES = 16 << 20,
    FORGET_BYTES = 64 << 10, /* of larger items the place on the disk is given back at once */
};

void reorder_init(struct reorder *reorder, struct mem *mem, size_t max_bytes, const char *folders,
                  const char *beside)
{
    size_t buffer = max_bytes / 2 < BUFFER_MAX_BYTES ? max_bytes / 2 : BUFFER_MAX_BYTES;
    *reorder = (struct reorder){
        .mem = mem,
        .folders = folders,
        .beside = beside,
        .scratch.fd = -1,
        .next = 1,
        .end = 1,
        .slots_most = max_bytes / 2 / sizeof *reorder->slots,
        .buffer_cap = buffer > BUFFER_MIN_BYTES ? buffer : BUFFER_MIN_BYTES,
    };
}

static struct reorder_slot *slot_of(const struct reorder *reorder, uint64_t number)
{
    return &reorder->slots[number & (reorder->slots_cap - 1)];
}

/* Makes the ring reach to `number`. */
static bool reach(struct reorder *reorder, uint64_t number, struct fail *fail)
{
    size_t cap = reorder->slots_cap ? reorder->slots_cap : SLOTS_MIN;
    struct reorder old = *reorder;
    if (number - reorder->next < reorder->slots_cap)
        return true;
    while (number - reorder->next >= cap)
        cap *= 2;
    reorder->slots = mem_alloc(reorder->mem, cap * sizeof *reorder->slots, fail);
    if (!reorder->slots) {
        reorder->slots = old.slots;
        return false;
    }
    reorder->slots_cap = cap;
    for (uint64_t i = old.next; i < old.end; i++)
        *slot_of(reorder, i) = *slot_of(&old, i);
    mem_free(reorder->mem, old.slots, old.slots_cap * sizeof *old.slots);
    return true;
}

static bool append_to_file(struct reorder *reorder, const void *bytes, size_t len,
                           struct fail *fail)
{
    bool ok = (reorder->scratch.fd >= 0
               || scratch_open(&reorder->scratch, reorder->folders, reorder->beside, fail))
           && scratch_write(&reorder->scratch, bytes, len, reorder->file_bytes, fail);
    reorder->file_bytes += ok ? len : 0;
    return ok;
}

/* Makes room for `len` bytes in the buffer, or, where they are more than it ever has, empties it.
 */
static bool make_room(struct reorder *reorder, size_t len, struct fail *fail)
{
    if (!reorder->buffer)
        reorder->buffer = mem_alloc(reorder->mem, reorder->buffer_cap, fail);
    if (!reorder->buffer)
        return false;
    if (len <= reorder->buffer_cap - reorder->buffer_len)
        return true;
    bool ok = append_to_file(reorder, reorder->buffer, reorder->buffer_len, fail);
    reorder->buffer_len = 0;
    return ok;
}

static bool append(struct reorder *reorder, const void *bytes, size_t len, bool direct,
                   struct fail *fail)
{
    if (direct)
        return append_to_file(reorder, bytes, len, fail);
    if (len > 0)
        memcpy(reorder->buffer + reorder->buffer_len, bytes, len);
    reorder->buffer_len += len;
    return true;
}

bool reorder_put(struct reorder *reorder, uint64_t number, const void *head, size_t head_len,
                 const void *bytes, size_t len, struct fail *fail)
{
    assert(number >= reorder->next);
    if (!reach(reorder, number, fail) || !make_room(reorder, head_len + len, fail))
        return false;
    struct reorder_slot *slot = slot_of(reorder, number);
    const bool direct = head_len + len > reorder->buffer_cap;
    const uint64_t at = reorder->file_bytes + reorder->buffer_len;
    assert(slot->len == 0);
    if (!append(reorder, head, head_len, direct, fail)
        || !append(reorder, bytes, len, direct, fail))
        return false;
    *slot = (struct reorder_slot){at, head_len + len + 1};
    reorder->waiting++;
    reorder->end = number >= reorder->end ? number + 1 : reorder->end;
    return true;
}

static bool fetch(struct reorder *reorder, uint64_t at, size_t len, const uint8_t **bytes,
                  struct fail *fail)
{
    if (at >= reorder->file_bytes) {
        *bytes = reorder->buffer + (at - reorder->file_bytes);
        return true;
    }
    uint8_t *item =
        mem_reserve(reorder->mem, reorder->item, &reorder->item_cap, len > 0 ? len : 1, fail);
    if (!item)
        return false;
    reorder->item = item;
    *bytes = item;
    if (!scratch_read(&reorder->scratch, item, len, at, fail))
        return false;
    if (len >= FORGET_BYTES)
        scratch_forget(&reorder->scratch, at, len);
    return true;
}

/* Nothing waits: what was written may be overwritten. */
static void begin_anew(struct reorder *reorder)
{
    if (reorder->file_bytes > 0)
        scratch_empty(&reorder->scratch);
    reorder->file_bytes = reorder->buffer_len = 0;
}

bool reorder_take(struct reorder *reorder, const uint8_t **bytes, size_t *len, struct fail *fail)
{
    if (reorder->waiting == 0) {
        begin_anew(reorder);
        return false;
    }
    struct reorder_slot *slot = slot_of(reorder, reorder->next);
    if (slot->len == 0)
        return false;
    *len = (size_t)slot->len - 1;
    if (!fetch(reorder, slot->at, *len, bytes, fail))
        return false;
    *slot = (struct reorder_slot){0};
    reorder->waiting--;
    reorder->next++;
    return true;
}

void reorder_pass(struct reorder *reorder)
{
    reorder->next++;
    reorder->end = reorder->next > reorder->end ? reorder->next : reorder->end;
}

bool reorder_is_full(const struct reorder *reorder)
{
    return reorder->end - reorder->next >= reorder->slots_most / 2;
}

void reorder_free(struct reorder *reorder)
{
    if (!reorder->mem)
        return;
    mem_free(reorder->mem, reorder->slots, reorder->slots_cap * sizeof *reorder->slots);
    mem_free(reorder->mem, reorder->buffer, reorder->buffer ? reorder->buffer_cap : 0);
    mem_free(reorder->mem, reorder->item, reorder->item_cap);
    scratch_close(&reorder->scratch);
    *reorder = (struct reorder){.scratch.fd = -1};
}
