/* SPDX-License-Identifier: BSD-3-Clause */
/* Case by libunistring: all of SpecialCasing and CaseFolding that depends on no language. Only the
 * capital sigma is decided here. It becomes the final one after a letter with case and before none,
 * where characters that case ignores are passed over. Some of these have a case themselves (U+02B0,
 * U+0345): Python passes over them too, libunistring takes them for the letter. */
#include "rules/lettercase.h"

#include "rules/returned.h"

#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

/* UTF-8 of the three: they differ in nothing but these two bytes. */
static const uint8_t capital_sigma[2] = {0xce, 0xa3}, sigma[2] = {0xcf, 0x83},
                     final_sigma[2] = {0xcf, 0x82};

void lettercase_map_ascii(uint8_t *to, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = (uint8_t)(bytes[i] | ((uint8_t)(bytes[i] - 'A') < 26) << 5);
}

static bool cased_before(const uint8_t *bytes, size_t at)
{
    ucs4_t character;
    for (const uint8_t *here = bytes + at; (here = u8_prev(&character, here, bytes));)
        if (!uc_is_property_case_ignorable(character))
            return uc_is_property_cased(character);
    return false;
}

static bool cased_after(const uint8_t *bytes, size_t at, size_t len)
{
    ucs4_t character;
    while (at < len) {
        at += (size_t)u8_mbtouc_unsafe(&character, bytes + at, len - at);
        if (!uc_is_property_case_ignorable(character))
            return uc_is_property_cased(character);
    }
    return false;
}

/* The place of the next capital sigma, or len. */
static size_t find_sigma(const uint8_t *bytes, size_t at, size_t len)
{
    const uint8_t *found =
        at < len ? memmem(bytes + at, len - at, capital_sigma, sizeof capital_sigma) : NULL;
    return found ? (size_t)(found - bytes) : len;
}

/* The text with small sigmas for capital ones, which leaves the context of the others as it is;
 * NULL with fail set. */
static const uint8_t *lower_sigmas(struct lettercase *lettercase, struct mem *mem,
                                   const uint8_t *bytes, size_t len, struct fail *fail)
{
    size_t at = find_sigma(bytes, 0, len);
    if (at == len)
        return bytes;
    lettercase->sigmas.len = 0;
    if (!buffer_append(&lettercase->sigmas, mem, bytes, len, fail))
        return NULL;
    for (; at < len; at = find_sigma(bytes, at + sizeof sigma, len)) {
        const bool final = cased_before(bytes, at) && !cased_after(bytes, at + sizeof sigma, len);
        memcpy(lettercase->sigmas.bytes + at, final ? final_sigma : sigma, sizeof sigma);
    }
    return lettercase->sigmas.bytes;
}

bool lettercase_map(struct lettercase *lettercase, struct mem *mem, const uint8_t *bytes,
                    size_t len, struct buffer *to, struct fail *fail)
{
    if (!returned_room(to, mem, len, fail))
        return false;
    const bool fold = lettercase->kind == LETTERCASE_FOLD;
    bytes = fold ? bytes : lower_sigmas(lettercase, mem, bytes, len, fail);
    if (!bytes)
        return false;
    size_t got = to->cap;
    uint8_t *mapped = (fold ? u8_casefold : u8_tolower)(bytes, len, NULL, NULL, to->bytes, &got);
    return returned_take(to, mem, mapped, got, fail);
}

void lettercase_free(struct lettercase *lettercase, struct mem *mem)
{
    buffer_free(&lettercase->sigmas, mem);
}
