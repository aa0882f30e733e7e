/* MSD radix sort. Before each pass the first byte in which the items differ is found with one pass
 * of ORs, so that what they have in common (leading bytes of a count, a prefix of the words) costs
 * nothing. Small groups go to insertion sort. */
#include "radix.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 3, SMALL = 24 };

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

/* The first word from `word` on in which the items differ, with the shift of its first differing
 * byte; WORDS if there is none. */
static inline __attribute__((always_inline)) int
differing(const uint64_t *items, size_t len, const size_t stride, int word, int *shift)
{
    for (; word < WORDS; word++) {
        uint64_t differ = 0;
        for (size_t i = 1; i < len; i++)
            differ |= items[i * stride + (size_t)word] ^ items[word];
        if (differ) {
            *shift = 56 - __builtin_clzll(differ) / 8 * 8;
            return word;
        }
    }
    return WORDS;
}

/* Puts every item into its group by one byte: each swap moves at least one item to its final group.
 */
static inline __attribute__((always_inline)) void
permute(uint64_t *items, const size_t stride, int word, int shift, const size_t starts[257])
{
    size_t next[256];
    memcpy(next, starts, sizeof next);
    for (int group = 0; group < 256; group++) {
        while (next[group] < starts[group + 1]) {
            uint64_t item[8];
            memcpy(item, items + next[group] * stride, stride * 8);
            int home = item[word] >> shift & 255;
            while (home != group) {
                uint64_t *place = items + next[home]++ * stride;
                uint64_t other[8];
                memcpy(other, place, stride * 8);
                memcpy(place, item, stride * 8);
                memcpy(item, other, stride * 8);
                home = item[word] >> shift & 255;
            }
            memcpy(items + next[group]++ * stride, item, stride * 8);
        }
    }
}

static void sort3(uint64_t *items, size_t len, int word);
static void sort5(uint64_t *items, size_t len, int word, radix_compare *compare);

static inline __attribute__((always_inline)) void
sort_core(uint64_t *items, size_t len, const size_t stride, int word, radix_compare *compare)
{
    int shift = 0;
    if (len <= SMALL) {
        insertion_sort(items, len, stride, compare);
        return;
    }
    word = differing(items, len, stride, word, &shift);
    if (word == WORDS) {
        if (compare)
            qsort(items, len, stride * 8, compare);
        return;
    }
    size_t starts[257] = {0};
    for (size_t i = 0; i < len; i++)
        starts[(items[i * stride + (size_t)word] >> shift & 255) + 1]++;
    for (int group = 0; group < 256; group++)
        starts[group + 1] += starts[group];
    permute(items, stride, word, shift, starts);
    for (int group = 0; group < 256; group++) {
        size_t group_len = starts[group + 1] - starts[group];
        if (group_len < 2)
            continue;
        if (stride == 3)
            sort3(items + starts[group] * stride, group_len, word);
        else
            sort5(items + starts[group] * stride, group_len, word, compare);
    }
}

static void sort3(uint64_t *items, size_t len, int word)
{
    sort_core(items, len, 3, word, NULL);
}

static void sort5(uint64_t *items, size_t len, int word, radix_compare *compare)
{
    sort_core(items, len, 5, word, compare);
}

void radix_sort3(uint64_t (*items)[3], size_t len)
{
    sort3((uint64_t *)items, len, 0);
}

void radix_sort5(uint64_t (*items)[5], size_t len, int (*compare)(const void *, const void *))
{
    sort5((uint64_t *)items, len, 0, compare);
}
