/* SPDX-License-Identifier: BSD-3-Clause */
/* Runs on the disk. They are not sorted, and equal keys of different runs are added up when their
 * bucket is read: buckets of a hash are small enough to be counted in memory, which is quicker than
 * merging what was sorted. One file for each folder, however many buckets there are. */
#include "data/spill.h"

#include "data/spill_run.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    BLOCK_BYTES = 64 << 10, /* of records in a block at most, unless one is longer */
    BUFFER_SHARE = 64,      /* of the memory, but not more than */
    BUFFER_MAX_BYTES = 1 << 20,
};

static size_t index_bytes(const struct spill *spill)
{
    return (spill->buckets + 1) * sizeof(struct spill_place);
}

bool spill_init(struct spill *spill, struct arena *arena, struct scratch_space *space,
                size_t buckets, struct fail *fail)
{
    const size_t share = arena->mem->limit_bytes / BUFFER_SHARE;
    *spill = (struct spill){.arena = arena, .space = space, .buckets = buckets};
    for (size_t i = 0; i < SCRATCH_SPACE_FOLDERS; i++)
        spill->files[i].fd = -1;
    spill->buffer_cap = share < BUFFER_MAX_BYTES ? share : BUFFER_MAX_BYTES;
    spill->buffer_bytes = spill->buffer_cap + ARENA_SLACK_BYTES;
    spill->buffer = mem_alloc(arena->mem, spill->buffer_bytes, fail);
    spill->index = mem_alloc(arena->mem, index_bytes(spill), fail);
    return spill->buffer && spill->index;
}

/* Where a run is being written. */
struct writing {
    struct spill *spill;
    struct scratch *file;
    uint64_t offset; /* of what is in the buffer */
};

static bool flush(struct writing *to, struct fail *fail)
{
    struct spill *spill = to->spill;
    if (!scratch_write(to->file, spill->buffer, spill->buffer_len, to->offset, fail))
        return false;
    to->offset += spill->buffer_len;
    spill->buffer_len = 0;
    scratch_space_step(spill->space);
    return true;
}

static bool put(struct writing *to, const void *bytes, size_t len, struct fail *fail)
{
    struct spill *spill = to->spill;
    if (spill->buffer_len + len > spill->buffer_cap && !flush(to, fail))
        return false;
    if (len > spill->buffer_cap) {
        bool ok = scratch_write(to->file, bytes, len, to->offset, fail);
        to->offset += len;
        return ok;
    }
    memcpy(spill->buffer + spill->buffer_len, bytes, len);
    spill->buffer_len += len;
    return true;
}

/* The chunks from `from` on that make the next block, or one that is longer than a block may be. */
static const struct chunk *block_of(const struct chunk *from, uint64_t *bytes)
{
    const struct chunk *end = from->next;
    *bytes = from->used_bytes;
    for (; end && *bytes + end->used_bytes <= BLOCK_BYTES; end = end->next)
        *bytes += end->used_bytes;
    return end;
}

/* The checksum is made of the chunks where they lie, so that they are copied once. */
static bool checksum_chunks(struct spill_head *head, const struct chunk *from,
                            const struct chunk *end, struct fail *fail)
{
    XXH3_state_t *state = XXH3_createState();
    if (!state)
        return fail_set(fail, FAIL_MEMORY, "memory: no checksum");
    XXH3_64bits_reset_withSeed(state, spill_seed(head));
    for (; from != end; from = from->next)
        XXH3_64bits_update(state, from->bytes, from->used_bytes);
    head->checksum = XXH3_64bits_digest(state);
    XXH3_freeState(state);
    return true;
}

static bool put_bucket(struct writing *to, size_t bucket, const struct parcel *parcel,
                       struct fail *fail)
{
    for (const struct chunk *chunk = parcel->head, *end; chunk; chunk = end) {
        struct spill_head head = {.magic = SPILL_MAGIC, .bucket = (uint32_t)bucket};
        head.run = to->spill->runs_len;
        end = block_of(chunk, &head.bytes);
        if (!checksum_chunks(&head, chunk, end, fail) || !put(to, &head, sizeof head, fail))
            return false;
        for (; chunk != end; chunk = chunk->next)
            if (!put(to, chunk->bytes, chunk->used_bytes, fail))
                return false;
    }
    return true;
}

/* What a run of the box takes on the disk; 0: there are no records. */
static uint64_t run_bytes(const struct spill *spill, const struct box *box)
{
    uint64_t sum = 0, bytes;
    for (size_t i = 0; i < box->len; i++)
        for (const struct chunk *chunk = box->parcels[i].head; chunk;) {
            chunk = block_of(chunk, &bytes);
            sum += sizeof(struct spill_head) + bytes;
        }
    return sum > 0 ? sum + index_bytes(spill) : 0;
}

