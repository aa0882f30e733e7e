/* SPDX-License-Identifier: BSD-3-Clause */
/* window: the bytes of this rank's split, as a block that moves over them.
 *
 * A split is a list of ranges of files. Its bytes come from the files themselves, through a decoder
 * where they are encoded, or are fed in by rank 0, round by round; the one who reads the window
 * cannot tell. Files are read with pread, never mapped: a mapped file that shrinks kills the
 * process. */
#ifndef WINDOW_H
#define WINDOW_H

#include "input/encoded.h"
#include "input/supply.h"

#include <string.h>

/* The window. The bytes before `begin`, as many as were asked for at window_init, are there unless
 * `starts_file`; WINDOW_SLACK_BYTES after `end` may be read. Offsets are below 2^32. */
struct block {
    const uint8_t *bytes;
    size_t begin, end; /* what is not dealt with yet */
    size_t own;       /* where our range ends: records that begin there are not ours; may lie beyond
                         `end`, and is 0 where it lies before `bytes` */
    bool starts_file; /* nothing comes before `begin` */
    bool begins_file; /* `begin` is the first byte of the file, not only of what was read of it */
    size_t mark_bytes; /* at `begin`, of a byte order mark: they are part of no record */
    bool ends_file;    /* nothing comes after `end` */
    uint64_t within;   /* not 0: `begin` lies within a record of ours, which is to be followed past
                          `own`; what it says is for the mapper or extractor to know */
};

enum { WINDOW_SLACK_BYTES = 64 };

struct window_range {
    uint64_t begin, end; /* offsets in the file */
    uint64_t file_bytes; /* where the file ends */
    uint32_t file;       /* its number in the catalog */
    uint32_t name_off;   /* of its name in window.names */
    uint32_t continues;  /* fed ranges: 1 when it ends inside a record, and the next part goes on */
    uint32_t encoded;    /* 1: a file of which a decoder makes text, or its part between two joints.
                            In the window `end` and `file_bytes` are offsets in the text from where
                            the range begins, and UINT64_MAX until they are known */
    uint64_t unit;       /* then: of its joints; 0: it is whole */
    uint64_t text_from;  /* then: so much of the text from `begin` on is left out */
    uint64_t text_past;  /* then: so much of the text behind `end` is ours, too */
    uint64_t text_bytes; /* not 0: a part of a file that may end anywhere, also within a record; of
                            an encoded one behind so much of its text, if not before */
    uint64_t head; /* what the beginning of the file says, where that must be known to go on in it;
                      0: nothing yet */
    uint64_t lines_before; /* fed ranges, where lines are counted: newlines before it in the file */
};

enum window_state {
    WINDOW_READY,
    WINDOW_LATER, /* its supply has nothing now; what was given is used up */
    WINDOW_END,
    WINDOW_FAILED
};

struct window {
    struct mem *mem; /* borrowed */
    struct supply supply;
    struct block block;

    struct window_range *ranges; /* borrowed */
    const char *names;           /* borrowed; NULL: unknown */
    size_t ranges_len, next;
    struct window_range range; /* the one in the window, */
    struct window_range given; /* as it was given */
    uint64_t opened;           /* ranges so far */
    bool open;                 /* is there one? */
    uint64_t pos;              /* file offset of block.end, see window_offset */
    bool cold;                 /* what was read of the range was not in the page cache */
    uint64_t asked;            /* then: the system knows that we will want the file up to here */
    int fd;
    struct filter *filter; /* borrowed; makes the text of all that is not fed; NULL: none */
    struct encoded encoded;
    uint64_t decoded_bytes; /* of text, that the encoded ranges had which are read to their ends */
    uint64_t stored_bytes;  /* of encoded files, that were read */
    uint64_t stored_at;     /* private: up to there in this one */

    const uint8_t *fed; /* borrowed; NULL when files are read */
    bool ends;          /* no more ranges will come */
    bool any_bytes;     /* given: a byte order mark is bytes like others */

    /* Given: an encoded file of so many bytes is decoded by a thread; 0: none is. */
    uint64_t ahead_bytes;

