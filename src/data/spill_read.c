/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading what was spilled. */
#include "data/spill_read.h"

#include "data/records.h"
#include "data/spill_run.h"

#include <sys/stat.h>

enum { FORGET_BYTES = 1 << 20 }; /* are given back at once: each time costs a look at the files */

static bool damaged(const struct scratch *file, uint64_t offset, struct fail *fail)
{
    return fail_set(fail, FAIL_VERIFY, "verification failed: %s%s: at %llu is not what was written",
                    file->log ? "" : "scratch in ", file->folder, (unsigned long long)offset);
}

/* The places of a bucket and of the next one. NULL with fail set. */
static const struct spill_place *place_of(struct spill *spill, size_t number, size_t bucket,
                                          struct fail *fail)
{
    struct spill_run *run = &spill->runs[number];
    const struct scratch *file = &spill->files[run->file];
    if (!run->looked || bucket < run->first || bucket - run->first >= SPILL_WINDOW) {
        const size_t left = spill->buckets - bucket;
        const size_t len = left < SPILL_WINDOW ? left : SPILL_WINDOW;
        const uint64_t at = run->index + bucket * sizeof *run->window;
        run->looked = false;
        if (!scratch_read(&spill->files[run->file], run->window, (len + 1) * sizeof *run->window,
                          at, fail))
            return NULL;
        run->first = bucket;
        run->looked = true;
    }
    const struct spill_place *place = &run->window[bucket - run->first];
    for (size_t i = 0; i < 2; i++)
        if (spill_place(place[i].offset, place[i].records, bucket + i, number).checksum
            != place[i].checksum) {
            damaged(file, run->index + (bucket + i) * sizeof *place, fail);
            return NULL;
        }
    return place;
}

bool spill_read_size(struct spill *spill, size_t bucket, uint64_t *records, uint64_t *bytes,
                     struct fail *fail)
{
    *records = *bytes = 0;
    for (size_t run = 0; run < spill->runs_len; run++) {
        const struct spill_place *place = place_of(spill, run, bucket, fail);
        if (!place)
            return false;
        *records += place[1].records - place[0].records;
        *bytes += place[1].offset - place[0].offset;
    }
    return true;
}

/* Whether this can be the head of a block of so many bytes at most. */
static bool is_head(const struct spill_head *head, size_t run, size_t bucket, uint64_t most)
{
    return head->magic == SPILL_MAGIC && head->run == run && head->bucket == bucket
        && head->bytes > 0 && head->bytes <= most;
}

/* The next block of a bucket, which ends at `end`, into the buffer, which grows where a record is
 * longer; *offset moves behind it. False with fail set. */
static bool read_block(struct spill *spill, size_t run, size_t bucket, uint64_t *offset,
                       uint64_t end, struct records *records, struct fail *fail)
{
    struct scratch *file = &spill->files[spill->runs[run].file];
    const uint64_t left = end - *offset;
    struct spill_head head;
    if (left <= sizeof head)
        return damaged(file, *offset, fail);
    if (!scratch_read(file, &head, sizeof head, *offset, fail))
        return false;
    if (!is_head(&head, run, bucket, left - sizeof head))
        return damaged(file, *offset, fail);
    uint8_t *buffer = mem_reserve(spill->arena->mem, spill->buffer, &spill->buffer_bytes,
                                  head.bytes + ARENA_SLACK_BYTES, fail);
    if (!buffer)
        return false;
    spill->buffer = buffer;
    if (!scratch_read(file, buffer, head.bytes, *offset + sizeof head, fail))
        return false;
    if (XXH3_64bits_withSeed(buffer, head.bytes, spill_seed(&head)) != head.checksum)
        return damaged(file, *offset, fail);
    scratch_space_step(spill->space);
    *offset += sizeof head + head.bytes;
    *records = (struct records){.at = buffer, .end = buffer + head.bytes};
    return true;
}

