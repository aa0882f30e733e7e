/* SPDX-License-Identifier: BSD-3-Clause */
/* Collective calls of MPI. */
#include "harm.h"

#include <stdlib.h>

int MPI_Ibcast(void *bytes, int count, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *request)
{
    COLLECTIVE(MPI_Ibcast, comm, request)
    const size_t len = harm_bytes(count, type);
    const bool sends = harm_rank(comm) == root;
    const void *instead = sends ? harm_sent(&call, due, bytes, len) : bytes;
    const int code = PMPI_Ibcast((void *)(uintptr_t)instead, count, type, root, comm, request);
    harm_await(due && !sends, request, bytes, len);
    return code;
}

int MPI_Iallgather(const void *mine, int count, MPI_Datatype type, void *all, int all_count,
                   MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iallgather, comm, request)
    const int code = PMPI_Iallgather(harm_sent(&call, due, mine, harm_bytes(count, type)), count,
                                     type, all, all_count, all_type, comm, request);
    harm_await(due, request, all, harm_bytes(all_count, all_type) * (size_t)harm_size(comm));
    return code;
}

int MPI_Igather(const void *mine, int count, MPI_Datatype type, void *all, int all_count,
                MPI_Datatype all_type, int root, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Igather, comm, request)
    const int code = PMPI_Igather(harm_sent(&call, due, mine, harm_bytes(count, type)), count, type,
                                  all, all_count, all_type, root, comm, request);
    harm_await(due && harm_rank(comm) == root, request, all,
               harm_bytes(all_count, all_type) * (size_t)harm_size(comm));
    return code;
}

/* Where several parts end. */
static size_t end_of(const int *counts, const int *offsets, int size, size_t unit)
{
    size_t end = 0;
    for (int i = 0; i < size; i++)
        if (counts[i] > 0 && (size_t)(offsets[i] + counts[i]) * unit > end)
            end = (size_t)(offsets[i] + counts[i]) * unit;
    return end;
}

int MPI_Igatherv(const void *mine, int count, MPI_Datatype type, void *all, const int counts[],
                 const int offsets[], MPI_Datatype all_type, int root, MPI_Comm comm,
                 MPI_Request *request)
{
    COLLECTIVE(MPI_Igatherv, comm, request)
    const int code = PMPI_Igatherv(harm_sent(&call, due, mine, harm_bytes(count, type)), count,
                                   type, all, counts, offsets, all_type, root, comm, request);
    if (harm_rank(comm) == root)
        harm_await(due, request, all,
                   end_of(counts, offsets, harm_size(comm), harm_bytes(1, all_type)));
    return code;
}

/* Exchanges what is for two ranks, as far as both have something. */
static void swap(uint8_t *bytes, const int *counts, const int *offsets, int size, size_t unit)
{
    for (int one = 0; one < size; one++)
        for (int two = 0; two < one; two++) {
            const size_t len =
                (size_t)(counts[one] < counts[two] ? counts[one] : counts[two]) * unit;
            uint8_t *a = bytes + (size_t)offsets[one] * unit,
                    *b = bytes + (size_t)offsets[two] * unit;
            if (len == 0 || memcmp(a, b, len) == 0)
                continue;
            uint8_t *other = harm_copy(a, len);
            memcpy(a, b, len);
            memcpy(b, other, len);
            free(other);
            harm_met();
            return;
        }
}

/* Of bytes for several ranks: those of one that has any. */
static const void *sent_parts(struct call *call, bool due, const void *bytes, const int *counts,
                              const int *offsets, int size, size_t unit)
{
    const size_t end = end_of(counts, offsets, size, unit);
    uint8_t *made = due ? harm_copy(bytes, end) : NULL;
    int one = due ? (int)harm_draw((size_t)size) : 0;
    for (int i = 0; due && i < size && counts[one] == 0; i++)
        one = (one + 1) % size;
    if (due && harm_is("swap"))
        swap(made, counts, offsets, size, unit);
    else if (due && harm_is("stale"))
        harm_spoil(call, made, end);
    else if (due)
        harm_spoil(call, made + (size_t)offsets[one] * unit, (size_t)counts[one] * unit);
    harm_remember(call, bytes, end);
    return due ? made : bytes;
}

