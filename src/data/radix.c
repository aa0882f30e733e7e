/* SPDX-License-Identifier: BSD-3-Clause */
/* MSD radix sort. Before each pass the first bit in which the items differ is found with one pass
 * of ORs, so that what they have in common (leading bytes of a count, a prefix of the words) costs
 * nothing; a digit begins at that bit and is as wide as the number of items deserves. A pass moves
 * the items to the other of two buffers, each on its own: permuting them in place would wait for
 * every move before the next. Small groups go to insertion sort. */
#include "data/radix.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 3, SMALL = 16, DIGIT_MIN_BITS = 4, DIGIT_MAX_BITS = 11 };

typedef int radix_compare(const void *, const void *);

static inline __attribute__((always_inline)) int compare_words(const uint64_t *a, const uint64_t *b)
{
    for (int w = 0; w < WORDS; w++)
        if (a[w] != b[w])
            return a[w] < b[w] ? -1 : 1;
    return 0;
}

static inline __attribute__((always_inline)) void
insertion_sort(uint64_t *items, size_t len, const size_t stride, radix_compare *compare)
{
    for (size_t i = 1; i < len; i++) {
        uint64_t item[8];
        memcpy(item, items + i * stride, stride * 8);
        size_t at = i;
        for (; at > 0; at--) {
            const uint64_t *left = items + (at - 1) * stride;
            int order = compare_words(item, left);
            if (order == 0 && compare)
                order = compare(item, left);
            if (order >= 0)
                break;
            memcpy(items + at * stride, left, stride * 8);
        }
        memcpy(items + at * stride, item, stride * 8);
    }
}

/* The first word from `word` on in which the items differ, with the number of leading bits that
 * they have in common there; WORDS if there is none. */
static inline __attribute__((always_inline)) int
differing(const uint64_t *items, size_t len, const size_t stride, int word, unsigned *common)
{
    for (; word < WORDS; word++) {
        uint64_t differ = 0;
        for (size_t i = 1; i < len; i++)
            differ |= items[i * stride + (size_t)word] ^ items[word];
        if (differ) {
            *common = (unsigned)__builtin_clzll(differ);
            return word;
        }
    }
    return WORDS;
}

/* About one group for every two items. */
static unsigned digit_bits(size_t len)
{
    unsigned bits = 62 - (unsigned)__builtin_clzll(len);
    return bits < DIGIT_MIN_BITS ? DIGIT_MIN_BITS : bits > DIGIT_MAX_BITS ? DIGIT_MAX_BITS : bits;
}

static void sort3(uint64_t *items, uint64_t *spare, size_t len, int word, bool stay);
static void sort5(uint64_t *items, uint64_t *spare, size_t len, int word, bool stay,
                  radix_compare *compare);

/* Sorts `items`, which agree in the words before `word`; they end up where they are, or, if they
 * are not to stay, in the same places of `spare`. */
static inline __attribute__((always_inline)) void sort_core(uint64_t *items, uint64_t *spare,
                                                            size_t len, const size_t stride,
                                                            int word, bool stay,
                                                            radix_compare *compare)
{
    uint32_t ends[1 << DIGIT_MAX_BITS];
    unsigned common = 0;
    if (len > SMALL)
        word = differing(items, len, stride, word, &common);
    if (len <= SMALL || word == WORDS) {
        if (len <= SMALL)
            insertion_sort(items, len, stride, compare);
        else if (compare)
            qsort(items, len, stride * 8, compare);
        if (!stay)
            memcpy(spare, items, len * stride * 8);
        return;
    }
    const unsigned bits = digit_bits(len), drop = 64 - bits;
    const size_t groups = (size_t)1 << bits;
    memset(ends, 0, groups * sizeof *ends);
    for (size_t i = 0; i < len; i++)
        ends[items[i * stride + (size_t)word] << common >> drop]++;
    uint32_t sum = 0;
    for (size_t group = 0; group < groups; group++) {
        uint32_t group_len = ends[group];
        ends[group] = sum;
        sum += group_len;
    }
    for (size_t i = 0; i < len; i++) { /* ends are starts, and become ends */
        const uint64_t *item = items + i * stride;
        memcpy(spare + ends[item[word] << common >> drop]++ * stride, item, stride * 8);
    }
    for (size_t group = 0, start = 0; start < len; start = ends[group++]) {
        size_t at = start * stride, group_len = ends[group] - start;
        if (group_len == 0)
            continue;
        if (group_len == 1 && !stay)
            continue;
        if (stride == 3)
            sort3(spare + at, items + at, group_len, word, !stay);
        else
            sort5(spare + at, items + at, group_len, word, !stay, compare);
    }
}

static void sort3(uint64_t *items, uint64_t *spare, size_t len, int word, bool stay)
{
    sort_core(items, spare, len, 3, word, stay, NULL);
}

static void sort5(uint64_t *items, uint64_t *spare, size_t len, int word, bool stay,
                  radix_compare *compare)
{
    sort_core(items, spare, len, 5, word, stay, compare);
}

void radix_sort3(uint64_t (*items)[3], uint64_t (*spare)[3], size_t len)
{
    sort3((uint64_t *)items, (uint64_t *)spare, len, 0, true);
}

void radix_sort5(uint64_t (*items)[5], uint64_t (*spare)[5], size_t len,
                 int (*compare)(const void *, const void *))
{
    sort5((uint64_t *)items, (uint64_t *)spare, len, 0, true, compare);
}
