/* SPDX-License-Identifier: BSD-3-Clause */
/* ranking: places in an order of records: splitters between stretches of it, and sorted runs. */
#ifndef RANKING_H
#define RANKING_H

#include "data/order.h"

enum {
    RANKING_PREFIX_BYTES = 256,
    RANKING_RECORD_BYTES = 48, /* of memory for a short record while its run is sorted */
};

/* A place in the order: a splitter, or the first or last record of a run. Long keys keep at most
 * RANKING_PREFIX_BYTES, so records that agree so far compare equal. Sent as it is. */
struct ranking_mark {
    uint64_t word[3];
    uint64_t len; /* of the bytes kept; 0 for a short key */
    uint8_t bytes[RANKING_PREFIX_BYTES];
};

/* Local. */
void ranking_mark(enum order order, const struct record *record, struct ranking_mark *mark);

/* Local. Negative, zero or positive, as in qsort; the arguments are struct ranking_mark. */
int ranking_compare_marks(const void *a, const void *b);

/* Local. Whether a record is not before a mark, as far as the mark knows. */
bool ranking_reaches(const struct ranking_mark *mark, enum order order,
                     const struct record *record);

/* Local. The least key that reaches a mark; the bytes of a long one are the mark's. */
struct record ranking_mark_key(enum order order, const struct ranking_mark *mark);

/* Ascending splitters, with an index into them by a coarse view of the rank: nearly every record
 * then meets one or two of them instead of ten, and a search in a thousand splitters is ten
 * unpredictable branches. A small memory is not spent on the index. */
struct ranking_splitters {
    enum order order;
    struct mem *mem;            /* borrowed */
    struct ranking_mark *marks; /* ascending */
    uint64_t (
        *words)[3]; /* of the marks, beside each other: what a search nearly always looks at */
    size_t len;
    uint32_t *first; /* by cell: how many splitters lie in cells before it; NULL without index */
};

/* Local. Room for `len` splitters, which the caller stores in `marks` before ranking_index. False
 * with fail set. */
bool ranking_reserve(struct ranking_splitters *splitters, enum order order, struct mem *mem,
                     size_t len, struct fail *fail);

/* Local. Makes the index. Cost: a quarter of a million cells. */
void ranking_index(struct ranking_splitters *splitters);

/* Local. How many of the splitters are at or before the record: the stretch it belongs to, 0 to
 * len. */
size_t ranking_find(const struct ranking_splitters *splitters, const struct record *record);

/* Local. Idempotent. */
void ranking_free_splitters(struct ranking_splitters *splitters);

/* A sorted run of records: the short keys and the long keys of some parcel, each sorted, merged
 * while they are read. */
struct ranking_run {
    enum order order;
    struct mem *mem;       /* borrowed */
    uint64_t (*shorts)[3]; /* the rank; by key its third word is the inverted count */
    uint64_t (*longs)[5];  /* the rank, pointer to the key, length */
    size_t shorts_len, longs_len;
    void *spare;                                   /* for the sort */
    size_t shorts_bytes, longs_bytes, spare_bytes; /* allocated */
    size_t next_short, next_long;
};

/* Local. Takes up all records of a settled parcel, whose long keys it borrows, and sorts them.
 * False with fail set. Cost: a radix sort. */
bool ranking_load(struct ranking_run *run, enum order order, struct mem *mem,
                  const struct parcel *parcel, struct fail *fail);

/* Local. The next record in order; the bytes of a long key are borrowed from its parcel. False at
 * the end. */
bool ranking_next(struct ranking_run *run, struct record *record);

/* Local. Idempotent. */
void ranking_free(struct ranking_run *run);

#endif
