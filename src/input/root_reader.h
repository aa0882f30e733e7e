/* SPDX-License-Identifier: BSD-3-Clause */
/* root_reader: reads the inputs in order, as rank 0 does for all, and cuts them into parts for the
 * ranks, never inside a record. */
#ifndef ROOT_READER_H
#define ROOT_READER_H

#include "input/ahead.h"
#include "input/parting.h"
#include "input/window.h"

struct root_reader {
    struct mem *mem;               /* borrowed */
    const struct catalog *catalog; /* borrowed */
    struct parting parting;
    struct parting_state state; /* of the next byte to hand out */
    size_t file;                /* the file being read */
    bool begun;                 /* it was opened */
    uint64_t ahead_bytes;       /* given, as in the window */
    struct ahead input;
    uint64_t pos;          /* in it, of the next byte to hand out, carried bytes included */
    uint64_t read_bytes;   /* of text, of all files so far */
    uint64_t stored_bytes; /* of the files before, as they are stored */
    bool counts_lines;     /* and the lines of the file that are handed out are */
    uint64_t lines;
    uint8_t *carry; /* read already, but belongs to the next part */
    size_t carry_len, carry_bytes;
    size_t searched;     /* of it, for a place to part it, in vain: live streams only */
    uint64_t pass_bytes; /* of the text of the next file, which were handed out by an earlier run */
    bool open; /* the last part ended inside a record: the next one must go to the same rank */
};

/* What was handed out: all files before this one, and of its text so much. */
struct root_reader_place {
    uint64_t file, text;
    uint64_t lines, head; /* in it, as far as they are of interest */
    uint64_t read_bytes;  /* of all text up to here */
};

enum { ROOT_READER_MAX_RANGES = 256 };

/* What a part begins with; bytes, padded to 8, and ranges follow. */
struct root_reader_part {
    uint64_t bytes, ranges;
    uint64_t ends; /* no further round */
};

/* Local. A part holds at most part_bytes of input. False with fail set. */
bool root_reader_init(struct root_reader *reader, struct mem *mem, const struct catalog *catalog,
                      struct parting parting, size_t part_bytes, struct fail *fail);

/* Local. Fills the next part, which has room for root_reader_room(part_bytes), and returns its
 * size; 0 with fail set. Of a live stream (catalog.h) what has come, as far as it may be parted: a
 * part without ranges that does not end says that nothing has. Such streams are for partings that
 * need not know how a file begins. */
size_t root_reader_next(struct root_reader *reader, uint8_t *part, size_t part_bytes,
                        struct fail *fail);

/* Local. A part without input, to be sent in its place. Returns its size. */
size_t root_reader_nothing(const struct root_reader *reader, uint8_t *part);

/* Local. Makes a part, borrowed until the next one, what `window` reads. */
void root_reader_feed(uint8_t *part, struct window *window);

/* Local. Where reading stands; and, before anything is read, where it begins: in the same files. */
struct root_reader_place root_reader_stands(const struct root_reader *reader);
void root_reader_begin(struct root_reader *reader, const struct root_reader_place *place);

/* Local. Bytes of all files so far, as they are stored. */
static inline uint64_t root_reader_stored(const struct root_reader *reader)
{
    return reader->stored_bytes + reader->input.stored;
}

/* Local. Whether all inputs are read. */
bool root_reader_ended(const struct root_reader *reader);

static inline size_t root_reader_room(size_t part_bytes)
{
    return sizeof(struct root_reader_part) + mem_padded(part_bytes)
         + ROOT_READER_MAX_RANGES * sizeof(struct window_range);
}

/* Local. Idempotent. */
void root_reader_free(struct root_reader *reader, struct mem *mem);

#endif