bool spill_read_run(struct spill *spill, size_t run, size_t bucket, spill_visitor *visitor,
                    void *context, struct fail *fail)
{
    const struct spill_place *place = place_of(spill, run, bucket, fail);
    if (!place)
        return false;
    const uint64_t begin = place[0].offset, end = place[1].offset;
    uint64_t left = place[1].records - place[0].records;
    for (uint64_t offset = begin; offset < end;) {
        struct records records = {0};
        struct record record;
        if (!read_block(spill, run, bucket, &offset, end, &records, fail))
            return false;
        for (; records_next(&records, &record); left--)
            if (!visitor(context, &record))
                return false;
        if (!records_end(&records, "scratch", fail))
            return false;
    }
    return left == 0 || damaged(&spill->files[spill->runs[run].file], begin, fail);
}

bool spill_read_walk(struct spill *spill, size_t bucket, spill_visitor *visitor, void *context,
                     struct fail *fail)
{
    bool ok = true;
    for (size_t run = 0; ok && run < spill->runs_len; run++)
        ok = spill_read_run(spill, run, bucket, visitor, context, fail);
    return ok;
}

/* Who takes the records of a bucket. */
struct taking {
    struct arena *arena;
    struct parcel *out;
    struct fail *fail;
};

static bool take(void *context, const struct record *record)
{
    const struct taking *taking = context;
    return parcel_add(taking->arena, taking->out, record, taking->fail);
}

/* The disk can begin with a bucket while the one before it is counted. */
static bool expect(struct spill *spill, size_t bucket, struct fail *fail)
{
    for (size_t i = 0; i < spill->runs_len && bucket < spill->buckets; i++) {
        const struct spill_place *place = place_of(spill, i, bucket, fail);
        if (!place)
            return false;
        if (place[1].offset > place[0].offset)
            scratch_expect(&spill->files[spill->runs[i].file], place[0].offset,
                           place[1].offset - place[0].offset);
    }
    return true;
}

bool spill_read_take(struct spill *spill, size_t bucket, struct parcel *out, struct fail *fail)
{
    struct taking taking = {spill->arena, out, fail};
    bool ok = spill_read_walk(spill, bucket, take, &taking, fail)
           && spill_read_drop(spill, bucket, fail) && expect(spill, bucket + 1, fail);
    parcel_settle(out);
    return ok;
}

bool spill_read_open(struct spill *spill, struct arena *arena, struct scratch_space *space,
                     const char *log, uint64_t bytes, size_t buckets, const uint64_t *indexes,
                     size_t runs, struct fail *fail)
{
    struct stat status;
    *spill = (struct spill){.arena = arena, .space = space, .log = log, .buckets = buckets};
    for (size_t i = 0; i < SCRATCH_SPACE_FOLDERS; i++)
        spill->files[i].fd = -1;
    if (!scratch_open_log(&spill->files[0], log, fail))
        return false;
    if (fstat(spill->files[0].fd, &status) != 0 || (uint64_t)status.st_size < bytes)
        return fail_set(fail, FAIL_INPUT, "%s: is shorter than it was: %lld bytes of %llu", log,
                        (long long)status.st_size, (unsigned long long)bytes);
    spill->runs =
        mem_reserve(arena->mem, NULL, &spill->runs_bytes, runs * sizeof *spill->runs, fail);
    if (!spill->runs)
        return false;
    for (; spill->runs_len < runs; spill->runs_len++)
        spill->runs[spill->runs_len] = (struct spill_run){.index = indexes[spill->runs_len]};
    spill->file_bytes[0] = bytes;
    return true;
}

bool spill_read_drop(struct spill *spill, size_t bucket, struct fail *fail)
{
    if (spill->log)
        return true;
    for (size_t i = 0; i < spill->runs_len; i++) {
        const struct spill_place *place = place_of(spill, i, bucket, fail);
        struct spill_run *run = &spill->runs[i];
        if (!place)
            return false;
        const uint64_t bytes = place[1].offset - run->given_back;
        if (bytes < FORGET_BYTES && bucket + 1 < spill->buckets)
            continue;
        if (bytes > 0)
            scratch_forget(&spill->files[run->file], run->given_back, bytes);
        scratch_space_gave(spill->space, bytes);
        spill->disk_bytes -= bytes;
        run->given_back = place[1].offset;
    }
    return true;
}
