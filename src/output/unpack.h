/* SPDX-License-Identifier: BSD-3-Clause */
/* unpack: the results of tasks, which come as one stream of bytes, to one file a task.
 *
 * The stream, an archive, is a row of entries, each a head of UNPACK_HEAD_BYTES and the bytes it
 * announces. Files are named by the number of their task: the first in the archive is 1. */
#ifndef UNPACK_H
#define UNPACK_H

#include "host/fail.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum unpack_kind {
    UNPACK_FIRST,  /* the first result of the next task, or nothing, where it has none */
    UNPACK_MORE,   /* another result of the same task */
    UNPACK_FAILED, /* the next task has failed: it has no file; no bytes */
    UNPACK_LINE,   /* of no task: goes to the file `combined` */
};

enum { UNPACK_HEAD_BYTES = 8, UNPACK_KIND_BITS = 2 };

/* A file that is being written. */
struct unpack_file {
    FILE *stream;
    uint64_t bytes;
};

struct unpack {
    int folder;         /* borrowed */
    const char *name;   /* of the folder, for messages; borrowed */
    uint64_t tasks;     /* so far: the last one's number */
    uint64_t failed;    /* of them */
    uint64_t all_bytes; /* in all files */
    struct unpack_file result, combined;
    struct unpack_file *into; /* where the bytes of this entry go */
    uint64_t left;            /* of them */
    uint8_t head[UNPACK_HEAD_BYTES];
    size_t head_len; /* of the next head */
};

/* Local. The head of an entry of `len` bytes, to be stored as it is in memory: all hosts have the
 * same architecture. */
static inline uint64_t unpack_head(enum unpack_kind kind, uint64_t len)
{
    return len << UNPACK_KIND_BITS | kind;
}

/* Local. Files go to the folder of that descriptor, which has none of their names. */
void unpack_init(struct unpack *unpack, int folder, const char *name);

/* Local. Takes the next bytes of the archive, cut anywhere. False with fail set: FAIL_OUTPUT, or
 * FAIL_VERIFY where this is no archive. */
bool unpack_add(struct unpack *unpack, const uint8_t *bytes, size_t len, struct fail *fail);

/* Local. The archive is over. False with fail set: FAIL_OUTPUT, or FAIL_VERIFY where it ends inside
 * an entry. */
bool unpack_end(struct unpack *unpack, struct fail *fail);

/* Local. Closes files that are still open. Idempotent. */
void unpack_free(struct unpack *unpack);

#endif
