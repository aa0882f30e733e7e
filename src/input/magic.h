/* SPDX-License-Identifier: BSD-3-Clause */
/* magic: what a file is, by its first bytes. */
#ifndef MAGIC_H
#define MAGIC_H

#include "host/fail.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    MAGIC_BYTES = 263, /* as many are looked at; a tar archive has its mark at 257 */
    MAGIC_MARK_BYTES = 3,
    MAGIC_COUNTS_BYTES = 8, /* with which a count file begins, and ends */
};

/* Local. Whether what begins with these bytes may be text. What is compressed in a way that no
 * decoder here knows, an archive, a column store or UTF-16 is none: false with fail set to
 * FAIL_INPUT, which says what it is and by which command it becomes text. `name` is the file's, `-`
 * is standard input. */
bool magic_text(const char *name, const uint8_t *bytes, size_t len, struct fail *fail);

/* Local. The same of what the command of --pre prints for `name`. */
bool magic_filtered(const char *name, const uint8_t *bytes, size_t len, struct fail *fail);

/* Local. Whether these are the bytes with which a count file begins, and ends. */
bool magic_counts(const uint8_t *bytes, size_t len);

/* Local. How many of the bytes, with which a text begins, are the byte order mark of UTF-8, which
 * some editors put before a text: none of its characters. */
static inline size_t magic_mark(const uint8_t *bytes, size_t len)
{
    static const uint8_t mark[MAGIC_MARK_BYTES] = {0xef, 0xbb, 0xbf};
    return len >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

#endif
