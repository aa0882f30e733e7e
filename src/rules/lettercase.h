/* SPDX-License-Identifier: BSD-3-Clause */
/* lettercase: text without the difference of capitals and small letters. */
#ifndef LETTERCASE_H
#define LETTERCASE_H

#include "host/buffer.h"

enum lettercase_kind {
    LETTERCASE_AS_IT_IS,
    LETTERCASE_LOWER, /* small letters, as Python's str.lower() */
    LETTERCASE_FOLD,  /* what is the same but for case becomes the same, as str.casefold() */
};

struct lettercase {
    enum lettercase_kind kind;
    struct buffer sigmas; /* the text, where a capital sigma has to be decided first */
};

/* Local. Writes the text, ASCII, into `to`; the same as lettercase_map would. */
void lettercase_map_ascii(uint8_t *to, const uint8_t *bytes, size_t len);

/* Local. Makes `to` the text, well-formed UTF-8, in that case. False with fail set. */
bool lettercase_map(struct lettercase *lettercase, struct mem *mem, const uint8_t *bytes,
                    size_t len, struct buffer *to, struct fail *fail);

/* Local. Idempotent. */
void lettercase_free(struct lettercase *lettercase, struct mem *mem);

#endif
