/* SPDX-License-Identifier: BSD-3-Clause */
/* Routes. Hosts may have unequal numbers of ranks: the smallest number, C, makes C columns, and the
 * ranks of a host are dealt out to them, as are the owners on the other hosts. Between hosts only
 * ranks of the same column talk; where all hosts have C ranks that is one of each.
 *
 * The way to an owner is a function of the owner and of the host it leaves from, so every rank of a
 * host computes the same one.
 *
 * Collectives, in order. route_within_host: Iallreduce. route_between_hosts: Iallreduce,
 * Comm_split. */
#include "comm/route.h"

#include "job.h"

#include <limits.h>
#include <stdlib.h>

/* Room for the lists, empty. */
static bool reserve(struct job *job, struct route *route, size_t owners)
{
    size_t size = (size_t)route->size;
    route->bytes = (size + 1 + owners) * sizeof *route->first + size * sizeof *route->ranks;
    route->first = mem_alloc(&job->env.mem, route->bytes, &job->env.fail);
    if (!route->first)
        return false;
    route->owners = route->first + size + 1;
    route->ranks = (int *)(void *)(route->owners + owners);
    return true;
}

/* The ranks of the run that are on this communicator. */
static void name_ranks(const struct comm *comm, struct route *route)
{
    MPI_Group all, some;
    MPI_Comm_group(comm->world, &all);
    MPI_Comm_group(route->comm, &some);
    for (int rank = 0; rank < route->size; rank++)
        MPI_Group_translate_ranks(some, 1, &rank, all, &route->ranks[rank]);
    MPI_Group_free(&all);
    MPI_Group_free(&some);
}

static void on(struct route *route, MPI_Comm comm)
{
    *route = (struct route){.comm = comm};
    MPI_Comm_rank(comm, &route->rank);
    MPI_Comm_size(comm, &route->size);
}

/* C: the ranks of the host that has fewest. */
static int columns(struct job *job)
{
    uint64_t least = (uint64_t)(INT_MAX - job->comm.host_size);
    comm_max(job, &least, 1);
    return INT_MAX - (int)least;
}

/* Which rank of this host passes on what is for `owner`: itself, if it is on this host. */
static int via(const struct comm *comm, int owner, int columns)
{
    int local = comm->places[owner].local, column = local % columns;
    int members = (comm->host_size - column + columns - 1) / columns;
    return column + columns * (local / columns % members);
}

bool route_straight(struct job *job, struct route *route)
{
    on(route, job->comm.world);
    if (!reserve(job, route, (size_t)route->size))
        return false;
    for (int rank = 0; rank < route->size; rank++) {
        route->ranks[rank] = rank;
        route->owners[rank] = route->first[rank] = (size_t)rank;
    }
    route->first[route->size] = (size_t)route->size;
    return true;
}

bool route_within_host(struct job *job, struct route *route)
{
    const struct comm *comm = &job->comm;
    int all = columns(job);
    size_t len = 0;
    on(route, comm->host);
    if (!reserve(job, route, (size_t)comm->size))
        return false;
    name_ranks(comm, route);
    for (int rank = 0; rank < route->size; rank++) {
        route->first[rank] = len;
        for (int owner = 0; owner < comm->size; owner++)
            if (via(comm, owner, all) == rank)
                route->owners[len++] = (size_t)owner;
    }
    route->first[route->size] = len;
    return true;
}

bool route_between_hosts(struct job *job, struct route *route)
{
    const struct comm *comm = &job->comm;
    int all = columns(job);
    size_t len = 0;
    MPI_Comm column;
    MPI_Comm_split(comm->world, comm->host_rank % all, comm->rank, &column);
    on(route, column);
    route->owned = true;
    if (!reserve(job, route, (size_t)route->size))
        return false;
    name_ranks(comm, route);
    for (int rank = 0; rank < route->size; rank++) {
        route->first[rank] = len;
        if (via(comm, route->ranks[rank], all) == comm->host_rank) {
            route->owners[len] = len; /* the first hop counts owners in the same order */
            len++;
        }
    }
    route->first[route->size] = len;
    return true;
}

size_t route_owners_in(const struct route *route)
{
    return route->first[route->rank + 1] - route->first[route->rank];
}

void route_free(struct job *job, struct route *route)
{
    mem_free(&job->env.mem, route->first, route->bytes);
    if (route->owned)
        MPI_Comm_free(&route->comm);
    *route = (struct route){0};
}
