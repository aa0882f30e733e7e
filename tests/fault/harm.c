/* SPDX-License-Identifier: BSD-3-Clause */
/* Which call it is, and what becomes of its bytes. */
#include "harm.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NAME_BYTES = 40, DELAY_NS = 300000000 };

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

void harm_met(void)
{
    const char *path = getenv("MPI_FAULT_MET");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (file)
        fclose(file);
}

bool harm_is(const char *name)
{
    return strcmp(mode, name) == 0;
}

/* Counts a call; whether it is the one. */
bool harm_due(struct call *call)
{
    if (!call->known) {
        call->known = true;
        call->next = calls;
        calls = call;
    }
    call->n++;
    if (call->n != wanted_n || strcmp(call->name, wanted) != 0)
        return false;
    if (harm_is("delay")) {
        harm_met();
        nanosleep(&(struct timespec){.tv_nsec = DELAY_NS}, NULL);
    }
    return true;
}

int harm_fail(MPI_Comm comm)
{
    harm_met();
    PMPI_Comm_call_errhandler(comm, MPI_ERR_OTHER);
    return MPI_ERR_OTHER;
}

size_t harm_draw(size_t below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 8) % below;
}

void harm_flip(uint8_t *bytes, size_t len)
{
    if (len == 0)
        return;
    const size_t bit = harm_draw(8 * len);
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    harm_met();
}

uint8_t *harm_copy(const void *bytes, size_t len)
{
    uint8_t *made = malloc(len + 1);
    if (len > 0)
        memcpy(made, bytes, len);
    return made;
}

/* Does to the bytes what the mode says, where it is that of bytes. */
void harm_spoil(struct call *call, uint8_t *bytes, size_t len)
{
    const size_t some = call->last && call->last_len < len ? call->last_len : len;
    if (harm_is("flip"))
        harm_flip(bytes, len);
    if (harm_is("drop") && len > 0) {
        memset(bytes, 0, len);
        harm_met();
    }
    if (harm_is("stale") && call->last && memcmp(bytes, call->last, some) != 0) {
        memcpy(bytes, call->last, some);
        harm_met();
    }
}

void harm_remember(struct call *call, const void *bytes, size_t len)
{
    free(call->last);
    call->last = harm_copy(bytes, len);
    call->last_len = len;
}

/* What is sent instead of these bytes. The copy must live until the call is done: it is left. */
const void *harm_sent(struct call *call, bool due, const void *bytes, size_t len)
{
    const void *instead = bytes;
    if (due && (harm_is("flip") || harm_is("drop") || harm_is("stale"))) {
        uint8_t *made = harm_copy(bytes, len);
        harm_spoil(call, made, len);
        instead = made;
    }
    harm_remember(call, bytes, len);
    return instead;
}

size_t harm_bytes(int count, MPI_Datatype type)
{
    int size = 0;
    PMPI_Type_size(type, &size);
    return (size_t)count * (size_t)size;
}

int harm_rank(MPI_Comm comm)
{
    int rank;
    PMPI_Comm_rank(comm, &rank);
    return rank;
}

int harm_size(MPI_Comm comm)
{
    int size;
    PMPI_Comm_size(comm, &size);
    return size;
}

void harm_await(bool due, const MPI_Request *request, void *bytes, size_t len)
{
    if (!due || !harm_is("garble"))
        return;
    awaited.request = *request;
    awaited.bytes = bytes;
    awaited.len = len;
}

void harm_arrived(MPI_Request before, int done)
{
    if (!done || !awaited.bytes || before != awaited.request)
        return;
    harm_flip(awaited.bytes, awaited.len);
    awaited.bytes = NULL;
}

/* A request that is never done. */
int harm_never(MPI_Request *request)
{
    static int nothing;
    harm_met();
    return PMPI_Irecv(&nothing, 1, MPI_INT, 0, 4711, MPI_COMM_SELF, request);
}

void harm_end(void)
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
}
