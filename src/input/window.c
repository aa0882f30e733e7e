/* SPDX-License-Identifier: BSD-3-Clause */
/* The moving window. What the mapper has not dealt with, and the bytes it looks behind, go to the
 * front of the buffer, so that the next read lands on a cache line; everything else is overwritten.
 * 256 KB blocks stay in L2 between the kernel's copy and the scan. */
#include "input/window.h"

#include "input/magic.h"

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

/* Nothing else goes on while lines are counted for a message: it must not look as if nothing moved.
 */
static const uint64_t lines_max_bytes = UINT64_C(4) << 30;

bool window_init(struct window *window, struct mem *mem, size_t block_bytes, size_t behind_bytes,
                 struct fail *fail)
{
    *window = (struct window){
        .mem = mem, .fd = -1, .block_bytes = block_bytes, .behind_bytes = behind_bytes};
    window->buffer_bytes = 2 * block_bytes + 2 * ALIGN + WINDOW_SLACK_BYTES;
    window->buffer = mem_alloc(mem, window->buffer_bytes, fail);
    return window->buffer != NULL;
}

/* The ranges to go on with, when the last ones are done. */
static void set_ranges(struct window *window, struct window_range *ranges, size_t len, bool ends)
{
    window->ranges = ranges;
    window->ranges_len = len;
    window->next = 0;
    window->ends = ends;
}

void window_supply(struct window *window, struct supply supply)
{
    window->supply = supply;
}

void window_set(struct window *window, struct window_range *ranges, size_t len, const char *names,
                bool ends)
{
    set_ranges(window, ranges, len, ends);
    window->names = names;
}

void window_feed(struct window *window, struct window_range *ranges, size_t len,
                 const uint8_t *bytes, bool ends)
{
    set_ranges(window, ranges, len, ends);
    window->fed = bytes;
    if (window->open && len > 0) { /* the record that ran over the end of the last part */
        window->range = ranges[0];
        window->next = 1;
    }
}

