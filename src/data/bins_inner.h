/* SPDX-License-Identifier: BSD-3-Clause */
/* bins_inner: a bin that is too large to be sorted in memory, divided into bins of its own, which
 * are spilled and read as those beside it. One of them may be too large again, and so they are a
 * stack.
 *
 * A sample says where to divide. Records that no mark of the sample tells from it are in a bin by
 * themselves: they agree in more bytes than a mark holds, and where that bin is divided, what all
 * of its keys begin with is passed over. So every division makes bins that are smaller, or whose
 * keys agree further, however long they are. */
#ifndef BINS_INNER_H
#define BINS_INNER_H

#include "data/bins.h"

struct bins_inner {
    struct mem *mem; /* borrowed */
    struct bins bins;
    size_t next;               /* the bin to load */
    struct bins_inner *parent; /* NULL: none */
};

/* Local. Divides a bin into about `parts` bins, or as many as there is memory for, which become the
 * top of the stack; of the bin all is still there. False with fail set; bins_inner_pop is due
 * where there is a new top. */
bool bins_inner_push(struct bins_inner **top, struct bins *bins, size_t bin, size_t parts,
                     struct fail *fail);

/* Local. Frees the top. */
void bins_inner_pop(struct bins_inner **top);

#endif
