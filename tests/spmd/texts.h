/* SPDX-License-Identifier: BSD-3-Clause */
/* texts: the input files of a case of the pipeline test, of some kind. Made from a number, so that
 * every rank has the same. */
#ifndef TEXTS_H
#define TEXTS_H

#include "../unit/seeded.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_FILES_MAX = 200, TEXTS_STRINGS = 960800 };

struct texts_file {
    uint8_t *bytes;
    size_t len;
};

struct texts {
    struct texts_file files[TEXTS_FILES_MAX];
    size_t len;
};

static inline uint8_t *texts_add(struct texts *texts, size_t len)
{
    struct texts_file *file = &texts->files[texts->len++];
    *file = (struct texts_file){malloc(len + 1), len};
    return file->bytes;
}

static inline void texts_free(struct texts *texts)
{
    for (size_t i = 0; i < texts->len; i++)
        free(texts->files[i].bytes);
    texts->len = 0;
}

/* String number n of all strings of up to seven bytes over letters, blanks, a two-byte character
 * and NUL; returns its length. */
static inline size_t texts_string(size_t n, uint8_t *bytes)
{
    static const uint8_t letters[] = {'a', 'B', ' ', '\n', 0xc3, 0xa9, 0};
    size_t len = 0;
    for (size_t strings = 1; n >= strings; strings *= 7, len++)
        n -= strings;
    for (size_t i = 0; i < len; i++, n /= 7)
        bytes[i] = letters[n % 7];
    return len;
}

/* Four of these strings, each a file. Case after case they go through all of them, in an order that
 * mixes the lengths; the factor has no divisor in common with their number. */
static inline void texts_short_strings(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)seeded;
    for (uint64_t i = 0; i < 4; i++) {
        uint8_t *bytes = texts_add(texts, 8);
        size_t n = (size_t)((4 * number + i) % TEXTS_STRINGS * 618033 % TEXTS_STRINGS);
        texts->files[i].len = texts_string(n, bytes);
    }
}

/* Appends words made by `word` until the file is nearly full. */
static inline void texts_words(struct seeded *seeded, struct texts *texts, size_t len,
                               size_t longest, size_t (*word)(struct seeded *, uint8_t *))
{
    uint8_t *bytes = texts_add(texts, len + longest + 4);
    size_t used = 0;
    while (used < len) {
        for (size_t gaps = seeded_below(seeded, 3); gaps > 0; gaps--)
            bytes[used++] = seeded_of(seeded, " \n\t\v\f\r", 6);
        used += word(seeded, bytes + used);
        bytes[used++] = seeded_of(seeded, " \n", 2);
    }
    bool in_a_word = seeded_below(seeded, 2) == 1; /* what some end in */
    texts->files[texts->len - 1].len = used - (in_a_word && used > 0);
}

/* Words that are easily taken for each other: prefixes, NULs, the borders of 8, 15 and 256 bytes.
 */
static inline size_t texts_alike(struct seeded *seeded, uint8_t *bytes)
{
    static const size_t lengths[] = {1, 2, 7, 8, 9, 14, 15, 16, 17, 31, 255, 256, 257};
    size_t len = lengths[seeded_below(seeded, LEN(lengths))];
    memset(bytes, 'a', len);
    for (size_t ends = seeded_below(seeded, 3); ends > 0; ends--)
        bytes[len++] = seeded_of(seeded, "\0\1a\xff\\\x1b", 6);
    return len;
}

static inline size_t texts_number(struct seeded *seeded, uint8_t *bytes)
{
    return (size_t)sprintf((char *)bytes, "%zu", seeded_below(seeded, 1000000));
}

static inline size_t texts_long_word(struct seeded *seeded, uint8_t *bytes)
{
    size_t len = 1 + seeded_below(seeded, 20000);
    memset(bytes, "xyz"[seeded_below(seeded, 3)], len);
    return len;
}

static inline size_t texts_random(struct seeded *seeded, uint8_t *bytes)
{
    size_t len = 1 + seeded_below(seeded, 30);
    seeded_fill(seeded, bytes, len);
    return len;
}

static inline void texts_hostile(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)number;
    for (size_t files = 1 + seeded_below(seeded, 4); files > 0; files--)
        texts_words(seeded, texts, seeded_below(seeded, 3000), 300, texts_alike);
}

static inline void texts_random_bytes(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)number;
    for (size_t files = 1 + seeded_below(seeded, 3); files > 0; files--)
        texts_words(seeded, texts, seeded_below(seeded, 5000), 40, texts_random);
}

static inline void texts_long_words(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    texts_words(seeded, texts, seeded_below(seeded, 60000), 20000, texts_long_word);
    if (number % 2 == 0) { /* longer than anything that goes in one round */
        size_t len = 100000 + seeded_below(seeded, 400000);
        memset(texts_add(texts, len), 'w', len);
    }
}

/* More than memory holds at once: several rounds of map, shuffle and reduce. */
static inline void texts_many_words(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)number;
    for (size_t files = 1 + seeded_below(seeded, 3); files > 0; files--)
        texts_words(seeded, texts, 20000 + seeded_below(seeded, 200000), 20, texts_number);
}

/* So many that the result is written in several windows. */
static inline void texts_large(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)number;
    texts_words(seeded, texts, 1 << 20, 20, texts_number);
}

/* One of 20,000 words of three letters. */
static inline size_t texts_syllable(struct seeded *seeded, uint8_t *bytes)
{
    for (int i = 0; i < 3; i++)
        bytes[i] = (uint8_t)('A' + seeded_below(seeded, 27));
    return 3;
}

/* So many words, each of them often, that their records fit the memory only when equal ones are
 * made one: 8 MB of records for each of `number` ranks. */
static inline void texts_frequent(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    for (uint64_t files = 0; files < number; files++)
        texts_words(seeded, texts, 2500000, 20, texts_syllable);
}

static inline void texts_small_files(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    (void)number;
    for (size_t files = seeded_below(seeded, TEXTS_FILES_MAX); files > 0; files--) {
        size_t len = seeded_below(seeded, 6);
        uint8_t *bytes = texts_add(texts, len);
        for (size_t i = 0; i < len; i++)
            bytes[i] = seeded_of(seeded, "ab \n", 4);
    }
}

/* Nothing, only blanks, one word over and over, one byte. */
static inline void texts_uniform(struct seeded *seeded, uint64_t number, struct texts *texts)
{
    size_t len = seeded_below(seeded, 2000), every = 1 + seeded_below(seeded, 20);
    uint8_t *bytes = texts_add(texts, len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = number % 3 == 0 || i % every == 0 ? ' ' : 'w';
    if (number % 3 == 1)
        texts->files[0].len = seeded_below(seeded, 1 + (len > 0));
}

#endif