bool window_read_at(int fd, const char *name, uint8_t *into, size_t bytes, uint64_t offset,
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

const char *window_name(const struct window *window)
{
    return window->names ? window->names + window->range.name_off : "input";
}

bool window_no_room(const struct window *window, size_t at, const struct fail *cause,
                    struct fail *fail)
{
    return fail_set(fail, FAIL_MEMORY,
                    "%s: at byte %" PRIu64 ": too long a word, line or record: %s",
                    window_name(window), window_offset(window, at), cause->text);
}

/* Takes note of what was decoded; `known`: how much text the range has, as far as that was known.
 */
static void note_decoded(struct window *window, uint64_t known)
{
    const struct encoded *encoded = &window->encoded;
    if (encoded->input.stored > window->stored_at) {
        window->stored_bytes += encoded->input.stored - window->stored_at;
        window->stored_at = encoded->input.stored;
    }
    window->range.end = encoded_own(encoded);
    window->range.file_bytes = encoded->file_end;
    if (known == UINT64_MAX && encoded->text_bytes != UINT64_MAX)
        window->decoded_bytes += encoded->text_bytes;
}

/* Decodes the text that is left out; its last bytes are those that are looked at behind. */
static bool pass_text(struct window *window, struct fail *fail)
{
    struct encoded *encoded = &window->encoded;
    const uint64_t from = window->range.text_from, known = encoded->text_bytes;
    const size_t behind = window->behind_bytes < from ? window->behind_bytes : (size_t)from;
    while (window->pos < from) {
        const uint64_t left = from - window->pos;
        size_t bytes = left <= behind                      ? (size_t)left
                     : left - behind < window->block_bytes ? (size_t)(left - behind)
                                                           : window->block_bytes;
        uint8_t *into = window->buffer + ALIGN - (left <= behind ? bytes : 0);
        if (!encoded_read(encoded, into, &bytes, from, fail))
            return false;
        if (bytes == 0)
            return fail_set(fail, FAIL_INPUT,
                            "%s: its text ends at byte %" PRIu64 ": there was more of it before",
                            window_name(window), window->pos);
        window->pos += bytes;
    }
    note_decoded(window, known);
    return true;
}

/* An encoded file, up to the size that it had when it was found, or its part. */
static bool begin_decoding(struct window *window, struct fail *fail)
{
    const struct window_range *given = &window->range;
    const struct encoded_range range = {given->file_bytes,  given->begin,      given->end,
                                        given->unit,        given->text_bytes, window->filter,
                                        window->ahead_bytes};
    window->pos = 0;
    window->stored_at = given->begin;
    window->range.end = window->range.file_bytes = UINT64_MAX;
    return encoded_open(&window->encoded, window->mem, window_name(window), &range,
                        window->behind_bytes + given->text_past, fail)
        && (given->text_from == 0 || pass_text(window, fail));
}

/* Where the file, or what we will be fed of it, ends. */
static uint64_t file_end(const struct window *window)
{
    if (!window->fed)
        return window->range.file_bytes;
    return window->range.continues ? UINT64_MAX : window->range.end;
}

static bool next_range(struct window *window, struct fail *fail)
{
    if (window->fd >= 0)
        close(window->fd);
    window->fd = -1;
    encoded_close(&window->encoded);
    window->range = window->given = window->ranges[window->next++];
    window->opened++;
    window->open = true;
    window->pos = window->asked = window->range.begin;
    window->cold = false;
    window->block = (struct block){.bytes = window->buffer, .begin = ALIGN, .end = ALIGN};
    window->block.starts_file =
        window->fed || (window->range.begin == 0 && window->range.text_from == 0);
    memset(window->buffer, 0, ALIGN); /* what is looked at before a file begins is no other file */
    if (window->fed)
        return true;
    if (window->range.encoded)
        return begin_decoding(window, fail);
    const char *name = window_name(window);
    window->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (window->fd < 0)
        return fail_errno(fail, FAIL_INPUT, name, errno);
    posix_fadvise(window->fd, (off_t)window->pos, (off_t)(window->range.end - window->pos),
                  POSIX_FADV_SEQUENTIAL);
    if (window->block.starts_file)
        return true;
    size_t behind = window->behind_bytes < window->pos ? window->behind_bytes : (size_t)window->pos;
    return window_read_at(window->fd, name, window->buffer + ALIGN - behind, behind,
                          window->pos - behind, fail);
}

/* Moves what is left in the window to the front, with room for *more bytes behind it; fewer, if
 * offsets would not fit 32 bits. */
static bool make_room(struct window *window, size_t *more, struct fail *fail)
{
    struct block *block = &window->block;
    size_t open = block->end - block->begin;
    /* A long record stays where it is while there is room: it would be moved once for each of the
     * parts that it comes in. */
    if (open > 2 * window->block_bytes
        && window->buffer_bytes - block->end > *more + WINDOW_SLACK_BYTES
        && block->end + *more + WINDOW_SLACK_BYTES < UINT32_MAX)
        return true;
    size_t behind = block->begin < window->behind_bytes ? block->begin : window->behind_bytes;
    size_t keep = behind + block->end - block->begin;
    size_t start = (keep + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    size_t need = start + *more + WINDOW_SLACK_BYTES;
    if (need > UINT32_MAX) {
        *more =
            start < UINT32_MAX - WINDOW_SLACK_BYTES ? UINT32_MAX - WINDOW_SLACK_BYTES - start : 0;
        need = UINT32_MAX;
    }
    if (need == UINT32_MAX && *more == 0)
        return fail_set(fail, FAIL_MEMORY,
                        "%s: at byte %" PRIu64 ": a word or line of more than 4 GB",
                        window_name(window), window_offset(window, block->begin));
    struct fail cause = {0};
    uint8_t *buffer = mem_reserve(window->mem, window->buffer, &window->buffer_bytes, need, &cause);
    if (!buffer)
        return window_no_room(window, block->begin, &cause, fail);
    window->buffer = buffer;
    memmove(window->buffer + start - keep, window->buffer + block->begin - behind, keep);
    block->bytes = window->buffer;
    block->begin = start - keep + behind;
    block->end = start;
    return true;
}

/* How much to read now: a block, but little past the end of our range unless a record demands it;
 * and as much again as an unfinished record has, so that the bytes of a long one are looked at a
 * bounded number of times. */
static size_t wanted(const struct window *window)
{
    uint64_t left = (window->fed ? window->range.end : window->range.file_bytes) - window->pos;
    uint64_t own = window->range.end > window->pos ? window->range.end - window->pos : 0;
    size_t open = window->block.end - window->block.begin;
    uint64_t want = window->block_bytes;
    if (own > 0 && own < want && own + PAST_OWN_BYTES < want)
        want = own + PAST_OWN_BYTES;
    want = want > open ? want : open;
    want = want > MAGIC_MARK_BYTES ? want : MAGIC_MARK_BYTES; /* to see one at the first look */
    return (size_t)(want < left ? want : left);
}

/* Asks the system for what comes next, so that the disk works while we count. */
static void ask_ahead(struct window *window)
{
    uint64_t end = window->range.end, upto = window->pos + AHEAD_BYTES;
    if (window->asked >= end || window->asked > upto - AHEAD_STEP_BYTES)
        return;
    uint64_t from = window->asked > window->pos ? window->asked : window->pos;
    upto = upto < end ? upto : end;
    posix_fadvise(window->fd, (off_t)from, (off_t)(upto - from), POSIX_FADV_WILLNEED);
    window->asked = upto;
}

/* Reads a block. As long as the file comes from memory nothing is asked ahead: on what is there
 * already that costs 5 %. The first block that would have to wait for the disk changes it. */
static bool read_block(struct window *window, uint8_t *into, size_t bytes, struct fail *fail)
{
    struct iovec all = {into, bytes};
    ssize_t got = -1;
    if (!window->cold)
        got = preadv2(window->fd, &all, 1, (off_t)window->pos, RWF_NOWAIT);
    if (got == (ssize_t)bytes)
        return true;
    size_t done = got > 0 ? (size_t)got : 0;
    window->cold = true;
    ask_ahead(window);
    return window_read_at(window->fd, window_name(window), into + done, bytes - done,
                          window->pos + done, fail);
}

/* Whether the first bytes of a part are to be read that is not the first of its file. */
static bool begins_part(const struct window *window)
{
    return window->range.encoded && window->pos == 0 && window->range.begin > 0;
}

/* The next bytes of text, *bytes or fewer, behind those that are to be kept. */
static bool decode_block(struct window *window, uint8_t *into, size_t *bytes, struct fail *fail)
{
    struct encoded *encoded = &window->encoded;
    const uint64_t known = encoded->text_bytes;
    if (!encoded_read(encoded, into, bytes, window_offset(window, window->block.begin), fail))
        return false;
    note_decoded(window, known);
    if (begins_part(window)) /* see encoded_own */
        window->block.begin += *bytes < window->behind_bytes ? *bytes : window->behind_bytes;
    return true;
}

/* Has the supply give more. WINDOW_READY: it did, or it knows that there is none. */
static enum window_state ask(struct window *window, struct fail *fail)
{
    const struct supply *supply = &window->supply;
    if (window->ends)
        return WINDOW_END;
    switch (supply->next ? supply->next(supply->context, window, fail) : SUPPLY_LATER) {
    case SUPPLY_GIVEN:
        return WINDOW_READY;
    case SUPPLY_LATER:
        return WINDOW_LATER;
    default:
        return WINDOW_FAILED;
    }
}

enum window_state window_more(struct window *window, struct fail *fail)
{
    struct block *block = &window->block;
    enum window_state state;
    if (!window->open || window_ended(window)) {
        window->open = false;
        while (window->next == window->ranges_len)
            if ((state = ask(window, fail)) != WINDOW_READY)
                return state;
        if (!next_range(window, fail))
            return WINDOW_FAILED;
    }
    size_t more;
    while ((more = wanted(window)) == 0 && window->range.continues)
        if ((state = ask(window, fail)) != WINDOW_READY)
            return state;
    if (begins_part(window) && more < window->behind_bytes)
        more = window->behind_bytes;
    if (!make_room(window, &more, fail))
        return WINDOW_FAILED;
    uint8_t *into = window->buffer + block->end;
    if (window->fed) {
        memcpy(into, window->fed, more);
        window->fed += more;
    } else if (window->range.encoded ? !decode_block(window, into, &more, fail)
                                     : !read_block(window, into, more, fail)) {
        return WINDOW_FAILED;
    }
    window->pos += more;
    block->end += more;
    block->ends_file = window->pos == file_end(window);
    uint64_t own = window->fed ? file_end(window) : window->range.end;
    int64_t at = (int64_t)(own - window_offset(window, 0)); /* the window may lie past it */
    block->own = own == UINT64_MAX ? SIZE_MAX : at > 0 ? (size_t)at : 0;
    block->begins_file = block->starts_file && window_offset(window, block->begin) == 0;
    if (block->begins_file && !window->any_bytes)
        block->mark_bytes = magic_mark(block->bytes + block->begin, block->end - block->begin);
    return WINDOW_READY;
}

bool window_before(const struct window *window, uint64_t offset, uint64_t *bytes, uint64_t *lines)
{
    uint8_t block[4096];
    struct fail fail = {0};
    if (offset > lines_max_bytes || window->encoded.range.begin > lines_max_bytes)
        return false;
    if (window->range.encoded)
        return encoded_before(&window->encoded, offset, bytes, lines);
    *lines = 0;
    for (uint64_t at = 0; at < offset;) {
        size_t len = offset - at < sizeof block ? (size_t)(offset - at) : sizeof block;
        if (!window_read_at(window->fd, window_name(window), block, len, at, &fail))
            return false;
        *lines += window_lines(block, len);
        at += len;
    }
    *bytes = offset;
    return true;
}

bool window_left(const struct window *window)
{
    return window->open || window->next < window->ranges_len || !window->ends;
}

void window_free(struct window *window)
{
    if (window->fd >= 0)
        close(window->fd);
    encoded_close(&window->encoded);
    if (window->mem)
        mem_free(window->mem, window->buffer, window->buffer_bytes);
    *window = (struct window){.fd = -1};
}
