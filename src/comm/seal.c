/* SPDX-License-Identifier: BSD-3-Clause */
/* Seals. */
#include "comm/seal.h"

#include "job.h"

#include <stdio.h>
#include <time.h>
#include <xxhash.h>

enum { TURN_NS = 200000000, TURNS = 8 };

uint64_t seal_of(const struct seal_label *label, const void *bytes, size_t len)
{
    return XXH3_64bits_withSeed(bytes, len, XXH3_64bits(label, sizeof *label));
}

bool seal_broken(struct job *job, const char *what, int from)
{
    return fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: in %s %s of rank %d (%s) arrived damaged",
                    timing_names[job->timing.phase], what, from, comm_host_of(job, from));
}

/* Hosts are not known before ranks have told each other, which may be what arrived damaged. */
static void name_sender(const struct job *job, int from, char *text, size_t room)
{
    const struct comm_place *places = job->comm.places;
    const bool known = from >= 0 && job->comm.host_names && places[from].host >= 0
                    && places[from].host < job->comm.hosts;
    if (known)
        snprintf(text, room, " of rank %d (%s)", from, comm_host_of(job, from));
    else if (from >= 0)
        snprintf(text, room, " of rank %d", from);
}

/* What all have noticed rank 0 says, and ends the others before it is their turn. */
void seal_end(struct job *job, const char *what, int from)
{
    const struct comm *comm = &job->comm;
    char sender[COMM_HOST_BYTES + 32] = "";
    const int turn = comm->rank < TURNS ? comm->rank : TURNS;
    for (int i = 0; i < turn; i++)
        nanosleep(&(struct timespec){.tv_nsec = TURN_NS}, NULL);
    name_sender(job, from, sender, sizeof sender);
    job->env.fail = (struct fail){0}; /* what has failed before is not what ends it */
    fail_set(&job->env.fail, FAIL_VERIFY,
             "verification failed: in %s %s%s arrived damaged (rank %d, %s)",
             timing_names[job->timing.phase], what, sender, comm->rank, comm->host_name);
    comm_end(job);
}
