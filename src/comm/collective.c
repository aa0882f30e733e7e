/* SPDX-License-Identifier: BSD-3-Clause */
/* Sealed collectives.
 *
 * A value that is reduced travels with its number and a seal, which the operation looks at whenever
 * it puts two together: what is damaged on the way spoils the result, for all who get it. What all
 * ranks have collected is compared by a sum of it, and each finds its own part there. */
#include "comm/collective.h"

#include "comm/seal.h"
#include "job.h"

#include <xxhash.h>

enum {
    ROUND_VALUES = 32,
    SMALL_BYTES = 1024, /* is copied, so that its seal goes with it */
    SHARE_ROUND_BYTES = 1 << 28,
    PLACES = 1 << 16, /* of values, that differ in their numbers */
};

/* One of a reduction, as it travels. */
struct sealed {
    uint64_t value;
    uint64_t number; /* SPOILT: something was damaged on the way here */
    uint64_t seal;
};

_Static_assert(sizeof(struct sealed) == COLLECTIVE_ROOM_BYTES, "what a value needs on its way");

static const uint64_t SPOILT = UINT64_MAX;

static uint64_t seal_value(const struct sealed *sealed)
{
    return XXH3_64bits_withSeed(&sealed->value, sizeof sealed->value, sealed->number);
}

static struct sealed seal(uint64_t value, uint64_t number)
{
    struct sealed sealed = {value, number, 0};
    sealed.seal = seal_value(&sealed);
    return sealed;
}

static void combine(const struct sealed *in, struct sealed *into, int len, enum collective_op op)
{
    for (int i = 0; i < len; i++) {
        const bool good = in[i].seal == seal_value(&in[i]) && into[i].seal == seal_value(&into[i])
                       && in[i].number == into[i].number;
        const uint64_t a = in[i].value, b = into[i].value;
        into[i] = seal(op == COLLECTIVE_SUM ? a + b
                       : a > b              ? a
                                            : b,
                       good ? into[i].number : SPOILT);
    }
}

static void combine_sum(void *in, void *into, int *len, MPI_Datatype *type)
{
    (void)type;
    combine(in, into, *len, COLLECTIVE_SUM);
}

static void combine_max(void *in, void *into, int *len, MPI_Datatype *type)
{
    (void)type;
    combine(in, into, *len, COLLECTIVE_MAX);
}

/* What MPI has to know of sealed values, made once in a process. */
static struct {
    bool made;
    MPI_Datatype type;
    MPI_Op ops[COLLECTIVE_OPS];
} known;

static void make_known(void)
{
    if (known.made)
        return;
    MPI_Type_contiguous(sizeof(struct sealed), MPI_BYTE, &known.type);
    MPI_Type_commit(&known.type);
    MPI_Op_create(combine_sum, 1, &known.ops[COLLECTIVE_SUM]);
    MPI_Op_create(combine_max, 1, &known.ops[COLLECTIVE_MAX]);
    known.made = true;
}

/* The how manyth collective on a communicator comes next. */
static uint64_t next_number(struct job *job, MPI_Comm among)
{
    struct comm *comm = &job->comm;
    return ++comm->numbers[among == comm->world ? 0 : among == comm->host ? 1 : 2];
}

/* The number of a value of a collective. */
static uint64_t number_of(uint64_t number, int place)
{
    return number * PLACES + (uint64_t)place % PLACES;
}

static void seal_all(struct sealed *sealed, const uint64_t *values, int len, uint64_t number)
{
    for (int i = 0; i < len; i++)
        sealed[i] = seal(values[i], number_of(number, i));
}

static uint64_t open_one(struct job *job, const struct sealed *sealed, uint64_t number)
{
    if (sealed->number != number || sealed->seal != seal_value(sealed))
        seal_end(job, "what all ranks put together", -1);
    return sealed->value;
}

