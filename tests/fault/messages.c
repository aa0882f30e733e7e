/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls of MPI for messages between two ranks, for requests, and those whose bytes do not travel.
 */
#include "harm.h"

/* Calls whose bytes do not travel. */
#define PLAIN(function, parameters, arguments, comm)                                               \
    int function parameters                                                                        \
    {                                                                                              \
        CALL(function, comm)                                                                       \
        (void)due;                                                                                 \
        return P##function arguments;                                                              \
    }

PLAIN(MPI_Comm_dup, (MPI_Comm comm, MPI_Comm *made), (comm, made), comm)
PLAIN(MPI_Comm_split, (MPI_Comm comm, int color, int key, MPI_Comm *made), (comm, color, key, made),
      comm)
PLAIN(MPI_Comm_split_type, (MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *made),
      (comm, type, key, info, made), comm)
PLAIN(MPI_Comm_free, (MPI_Comm * comm), (comm), MPI_COMM_WORLD)
PLAIN(MPI_Comm_group, (MPI_Comm comm, MPI_Group *group), (comm, group), comm)
PLAIN(MPI_Type_contiguous, (int count, MPI_Datatype type, MPI_Datatype *made), (count, type, made),
      MPI_COMM_WORLD)
PLAIN(MPI_Type_commit, (MPI_Datatype * type), (type), MPI_COMM_WORLD)
PLAIN(MPI_Op_create, (MPI_User_function * function, int commutes, MPI_Op *op),
      (function, commutes, op), MPI_COMM_WORLD)
PLAIN(MPI_Request_free, (MPI_Request * request), (request), MPI_COMM_WORLD)
PLAIN(MPI_Iprobe, (int source, int tag, MPI_Comm comm, int *flag, MPI_Status *status),
      (source, tag, comm, flag, status), comm)

int MPI_Test(MPI_Request *request, int *done, MPI_Status *status)
{
    CALL(MPI_Test, MPI_COMM_WORLD)
    (void)due;
    const MPI_Request before = *request;
    const int code = PMPI_Test(request, done, status);
    harm_arrived(before, *done);
    return code;
}

int MPI_Wait(MPI_Request *request, MPI_Status *status)
{
    CALL(MPI_Wait, MPI_COMM_WORLD)
    (void)due;
    const MPI_Request before = *request;
    const int code = PMPI_Wait(request, status);
    harm_arrived(before, 1);
    return code;
}

int MPI_Recv(void *bytes, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm,
             MPI_Status *status)
{
    CALL(MPI_Recv, comm)
    const int code = PMPI_Recv(bytes, count, type, source, tag, comm, status);
    if (due && harm_is("garble"))
        harm_flip(bytes, harm_bytes(count, type));
    return code;
}

int MPI_Irecv(void *bytes, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    CALL(MPI_Irecv, comm)
    const int code = PMPI_Irecv(bytes, count, type, source, tag, comm, request);
    harm_await(due, request, bytes, harm_bytes(count, type));
    return code;
}

/* A message that leaves behind the next one. */
static struct {
    const void *bytes;
    int count, to, tag;
    MPI_Datatype type;
    MPI_Comm comm;
} held;

static void send_held(void)
{
    MPI_Request request;
    if (!held.bytes)
        return;
    PMPI_Isend(held.bytes, held.count, held.type, held.to, held.tag, held.comm, &request);
    PMPI_Request_free(&request);
    held.bytes = NULL;
}

int MPI_Isend(const void *bytes, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    CALL(MPI_Isend, comm)
    const size_t len = harm_bytes(count, type);
    if (due && (harm_is("drop") || harm_is("swap"))) {
        harm_met();
        if (harm_is("swap")) {
            held.bytes = harm_copy(bytes, len);
            held.count = count, held.to = to, held.tag = tag;
            held.type = type, held.comm = comm;
        }
        return PMPI_Isend(NULL, 0, MPI_BYTE, MPI_PROC_NULL, tag, comm, request);
    }
    if (due && harm_is("double")) {
        MPI_Request first;
        harm_met();
        PMPI_Isend(harm_copy(bytes, len), count, type, to, tag, comm, &first);
        PMPI_Request_free(&first);
    }
    const int code =
        PMPI_Isend(harm_sent(&call, due, bytes, len), count, type, to, tag, comm, request);
    send_held();
    return code;
}

int MPI_Finalize(void)
{
    harm_end();
    return PMPI_Finalize();
}
