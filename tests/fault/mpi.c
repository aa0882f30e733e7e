/* SPDX-License-Identifier: BSD-3-Clause */
/* A layer between the program and MPI, to be preloaded, that does harm to one call:
 *
 *     MPI_FAULT=MODE:CALL:N:RANK[:SEED]     flip:MPI_Ibcast:3:0 is the third MPI_Ibcast of rank 0
 *
 *     flip    one bit of what the call sends        garble  one bit of what it receives
 *     drop    what it sends is lost: a message does not leave, of a collective there are zeros
 *     lose    a collective never begins, nor ends   stale   sends what the call before did
 *     swap    what is for two ranks goes to the other one; two messages leave in the other order
 *     double  a message leaves twice                delay   0.3 s before the call
 *     error   MPI says that something is wrong
 *
 * MPI_FAULT_MET=FILE is made when that has happened. MPI_FAULT_COUNTS=FILE: at the end FILE.RANK
 * has a line for each kind of call, its name and how many there were. */
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 40, DELAY_NS = 300000000 };

/* One kind of call. */
struct call {
    const char *name;
    long n;
    void *last; /* what it has sent before */
    size_t last_len;
    bool known;
    struct call *next;
};

static struct call *calls;
static char mode[NAME_BYTES], wanted[NAME_BYTES];
static long wanted_n;
static int my_rank;
static unsigned seed = 1;

/* What is to be garbled once it has come. */
static struct {
    MPI_Request request;
    uint8_t *bytes;
    size_t len;
} awaited;

__attribute__((constructor)) static void read_settings(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    const char *fault = getenv("MPI_FAULT"), *given = NULL;
    int rank = 0;
    for (size_t i = 0; !given && i < sizeof names / sizeof *names; i++)
        given = getenv(names[i]);
    my_rank = given ? atoi(given) : 0;
    if (!fault)
        return;
    if (sscanf(fault, "%39[^:]:%39[^:]:%ld:%d:%u", mode, wanted, &wanted_n, &rank, &seed) < 4) {
        fprintf(stderr, "MPI_FAULT=%s: not understood\n", fault);
        abort();
    }
    if (rank != my_rank)
        wanted_n = 0;
}

static void met(void)
{
    const char *path = getenv("MPI_FAULT_MET");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file)
        fclose(file);
}

static bool is_mode(const char *name)
{
    return strcmp(mode, name) == 0;
}

/* Counts a call; whether it is the one. */
static bool is_due(struct call *call)
{
    if (!call->known) {
        call->known = true;
        call->next = calls;
        calls = call;
    }
    call->n++;
    if (call->n != wanted_n || strcmp(call->name, wanted) != 0)
        return false;
    if (is_mode("delay")) {
        met();
        nanosleep(&(struct timespec){.tv_nsec = DELAY_NS}, NULL);
    }
    return true;
}

static int fail(MPI_Comm comm)
{
    met();
    PMPI_Comm_call_errhandler(comm, MPI_ERR_OTHER);
    return MPI_ERR_OTHER;
}

