/* SPDX-License-Identifier: BSD-3-Clause */
/* strip: words without the marks around them. */
#ifndef STRIP_H
#define STRIP_H

#include <stddef.h>
#include <stdint.h>

struct strip_word {
    const uint8_t *bytes;
    size_t len;
};

/* Local. What is left of well-formed UTF-8 without the characters of the general categories P
 * (punctuation) and S (symbols) at both ends. */
struct strip_word strip_ends(const uint8_t *bytes, size_t len);

#endif
