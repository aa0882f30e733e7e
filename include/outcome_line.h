/* SPDX-License-Identifier: BSD-3-Clause */
/* outcome_line: how outcomes of tasks are written. A result is a line as it is, a value is
 * KEY<TAB>VALUE or, where the key is empty, VALUE, a counted key is KEY<TAB>COUNT, and a task
 * without results is no line. */
#ifndef OUTCOME_LINE_H
#define OUTCOME_LINE_H

#include "outcome.h"

/* Local. What line_bytes and line_write are for words; at most LINE_EXTRA_BYTES are added to the
 * bytes of the record. */
size_t outcome_line_bytes(const struct record *record, bool escape);
uint8_t *outcome_line_write(uint8_t *at, const struct record *record, bool escape);

/* Local. The same for the archive that unpack reads: a result as it is, whatever `escape` says, a
 * task without results, one that failed, or a line. */
size_t outcome_line_entry_bytes(const struct record *record, bool escape);
uint8_t *outcome_line_write_entry(uint8_t *at, const struct record *record, bool escape);

#endif
