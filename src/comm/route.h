/* SPDX-License-Identifier: BSD-3-Clause */
/* route: one hop of a shuffle: by way of whom the records of each owner go.
 *
 * The outbox of a hop has the buckets of a number of owners, `share` of each, side by side. A route
 * says which owners' buckets go to which rank; that rank finds them in its inbox in the same order.
 *
 * Straight to the owner is one hop. By way of the own host it is two: first to one of the ranks of
 * this host, which can combine what all of them have for an owner; then, between the hosts, to the
 * owner. A rank then talks to the ranks of its host and to one or two on each other host, instead
 * of to all, and words that several ranks of a host have seen cross the network once. (J. L. Träff,
 * A. Rougier, MPI collectives and datatypes for hierarchical all-to-all communication, EuroMPI/ASIA
 * 2014, have the two hops; that words are combined between them is ours.) */
#ifndef ROUTE_H
#define ROUTE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

struct job;

struct route {
    MPI_Comm comm;  /* of the ranks that talk to each other */
    int rank, size; /* in it */
    bool owned;     /* whether the communicator was made for this route */
    int *ranks;     /* ranks of the run, of those in it */
    size_t *first;  /* owners[first[r]] to owners[first[r + 1]] go to rank r; size + 1 of them */
    size_t *owners; /* places in the outbox, counted in owners */
    size_t bytes;   /* allocated */
};

/* Collective. All ranks, every record straight to its owner. False with fail set on this rank. */
bool route_straight(struct job *job, struct route *route);

/* Collective. The first hop of two: the ranks of this host. False with fail set on this rank. */
bool route_within_host(struct job *job, struct route *route);

/* Collective. The second: its outbox is the inbox of the first. False with fail set on this rank.
 */
bool route_between_hosts(struct job *job, struct route *route);

/* Local. For how many owners records may arrive here. */
size_t route_owners_in(const struct route *route);

/* Collective. Idempotent. */
void route_free(struct job *job, struct route *route);

#endif
