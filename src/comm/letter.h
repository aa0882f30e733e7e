/* SPDX-License-Identifier: BSD-3-Clause */
/* letter: a few numbers and then bytes of any length from one rank to another, both sealed. */
#ifndef LETTER_H
#define LETTER_H

#include "comm/seal.h"
#include "host/buffer.h"

#include <mpi.h>

struct job;

/* Is sent first, as it is. */
struct letter_head {
    uint64_t what;
    uint64_t bytes; /* that follow */
    uint64_t sum;   /* of these, as a seal */
    uint64_t seal;  /* of the three numbers before */
};

/* Local. The head of what is sent. */
struct letter_head letter_head(const struct seal_label *label, uint64_t what,
                               const struct buffer *bytes);

/* Local. Ends the run where a head is not the one that is due. */
void letter_check(struct job *job, const struct seal_label *due, const struct letter_head *head);

/* Local. Begins to send the bytes, which must stay until the request is done: MPI_REQUEST_NULL
 * where there are none. */
void letter_send(struct job *job, const struct buffer *bytes, int rank, int tag,
                 MPI_Request *request);

/* Local, but returns only when they have come. Appends the bytes that a head has announced. A
 * message cannot be refused: where --memory has no room for it, it is taken all the same and thrown
 * away. False with fail set. */
bool letter_receive(struct job *job, struct buffer *to, const struct seal_label *due,
                    const struct letter_head *head, int tag);

#endif
