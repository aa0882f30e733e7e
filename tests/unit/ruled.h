/* SPDX-License-Identifier: BSD-3-Clause */
/* ruled: the words that rules make of a text, as one string with a bar between words. */
#ifndef RULED_H
#define RULED_H

#include "rules/rules.h"

#include "check.h"

enum { RULED_BYTES = 1 << 16 };

struct ruled {
    char text[RULED_BYTES];
    size_t len;
};

static inline bool ruled_add(void *context, const uint8_t *word, size_t len)
{
    struct ruled *ruled = context;
    assert_true(len > 0);
    assert_true(ruled->len + len + 2 < RULED_BYTES);
    if (ruled->len > 0)
        ruled->text[ruled->len++] = '|';
    memcpy(ruled->text + ruled->len, word, len);
    ruled->len += len;
    ruled->text[ruled->len] = '\0';
    return true;
}

static inline void ruled_clear(struct ruled *ruled)
{
    ruled->len = 0;
    ruled->text[0] = '\0';
}

/* Adds the words of a chunk of bytes that end where memory does not matter. */
static inline void ruled_apply(struct rules *rules, const void *chunk, size_t len,
                               struct ruled *ruled)
{
    struct fail fail = {0};
    if (!rules_apply(rules, chunk, len, ruled_add, ruled, &fail))
        fail_msg("%s", fail.text);
}

static inline void ruled_init(struct rules *rules, const struct rules_options *options,
                              struct mem *mem)
{
    struct fail fail = {0};
    if (!rules_init(rules, options, mem, &fail))
        fail_msg("%s", fail.text);
}

/* Fails unless these are the words of a chunk. */
static inline void ruled_expect(struct world *world, struct rules_options options,
                                const char *chunk, const char *words)
{
    static struct ruled ruled;
    struct rules rules;
    ruled_clear(&ruled);
    ruled_init(&rules, &options, &world->mem);
    ruled_apply(&rules, chunk, strlen(chunk), &ruled);
    rules_free(&rules);
    assert_string_equal(ruled.text, words);
}

/* Writes a character as UTF-8; returns its bytes. */
static inline size_t ruled_write(uint32_t character, uint8_t *at)
{
    if (character < 0x80) {
        at[0] = (uint8_t)character;
        return 1;
    }
    const size_t len = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = len - 1; i > 0; i--, character >>= 6)
        at[i] = (uint8_t)(0x80 | (character & 0x3f));
    at[0] = (uint8_t)(0xf00 >> len | character);
    return len;
}

/* One of a list of characters, as UTF-8. */
static inline size_t ruled_draw(struct seeded *seeded, const uint32_t *characters, size_t len,
                                uint8_t *at)
{
    return ruled_write(characters[seeded_below(seeded, len)], at);
}

#endif
