/* SPDX-License-Identifier: BSD-3-Clause */
/* seal: how what travels between ranks is known for what it is.
 *
 * A seal is a sum of the bytes of a message and of its label: of which kind it is, the how manyth
 * of them, from whom and to whom. The label does not travel: who gets the message knows which one
 * is due. So bytes that were changed, left out, sent twice, or are those of another message do not
 * fit their seal. */
#ifndef SEAL_H
#define SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

enum seal_kind {
    SEAL_VALUE, /* of a reduction */
    SEAL_SHARE, /* rank 0's, for all */
    SEAL_GATHER,
    SEAL_PART, /* of what is scattered: how much it is, */
    SEAL_SCATTER,
    SEAL_NOTICE, /* of a block, and the block */
    SEAL_BLOCK,
    SEAL_QUESTION, /* to the master, and what it answers */
    SEAL_ANSWER,
    SEAL_NEWS,
    SEAL_HEAD,
};

struct seal_label {
    uint64_t number; /* of its kind */
    int32_t from, to;
    uint64_t kind;
};

/* Local. */
uint64_t seal_of(const struct seal_label *label, const void *bytes, size_t len);

/* Local. Records that what `from` sent is not what it should be. Returns false, with FAIL_VERIFY
 * set. For what ranks do not steer by: they agree on the failure when it is their turn. */
bool seal_broken(struct job *job, const char *what, int from);

/* Local. The same of what ranks steer by: sizes, sums, decisions. Some have it as it was and go on,
 * so nothing can be agreed on any more: ends all ranks, with one line of the lowest one that has
 * noticed. `from` may be -1: nobody knows whose it was. */
_Noreturn void seal_end(struct job *job, const char *what, int from);

#endif
