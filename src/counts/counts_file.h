/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_file: what stands around the data blocks of a count file: the header before them; index,
 * meta block and footer behind them. */
#ifndef COUNTS_FILE_H
#define COUNTS_FILE_H

#include "counts/counts_meta.h"
#include "counts/counts_writer.h"

/* Local. The first bytes of the file. False with fail set. */
bool counts_file_begin(struct counts_sink sink, const struct counts_ends_header *form,
                       struct fail *fail);

/* Local. The last ones: `entries` are those of all writers of it, in order, and `totals` theirs.
 * *bytes is how long the file is. False with fail set. */
bool counts_file_end(struct counts_sink sink, struct mem *mem, const struct buffer *entries,
                     const struct counts_totals *totals, const struct counts_meta *meta,
                     uint64_t *bytes, struct fail *fail);

#endif