void collective_reduce(struct job *job, MPI_Comm among, enum collective_op op, uint64_t *values,
                       int len)
{
    make_known();
    for (; len > 0; len -= ROUND_VALUES, values += ROUND_VALUES) {
        const int some = len < ROUND_VALUES ? len : ROUND_VALUES;
        const uint64_t number = next_number(job, among);
        struct sealed sealed[ROUND_VALUES];
        MPI_Request request;
        seal_all(sealed, values, some, number);
        MPI_Iallreduce(MPI_IN_PLACE, sealed, some, known.type, known.ops[op], among, &request);
        comm_wait(job, &request);
        for (int i = 0; i < some; i++)
            values[i] = open_one(job, &sealed[i], number_of(number, i));
    }
}

uint64_t collective_exscan(struct job *job, uint64_t value)
{
    const MPI_Comm world = job->comm.world;
    const uint64_t number = next_number(job, world);
    struct sealed mine, before = {0};
    MPI_Request request;
    make_known();
    seal_all(&mine, &value, 1, number);
    MPI_Iexscan(&mine, &before, 1, known.type, known.ops[COLLECTIVE_SUM], world, &request);
    comm_wait(job, &request);
    if (comm_is_root(job)) /* what comes to it is undefined */
        return 0;
    return open_one(job, &before, number_of(number, 0));
}

uint64_t collective_sum_for_each(struct job *job, const uint64_t *values, void *room)
{
    const struct comm *comm = &job->comm;
    const uint64_t number = next_number(job, comm->world);
    struct sealed mine = {0};
    MPI_Request request;
    make_known();
    seal_all(room, values, comm->size, number);
    MPI_Ireduce_scatter_block(room, &mine, 1, known.type, known.ops[COLLECTIVE_SUM], comm->world,
                              &request);
    comm_wait(job, &request);
    return open_one(job, &mine, number_of(number, comm->rank));
}

static void bcast(struct job *job, MPI_Comm among, int root, void *bytes, int len)
{
    MPI_Request request;
    MPI_Ibcast(bytes, len, MPI_BYTE, root, among, &request);
    comm_wait(job, &request);
}

void collective_bcast(struct job *job, MPI_Comm among, int root, void *bytes, size_t len)
{
    uint8_t *at = bytes, small[SMALL_BYTES + sizeof(uint64_t)];
    for (size_t some; len > 0; len -= some, at += some) {
        some = len < SHARE_ROUND_BYTES ? len : SHARE_ROUND_BYTES;
        const struct seal_label label = {
            .kind = SEAL_SHARE, .number = next_number(job, among), .from = root};
        uint64_t seal = seal_of(&label, at, some);
        if (some <= SMALL_BYTES) {
            memcpy(small, at, some);
            memcpy(small + some, &seal, sizeof seal);
            bcast(job, among, root, small, (int)(some + sizeof seal));
            memcpy(at, small, some);
            memcpy(&seal, small + some, sizeof seal);
        } else {
            bcast(job, among, root, at, (int)some);
            bcast(job, among, root, &seal, sizeof seal);
        }
        if (seal != seal_of(&label, at, some))
            seal_end(job, "what was told to all", among == job->comm.world ? root : -1);
    }
}

/* The lowest rank that does not find its own part, and whether all have the same. */
static void check_collected(struct job *job, MPI_Comm among, const uint8_t *mine, size_t len,
                            const uint8_t *all, int rank, int size)
{
    const uint64_t sum = XXH3_64bits(all, len * (size_t)size);
    const bool found = memcmp(all + (size_t)rank * len, mine, len) == 0;
    uint64_t most[] = {found ? 0 : (uint64_t)(size - rank), sum, ~sum};
    collective_reduce(job, among, COLLECTIVE_MAX, most, 3);
    const int from = among == job->comm.world && most[0] > 0 ? size - (int)most[0] : -1;
    if (most[0] > 0 || most[1] != ~most[2])
        seal_end(job, "what ranks told each other", from);
}

void collective_allgather(struct job *job, MPI_Comm among, const void *mine, int len, void *all)
{
    int rank, size;
    MPI_Request request;
    MPI_Comm_rank(among, &rank);
    MPI_Comm_size(among, &size);
    MPI_Iallgather(mine, len, MPI_BYTE, all, len, MPI_BYTE, among, &request);
    comm_wait(job, &request);
    if (size > 1)
        check_collected(job, among, mine, (size_t)len, all, rank, size);
}
