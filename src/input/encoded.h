/* SPDX-License-Identifier: BSD-3-Clause */
/* encoded: a range of an encoded file, from a joint to a joint, as the window wants it: its text,
 * and the text behind it as far as a record goes on there.
 *
 * Where a range begins in the text of its file nobody knows who has not decoded all before it.
 * Offsets are those in the text from where the range begins. Two ranks that meet at a place must
 * still be able to say that it is the same one: so it has a name, which follows from the last joint
 * before it and how far behind that it is. */
#ifndef ENCODED_H
#define ENCODED_H

#include "input/ahead.h"

struct encoded_joint {
    uint64_t text, stored; /* where it lies in the text, and in the file */
};

/* A file of so many bytes, as stored: all of it, or with `unit`, that of its joints, a part. */
struct encoded_range {
    uint64_t file_bytes, begin, end, unit;
    uint64_t text_bytes;   /* not 0: so much of its text, if it is not less */
    struct filter *filter; /* that makes its text; borrowed; NULL: a decoder does */
    uint64_t ahead_bytes;  /* as in the window */
};

struct encoded {
    struct mem *mem; /* borrowed */
    struct ahead input;
    struct encoded_range range;
    uint64_t behind;     /* bytes of text behind the range that are ours, too */
    uint64_t pos;        /* what was handed out of the text ends here */
    uint64_t text_bytes; /* of the range; UINT64_MAX: not known yet */
    uint64_t file_end;   /* where the text of the file ends; the same */

    /* The next byte, if there is one: so that the end of the file is known with its last byte. */
    uint8_t ahead;
    bool has_ahead;

    struct encoded_joint *joints; /* from the last one before what is still wanted */
    size_t joints_len, joints_bytes;
};

enum { ENCODED_END = -1 }; /* the name of the place behind the text */

/* Local. The name is borrowed. False with fail set. */
bool encoded_open(struct encoded *encoded, struct mem *mem, const char *name,
                  const struct encoded_range *range, uint64_t behind, struct fail *fail);

/* Local. Reads *bytes of text, or fewer: up to its end; or up to a little beyond the range, where
 * that ends among them. What is before `from` is not wanted any more. False with fail set. */
bool encoded_read(struct encoded *encoded, uint8_t *into, size_t *bytes, uint64_t from,
                  struct fail *fail);

/* Local. Where the records end that are ours; UINT64_MAX: not known yet. The first bytes of a part
 * belong to the part before it, so that whether a record begins can be seen from the bytes before
 * it wherever a part begins, or that it begins with a record; and ours has `behind` bytes of what
 * follows it. */
uint64_t encoded_own(const struct encoded *encoded);

/* Local. The name of a place, between `from` of the last encoded_read and what it has read. */
uint64_t encoded_place(const struct encoded *encoded, uint64_t offset);

/* Local. The same, but at the beginning of a file the name to those who come from behind it: to all
 * others that is 0, but what has no text before its first joint begins where others have begun. */
uint64_t encoded_place_behind(const struct encoded *encoded, uint64_t offset);

/* Local. Reads anew from the beginning of the file up to a place: how many bytes of text are before
 * it, and how many newlines. Not where a filter makes the text. False where that fails. */
bool encoded_before(const struct encoded *encoded, uint64_t offset, uint64_t *bytes,
                    uint64_t *lines);

/* Local. Idempotent. */
void encoded_close(struct encoded *encoded);

#endif