static size_t draw(size_t below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

static void flip(uint8_t *bytes, size_t len)
{
    if (len == 0)
        return;
    const size_t bit = draw(8 * len);
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    met();
}

static uint8_t *copy(const void *bytes, size_t len)
{
    uint8_t *made = malloc(len + 1);
    if (len > 0)
        memcpy(made, bytes, len);
    return made;
}

/* Does to the bytes what the mode says, where it is that of bytes. */
static void spoil(struct call *call, uint8_t *bytes, size_t len)
{
    const size_t some = call->last && call->last_len < len ? call->last_len : len;
    if (is_mode("flip"))
        flip(bytes, len);
    if (is_mode("drop") && len > 0) {
        memset(bytes, 0, len);
        met();
    }
    if (is_mode("stale") && call->last && memcmp(bytes, call->last, some) != 0) {
        memcpy(bytes, call->last, some);
        met();
    }
}

static void remember(struct call *call, const void *bytes, size_t len)
{
    free(call->last);
    call->last = copy(bytes, len);
    call->last_len = len;
}

/* What is sent instead of these bytes. The copy must live until the call is done: it is left. */
static const void *sent(struct call *call, bool due, const void *bytes, size_t len)
{
    const void *instead = bytes;
    if (due && (is_mode("flip") || is_mode("drop") || is_mode("stale"))) {
        uint8_t *made = copy(bytes, len);
        spoil(call, made, len);
        instead = made;
    }
    remember(call, bytes, len);
    return instead;
}

static size_t bytes_of(int count, MPI_Datatype type)
{
    int size = 0;
    PMPI_Type_size(type, &size);
    return (size_t)count * (size_t)size;
}

static int rank_in(MPI_Comm comm)
{
    int rank;
    PMPI_Comm_rank(comm, &rank);
    return rank;
}

static int size_of(MPI_Comm comm)
{
    int size;
    PMPI_Comm_size(comm, &size);
    return size;
}

static void await(bool due, const MPI_Request *request, void *bytes, size_t len)
{
    if (!due || !is_mode("garble"))
        return;
    awaited.request = *request;
    awaited.bytes = bytes;
    awaited.len = len;
}

static void arrived(MPI_Request before, int done)
{
    if (!done || !awaited.bytes || before != awaited.request)
        return;
    flip(awaited.bytes, awaited.len);
    awaited.bytes = NULL;
}

/* A request that is never done. */
static int never(MPI_Request *request)
{
    static int nothing;
    met();
    return PMPI_Irecv(&nothing, 1, MPI_INT, 0, 4711, MPI_COMM_SELF, request);
}

#define CALL(function, comm)                                                                       \
    static struct call call = {.name = #function};                                                 \
    const bool due = is_due(&call);                                                                \
    if (due && is_mode("error"))                                                                   \
        return fail(comm);

#define COLLECTIVE(function, comm, request)                                                        \
    CALL(function, comm)                                                                           \
    if (due && is_mode("lose"))                                                                    \
        return never(request);

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
    arrived(before, *done);
    return code;
}

int MPI_Wait(MPI_Request *request, MPI_Status *status)
{
    CALL(MPI_Wait, MPI_COMM_WORLD)
    (void)due;
    const MPI_Request before = *request;
    const int code = PMPI_Wait(request, status);
    arrived(before, 1);
    return code;
}

int MPI_Recv(void *bytes, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm,
             MPI_Status *status)
{
    CALL(MPI_Recv, comm)
    const int code = PMPI_Recv(bytes, count, type, source, tag, comm, status);
    if (due && is_mode("garble"))
        flip(bytes, bytes_of(count, type));
    return code;
}

int MPI_Irecv(void *bytes, int count, MPI_Datatype type, int source, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    CALL(MPI_Irecv, comm)
    const int code = PMPI_Irecv(bytes, count, type, source, tag, comm, request);
    await(due, request, bytes, bytes_of(count, type));
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
    const size_t len = bytes_of(count, type);
    if (due && (is_mode("drop") || is_mode("swap"))) {
        met();
        if (is_mode("swap")) {
            held.bytes = copy(bytes, len);
            held.count = count, held.to = to, held.tag = tag;
            held.type = type, held.comm = comm;
        }
        return PMPI_Isend(NULL, 0, MPI_BYTE, MPI_PROC_NULL, tag, comm, request);
    }
    if (due && is_mode("double")) {
        MPI_Request first;
        met();
        PMPI_Isend(copy(bytes, len), count, type, to, tag, comm, &first);
        PMPI_Request_free(&first);
    }
    const int code = PMPI_Isend(sent(&call, due, bytes, len), count, type, to, tag, comm, request);
    send_held();
    return code;
}

int MPI_Ibcast(void *bytes, int count, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *request)
{
    COLLECTIVE(MPI_Ibcast, comm, request)
    const size_t len = bytes_of(count, type);
    const bool sends = rank_in(comm) == root;
    const void *instead = sends ? sent(&call, due, bytes, len) : bytes;
    const int code = PMPI_Ibcast((void *)(uintptr_t)instead, count, type, root, comm, request);
    await(due && !sends, request, bytes, len);
    return code;
}

int MPI_Iallgather(const void *mine, int count, MPI_Datatype type, void *all, int all_count,
                   MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iallgather, comm, request)
    const int code = PMPI_Iallgather(sent(&call, due, mine, bytes_of(count, type)), count, type,
                                     all, all_count, all_type, comm, request);
    await(due, request, all, bytes_of(all_count, all_type) * (size_t)size_of(comm));
    return code;
}

int MPI_Igather(const void *mine, int count, MPI_Datatype type, void *all, int all_count,
                MPI_Datatype all_type, int root, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Igather, comm, request)
    const int code = PMPI_Igather(sent(&call, due, mine, bytes_of(count, type)), count, type, all,
                                  all_count, all_type, root, comm, request);
    await(due && rank_in(comm) == root, request, all,
          bytes_of(all_count, all_type) * (size_t)size_of(comm));
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
    const int code = PMPI_Igatherv(sent(&call, due, mine, bytes_of(count, type)), count, type, all,
                                   counts, offsets, all_type, root, comm, request);
    if (rank_in(comm) == root)
        await(due, request, all, end_of(counts, offsets, size_of(comm), bytes_of(1, all_type)));
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
            uint8_t *other = copy(a, len);
            memcpy(a, b, len);
            memcpy(b, other, len);
            free(other);
            met();
            return;
        }
}

/* Of bytes for several ranks: those of one that has any. */
static const void *sent_parts(struct call *call, bool due, const void *bytes, const int *counts,
                              const int *offsets, int size, size_t unit)
{
    const size_t end = end_of(counts, offsets, size, unit);
    uint8_t *made = due ? copy(bytes, end) : NULL;
    int one = due ? (int)draw((size_t)size) : 0;
    for (int i = 0; due && i < size && counts[one] == 0; i++)
        one = (one + 1) % size;
    if (due && is_mode("swap"))
        swap(made, counts, offsets, size, unit);
    else if (due && is_mode("stale"))
        spoil(call, made, end);
    else if (due)
        spoil(call, made + (size_t)offsets[one] * unit, (size_t)counts[one] * unit);
    remember(call, bytes, end);
    return due ? made : bytes;
}

