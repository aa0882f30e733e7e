/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages from rank to rank, and requests. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

enum { UNSEEN = 4 }; /* one look of so many does not see what is there */

struct message {
    int from, to, tag;
    size_t len;
    bool taken, waits; /* for its receiver: the sender may not go on before */
    struct message *next;
    uint8_t bytes[];
};

static struct request *orphans;

/* Those that nobody asks for are ended by whoever comes by. */
static void end_orphans(void)
{
    for (struct request **at = &orphans; *at;) {
        struct request *orphan = *at;
        if (!orphan->done(orphan)) {
            at = &orphan->next;
            continue;
        }
        *at = orphan->next;
        free(orphan);
    }
}

int MPI_Test(MPI_Request *request, int *done, MPI_Status *status)
{
    if (orphans)
        end_orphans();
    *done = *request == MPI_REQUEST_NULL || (engine_draw(UNSEEN) > 0 && (*request)->done(*request));
    if (!*done || engine_draw(UNSEEN) == 0)
        engine_give_way();
    if (!*done || *request == MPI_REQUEST_NULL)
        return MPI_SUCCESS;
    if (status)
        *status = (*request)->status;
    free(*request);
    *request = MPI_REQUEST_NULL;
    return MPI_SUCCESS;
}

int MPI_Wait(MPI_Request *request, MPI_Status *status)
{
    for (int done = 0; !done;)
        MPI_Test(request, &done, status);
    return MPI_SUCCESS;
}

int MPI_Request_free(MPI_Request *request)
{
    (*request)->next = orphans;
    orphans = *request;
    *request = MPI_REQUEST_NULL;
    return MPI_SUCCESS;
}

static bool matches(const struct message *message, int to, int from, int tag)
{
    return message->to == to && (from == MPI_ANY_SOURCE || message->from == from)
        && (tag == MPI_ANY_TAG || message->tag == tag);
}

void message_drop(struct message **queue)
{
    struct message *message = *queue;
    *queue = message->next;
    free(message);
}

/* A message and its receive have met. */
static void deliver(struct request *receive, struct message *message)
{
    if (message->len > receive->room)
        engine_fail("a message is longer than its receive");
    memcpy(receive->to, message->bytes, message->len);
    receive->status = (MPI_Status){message->from, message->tag, MPI_SUCCESS};
    receive->comm = NULL;
    if (message->waits)
        message->taken = true;
    else
        free(message);
}

static bool received(struct request *request)
{
    return !request->comm;
}

static bool sent(struct request *request)
{
    if (request->message && !request->message->taken)
        return false;
    free(request->message);
    return true;
}

int MPI_Isend(const void *bytes, int len, MPI_Datatype type, int to, int tag, MPI_Comm in,
              MPI_Request *request)
{
    struct communicator *comm = communicator_of(in);
    const size_t size = (size_t)len * type->bytes;
    struct message *message = engine_alloc(sizeof *message + size);
    message->from = communicator_rank(comm);
    message->to = to;
    message->tag = tag;
    message->len = size;
    message->waits = engine_draw(2);
    memcpy(message->bytes, bytes, size);
    *request = engine_alloc(sizeof **request);
    **request = (struct request){.done = sent, .message = message->waits ? message : NULL};
    for (struct request **at = &comm->posted; *at; at = &(*at)->next) {
        struct request *receive = *at;
        if (!matches(message, receive->rank, receive->from, receive->tag))
            continue;
        *at = receive->next;
        deliver(receive, message);
        return MPI_SUCCESS;
    }
    struct message **last = &comm->queue;
    while (*last)
        last = &(*last)->next;
    *last = message;
    return MPI_SUCCESS;
}

int MPI_Irecv(void *bytes, int len, MPI_Datatype type, int from, int tag, MPI_Comm in,
              MPI_Request *request)
{
    struct communicator *comm = communicator_of(in);
    const int rank = communicator_rank(comm);
    struct request *receive = *request = engine_alloc(sizeof *receive);
    *receive = (struct request){.done = received,
                                .comm = comm,
                                .rank = rank,
                                .from = from,
                                .tag = tag,
                                .to = bytes,
                                .room = (size_t)len * type->bytes};
    for (struct message **at = &comm->queue; *at; at = &(*at)->next) {
        struct message *message = *at;
        if (!matches(message, rank, from, tag))
            continue;
        *at = message->next;
        deliver(receive, message);
        return MPI_SUCCESS;
    }
    struct request **last = &comm->posted;
    while (*last)
        last = &(*last)->next;
    *last = receive;
    return MPI_SUCCESS;
}

int MPI_Recv(void *bytes, int len, MPI_Datatype type, int from, int tag, MPI_Comm comm,
             MPI_Status *status)
{
    MPI_Request request;
    MPI_Irecv(bytes, len, type, from, tag, comm, &request);
    return MPI_Wait(&request, status);
}

int MPI_Iprobe(int from, int tag, MPI_Comm in, int *there, MPI_Status *status)
{
    struct communicator *comm = communicator_of(in);
    const int rank = communicator_rank(comm);
    const struct message *message = engine_draw(UNSEEN) > 0 ? comm->queue : NULL;
    while (message && !matches(message, rank, from, tag))
        message = message->next;
    *there = message != NULL;
    if (message && status)
        *status = (MPI_Status){message->from, message->tag, MPI_SUCCESS};
    if (!message && engine_draw(UNSEEN) == 0)
        engine_give_way();
    return MPI_SUCCESS;
}

int PMPI_Isend(const void *bytes, int len, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request *request) __attribute__((alias("MPI_Isend")));
