/* SPDX-License-Identifier: BSD-3-Clause */
/* combiner: counts keys as they are mapped, in a table that stays in the processor's cache, and
 * passes on what does not fit.
 *
 * While few keys are distinct all of them live in the table. When it is full it is frozen: keys
 * that are found there at once are still counted, every other key becomes a record of its own in
 * the outbox, and is counted later, with its part of the hash space. When many have passed it by,
 * the table is emptied into the outbox and starts again with what the text is about now. */
#ifndef COMBINER_H
#define COMBINER_H

#include "data/batch.h"
#include "data/box.h"
#include "data/table.h"

enum { COMBINER_WAITING = 64 };

struct combiner {
    struct table table;
    struct table_short waiting[COMBINER_WAITING]; /* short keys put, on whose slots we wait */
    size_t waiting_len;
    struct parcel stored; /* the bytes of the long keys in the table */
    struct arena *arena;  /* borrowed */
    struct tally tally;   /* of all keys added so far */
    size_t max_slots;
    uint64_t passed;  /* keys passed on since the table was emptied */
    uint64_t flushed; /* records passed on before that */
    bool frozen;      /* the table of short keys is full */
    bool verify;      /* whether to keep the keyed sum */
};

/* Local. A combiner whose table takes at most `max_bytes`; with 0 it counts nothing and passes on
 * every key. False with fail set. */
bool combiner_init(struct combiner *combiner, struct arena *arena, const struct hash_seed *seed,
                   size_t max_bytes, bool verify, struct fail *fail);

/* Local. Counts the keys of a batch; those that do not fit go to their bucket of the outbox. False
 * with fail set. */
bool combiner_add(struct combiner *combiner, const struct batch *batch, struct box *outbox,
                  struct fail *fail);

/* Local. Counts the key of a record as often as it says. False with fail set. */
bool combiner_put(struct combiner *combiner, const struct record *record, struct box *outbox,
                  struct fail *fail);

/* Local. Moves everything counted to the outbox and empties the table. False with fail set. */
bool combiner_flush(struct combiner *combiner, struct box *outbox, struct fail *fail);

/* Local. How many records have come out, and would if it were flushed now. */
uint64_t combiner_records(const struct combiner *combiner);

/* Local. Idempotent. */
void combiner_free(struct combiner *combiner);

#endif
