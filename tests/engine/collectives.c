/* SPDX-License-Identifier: BSD-3-Clause */
/* Collectives. What a rank gives is kept until all have taken of it, so that it may go on as soon
 * as everything is there that it gets, as in a network that is fast for it alone. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

enum kind { ALLGATHER, ALLREDUCE, ALLTOALL, BCAST, EXSCAN, GATHER, REDUCE_SCATTER, SCATTER };

/* What one rank gives: the same to all, or to each its block. */
struct part {
    bool here;
    uint8_t *bytes;
    size_t *starts; /* of the blocks, and the end; NULL: there is one, of `len` bytes */
    size_t len;
};

struct collective {
    enum kind kind;
    int root, size, ended;
    uint64_t number;
    struct part *parts;
    struct collective *next;
};

static void free_collective(struct communicator *comm, struct collective *collective)
{
    struct collective **at = &comm->collectives;
    while (*at != collective)
        at = &(*at)->next;
    *at = collective->next;
    for (int rank = 0; rank < collective->size; rank++) {
        free(collective->parts[rank].bytes);
        free(collective->parts[rank].starts);
    }
    free(collective->parts);
    free(collective);
}

static bool is_here(const struct request *request)
{
    const struct collective *collective = request->collective;
    const bool rooted = collective->kind == BCAST || collective->kind == SCATTER;
    if (rooted)
        return collective->parts[collective->root].here;
    if (collective->kind == GATHER && request->rank != collective->root)
        return true;
    const int end = collective->kind == EXSCAN ? request->rank : collective->size;
    for (int rank = 0; rank < end; rank++)
        if (!collective->parts[rank].here)
            return false;
    return true;
}

/* The block of one rank for another. */
static const uint8_t *block(const struct part *part, int rank, size_t *len)
{
    *len = part->starts ? part->starts[rank + 1] - part->starts[rank] : part->len;
    return part->bytes + (part->starts ? part->starts[rank] : 0);
}

static void take_block(const struct request *request, int from, uint8_t *to, size_t expected)
{
    size_t len;
    const uint8_t *bytes = block(&request->collective->parts[from], request->rank, &len);
    if (len != expected)
        engine_fail("a part of a collective is longer or shorter than its place");
    memcpy(to, bytes, len);
}

static void take_each(const struct request *request)
{
    const size_t unit = request->type->bytes;
    for (int from = 0; from < request->collective->size; from++) {
        const int len = request->lens ? request->lens[from] : request->len;
        const size_t at = request->lens ? (size_t)request->at[from] : (size_t)from * (size_t)len;
        take_block(request, from, (uint8_t *)request->to + at * unit, (size_t)len * unit);
    }
}

/* From the last rank to the first: the operation puts its first operand before the second. */
static void fold(const struct request *request, int end)
{
    const size_t bytes = (size_t)request->len * request->type->bytes;
    uint8_t *before = engine_alloc(bytes);
    if (end > 0)
        take_block(request, end - 1, request->to, bytes);
    for (int rank = end - 2; rank >= 0; rank--) {
        int len = request->len;
        MPI_Datatype type = request->type;
        take_block(request, rank, before, bytes);
        request->op->function(before, request->to, &len, &type);
    }
    free(before);
}

static bool ended(struct request *request)
{
    struct collective *collective = request->collective;
    if (!is_here(request))
        return false;
    switch (collective->kind) {
    case ALLGATHER:
    case ALLTOALL:
        take_each(request);
        break;
    case GATHER:
        if (request->rank == collective->root)
            take_each(request);
        break;
    case ALLREDUCE:
    case REDUCE_SCATTER:
        fold(request, collective->size);
        break;
    case EXSCAN:
        fold(request, request->rank);
        break;
    case BCAST:
    case SCATTER:
        take_block(request, collective->root, request->to,
                   (size_t)request->len * request->type->bytes);
        break;
    }
    if (++collective->ended == collective->size)
        free_collective(request->comm, collective);
    return true;
}

