/* SPDX-License-Identifier: BSD-3-Clause */
/* The moving window. What the mapper has not dealt with, and the bytes it looks behind, go to the
 * front of the buffer, so that the next read lands on a cache line; everything else is overwritten.
 * 256 KB blocks stay in L2 between the kernel's copy and the scan. */
#include "input/input.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    AHEAD_BYTES = 16 << 20,
    AHEAD_STEP_BYTES = 4 << 20,
    ALIGN = 64,
    READ_MAX_BYTES = 1 << 30, /* the kernel stops at 0x7ffff000 */
    PAST_OWN_BYTES = 4096, /* enough to end nearly every record that crosses the end of a range */
};

bool input_init(struct input *input, struct mem *mem, size_t block_bytes, size_t behind_bytes,
                struct fail *fail)
{
    *input = (struct input){
        .mem = mem, .fd = -1, .block_bytes = block_bytes, .behind_bytes = behind_bytes};
    input->buffer_bytes = 2 * block_bytes + 2 * ALIGN + INPUT_SLACK_BYTES;
    input->buffer = mem_alloc(mem, input->buffer_bytes, fail);
    return input->buffer != NULL;
}

/* The ranges to go on with, when the last ones are done. */
static void set_ranges(struct input *input, struct input_range *ranges, size_t len, bool ends)
{
    input->ranges = ranges;
    input->ranges_len = len;
    input->next = 0;
    input->feed_ends = ends;
    input->dry = false;
}

void input_set(struct input *input, struct input_range *ranges, size_t len, const char *names,
               bool ends)
{
    set_ranges(input, ranges, len, ends);
    input->names = names;
}

void input_feed(struct input *input, struct input_range *ranges, size_t len, const uint8_t *bytes,
                bool ends)
{
    set_ranges(input, ranges, len, ends);
    input->fed = bytes;
    input->dry = len == 0 && !ends;
    if (input->open && len > 0) { /* the record that ran over the end of the last part */
        input->range = ranges[0];
        input->next = 1;
    }
}

bool input_read_at(int fd, const char *name, uint8_t *into, size_t bytes, uint64_t offset,
                   struct fail *fail)
{
    while (bytes > 0) {
        size_t want = bytes < READ_MAX_BYTES ? bytes : READ_MAX_BYTES;
        ssize_t got = pread(fd, into, want, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_set(fail, FAIL_INPUT, "%s: at byte %" PRIu64 ": %s", name, offset,
                            strerror(errno));
        if (got == 0)
            return fail_set(fail, FAIL_INPUT,
                            "%s: ends at byte %" PRIu64 ": it was cut while it was read", name,
                            offset);
        into += got;
        bytes -= (size_t)got;
        offset += (uint64_t)got;
    }
    return true;
}

static const char *name_of(const struct input *input)
{
    return input->names ? input->names + input->range.name_off : "input";
}

/* Where the file, or what we will be fed of it, ends. */
static uint64_t file_end(const struct input *input)
{
    if (!input->fed)
        return input->range.file_bytes;
    return input->range.continues ? UINT64_MAX : input->range.end;
}

static bool next_range(struct input *input, struct fail *fail)
{
    if (input->fd >= 0)
        close(input->fd);
    input->fd = -1;
    input->range = input->ranges[input->next++];
    input->open = true;
    input->pos = input->asked = input->range.begin;
    input->cold = false;
    input->block = (struct block){.bytes = input->buffer, .begin = ALIGN, .end = ALIGN};
    input->block.starts_file = input->fed || input->range.begin == 0;
    if (input->fed)
        return true;
    const char *name = name_of(input);
    input->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0)
        return fail_errno(fail, FAIL_INPUT, name, errno);
    posix_fadvise(input->fd, (off_t)input->pos, (off_t)(input->range.end - input->pos),
                  POSIX_FADV_SEQUENTIAL);
    if (input->block.starts_file)
        return true;
    size_t behind = input->behind_bytes < input->pos ? input->behind_bytes : (size_t)input->pos;
    return input_read_at(input->fd, name, input->buffer + ALIGN - behind, behind,
                         input->pos - behind, fail);
}

/* Moves what is left in the window to the front, with room for *more bytes behind it; fewer, if
 * offsets would not fit 32 bits. */
