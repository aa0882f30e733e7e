/* SPDX-License-Identifier: BSD-3-Clause */
/* reader: the text of one input from its beginning to its end, whether it is a file, a stream, a
 * range of numbers, what a filter prints, or what a decoder makes of any of them; of an encoded
 * file also from one of its joints on.
 *
 * The sequence: reader_open, for a part of an encoded file reader_part, reader_read until *ended,
 * reader_close. */
#ifndef READER_H
#define READER_H

#include "input/catalog.h"
#include "input/number_range.h"

struct reader {
    struct mem *mem;                 /* borrowed */
    const char *name;                /* borrowed, for messages */
    int fd;                          /* -1: none */
    struct filter *filter;           /* in place of a file; borrowed; NULL: none */
    const struct catalog_idle *idle; /* borrowed; NULL: none */
    bool stream;                     /* read to its end, wherever that is */
    bool live;                       /* a stream that is never waited for */
    uint64_t follow_ns; /* a file that ends when it has not grown for so long; 0: it does not */
    uint64_t grown_ns;  /* when it had */
    uint64_t left;      /* of a file with a size: bytes up to the one that the catalog has */
    uint64_t pos;       /* bytes that were read of it, as it is stored */

    struct number_range range; /* in place of a file */
    uint64_t next_number;

    /* What was read and is not handed out yet: all of it where there is a decoder, otherwise only
     * the bytes by which it was seen that there is none. */
    uint8_t *raw;
    size_t raw_begin, raw_end;
    bool raw_ends;                 /* nothing follows */
    bool known;                    /* what it is was seen, or does not matter */
    const struct decoder *decoder; /* NULL: none */
    void *decoding;
    size_t held_bytes; /* by it, which are taken of mem */
    bool filled; /* all room for its text, the last time: there may be more without more bytes */

    /* Of an encoded file that may be cut. */
    uint64_t unit;     /* of its joints; 0: they are of no interest */
    uint64_t end;      /* a joint that must be found, unless it lies behind us */
    uint64_t member;   /* where the member begins that is decoded, as stored */
    bool before_joint; /* reading has stopped before it, because it begins at a joint */
};

/* Local. Opens what `entry` says under a name that is borrowed until it is closed; its kind is not
 * looked at where `any_format` is taken, by us or its filter; that of a live stream when it begins
 * to come. False with fail set: unreadable, no text, no memory. */
bool reader_open(struct reader *reader, struct mem *mem, const char *name,
                 const struct catalog_file *entry, bool any_format, struct fail *fail);

/* Local. Before anything is read of an encoded file: its text begins where the member at the joint
 * `begin` does, or with 0 at its beginning. From now on reading stops at every joint behind it, of
 * which `end` must be one, unless the file ends there. FAIL_INPUT. */
bool reader_part(struct reader *reader, uint64_t begin, uint64_t end, uint64_t unit,
                 struct fail *fail);

/* Local. Before anything is read: goes past so much of the text, which is there. False with fail
 * set, as reader_read. */
bool reader_pass(struct reader *reader, uint64_t bytes, struct fail *fail);

/* Local. Reads until `into` is full or the input ends; *ended says which, *got how much; or until
 * it has come to a joint, as reader->before_joint says then; of a live stream what has come, which
 * may be nothing. False with FAIL_INPUT: unreadable, no text, shorter than it was, damaged. */
bool reader_read(struct reader *reader, uint8_t *into, size_t room, size_t *got, bool *ended,
                 struct fail *fail);

/* Local. The byte of the file that comes next, as stored. */
uint64_t reader_stored(const struct reader *reader);

/* Local. Idempotent. */
void reader_close(struct reader *reader);

#endif
