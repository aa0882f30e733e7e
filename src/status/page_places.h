/* SPDX-License-Identifier: BSD-3-Clause */
/* page_places: the rows of a page: ranks or, where there are many, hosts; of very many hosts those
 * with the least and the most to do. */
#ifndef PAGE_PLACES_H
#define PAGE_PLACES_H

#include "status/snapshot.h"

#include <stddef.h>

enum { PAGE_PLACES_MAX = 64, PAGE_PLACES_HALF = 32, PAGE_PLACES_HOST_BYTES = 32 };

struct page_place {
    const char *host;
    int rank; /* of hosts: the first one */
    int ranks;
    uint64_t load; /* bytes of input or, of tasks, the nanoseconds that they took */
    uint64_t phase;
    struct snapshot_tasks tasks;      /* but for busy_ns, see load */
    uint64_t spent_ns[TIMING_PHASES]; /* of hosts: the mean of their ranks */
    uint64_t peak_bytes;              /* of hosts: that of the rank with the most */
};

struct page_places {
    struct page_place *rows; /* of malloc */
    size_t len, all;         /* how many there are, and would be */
    uint64_t most;           /* the greatest load of all, at least 1 */
    bool by_host;
};

/* Local. At most `most` rows, an even number. Without memory there are none. */
struct page_places page_places(const struct snapshot *snapshot, size_t most);

/* Local. What a rank has done, as in `load`. */
uint64_t page_places_load(const struct snapshot *snapshot, const struct snapshot_rank *rank);

/* Local. */
void page_places_free(struct page_places *places);

#endif
