/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the ranks sit. The first rank of each host, which has loaded hwloc there, looks at the
 * bindings of the others.
 *
 * Collectives, in order: agree, Iallgather (bindings, on each host), Iallgather (seats). */
#include "stage/placement.h"

#include "comm/agree.h"
#include "comm/collective.h"
#include "job.h"

#include <stdio.h>
#include <stdlib.h>

struct seat {
    char host[COMM_HOST_BYTES];
    int host_rank, host_size, core_ranks;
    struct topo topo;
    struct topo_binding binding;
};

static void print_seats(const struct job *job, const struct seat *seats)
{
    char l1[16], l2[16], l3[16], memory[16], set[256];
    for (int rank = 0; rank < job->comm.size; rank++) {
        const struct seat *seat = &seats[rank];
        const struct topo *topo = &seat->topo;
        if (seat->host_rank == 0)
            fprintf(stderr,
                    "host %s: packages %d, cores %d, processors %d, NUMA nodes %d, L1 %s, L2 %s, "
                    "L3 %s, memory %s\n",
                    seat->host, topo->packages, topo->cores, topo->processors, topo->numa_nodes,
                    mem_human(l1, topo->l1_bytes), mem_human(l2, topo->l2_bytes),
                    mem_human(l3, topo->l3_bytes), mem_human(memory, topo->memory_bytes));
        fprintf(stderr, "  rank %d on %s: processors %s\n", rank, seat->host,
                topo_binding_text(&seat->binding, set, sizeof set));
    }
}

/* What mpirun binds to a core, as by itself one or two ranks, leaves it to its commands: they share
 * the core however many there are. Who runs under Slurm has what was asked for, of a host that may
 * have more. */
static void warn_commands(const struct job *job, const struct seat *seats)
{
    const struct options *options = &job->env.options;
    if (!(options->exec || options->pre) || !comm_launched() || getenv("SLURM_JOB_ID"))
        return;
    for (int rank = 0; rank < job->comm.size; rank++) {
        const int share = seats[rank].topo.processors / seats[rank].host_size;
        const int bound = CPU_COUNT(&seats[rank].binding.processors);
        if (bound >= share)
            continue;
        fprintf(stderr,
                "%s: warning: on %s rank %d and its commands are bound to %d of the %d processors "
                "that are their share: mpirun --bind-to none\n",
                options->program, seats[rank].host, rank, bound, share);
        return;
    }
}

static void warn(const struct job *job, const struct seat *seats)
{
    warn_commands(job, seats);
    for (int rank = 0; rank < job->comm.size; rank++)
        if (seats[rank].core_ranks > 1)
            fprintf(stderr, "%s: warning: on %s up to %d ranks share a core: they take turns\n",
                    job->env.options.program, seats[rank].host, seats[rank].core_ranks);
}

bool placement_report(struct job *job)
{
    struct seat mine = {.host_rank = job->comm.host_rank,
                        .host_size = job->comm.host_size,
                        .core_ranks = 1,
                        .topo = job->topo};
    size_t seats_bytes = (size_t)job->comm.size * sizeof mine;
    size_t bindings_bytes = (size_t)job->comm.host_size * sizeof mine.binding;
    struct seat *seats = mem_alloc(&job->env.mem, seats_bytes, &job->env.fail);
    struct topo_binding *bindings = mem_alloc(&job->env.mem, bindings_bytes, &job->env.fail);
    memcpy(mine.host, job->comm.host_name, sizeof mine.host);
    topo_binding(&mine.binding);
    bool ok = agree(job, seats && bindings);
    if (ok && job->comm.host_size > 1) {
        collective_allgather(job, job->comm.host, &mine.binding, sizeof mine.binding, bindings);
        if (job->comm.host_rank == 0)
            topo_cores_suffice(bindings, (size_t)job->comm.host_size, &mine.core_ranks);
    }
    if (ok)
        comm_allgather(job, &mine, sizeof mine, seats);
    if (ok && comm_is_root(job)) {
        if (job->env.options.topology)
            print_seats(job, seats);
        if (!job->env.options.quiet)
            warn(job, seats);
    }
    mem_free(&job->env.mem, seats, seats_bytes);
    mem_free(&job->env.mem, bindings, bindings_bytes);
    return ok;
}
