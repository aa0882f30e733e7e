/* SPDX-License-Identifier: BSD-3-Clause */
/* csv_file: what must be known of a CSV file to take records out of the middle of it: which column
 * it is, and where records begin. */
#ifndef CSV_FILE_H
#define CSV_FILE_H

#include "extract/extractor.h"
#include "text/quoted.h"

#define CSV_FILE_NO_COLUMN UINT64_MAX

/* Local. The number of the column that is wanted in a file with this header, which has no newline
 * behind it and no quote where there may be none; CSV_FILE_NO_COLUMN: there is none. The first of
 * several with the same name. */
uint64_t csv_file_column(const struct extractor *extractor, const uint8_t *header, size_t len);

/* Local. The functions of an extractor with these names. */
size_t csv_file_part(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                     struct parting_state *state);
uint64_t csv_file_next(const struct extractor *extractor, struct peek *peek, uint64_t at,
                       uint64_t from);
size_t csv_file_first(const struct extractor *extractor, const uint8_t *bytes, size_t len);
uint64_t csv_file_head(const struct extractor *extractor, const uint8_t *bytes, size_t len);

#endif