/* The same of parts that are equally long. */
static const void *sent_equal(struct call *call, bool due, const void *bytes, int count,
                              MPI_Datatype type, MPI_Comm comm)
{
    const int size = harm_size(comm);
    int *counts = malloc(2 * (size_t)size * sizeof *counts);
    for (int i = 0; i < size; i++) {
        counts[i] = count;
        counts[size + i] = i * count;
    }
    const void *instead =
        sent_parts(call, due, bytes, counts, counts + size, size, harm_bytes(1, type));
    free(counts);
    return instead;
}

int MPI_Ialltoall(const void *bytes, int count, MPI_Datatype type, void *all, int all_count,
                  MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ialltoall, comm, request)
    const int code = PMPI_Ialltoall(sent_equal(&call, due, bytes, count, type, comm), count, type,
                                    all, all_count, all_type, comm, request);
    harm_await(due, request, all, harm_bytes(all_count, all_type) * (size_t)harm_size(comm));
    return code;
}

int MPI_Ialltoallv(const void *bytes, const int counts[], const int offsets[], MPI_Datatype type,
                   void *all, const int all_counts[], const int all_offsets[],
                   MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ialltoallv, comm, request)
    const int size = harm_size(comm);
    const void *instead = sent_parts(&call, due, bytes, counts, offsets, size, harm_bytes(1, type));
    const int code = PMPI_Ialltoallv(instead, counts, offsets, type, all, all_counts, all_offsets,
                                     all_type, comm, request);
    harm_await(due, request, all, end_of(all_counts, all_offsets, size, harm_bytes(1, all_type)));
    return code;
}

int MPI_Iscatter(const void *bytes, int count, MPI_Datatype type, void *mine, int my_count,
                 MPI_Datatype my_type, int root, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iscatter, comm, request)
    const void *instead =
        harm_rank(comm) == root ? sent_equal(&call, due, bytes, count, type, comm) : bytes;
    const int code =
        PMPI_Iscatter(instead, count, type, mine, my_count, my_type, root, comm, request);
    harm_await(due, request, mine, harm_bytes(my_count, my_type));
    return code;
}

int MPI_Iscatterv(const void *bytes, const int counts[], const int offsets[], MPI_Datatype type,
                  void *mine, int my_count, MPI_Datatype my_type, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    COLLECTIVE(MPI_Iscatterv, comm, request)
    const void *instead = harm_rank(comm) == root ? sent_parts(&call, due, bytes, counts, offsets,
                                                               harm_size(comm), harm_bytes(1, type))
                                                  : bytes;
    const int code = PMPI_Iscatterv(instead, counts, offsets, type, mine, my_count, my_type, root,
                                    comm, request);
    harm_await(due, request, mine, harm_bytes(my_count, my_type));
    return code;
}

/* What goes into a reduction; where that is in place it is changed there. */
static const void *sent_values(struct call *call, bool due, const void *mine, void *into,
                               size_t len)
{
    if (mine != MPI_IN_PLACE)
        return harm_sent(call, due, mine, len);
    const void *instead = harm_sent(call, due, into, len);
    if (instead != into)
        memcpy(into, instead, len);
    return mine;
}

int MPI_Iallreduce(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iallreduce, comm, request)
    const size_t len = harm_bytes(count, type);
    const int code = PMPI_Iallreduce(sent_values(&call, due, mine, into, len), into, count, type,
                                     op, comm, request);
    harm_await(due, request, into, len);
    return code;
}

int MPI_Iexscan(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iexscan, comm, request)
    const size_t len = harm_bytes(count, type);
    const int code = PMPI_Iexscan(sent_values(&call, due, mine, into, len), into, count, type, op,
                                  comm, request);
    harm_await(due && harm_rank(comm) > 0, request, into, len);
    return code;
}

int MPI_Ireduce_scatter_block(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                              MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ireduce_scatter_block, comm, request)
    const size_t len = harm_bytes(count, type);
    const int code = PMPI_Ireduce_scatter_block(
        sent_values(&call, due, mine, into, len * (size_t)harm_size(comm)), into, count, type, op,
        comm, request);
    harm_await(due, request, into, len);
    return code;
}
