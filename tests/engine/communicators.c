/* SPDX-License-Identifier: BSD-3-Clause */
/* What MPI knows of ranks, types and itself. */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct group {
    struct communicator *comm;
};

struct communicator engine_world, engine_self;
struct datatype engine_byte = {1}, engine_int = {sizeof(int)}, engine_uint64 = {sizeof(uint64_t)};

static struct communicator *selves; /* of each rank */

static void init(struct communicator *comm, int size)
{
    comm->size = comm->users = size;
    comm->begun = engine_alloc((size_t)size * sizeof *comm->begun);
}

struct communicator *communicator_of(MPI_Comm comm)
{
    if (!engine_world.begun)
        init(&engine_world, engine_ranks);
    if (comm != MPI_COMM_SELF)
        return comm;
    if (!selves)
        selves = engine_alloc((size_t)engine_ranks * sizeof *selves);
    struct communicator *self = &selves[engine_rank];
    if (!self->begun) {
        init(self, 1);
        self->members = engine_alloc(sizeof *self->members);
        self->ranks = engine_alloc((size_t)engine_ranks * sizeof *self->ranks);
        self->members[0] = engine_rank;
    }
    return self;
}

int communicator_rank(const struct communicator *comm)
{
    return comm->ranks ? comm->ranks[engine_rank] : engine_rank;
}

/* The ranks whose color is that of the caller, by key and rank; made by the first who asks. */
static struct communicator *make(const struct communicator *comm, const int (*wanted)[2], int mine)
{
    struct communicator *made = engine_alloc(sizeof *made);
    const int color = wanted[mine][0];
    int size = 0, at = 0;
    for (int rank = 0; rank < comm->size; rank++)
        size += wanted[rank][0] == color;
    init(made, size);
    made->members = engine_alloc((size_t)size * sizeof *made->members);
    made->ranks = engine_alloc((size_t)engine_ranks * sizeof *made->ranks);
    memset(made->ranks, 0xff, (size_t)engine_ranks * sizeof *made->ranks);
    for (bool more = true; more;) {
        int least = -1;
        for (int rank = 0; rank < comm->size; rank++) {
            const int member = comm->members ? comm->members[rank] : rank;
            if (wanted[rank][0] == color && made->ranks[member] < 0
                && (least < 0 || wanted[rank][1] < wanted[least][1]))
                least = rank;
        }
        more = least >= 0;
        if (more) {
            const int member = comm->members ? comm->members[least] : least;
            made->members[at] = member;
            made->ranks[member] = at++;
        }
    }
    return made;
}

int MPI_Comm_split(MPI_Comm of, int color, int key, MPI_Comm *part)
{
    struct communicator *comm = communicator_of(of);
    const int mine = communicator_rank(comm), wanted[2] = {color, key};
    int(*all)[2] = engine_alloc((size_t)comm->size * sizeof *all);
    MPI_Request request;
    MPI_Iallgather(wanted, sizeof wanted, MPI_BYTE, all, sizeof wanted, MPI_BYTE, of, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    /* Who is the first of a part tells the others which one it is. */
    struct communicator *made = NULL, **known = engine_alloc((size_t)comm->size * sizeof *known);
    int first = 0;
    while (color != MPI_UNDEFINED && all[first][0] != color)
        first++;
    if (color != MPI_UNDEFINED && first == mine)
        made = make(comm, (const int(*)[2])all, mine);
    MPI_Iallgather(&made, sizeof made, MPI_BYTE, known, sizeof made, MPI_BYTE, of, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    *part = color == MPI_UNDEFINED ? MPI_COMM_NULL : known[first];
    free(known);
    free(all);
    return MPI_SUCCESS;
}

int MPI_Comm_dup(MPI_Comm comm, MPI_Comm *copy)
{
    return MPI_Comm_split(comm, 0, communicator_rank(communicator_of(comm)), copy);
}

/* All ranks are on this host. */
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *part)
{
    (void)type;
    (void)info;
    return MPI_Comm_split(comm, 0, key, part);
}

int MPI_Comm_free(MPI_Comm *handle)
{
    struct communicator *comm = communicator_of(*handle);
    *handle = MPI_COMM_NULL;
    if (--comm->users > 0)
        return MPI_SUCCESS;
    if (comm->collectives || comm->posted)
        engine_fail("a communicator is freed while others use it");
    while (comm->queue)
        message_drop(&comm->queue);
    free(comm->begun);
    free(comm->members);
    free(comm->ranks);
    free(comm);
    return MPI_SUCCESS;
}

int MPI_Comm_rank(MPI_Comm comm, int *rank)
{
    *rank = communicator_rank(communicator_of(comm));
    return MPI_SUCCESS;
}

int MPI_Comm_size(MPI_Comm comm, int *size)
{
    *size = communicator_of(comm)->size;
    return MPI_SUCCESS;
}

int MPI_Comm_group(MPI_Comm comm, MPI_Group *group)
{
    *group = engine_alloc(sizeof **group);
    (*group)->comm = communicator_of(comm);
    return MPI_SUCCESS;
}

int MPI_Group_free(MPI_Group *group)
{
    free(*group);
    *group = NULL;
    return MPI_SUCCESS;
}

int MPI_Group_translate_ranks(MPI_Group from, int len, const int given[], MPI_Group to,
                              int translated[])
{
    for (int i = 0; i < len; i++) {
        const int member = from->comm->members ? from->comm->members[given[i]] : given[i];
        translated[i] = to->comm->ranks ? to->comm->ranks[member] : member;
    }
    return MPI_SUCCESS;
}

/* Nothing fails here: what is wrong ends the process. */
int MPI_Comm_create_errhandler(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler)
{
    (void)function;
    *handler = NULL;
    return MPI_SUCCESS;
}

int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler handler)
{
    (void)comm;
    (void)handler;
    return MPI_SUCCESS;
}

int MPI_Errhandler_free(MPI_Errhandler *handler)
{
    (void)handler;
    return MPI_SUCCESS;
}

int MPI_Type_contiguous(int len, MPI_Datatype of, MPI_Datatype *type)
{
    *type = engine_alloc(sizeof **type);
    (*type)->bytes = (size_t)len * of->bytes;
    return MPI_SUCCESS;
}

int MPI_Type_commit(MPI_Datatype *type)
{
    (void)type;
    return MPI_SUCCESS;
}

int MPI_Init_thread(int *argc, char ***argv, int wanted, int *level)
{
    (void)argc;
    (void)argv;
    *level = wanted;
    return MPI_SUCCESS;
}

int MPI_Initialized(int *yes)
{
    *yes = 1;
    return MPI_SUCCESS;
}

int MPI_Finalize(void)
{
    return MPI_Barrier(MPI_COMM_WORLD);
}

int MPI_Abort(MPI_Comm comm, int code)
{
    char text[64];
    (void)comm;
    snprintf(text, sizeof text, "MPI_Abort, code %d", code);
    engine_fail(text);
}

int MPI_Error_string(int code, char *text, int *len)
{
    *len = snprintf(text, MPI_MAX_ERROR_STRING, "error %d", code);
    return MPI_SUCCESS;
}

int MPI_Get_library_version(char *text, int *len)
{
    *len = snprintf(text, MPI_MAX_LIBRARY_VERSION_STRING, "ranks of one process");
    return MPI_SUCCESS;
}
