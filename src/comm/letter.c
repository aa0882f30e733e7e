/* SPDX-License-Identifier: BSD-3-Clause */
/* Letters. */
#include "comm/letter.h"

#include "job.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

static uint64_t seal_head(const struct seal_label *label, const struct letter_head *head)
{
    return seal_of(label, head, offsetof(struct letter_head, seal));
}

struct letter_head letter_head(const struct seal_label *label, uint64_t what,
                               const struct buffer *bytes)
{
    struct letter_head head = {what, bytes->len, seal_of(label, bytes->bytes, bytes->len), 0};
    head.seal = seal_head(label, &head);
    return head;
}

/* What a damaged head announces nobody can receive, and its sender would wait. */
void letter_check(struct job *job, const struct seal_label *due, const struct letter_head *head)
{
    if (head->seal != seal_head(due, head))
        seal_end(job, due->kind == SEAL_QUESTION ? "a question" : "an answer", due->from);
}

/* MPI counts with an int: what is longer travels in blocks, the last of them padded. */
static int units(size_t len, MPI_Datatype *type)
{
    static MPI_Datatype block;
    static bool made;
    if (len > INT_MAX && !made) {
        MPI_Type_contiguous(BUFFER_BLOCK_BYTES, MPI_BYTE, &block);
        MPI_Type_commit(&block);
        made = true;
    }
    *type = len > INT_MAX ? block : MPI_BYTE;
    return (int)(len > INT_MAX ? buffer_blocks(len) : len);
}

void letter_send(struct job *job, const struct buffer *bytes, int rank, int tag,
                 MPI_Request *request)
{
    MPI_Datatype type;
    int count = units(bytes->len, &type);
    *request = MPI_REQUEST_NULL;
    if (count > 0)
        MPI_Isend(bytes->bytes, count, type, rank, tag, job->comm.world, request);
}

/* What cannot be received at all its sender would wait for. */
static _Noreturn void end_without_memory(struct job *job, size_t len, int from)
{
    job->env.fail = (struct fail){0}; /* what has failed before is not what ends it */
    fail_set(&job->env.fail, FAIL_MEMORY,
             "memory: no room for a message of %zu bytes of rank %d (%s) (rank %d, %s)", len, from,
             comm_host_of(job, from), job->comm.rank, job->comm.host_name);
    comm_end(job);
}

bool letter_receive(struct job *job, struct buffer *to, const struct seal_label *due,
                    const struct letter_head *head, int tag)
{
    const int rank = due->from;
    MPI_Datatype type;
    MPI_Request request;
    const size_t len = head->bytes;
    int count = units(len, &type);
    if (count == 0)
        return true;
    bool ok = env_append(&job->env, to, NULL, len);
    void *bytes = ok ? to->bytes : malloc(buffer_blocks(len) * BUFFER_BLOCK_BYTES);
    if (!bytes)
        end_without_memory(job, len, rank);
    MPI_Irecv(bytes, count, type, rank, tag, job->comm.world, &request);
    const bool good = lost_wait(job, &request, rank) && ok && seal_of(due, bytes, len) == head->sum;
    if (ok && !good && !lost_look(job, rank)) /* its sender may be gone */
        return seal_broken(job, due->kind == SEAL_ANSWER ? "work" : "a report", rank);
    if (!ok)
        free(bytes);
    return good;
}