/* The next one of this rank on a communicator, which others may have begun. */
static struct collective *join(struct communicator *comm, enum kind kind, int root)
{
    const uint64_t number = comm->begun[communicator_rank(comm)]++;
    struct collective **at = &comm->collectives;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    if (!*at) {
        struct collective *collective = *at = engine_alloc(sizeof *collective);
        *collective =
            (struct collective){.kind = kind, .root = root, .size = comm->size, .number = number};
        collective->parts = engine_alloc((size_t)comm->size * sizeof *collective->parts);
    }
    if ((*at)->kind != kind || (*at)->root != root)
        engine_fail("this rank is in another collective than the others");
    return *at;
}

/* What comes to `to`, of `type`, is left to the caller. */
static struct request *begin(MPI_Comm in, enum kind kind, int root, void *to, int len,
                             MPI_Datatype type)
{
    struct communicator *comm = communicator_of(in);
    struct request *request = engine_alloc(sizeof *request);
    *request = (struct request){.done = ended,
                                .comm = comm,
                                .collective = join(comm, kind, root),
                                .rank = communicator_rank(comm),
                                .root = root,
                                .to = to,
                                .len = len,
                                .type = type};
    request->collective->parts[request->rank].here = true;
    return request;
}

static void give(struct request *request, const void *bytes, int len, MPI_Datatype type)
{
    struct part *part = &request->collective->parts[request->rank];
    part->len = (size_t)len * type->bytes;
    part->bytes = engine_alloc(part->len);
    if (part->len > 0)
        memcpy(part->bytes, bytes, part->len);
}

/* To each rank its block: `lens` and `at`, or `len` after another. */
static void give_each(struct request *request, const void *bytes, const int *lens, const int *at,
                      int len, MPI_Datatype type)
{
    const int size = request->collective->size;
    struct part *part = &request->collective->parts[request->rank];
    part->starts = engine_alloc(((size_t)size + 1) * sizeof *part->starts);
    for (int rank = 0; rank < size; rank++)
        part->starts[rank + 1] =
            part->starts[rank] + (size_t)(lens ? lens[rank] : len) * type->bytes;
    part->bytes = engine_alloc(part->starts[size]);
    for (int rank = 0; rank < size; rank++) {
        const size_t begin = lens ? (size_t)at[rank] * type->bytes : part->starts[rank];
        const size_t some = part->starts[rank + 1] - part->starts[rank];
        if (some > 0)
            memcpy(part->bytes + part->starts[rank], (const uint8_t *)bytes + begin, some);
    }
}

int MPI_Iallgather(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, ALLGATHER, 0, in, in_len, in_type);
    give(*request, out, out_len, out_type);
    return MPI_SUCCESS;
}

int MPI_Iallreduce(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request *request)
{
    *request = begin(comm, ALLREDUCE, 0, in, len, type);
    (*request)->op = op;
    give(*request, out == MPI_IN_PLACE ? in : out, len, type);
    return MPI_SUCCESS;
}

int MPI_Ialltoall(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                  MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, ALLTOALL, 0, in, in_len, in_type);
    give_each(*request, out, NULL, NULL, out_len, out_type);
    return MPI_SUCCESS;
}

int MPI_Ialltoallv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                   void *in, const int in_lens[], const int in_at[], MPI_Datatype in_type,
                   MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, ALLTOALL, 0, in, 0, in_type);
    (*request)->lens = in_lens;
    (*request)->at = in_at;
    give_each(*request, out, out_lens, out_at, 0, out_type);
    return MPI_SUCCESS;
}

int MPI_Ibcast(void *bytes, int len, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *request)
{
    *request = begin(comm, BCAST, root, bytes, len, type);
    if ((*request)->rank == root)
        give(*request, bytes, len, type);
    return MPI_SUCCESS;
}

int MPI_Iexscan(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                MPI_Request *request)
{
    *request = begin(comm, EXSCAN, 0, in, len, type);
    (*request)->op = op;
    give(*request, out, len, type);
    return MPI_SUCCESS;
}

int MPI_Igather(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, GATHER, root, in, in_len, in_type);
    give(*request, out, out_len, out_type);
    return MPI_SUCCESS;
}

