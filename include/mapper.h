/* mapper: what is counted. One file per kind of key in src/mapper/, and one line in the table of
 * mapper.c.
 *
 * A mapper cuts records out of input bytes and knows nothing of files, ranks or memory. It owns the
 * records whose first byte lies in its piece of the input, may look `behind_bytes` before it, and
 * reads on past its end as far as its last record goes. */
#ifndef MAPPER_H
#define MAPPER_H

#include "batch.h"
#include "input.h"
#include "scan.h"

/* What a call found, and its account of every byte it went past. */
struct cut {
    struct batch batch;
    size_t next; /* offset up to which the block is dealt with; what follows is to be seen again,
                    with more after it */
    uint64_t record_bytes; /* source bytes of the records in the batch */
    uint64_t gap_bytes;    /* between records */
    uint64_t
        skipped_bytes; /* of a record that began before our piece: its owner accounts for them */
};

struct mapper {
    const char *name;
    size_t behind_bytes; /* at least 1 */

    /* Cuts the next records; call again with begin = next until next stops moving (then more input
     * is needed) or reaches min(own, end). `edges` has room for SCAN_MAX_EDGES. On return
     * record_bytes + gap_bytes + skipped_bytes is next - begin. */
    void (*cut)(const struct block *block, const struct scan *scan, uint32_t *edges,
                struct cut *cut);

    /* The largest offset at or before len where the bytes may be parted without cutting a record; 0
     * when there is none. */
    size_t (*part)(const uint8_t *bytes, size_t len);
};

/* Local. The mapper of that name, NULL if there is none. */
const struct mapper *mapper_find(const char *name);

extern const struct mapper words_mapper;

#endif
