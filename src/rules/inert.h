/* SPDX-License-Identifier: BSD-3-Clause */
/* inert: text that neither a normal form nor case changes, told without making it: the quick check
 * of UAX #15, with case. Text of scripts without capitals mostly is such, and of others what is in
 * small letters. What becomes of a character is asked once, where it is first met. */
#ifndef INERT_H
#define INERT_H

#include "rules/lettercase.h"
#include "rules/normal.h"

enum { INERT_CHARACTERS = 0x20000 }; /* those of the first two planes; others never are */

struct inert {
    enum normal_form form;
    struct lettercase lettercase;
    struct mem *mem; /* borrowed */

    /* Private; zero at first. */
    uint8_t *classes; /* of each character */
    struct buffer changed;
};

/* Local. Whether a text, well-formed UTF-8, is known to stay as it is in that form and case. */
bool inert_text(struct inert *inert, const uint8_t *bytes, size_t len);

/* Local. Idempotent; also of {0}. */
void inert_free(struct inert *inert);

#endif
