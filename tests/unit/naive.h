/* SPDX-License-Identifier: BSD-3-Clause */
/* naive: counts by sorting, one word at a time. The oracle of many tests; it shares no code with
 * the program. */
#ifndef NAIVE_H
#define NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct naive_word {
    const uint8_t *bytes; /* borrowed */
    size_t len;
    uint64_t count;
};

struct naive {
    struct naive_word *words;
    size_t len, cap;
};

/* Counts a word; the bytes must stay where they are. */
static inline void naive_add(struct naive *naive, const uint8_t *bytes, size_t len, uint64_t count)
{
    if (naive->len == naive->cap) {
        naive->cap = naive->cap * 2 + 64;
        naive->words = realloc(naive->words, naive->cap * sizeof *naive->words);
        if (!naive->words)
            abort();
    }
    naive->words[naive->len++] = (struct naive_word){bytes, len, count};
}

static inline bool naive_is_gap(uint8_t byte)
{
    return memchr(" \t\n\v\f\r", byte, 6) != NULL;
}

/* Counts all words of a text. */
static inline void naive_split(struct naive *naive, const uint8_t *bytes, size_t len)
{
    size_t start = 0;
    for (size_t i = 0; i <= len; i++) {
        if (i < len && !naive_is_gap(bytes[i]))
            continue;
        if (i > start)
            naive_add(naive, bytes + start, i - start, 1);
        start = i + 1;
    }
}

/* Counts the N-th field of every line, between single separators, or runs of blanks where
 * `separator` is negative; or with N 0 the lines themselves. A line with fewer fields has none, and
 * a last line that is empty is no line. */
static inline void naive_fields(struct naive *naive, const uint8_t *bytes, size_t len,
                                uint64_t number, int separator)
{
    size_t line = 0, start = 0;
    uint64_t fields = 0;
    for (size_t i = 0; i <= len; i++) {
        bool line_ends = i < len ? bytes[i] == '\n' : i > line;
        bool blank = i < len && separator < 0 && (bytes[i] == ' ' || bytes[i] == '\t');
        if (!line_ends && !blank && (i == len || bytes[i] != separator))
            continue;
        if (number == 0 && line_ends)
            naive_add(naive, bytes + line, i - line, 1);
        if ((separator >= 0 || i > start) && ++fields == number)
            naive_add(naive, bytes + start, i - start, 1);
        start = i + 1;
        if (line_ends) {
            line = start;
            fields = 0;
        }
    }
}

/* The N-th field of each line and the one behind it, with the separator between them. */
static inline void naive_pairs(struct naive *naive, const uint8_t *bytes, size_t len,
                               uint64_t number, int separator)
{
    for (size_t line = 0, end; line < len; line = end + 1) {
        uint64_t field = 1;
        size_t begin = line, at = line;
        for (end = line; end < len && bytes[end] != '\n'; end++)
            ;
        for (; at < end && field < number + 2; at++)
            if (bytes[at] == separator && ++field == number)
                begin = at + 1;
        if (field == number + 2)
            naive_add(naive, bytes + begin, at - 1 - begin, 1);
        else if (field == number + 1)
            naive_add(naive, bytes + begin, end - begin, 1);
    }
}

static inline void naive_lines(struct naive *naive, const uint8_t *bytes, size_t len)
{
    naive_fields(naive, bytes, len, 0, '\n');
}

static inline int naive_by_bytes(const void *a, const void *b)
{
    const struct naive_word *left = a, *right = b;
    size_t common = left->len < right->len ? left->len : right->len;
    int order = common ? memcmp(left->bytes, right->bytes, common) : 0;
    return order ? order : (left->len > right->len) - (left->len < right->len);
}

/* The order of the output. */
static inline int naive_by_rank(const void *a, const void *b)
{
    const struct naive_word *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return naive_by_bytes(a, b);
}

/* Makes equal words one, in byte order. */
static inline void naive_merge(struct naive *naive)
{
    size_t kept = 0;
    if (naive->len > 0)
        qsort(naive->words, naive->len, sizeof *naive->words, naive_by_bytes);
    for (size_t i = 0; i < naive->len; i++) {
        if (kept > 0 && naive_by_bytes(&naive->words[kept - 1], &naive->words[i]) == 0)
            naive->words[kept - 1].count += naive->words[i].count;
        else
            naive->words[kept++] = naive->words[i];
    }
    naive->len = kept;
}

/* Makes equal words one, and puts them into the order of the output. */
static inline void naive_rank(struct naive *naive)
{
    naive_merge(naive);
    if (naive->len > 0)
        qsort(naive->words, naive->len, sizeof *naive->words, naive_by_rank);
}

/* Whether two merged, or two ranked, hold the same. */
static inline bool naive_same(const struct naive *a, const struct naive *b)
{
    for (size_t i = 0; i < a->len && i < b->len; i++)
        if (naive_by_rank(&a->words[i], &b->words[i]) != 0)
            return false;
    return a->len == b->len;
}

static inline uint64_t naive_tokens(const struct naive *naive)
{
    uint64_t tokens = 0;
    for (size_t i = 0; i < naive->len; i++)
        tokens += naive->words[i].count;
    return tokens;
}

static inline void naive_free(struct naive *naive)
{
    free(naive->words);
    *naive = (struct naive){0};
}

#endif
