/* SPDX-License-Identifier: BSD-3-Clause */
/* run_record: the record of a run, as JSON (RFC 8259), while it goes on and at its end. The manual
 * documents its fields; RUN_RECORD_SCHEMA grows when one changes its meaning. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "status/snapshot.h"

#include <stddef.h>

struct json_t;

enum { RUN_RECORD_SCHEMA = 1 };

/* Whoever finds the run dead looks for lines that begin with `  "state": ` and `  "failure": `:
 * there is one of each, in this order, and no text of others can look like one. */

/* Local. The record as a text of *len bytes, memory of malloc that the caller frees. NULL: there
 * is not enough. */
char *run_record_text(const struct snapshot *snapshot, size_t *len);

/* Local. Any object of jansson as such a text; takes the object, which may be NULL. */
char *run_record_print(struct json_t *object, size_t *len);

/* Local. A copy of a text in which U+FFFD stands for each byte that is not UTF-8, as JSON cannot
 * show it: *valid_len bytes, memory of malloc. NULL: there is not enough. */
char *run_record_utf8(const uint8_t *text, size_t len, size_t *valid_len);

#endif
