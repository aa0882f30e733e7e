/* SPDX-License-Identifier: BSD-3-Clause */
/* Marks at the ends of words. */
#include "rules/strip.h"

#include <stdbool.h>
#include <unictype.h>
#include <unistr.h>

/* All of ASCII that is neither a letter, a digit, a blank nor a control is P or S. */
static bool is_mark(ucs4_t character)
{
    if (character < 0x80)
        return character > ' ' && character < 0x7f && character - '0' > 9
            && (character | 0x20) - 'a' > 'z' - 'a';
    return uc_is_general_category_withtable(character, UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S);
}

struct strip_word strip_ends(const uint8_t *bytes, size_t len)
{
    const uint8_t *start = bytes, *end = bytes + len;
    ucs4_t character;
    while (start < end) {
        const int size = u8_mbtouc_unsafe(&character, start, (size_t)(end - start));
        if (!is_mark(character))
            break;
        start += size;
    }
    while (start < end) {
        const uint8_t *before = u8_prev(&character, end, start);
        if (!is_mark(character))
            break;
        end = before;
    }
    return (struct strip_word){start, (size_t)(end - start)};
}
