/* SPDX-License-Identifier: BSD-3-Clause */
/* magic: what a file is, by its first bytes. */
#ifndef MAGIC_H
#define MAGIC_H

#include "host/fail.h"

#include <stddef.h>
#include <stdint.h>

enum { MAGIC_BYTES = 263 }; /* as many are looked at; a tar archive has its mark at 257 */

/* Local. Whether what begins with these bytes may be text. What is compressed in a way that no
 * decoder here knows, an archive, a column store or UTF-16 is none: false with fail set to
 * FAIL_INPUT, which says what it is and by which command it becomes text. `name` is the file's, `-`
 * is standard input. */
bool magic_text(const char *name, const uint8_t *bytes, size_t len, struct fail *fail);

/* Local. The same of what the command of --pre prints for `name`. */
bool magic_filtered(const char *name, const uint8_t *bytes, size_t len, struct fail *fail);

#endif
