/* SPDX-License-Identifier: BSD-3-Clause */
/* spill: records on the disk. What a box holds is appended as one *run*, in the order of its
 * buckets, and memory is free again; later all records of a bucket are read back, of every run
 * (spill_read.h). The file has no name: nothing is left of it when the process ends. Or it is a log
 * of a checkpoint, from which another process reads the runs.
 *
 * A bucket of a run is a row of blocks. Each says whose it is and carries a checksum, which is
 * looked at before any record of it is. */
#ifndef SPILL_H
#define SPILL_H

#include "data/box.h"
#include "host/scratch.h"
#include "host/scratch_space.h"

struct spill {
    struct arena *arena;         /* borrowed */
    struct scratch_space *space; /* borrowed */
    const char *log; /* given: the name of the one file, which stays, with all that was written to
                        it; NULL: files without names */
    size_t buckets;
    struct scratch files[SCRATCH_SPACE_FOLDERS]; /* by folder; opened when needed */
    uint64_t file_bytes[SCRATCH_SPACE_FOLDERS];
    struct spill_run *runs;
    size_t runs_len, runs_bytes;
    uint64_t records;                            /* in all runs */
    uint64_t disk_bytes;                         /* that are not given back */
    uint8_t *buffer;                             /* of what is written, or read */
    size_t buffer_len, buffer_cap, buffer_bytes; /* filled; used; allocated */
    struct spill_place *index;                   /* of the run that is written */
};

/* Local. An empty spill for boxes of so many buckets; it takes a little memory for its buffer, so
 * that there is one when all memory is used up. False with fail set. */
bool spill_init(struct spill *spill, struct arena *arena, struct scratch_space *space,
                size_t buckets, struct fail *fail);

/* Local. Appends all records of the box, which becomes empty. False with fail set: FAIL_OUTPUT, and
 * the box as it was, when no folder takes them. */
bool spill_box(struct spill *spill, struct box *box, struct fail *fail);

/* Local. What was written to the log is on the disk: *bytes of it. False with fail set to
 * FAIL_OUTPUT. */
bool spill_sync(struct spill *spill, uint64_t *bytes, struct fail *fail);

/* Local. Idempotent; {0} is fine. */
void spill_free(struct spill *spill);

#endif
