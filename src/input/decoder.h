/* SPDX-License-Identifier: BSD-3-Clause */
/* decoder: how the bytes of a file become the text that is counted. One file per decoder in
 * src/input/, which defines NAME_decoder; the table in decoder.c names it.
 *
 * A decoder is handed what was read and room for text, as the common libraries want it, and knows
 * nothing of files. The sequence: open, in the middle of a file resume, decode until it says
 * DECODER_END, close.
 *
 * What can be decoded by itself is a member, whatever the format calls it. A file is any number of
 * them, and decoding may begin at each. */
#ifndef DECODER_H
#define DECODER_H

#include "host/mem.h"
#include "input/peek.h"

#include <stdbool.h>

enum decoder_state {
    DECODER_MORE, /* all of `in` was taken, or all of `out` was filled */
    DECODER_NEXT, /* a member has ended, and another begins at `in` */
    DECODER_END,  /* the text is complete */
    DECODER_BAD,  /* step.cause says why */
    DECODER_NO_MEMORY,
    DECODER_EXCESS, /* it holds more than it may */
};

/* Both pointers are moved past what was taken and written. */
struct decoder_step {
    const uint8_t *in;
    size_t in_len;
    bool in_ends; /* nothing follows `in` */
    uint8_t *out;
    size_t out_len;
    size_t limit_bytes; /* that decoding may hold; 0: any number */
    size_t held_bytes;  /* that it holds: windows, dictionaries, tables */
    const char *cause;  /* static */
};

static inline enum decoder_state decoder_bad(struct decoder_step *step, const char *cause)
{
    step->cause = cause;
    return DECODER_BAD;
}

struct decoder {
    const char *name;   /* of what it decodes, for messages: "gzip data" */
    size_t block_bytes; /* of text that may come at once; 0: it comes little by little */

    /* Local. Whether a file that begins with these bytes is one of its kind. */
    bool (*begins)(const uint8_t *bytes, size_t len);

    /* Local. NULL: no memory. */
    void *(*open)(void);
    enum decoder_state (*decode)(void *state, struct decoder_step *step);
    void (*close)(void *state);

    /* Local. As decoder_needs, without a decoder, which takes longer to open than a small file to
     * decode; 0: that does not say it. NULL: never. */
    size_t (*needs)(const uint8_t *bytes, size_t len);

    /* Local. What is decoded is not the beginning of its file, which these bytes are, but begins
     * with another member. NULL: then nothing need be known of it. */
    void (*resume)(void *state, const uint8_t *head, size_t len);

    /* Local. Where the member behind the one at `at` begins, or where the file ends, found without
     * decoding all between them; nobody asks for those before `from`. 0: that cannot be known.
     * NULL: never. */
    uint64_t (*next)(struct peek *peek, uint64_t at, uint64_t from);
};

/* How a decoder goes through a file member by member. Both functions move `step` on. */
struct decoder_members {
    /* Local. Decodes within a member; DECODER_END: it has ended. */
    enum decoder_state (*within)(void *state, struct decoder_step *step);
    /* Local. Looks at what follows one; DECODER_NEXT: another one, and all is ready for it. */
    enum decoder_state (*between)(void *state, struct decoder_step *step);
    /* Local. Bytes that the state holds. Libraries make room for a member when they have seen its
     * head, and fill it when more comes: what is too much is refused before it is in use. */
    size_t (*held)(const void *state);
    const char *cut; /* what is wrong where the input ends within a member */
};

/* Local. A `decode` by these functions; *between, at first false, says where it is. */
enum decoder_state decoder_members(const struct decoder_members *members, void *state,
                                   bool *between, struct decoder_step *step);

/* Local. Bytes that it takes to decode a file that begins with these, as far as they show it, or a
 * little more. */
size_t decoder_needs(const struct decoder *decoder, const uint8_t *bytes, size_t len);

/* Local. What decoding may hold of the memory of a rank. */
static inline size_t decoder_limit(size_t memory_bytes)
{
    return memory_bytes / 2;
}

/* Local. Returns false with fail set to FAIL_MEMORY: to decode a file takes so many bytes, which
 * a rank with this memory has not. */
bool decoder_too_large(const char *name, size_t bytes, size_t memory_bytes, struct fail *fail);

/* Local. The same, where a rank has not so much left, as for a later member that takes more than
 * what was kept. */
bool decoder_no_room(const char *name, size_t bytes, size_t memory_bytes, struct fail *fail);

/* Local. The decoder of what begins with these bytes; NULL: it is taken as it is. */
const struct decoder *decoder_find(const uint8_t *bytes, size_t len);

#endif
