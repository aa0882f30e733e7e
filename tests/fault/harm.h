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
#ifndef HARM_H
#define HARM_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One kind of call. */
struct call {
    const char *name;
    long n;
    void *last; /* what it has sent before */
    size_t last_len;
    bool known;
    struct call *next;
};

/* Counts a call; whether it is the one. */
bool harm_due(struct call *call);

/* Whether this is the mode; and it has been. */
bool harm_is(const char *name);
void harm_met(void);

/* What the call returns that is to fail. */
int harm_fail(MPI_Comm comm);

/* A request that is never done. */
int harm_never(MPI_Request *request);

/* What is sent instead of these bytes. The copy must live until the call is done: it is left. */
const void *harm_sent(struct call *call, bool due, const void *bytes, size_t len);

/* The two halves of that: does to bytes what the mode says; keeps what the call has sent. */
void harm_spoil(struct call *call, uint8_t *bytes, size_t len);
void harm_remember(struct call *call, const void *bytes, size_t len);

/* A number below this one, by the seed. */
size_t harm_draw(size_t below);

/* One bit is changed; a copy; how many bytes these are. */
void harm_flip(uint8_t *bytes, size_t len);
uint8_t *harm_copy(const void *bytes, size_t len);
size_t harm_bytes(int count, MPI_Datatype type);

/* What comes by a request is garbled once it is done, which `arrived` says. */
void harm_await(bool due, const MPI_Request *request, void *bytes, size_t len);
void harm_arrived(MPI_Request before, int done);

int harm_rank(MPI_Comm comm);
int harm_size(MPI_Comm comm);

/* Writes down how many calls there were. */
void harm_end(void);

#define CALL(function, comm)                                                                       \
    static struct call call = {.name = #function};                                                 \
    const bool due = harm_due(&call);                                                              \
    if (due && harm_is("error"))                                                                   \
        return harm_fail(comm);

#define COLLECTIVE(function, comm, request)                                                        \
    CALL(function, comm)                                                                           \
    if (due && harm_is("lose"))                                                                    \
        return harm_never(request);

#endif