int MPI_Igatherv(const void *out, int out_len, MPI_Datatype out_type, void *in, const int in_lens[],
                 const int in_at[], MPI_Datatype in_type, int root, MPI_Comm comm,
                 MPI_Request *request)
{
    *request = begin(comm, GATHER, root, in, 0, in_type);
    (*request)->lens = in_lens;
    (*request)->at = in_at;
    give(*request, out, out_len, out_type);
    return MPI_SUCCESS;
}

int MPI_Ireduce_scatter_block(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op,
                              MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, REDUCE_SCATTER, 0, in, len, type);
    (*request)->op = op;
    give_each(*request, out, NULL, NULL, len, type);
    return MPI_SUCCESS;
}

int MPI_Iscatter(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                 MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request)
{
    *request = begin(comm, SCATTER, root, in, in_len, in_type);
    if ((*request)->rank == root)
        give_each(*request, out, NULL, NULL, out_len, out_type);
    return MPI_SUCCESS;
}

int MPI_Iscatterv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                  void *in, int in_len, MPI_Datatype in_type, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    *request = begin(comm, SCATTER, root, in, in_len, in_type);
    if ((*request)->rank == root)
        give_each(*request, out, out_lens, out_at, 0, out_type);
    return MPI_SUCCESS;
}

int MPI_Barrier(MPI_Comm comm)
{
    char mine = 0, *all = engine_alloc((size_t)communicator_of(comm)->size);
    MPI_Request request;
    MPI_Iallgather(&mine, 1, MPI_BYTE, all, 1, MPI_BYTE, comm, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    free(all);
    return MPI_SUCCESS;
}

int MPI_Bcast(void *bytes, int len, MPI_Datatype type, int root, MPI_Comm comm)
{
    MPI_Request request;
    MPI_Ibcast(bytes, len, type, root, comm, &request);
    return MPI_Wait(&request, MPI_STATUS_IGNORE);
}

int MPI_Allreduce(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm)
{
    MPI_Request request;
    MPI_Iallreduce(out, in, len, type, op, comm, &request);
    return MPI_Wait(&request, MPI_STATUS_IGNORE);
}

/* Of numbers, which are unsigned where they are long. */
#define OPERATION(name, expression)                                                                \
    static void name(void *in, void *into, int *len, MPI_Datatype *type)                           \
    {                                                                                              \
        for (int i = 0; i < *len; i++) {                                                           \
            if (*type == MPI_INT) {                                                                \
                const int a = ((int *)in)[i], b = ((int *)into)[i];                                \
                ((int *)into)[i] = expression;                                                     \
            } else {                                                                               \
                const uint64_t a = ((uint64_t *)in)[i], b = ((uint64_t *)into)[i];                 \
                ((uint64_t *)into)[i] = expression;                                                \
            }                                                                                      \
        }                                                                                          \
    }
OPERATION(sum, a + b)
OPERATION(least, a < b ? a : b)
OPERATION(most, a > b ? a : b)

struct operation engine_sum = {sum}, engine_min = {least}, engine_max = {most};

int MPI_Op_create(MPI_User_function *function, int commutes, MPI_Op *op)
{
    (void)commutes;
    *op = engine_alloc(sizeof **op);
    (*op)->function = function;
    return MPI_SUCCESS;
}

int PMPI_Ialltoallv(const void *out, const int out_lens[], const int out_at[],
                    MPI_Datatype out_type, void *in, const int in_lens[], const int in_at[],
                    MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request)
    __attribute__((alias("MPI_Ialltoallv")));
int PMPI_Igatherv(const void *out, int out_len, MPI_Datatype out_type, void *in,
                  const int in_lens[], const int in_at[], MPI_Datatype in_type, int root,
                  MPI_Comm comm, MPI_Request *request) __attribute__((alias("MPI_Igatherv")));
int PMPI_Iscatterv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                   void *in, int in_len, MPI_Datatype in_type, int root, MPI_Comm comm,
                   MPI_Request *request) __attribute__((alias("MPI_Iscatterv")));
