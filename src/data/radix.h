/* SPDX-License-Identifier: BSD-3-Clause */
/* radix: sorts fixed-size items by the three 64-bit words they begin with. */
#ifndef RADIX_H
#define RADIX_H

#include <stddef.h>
#include <stdint.h>

/* Local. Ascending by word 0, then 1, then 2; items are 3 words long. `spare` is room for as many
 * items, whose contents are lost. len < 2^32. MSD radix sort (McIlroy, Bostic, McIlroy 1993, with a
 * second buffer); two or three moves of an item. */
void radix_sort3(uint64_t (*items)[3], uint64_t (*spare)[3], size_t len);

/* Local. The same for items of 5 words; items whose three words are equal are ordered by `compare`,
 * as in qsort. */
void radix_sort5(uint64_t (*items)[5], uint64_t (*spare)[5], size_t len,
                 int (*compare)(const void *, const void *));

#endif
