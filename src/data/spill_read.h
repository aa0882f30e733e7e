/* SPDX-License-Identifier: BSD-3-Clause */
/* spill_read: what was spilled comes back, and is looked at before it is believed. */
#ifndef SPILL_READ_H
#define SPILL_READ_H

#include "data/spill.h"

/* Local. How many records there are of a bucket, and in how many bytes. False with fail set, as
 * spill_read_take. */
bool spill_read_size(struct spill *spill, size_t bucket, uint64_t *records, uint64_t *bytes,
                     struct fail *fail);

/* Local. Appends all records of a bucket to `out`, and drops them here. False
 * with fail set: FAIL_VERIFY when they are not what was written. */
bool spill_read_take(struct spill *spill, size_t bucket, struct parcel *out, struct fail *fail);

/* Who sees the records of a bucket, whose bytes are borrowed. False with fail set ends the walk. */
typedef bool spill_visitor(void *context, const struct record *record);

/* Local. Shows all records of a bucket, a block at a time, and leaves them there. False with fail
 * set, as spill_read_take. */
bool spill_read_walk(struct spill *spill, size_t bucket, spill_visitor *visitor, void *context,
                     struct fail *fail);

/* Local. The same of one run. */
bool spill_read_run(struct spill *spill, size_t run, size_t bucket, spill_visitor *visitor,
                    void *context, struct fail *fail);

/* Local. Makes `spill` what is read from a log, whose name is borrowed: the runs of which it had
 * `bytes`, with their indexes at these offsets. False with fail set: FAIL_INPUT when it has less,
 * or is not there. */
bool spill_read_open(struct spill *spill, struct arena *arena, struct scratch_space *space,
                     const char *log, uint64_t bytes, size_t buckets, const uint64_t *indexes,
                     size_t runs, struct fail *fail);

/* Local. Nothing of a bucket, or of those before it, is needed any more: their place on the disk is
 * given back. False with fail set. */
bool spill_read_drop(struct spill *spill, size_t bucket, struct fail *fail);

#endif