/* The same of parts that are equally long. */
static const void *sent_equal(struct call *call, bool due, const void *bytes, int count,
                              MPI_Datatype type, MPI_Comm comm)
{
    const int size = size_of(comm);
    int *counts = malloc(2 * (size_t)size * sizeof *counts);
    for (int i = 0; i < size; i++) {
        counts[i] = count;
        counts[size + i] = i * count;
    }
    const void *instead =
        sent_parts(call, due, bytes, counts, counts + size, size, bytes_of(1, type));
    free(counts);
    return instead;
}

int MPI_Ialltoall(const void *bytes, int count, MPI_Datatype type, void *all, int all_count,
                  MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ialltoall, comm, request)
    const int code = PMPI_Ialltoall(sent_equal(&call, due, bytes, count, type, comm), count, type,
                                    all, all_count, all_type, comm, request);
    await(due, request, all, bytes_of(all_count, all_type) * (size_t)size_of(comm));
    return code;
}

int MPI_Ialltoallv(const void *bytes, const int counts[], const int offsets[], MPI_Datatype type,
                   void *all, const int all_counts[], const int all_offsets[],
                   MPI_Datatype all_type, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ialltoallv, comm, request)
    const int size = size_of(comm);
    const void *instead = sent_parts(&call, due, bytes, counts, offsets, size, bytes_of(1, type));
    const int code = PMPI_Ialltoallv(instead, counts, offsets, type, all, all_counts, all_offsets,
                                     all_type, comm, request);
    await(due, request, all, end_of(all_counts, all_offsets, size, bytes_of(1, all_type)));
    return code;
}

int MPI_Iscatter(const void *bytes, int count, MPI_Datatype type, void *mine, int my_count,
                 MPI_Datatype my_type, int root, MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iscatter, comm, request)
    const void *instead =
        rank_in(comm) == root ? sent_equal(&call, due, bytes, count, type, comm) : bytes;
    const int code =
        PMPI_Iscatter(instead, count, type, mine, my_count, my_type, root, comm, request);
    await(due, request, mine, bytes_of(my_count, my_type));
    return code;
}

int MPI_Iscatterv(const void *bytes, const int counts[], const int offsets[], MPI_Datatype type,
                  void *mine, int my_count, MPI_Datatype my_type, int root, MPI_Comm comm,
                  MPI_Request *request)
{
    COLLECTIVE(MPI_Iscatterv, comm, request)
    const void *instead = rank_in(comm) == root ? sent_parts(&call, due, bytes, counts, offsets,
                                                             size_of(comm), bytes_of(1, type))
                                                : bytes;
    const int code = PMPI_Iscatterv(instead, counts, offsets, type, mine, my_count, my_type, root,
                                    comm, request);
    await(due, request, mine, bytes_of(my_count, my_type));
    return code;
}

/* What goes into a reduction; where that is in place it is changed there. */
static const void *sent_values(struct call *call, bool due, const void *mine, void *into,
                               size_t len)
{
    if (mine != MPI_IN_PLACE)
        return sent(call, due, mine, len);
    const void *instead = sent(call, due, into, len);
    if (instead != into)
        memcpy(into, instead, len);
    return mine;
}

int MPI_Iallreduce(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                   MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iallreduce, comm, request)
    const size_t len = bytes_of(count, type);
    const int code = PMPI_Iallreduce(sent_values(&call, due, mine, into, len), into, count, type,
                                     op, comm, request);
    await(due, request, into, len);
    return code;
}

int MPI_Iexscan(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Iexscan, comm, request)
    const size_t len = bytes_of(count, type);
    const int code = PMPI_Iexscan(sent_values(&call, due, mine, into, len), into, count, type, op,
                                  comm, request);
    await(due && rank_in(comm) > 0, request, into, len);
    return code;
}

int MPI_Ireduce_scatter_block(const void *mine, void *into, int count, MPI_Datatype type, MPI_Op op,
                              MPI_Comm comm, MPI_Request *request)
{
    COLLECTIVE(MPI_Ireduce_scatter_block, comm, request)
    const size_t len = bytes_of(count, type);
    const int code =
        PMPI_Ireduce_scatter_block(sent_values(&call, due, mine, into, len * (size_t)size_of(comm)),
                                   into, count, type, op, comm, request);
    await(due, request, into, len);
    return code;
}

int MPI_Finalize(void)
{
    const char *path = getenv("MPI_FAULT_COUNTS");
    char name[4096];
    if (path) {
        snprintf(name, sizeof name, "%s.%d", path, my_rank);
        FILE *file = fopen(name, "w");
        for (struct call *call = calls; file && call; call = call->next)
            fprintf(file, "%s %ld\n", call->name, call->n);
        if (file)
            fclose(file);
    }
    return PMPI_Finalize();
}