static bool put_run(struct spill *spill, struct spill_run *run, const struct box *box,
                    struct fail *fail)
{
    const uint64_t begin = spill->file_bytes[run->file];
    struct writing to = {spill, &spill->files[run->file], begin};
    uint64_t records = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < box->len; i++) {
        spill->index[i] = spill_place(to.offset + spill->buffer_len, records, i, spill->runs_len);
        records += box->parcels[i].records;
        ok = put_bucket(&to, i, &box->parcels[i], fail);
    }
    run->index = to.offset + spill->buffer_len;
    run->given_back = begin;
    spill->index[box->len] = spill_place(run->index, records, box->len, spill->runs_len);
    if (!ok || !put(&to, spill->index, index_bytes(spill), fail) || !flush(&to, fail))
        return false;
    scratch_put_by(to.file, begin, to.offset - begin);
    spill->file_bytes[run->file] = to.offset;
    spill->records += records;
    return true;
}

/* In one folder. What was written of a run that fails is gone again. */
static bool put_in(struct spill *spill, struct spill_run *run, const struct box *box,
                   uint64_t bytes, struct fail *fail)
{
    struct scratch *file = &spill->files[run->file];
    const uint64_t begin = spill->file_bytes[run->file];
    if (file->fd < 0
        && !(spill->log ? scratch_create_log(file, spill->log, fail)
                        : scratch_open_in(file, spill->space->folders[run->file], fail)))
        return false;
    bool ok = scratch_reserve(file, begin, bytes)
           || fail_set(fail, FAIL_OUTPUT, "scratch: %s: %s", file->folder, strerror(errno));
    ok = ok && put_run(spill, run, box, fail);
    if (!ok) {
        scratch_cut(file, begin);
        spill->buffer_len = 0;
    }
    return ok;
}

static bool no_room(const struct spill *spill, uint64_t bytes, const struct fail *cause,
                    struct fail *fail)
{
    const struct scratch_space *space = spill->space;
    char used[16], limit[16], more[16], need[16], about[64] = "";
    mem_human(used, space->used_bytes);
    mem_human(more, bytes);
    if (space->expected_bytes > 0)
        snprintf(about, sizeof about, "; about %s a rank will be needed",
                 mem_human(need, space->expected_bytes));
    if (cause->code != FAIL_NONE)
        return fail_set(fail, cause->code, "%s (%s used, %s more were to be written%s)",
                        cause->text, used, more, about);
    return fail_set(fail, FAIL_OUTPUT,
                    "scratch: %s used in %s, and %s more are over the limit of %s a rank "
                    "(--scratch-limit)%s",
                    used, space->folders[0], more, mem_human(limit, space->limit_bytes), about);
}

bool spill_box(struct spill *spill, struct box *box, struct fail *fail)
{
    size_t order[SCRATCH_SPACE_FOLDERS];
    for (size_t i = 0; i < box->len; i++)
        parcel_settle(&box->parcels[i]);
    const uint64_t bytes = run_bytes(spill, box);
    if (bytes == 0)
        return true;
    struct spill_run *runs = mem_reserve(spill->arena->mem, spill->runs, &spill->runs_bytes,
                                         (spill->runs_len + 1) * sizeof *runs, fail);
    if (!runs)
        return false;
    spill->runs = runs;
    struct spill_run *run = &runs[spill->runs_len];
    struct fail cause = {0};
    const size_t folders = scratch_space_order(spill->space, bytes, order);
    for (size_t i = 0; i < folders; i++) {
        cause = (struct fail){0};
        run->file = order[i];
        if (!put_in(spill, run, box, bytes, &cause))
            continue;
        spill->runs_len++;
        spill->disk_bytes += bytes;
        scratch_space_took(spill->space, bytes);
        for (size_t bucket = 0; bucket < box->len; bucket++)
            parcel_clear(spill->arena, &box->parcels[bucket]);
        return true;
    }
    return no_room(spill, bytes, &cause, fail);
}

bool spill_sync(struct spill *spill, uint64_t *bytes, struct fail *fail)
{
    *bytes = spill->file_bytes[0];
    return *bytes == 0 || scratch_sync(&spill->files[0], fail);
}

void spill_free(struct spill *spill)
{
    if (!spill->arena)
        return;
    struct mem *mem = spill->arena->mem;
    mem_free(mem, spill->index, index_bytes(spill));
    mem_free(mem, spill->runs, spill->runs_bytes);
    mem_free(mem, spill->buffer, spill->buffer_bytes);
    for (size_t i = 0; i < SCRATCH_SPACE_FOLDERS; i++)
        scratch_close(&spill->files[i]);
    scratch_space_gave(spill->space, spill->disk_bytes);
    *spill = (struct spill){0};
}
