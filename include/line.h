/* SPDX-License-Identifier: BSD-3-Clause */
/* line: how a record is written, WORD<TAB>COUNT<LF>. */
#ifndef LINE_H
#define LINE_H

#include "parcel.h"

enum {
    LINE_EXTRA_BYTES = 32
}; /* what a line may need beyond its word, and what line_write may write beyond its end */

/* Local. The bytes of a key as it is shown: with `escape`, control bytes as \xNN and a backslash as
 * two. */
size_t line_key_bytes(const uint8_t *bytes, size_t len, bool escape);

/* Local. Writes the key as it is shown; returns its end. */
uint8_t *line_write_key(uint8_t *at, const uint8_t *bytes, size_t len, bool escape);

/* Local. The bytes of the line of a record. */
size_t line_bytes(const struct record *record, bool escape);

/* Local. Writes the line; `at` has room for line_bytes and LINE_EXTRA_BYTES more. Returns the end
 * of the line. */
uint8_t *line_write(uint8_t *at, const struct record *record, bool escape);

#endif
