/* SPDX-License-Identifier: BSD-3-Clause */
/* line_records: the way of an extractor through records that are lines. */
#ifndef LINE_RECORDS_H
#define LINE_RECORDS_H

#include "extract/extractor.h"

/* Local. Takes a line, without its newline, of which the first `skip` bytes, a byte order mark, are
 * no part of a record; false where that has to wait for more room (extracted->need), or it is bad
 * (extracted->cause). */
typedef bool line_records_take(const struct extractor *extractor, const uint8_t *line, size_t len,
                               size_t skip, struct extracted *extracted);

/* Local. The `extract` of an extractor with this `take`. */
void line_records_extract(const struct extractor *extractor, const struct block *block,
                          struct extracted *extracted, line_records_take *take);

#endif