static bool make_room(struct input *input, size_t *more, struct fail *fail)
{
    struct block *block = &input->block;
    size_t open = block->end - block->begin;
    /* A long record stays where it is while there is room: it would be moved once for each of the
     * parts that it comes in. */
    if (open > 2 * input->block_bytes
        && input->buffer_bytes - block->end > *more + INPUT_SLACK_BYTES
        && block->end + *more + INPUT_SLACK_BYTES < UINT32_MAX)
        return true;
    size_t behind = block->begin < input->behind_bytes ? block->begin : input->behind_bytes;
    size_t keep = behind + block->end - block->begin;
    size_t start = (keep + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t need = start + *more + INPUT_SLACK_BYTES;
    if (need > UINT32_MAX) {
        *more = start < UINT32_MAX - INPUT_SLACK_BYTES ? UINT32_MAX - INPUT_SLACK_BYTES - start : 0;
        need = UINT32_MAX;
    }
    if (need == UINT32_MAX && *more == 0)
        return fail_set(fail, FAIL_MEMORY,
                        "%s: at byte %" PRIu64 ": a word or line of more than 4 GB", name_of(input),
                        input_offset(input, block->begin));
    uint8_t *buffer = mem_reserve(input->mem, input->buffer, &input->buffer_bytes, need, fail);
    if (!buffer)
        return false;
    input->buffer = buffer;
    memmove(input->buffer + start - keep, input->buffer + block->begin - behind, keep);
    block->bytes = input->buffer;
    block->begin = start - keep + behind;
    block->end = start;
    return true;
}

/* How much to read now: a block, but little past the end of our range unless a record demands it;
 * and as much again as an unfinished record has, so that the bytes of a long one are looked at a
 * bounded number of times. */
static size_t wanted(const struct input *input)
{
    uint64_t left = (input->fed ? input->range.end : input->range.file_bytes) - input->pos;
    uint64_t own = input->range.end > input->pos ? input->range.end - input->pos + PAST_OWN_BYTES
                                                 : input->block_bytes;
    size_t open = input->block.end - input->block.begin;
    uint64_t want = own < input->block_bytes ? own : input->block_bytes;
    want = want > open ? want : open;
    return (size_t)(want < left ? want : left);
}

/* Asks the system for what comes next, so that the disk works while we count. */
static void ask_ahead(struct input *input)
{
    uint64_t end = input->range.end, upto = input->pos + AHEAD_BYTES;
    if (input->asked >= end || input->asked > upto - AHEAD_STEP_BYTES)
        return;
    uint64_t from = input->asked > input->pos ? input->asked : input->pos;
    upto = upto < end ? upto : end;
    posix_fadvise(input->fd, (off_t)from, (off_t)(upto - from), POSIX_FADV_WILLNEED);
    input->asked = upto;
}

/* Reads a block. As long as the file comes from memory nothing is asked ahead: on what is there
 * already that costs 5 %. The first block that would have to wait for the disk changes it. */
static bool read_block(struct input *input, uint8_t *into, size_t bytes, struct fail *fail)
{
    struct iovec all = {into, bytes};
    ssize_t got = -1;
    if (!input->cold)
        got = preadv2(input->fd, &all, 1, (off_t)input->pos, RWF_NOWAIT);
    if (got == (ssize_t)bytes)
        return true;
    size_t done = got > 0 ? (size_t)got : 0;
    input->cold = true;
    ask_ahead(input);
    return input_read_at(input->fd, name_of(input), into + done, bytes - done, input->pos + done,
                         fail);
}

/* Nothing is left but what may still come. */
static enum input_state run_dry(struct input *input)
{
    input->dry = true;
    return input->feed_ends ? INPUT_END : INPUT_DRY;
}

enum input_state input_more(struct input *input, struct fail *fail)
{
    struct block *block = &input->block;
    bool done = !input->open || (block->begin >= block->own && !block->within)
             || (block->ends_file && block->begin == block->end);
    if (done) {
        input->open = false;
        if (input->next == input->ranges_len)
            return run_dry(input);
        if (!next_range(input, fail))
            return INPUT_FAILED;
    }
    size_t more = wanted(input);
    if (more == 0 && input->range.continues)
        return run_dry(input);
    if (!make_room(input, &more, fail))
        return INPUT_FAILED;
    uint8_t *into = input->buffer + block->end;
    if (input->fed) {
        memcpy(into, input->fed, more);
        input->fed += more;
    } else if (!read_block(input, into, more, fail)) {
        return INPUT_FAILED;
    }
    input->pos += more;
    block->end += more;
    block->ends_file = input->pos == file_end(input);
    uint64_t own = input->fed ? file_end(input) : input->range.end;
    int64_t at = (int64_t)(own - input_offset(input, 0)); /* the window may lie past it */
    block->own = own == UINT64_MAX ? SIZE_MAX : at > 0 ? (size_t)at : 0;
    return INPUT_READY;
}

bool input_left(const struct input *input)
{
    return input->open || input->next < input->ranges_len || !input->feed_ends;
}

void input_free(struct input *input)
{
    if (input->fd >= 0)
        close(input->fd);
    if (input->mem)
        mem_free(input->mem, input->buffer, input->buffer_bytes);
    *input = (struct input){.fd = -1};
}
