/* SPDX-License-Identifier: BSD-3-Clause */
/* A text is in a normal form if each of its characters is by itself, none of them may compose with
 * what is before it, and marks are in the order of their combining classes. Case changes each
 * character by itself, but for the capital sigma, which it always changes. */
#include "rules/inert.h"

#include "text/utf8.h"

#include <string.h>
#include <unictype.h>
#include <uninorm.h>

/* What is known of a character. */
enum {
    UNKNOWN = 0,
    FIRST = 1, /* inert, of combining class 0; and so on */
    CHANGES = 255,
};

/* False where there is no memory: what is not known to be inert is changed, which needs more. */
static bool prepare(struct inert *inert)
{
    struct fail fail = {0};
    inert->classes = mem_alloc(inert->mem, INERT_CHARACTERS, &fail);
    if (!inert->classes)
        return false;
    for (ucs4_t i = 0; inert->form != NORMAL_NONE && i < INERT_CHARACTERS; i++) {
        ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
        if (uc_canonical_decomposition(i, parts) == 2 && parts[1] < INERT_CHARACTERS)
            inert->classes[parts[1]] = CHANGES; /* it may compose */
    }
    return true;
}

static bool same(const struct buffer *changed, const uint8_t *bytes, size_t len)
{
    return changed->len == len && memcmp(changed->bytes, bytes, len) == 0;
}

static uint8_t ask(struct inert *inert, const uint8_t *bytes, size_t len, uint32_t character)
{
    struct fail fail = {0};
    struct buffer *changed = &inert->changed;
    const bool cased = inert->lettercase.kind != LETTERCASE_AS_IT_IS,
               formed = inert->form != NORMAL_NONE;
    if ((cased
         && !(lettercase_map(&inert->lettercase, inert->mem, bytes, len, changed, &fail)
              && same(changed, bytes, len)))
        || (formed
            && !(normal_map(inert->form, inert->mem, bytes, len, changed, &fail)
                 && same(changed, bytes, len))))
        return CHANGES;
    return (uint8_t)(FIRST + (formed ? uc_combining_class(character) : 0));
}

bool inert_text(struct inert *inert, const uint8_t *bytes, size_t len)
{
    uint8_t last = FIRST;
    if (!inert->classes && !prepare(inert))
        return false;
    for (size_t at = 0, character_len; at < len; at += character_len) {
        uint32_t character;
        character_len = utf8_read(bytes + at, len - at, &character);
        if (character_len == 0 || character >= INERT_CHARACTERS)
            return false;
        uint8_t *class = &inert->classes[character];
        if (*class == UNKNOWN)
            *class = ask(inert, bytes + at, character_len, character);
        if (*class == CHANGES || (*class != FIRST && *class < last))
            return false;
        last = *class;
    }
    return true;
}

void inert_free(struct inert *inert)
{
    lettercase_free(&inert->lettercase, inert->mem);
    buffer_free(&inert->changed, inert->mem);
    mem_free(inert->mem, inert->classes, INERT_CHARACTERS);
    *inert = (struct inert){0};
}