    uint8_t *buffer;
    size_t buffer_bytes, block_bytes, behind_bytes;
};

/* Local. An empty split, read `block_bytes` at a time with `behind_bytes` kept before the window.
 * False with fail set. */
bool window_init(struct window *window, struct mem *mem, size_t block_bytes, size_t behind_bytes,
                 struct fail *fail);

/* Local. From now on `supply` is asked when all ranges are used up. */
void window_supply(struct window *window, struct supply supply);

/* Local. The next ranges to read from files, with their names, both borrowed until they are used
 * up; `ends` says that no more will come. */
void window_set(struct window *window, struct window_range *ranges, size_t len, const char *names,
                bool ends);

/* Local. The next ranges and their bytes one after another, both borrowed until they are used up;
 * `ends` says that no more will come. */
void window_feed(struct window *window, struct window_range *ranges, size_t len,
                 const uint8_t *bytes, bool ends);

/* Local. Moves the window: keeps what is not dealt with and adds more, or goes to the next range
 * when this one is done. The window grows when a record does not fit. WINDOW_FAILED with fail set:
 * unreadable, shorter than it was, no memory. */
enum window_state window_more(struct window *window, struct fail *fail);

/* Local. Says that a block is dealt with up to `next`, which lies `within` a record, or not. */
static inline void block_advance(struct block *block, size_t next, uint64_t within)
{
    if (next != block->begin) {
        block->starts_file = block->begins_file = false;
        block->mark_bytes = 0;
    }
    block->begin = next;
    block->within = within;
}

/* Local. The file offset of a place in the window; in an encoded file that in its text, from where
 * the range begins. */
static inline uint64_t window_offset(const struct window *window, size_t at)
{
    return window->pos - (window->block.end - at);
}

/* Local. The name of a place in the window, the same to all who come to it from any range: its
 * offset, or in an encoded file what encoded_place says. */
static inline uint64_t window_place(const struct window *window, size_t at)
{
    const uint64_t offset = window_offset(window, at);
    return window->range.encoded ? encoded_place(&window->encoded, offset) : offset;
}

/* Local. Whether the beginning of an encoded file was seen to have no text up to where our range
 * ends, whose place then is *end. */
static inline bool window_empty(const struct window *window, uint64_t *end)
{
    if (!window->range.encoded || window->range.begin > 0 || window->range.end > 0)
        return false;
    *end = encoded_place_behind(&window->encoded, 0);
    return true;
}

/* Local. The name of the file in the window, for messages. */
const char *window_name(const struct window *window);

/* Local. Names the file, and the place in it, of a record for which there is no memory; `cause` is
 * what mem said. Returns false, with fail set to FAIL_MEMORY. */
bool window_no_room(const struct window *window, size_t at, const struct fail *cause,
                    struct fail *fail);

/* Local. How many newlines there are. */
static inline uint64_t window_lines(const uint8_t *bytes, size_t len)
{
    uint64_t lines = 0;
    const uint8_t *end = bytes + len;
    while ((bytes = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        lines++;
        bytes++;
    }
    return lines;
}

/* Local. The bytes and newlines before a window_offset in the file, which is read again from its
 * beginning; not of what was fed, or a filter makes. False where that fails, or would take long:
 * beyond 4 GB. */
bool window_before(const struct window *window, uint64_t offset, uint64_t *bytes, uint64_t *lines);

/* Local. Whether nothing of the range in the window is left to deal with. */
static inline bool window_ended(const struct window *window)
{
    const struct block *block = &window->block;
    return (block->begin >= block->own && !block->within)
        || (block->ends_file && block->begin == block->end);
}

/* Local. Whether the split may have bytes left; a fed one has until its feed ends. */
bool window_left(const struct window *window);

/* Local. Reads exactly `bytes` at `offset`, through interruptions and short reads. False with fail
 * set. */
bool window_read_at(int fd, const char *name, uint8_t *into, size_t bytes, uint64_t offset,
                    struct fail *fail);

/* Local. Idempotent. */
void window_free(struct window *window);

#endif
