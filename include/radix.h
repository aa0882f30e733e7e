/* radix: sorts fixed-size items by the three 64-bit words they begin with. */
#ifndef RADIX_H
#define RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Local. Ascending by word 0, then 1, then 2; items are 3 words long. In place, not stable. MSD
 * radix sort with American flag permutation (McIlroy, Bostic, McIlroy 1993); about n * log256(n)
 * moves of an item. */
void radix_sort3(uint64_t (*items)[3], size_t len);

/* Local. The same for items of 5 words; items whose three words are equal are ordered by `compare`,
 * as in qsort. */
void radix_sort5(uint64_t (*items)[5], size_t len, int (*compare)(const void *, const void *));

#endif
