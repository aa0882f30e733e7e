/* SPDX-License-Identifier: BSD-3-Clause */
/* reader: the text of one input from its beginning to its end, whether it is a file, a stream, a
 * range of numbers, or what a decoder makes of one.
 *
 * The sequence: reader_open, reader_read until *ended, reader_close. */
#ifndef READER_H
#define READER_H

#include "input/catalog.h"
#include "input/number_range.h"

struct reader {
    struct mem *mem;  /* borrowed */
    const char *name; /* borrowed, for messages */
    int fd;           /* -1: none */
    bool stream;      /* read to its end, wherever that is */
    uint64_t left;    /* of a file with a size: bytes up to the one that the catalog has */
    uint64_t pos;     /* bytes that were read of it, as it is stored */

    struct number_range range; /* in place of a file */
    uint64_t next_number;

    /* What was read and is not handed out yet: all of it where there is a decoder, otherwise only
     * the bytes by which it was seen that there is none. */
    uint8_t *raw;
    size_t raw_begin, raw_end;
    bool raw_ends;                 /* nothing follows */
    const struct decoder *decoder; /* NULL: none */
    void *decoding;
};

/* Local. Opens what `entry` says under a name that is borrowed until it is closed; its kind is not
 * looked at where `any_format` is taken. False with fail set: unreadable, no text, no memory. */
bool reader_open(struct reader *reader, struct mem *mem, const char *name,
                 const struct catalog_file *entry, bool any_format, struct fail *fail);

/* Local. Reads until `into` is full or the input ends; *ended says which, *got how much. False with
 * FAIL_INPUT: unreadable, shorter than it was, damaged. */
bool reader_read(struct reader *reader, uint8_t *into, size_t room, size_t *got, bool *ended,
                 struct fail *fail);

/* Local. Idempotent. */
void reader_close(struct reader *reader);

#endif
