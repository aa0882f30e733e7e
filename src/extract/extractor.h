/* SPDX-License-Identifier: BSD-3-Clause */
/* extractor: which bytes of an input are the text that is counted. One file per extractor in
 * src/extract/, which defines NAME_extractor; the table in extractor.c names it.
 *
 * An extractor takes whole records out of input bytes and knows nothing of files, ranks or memory.
 * It owns the records whose first byte lies in its range of the file, reads on to the end of the
 * last of them, and writes their texts one after another, each with a newline behind it: so no word
 * lies in two records, and what mapper counts them makes no difference.
 *
 * Where records end with newlines, a range may begin anywhere: behind the next newline a record
 * begins. Where that cannot be seen, a file is cut only where `next` has found that one does, and
 * the first byte of a range, and of what rank 0 reads and sends, is that of a record. */
#ifndef EXTRACTOR_H
#define EXTRACTOR_H

#include "input/parting.h"
#include "input/peek.h"
#include "input/window.h"
#include "text/json.h"

enum { EXTRACTOR_SLACK_BYTES = WINDOW_SLACK_BYTES }; /* behind the room for text */

/* What became of the records. */
struct extractor_sums {
    uint64_t records; /* all of them */
    uint64_t without; /* of these, that have no text */
    uint64_t bad;     /* and that are malformed, and skipped */
};

/* What a call found, and its account of every byte it went past. The first four are given. */
struct extracted {
    uint8_t *text; /* has room for `room` bytes, and the slack */
    size_t room;
    bool starts_file; /* the block begins with the first byte of a file; block->starts_file
                         is also set where what was read by rank 0 begins */
    uint64_t head; /* what the beginning of the file says, as `head` below; 0: nothing yet, and then
                      set where it is seen */
    size_t len;    /* of the text */
    size_t need;   /* the room that the next record wants, where it found too little */
    size_t next;   /* offset up to which the block is dealt with */
    uint64_t skipped_bytes; /* of a record that began before our range */
    uint64_t lines;         /* that were dealt with */
    struct extractor_sums sums;
    uint64_t within; /* for block->within: not 0, `next` lies within a record that goes on there */
    const char *cause; /* static; what is wrong with the record at `next` */
    size_t bad_at;     /* offset of the byte that is */
    const char *lacks; /* static; of what there is none in the file with the argument as its name:
                          "column"; the text then is what there is */
};

/* The argument of several fields. */
struct extractor_fields {
    struct extractor_span {
        uint64_t first, last; /* numbers from 1; UINT64_MAX: to the end of the line */
    } spans[16];
    size_t len;
    uint64_t needed, last; /* fields without which there is no record; the last one wanted */
    uint8_t separator[16];
    size_t separator_len; /* 0: fields are runs of bytes between blanks */
};

struct extractor {
    const char *option; /* that chooses it, as do those that begin with it and a dash */
    const char *wants;  /* as an argument, for a message: "a path" */
    const char *form;   /* of its records, for messages: "JSON" */

    /* Takes the argument, NULL if there was none; false if it is not what it wants. */
    bool (*parse)(struct extractor *extractor);

    /* Whether a text that begins with these bytes is one of its records. NULL: that shows not. */
    bool (*begins)(const uint8_t *bytes, size_t len);

    /* Where a record begins, the first one, in a stretch of text that may begin within one; behind
     * the bytes, 64 more may be read. 0: that does not show. An encoded file of an extractor with a
     * `next` is cut only where this, or `begins`, says that one does. */
    size_t (*first)(const struct extractor *extractor, const uint8_t *bytes, size_t len);

    /* Takes the next records; call again with begin = next until next stops moving, where
     * nothing is set but `need` more room, otherwise more input is needed. At a bad record it
     * stops, unless skip_bad. */
    void (*extract)(const struct extractor *extractor, const struct block *block,
                    struct extracted *extracted);

    /* As `part` of a parting. */
    size_t (*part)(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                   struct parting_state *state);

    /* Where the record behind the one at `at` begins, or a later one, or the file ends; found
     * without extracting. The first one from `from` on is wanted, which lies behind `at`: who can
     * finds it at once. 0: that cannot be known, as where the record is bad. NULL: records end with
     * newlines. */
    uint64_t (*next)(const struct extractor *extractor, struct peek *peek, uint64_t at,
                     uint64_t from);

    /* What must be known of a file to take records in its middle, by how its text begins. 0: it
     * cannot be known, and the file must not be cut. NULL: nothing. */
    uint64_t (*head)(const struct extractor *extractor, const uint8_t *bytes, size_t len);

    bool headed; /* the first record of a file may be a header: --skip-header can be had */

    /* Settings. */
    const char *argument; /* of the option, borrowed */
    bool skip_bad;
    bool alone;  /* one text at a time, without the newline: what counts it looks at what follows */
    bool crlf;   /* a carriage return before a newline is no part of a line */
    bool header; /* the first record of a file has no text */
    uint8_t separator; /* between fields; 0: there is none to choose */

    struct json_path path; /* the argument of `jsonl`, parsed */
    struct extractor_fields fields;
    uint32_t types;  /* of `warc-type`: a bit for each type that is wanted */
    uint64_t column; /* of `csv`; 0: the one that has the argument as its name */
};

/* Nobody chooses it by an option: see kind_choose. */
extern const struct extractor fields_extractor;

/* Local. The `part` of those whose records end with newlines. */
size_t extractor_part_lines(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                            struct parting_state *state);

/* Local. The extractor of an option, without its argument; NULL if it chooses none. */
const struct extractor *extractor_find(const char *option);

enum { EXTRACTOR_HEAD_BYTES = 8 }; /* as many are looked at */

/* Local. The one whose records a text begins with; NULL: it is taken as it is. */
const struct extractor *extractor_of(const uint8_t *bytes, size_t len);

#endif
