/* SPDX-License-Identifier: BSD-3-Clause */
/* mapper: how bytes become keys. One file per mapper in src/mapper/; the table of kinds, kind.c,
 * says what is counted by it.
 *
 * A mapper cuts records out of input bytes and knows nothing of files, ranks or memory. It owns the
 * records whose first byte lies in its range of the file, may look `behind_bytes` before it, and
 * reads on past its end as far as its last record goes. */
#ifndef MAPPER_H
#define MAPPER_H

#include "data/batch.h"
#include "input/window.h"
#include "text/scan.h"

#include <stdbool.h>

/* What a call found, and its account of every byte it went past. */
struct cut {
    struct batch batch;
    size_t next; /* offset up to which the block is dealt with; what follows is to be seen again,
                    with more after it */
    uint64_t within;       /* for struct block, at the next call */
    uint64_t record_bytes; /* source bytes of the records in the batch */
    uint64_t gap_bytes;    /* between records */
    uint64_t
        skipped_bytes; /* of a record that began before our range: its owner accounts for them */
};

struct mapper {
    size_t behind_bytes; /* at least 1 */

    /* Takes the argument, what follows `name:`; false if it is not valid. NULL: there is none. */
    bool (*parse)(struct mapper *mapper, const char *argument);

    /* Cuts the next records, of which the byte order mark at the beginning of a block is no part;
     * call again with begin = next and within = within until next stops moving (then more input is
     * needed) or reaches min(own, end) with within 0. `edges` has room for SCAN_MAX_EDGES. On
     * return record_bytes + gap_bytes + skipped_bytes is next - begin. */
    void (*cut)(const struct mapper *mapper, const struct block *block, const struct scan *scan,
                uint32_t *edges, struct cut *cut);

    /* The largest offset at or before len where the bytes may be parted without cutting a record; 0
     * when there is none. */
    size_t (*part)(const uint8_t *bytes, size_t len);

    /* Given to lines and fields. */
    uint8_t end; /* of a line: newline, or NUL */
    bool header; /* the first line of a file is not counted */
    bool crlf;   /* a carriage return before a newline is no part of them */

    /* Given to `chunks`: whether a text may be parted after bytes[0, len), before the blank that
     * follows. */
    bool (*parts)(const void *context, const uint8_t *bytes, size_t len, uint8_t blank);
    const void *context;

    struct { /* the argument of `field` */
        uint64_t number;
        uint8_t separator;
        bool blanks; /* no separator: fields are runs of bytes between blanks */
    } field;
};

extern const struct mapper words_mapper, lines_mapper, field_mapper, chunks_mapper;

#endif
