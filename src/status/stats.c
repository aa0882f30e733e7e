/* SPDX-License-Identifier: BSD-3-Clause */
/* The table: a line for each phase, and what there is to say of all ranks. */
#include "status/stats.h"

#include <inttypes.h>
#include <stddef.h>

/* Of one number over all ranks. */
struct spread {
    uint64_t least, most, sum;
    double mean;
};

/* Of the 64-bit number that lies `at` bytes into what a rank measured. */
static struct spread spread_of(const struct snapshot *snapshot, size_t at)
{
    struct spread spread = {.least = UINT64_MAX};
    for (int rank = 0; rank < snapshot->size; rank++) {
        const char *measured = (const char *)&snapshot->ranks[rank];
        const uint64_t value = *(const uint64_t *)(const void *)(measured + at);
        spread.least = value < spread.least ? value : spread.least;
        spread.most = value > spread.most ? value : spread.most;
        spread.sum += value;
    }
    spread.mean = (double)spread.sum / snapshot->size;
    return spread;
}

#define SPREAD_OF(snapshot, field) spread_of(snapshot, offsetof(struct snapshot_rank, field))

static void print_phase(FILE *file, const struct snapshot *snapshot, int phase)
{
    char moved[16], between[16];
    const struct spread spent = SPREAD_OF(snapshot, spent_ns[phase]);
    const struct spread bytes = SPREAD_OF(snapshot, bytes[phase]);
    const struct spread network = SPREAD_OF(snapshot, network_bytes[phase]);
    fprintf(file, "%-8s %10.4f %10.4f %10.4f %9.2f %10s %14s\n", timing_names[phase],
            (double)spent.least / 1e9, spent.mean / 1e9, (double)spent.most / 1e9,
            spent.mean > 0 ? (double)spent.most / spent.mean : 1,
            bytes.sum ? mem_human(moved, bytes.sum) : "-",
            network.sum ? mem_human(between, network.sum) : "-");
}

static void print_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct spread tasks = SPREAD_OF(snapshot, work.tasks.done);
    const struct spread busy = SPREAD_OF(snapshot, work.tasks.busy_ns);
    fprintf(file,
            "tasks of a rank %.1f (at most %" PRIu64
            "), busy %.3f s (at most %.3f), balance %.2f\n",
            tasks.mean, tasks.most, busy.mean / 1e9, (double)busy.most / 1e9,
            busy.most > 0 ? busy.mean / (double)busy.most : 1);
}

void stats_print(FILE *file, const struct snapshot *snapshot)
{
    char peak[16], resident[16], limit[16];
    fprintf(file,
            "phase         min s     mean s      max s imbalance      moved  between hosts\n");
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        print_phase(file, snapshot, phase);
    if (snapshot->runs_tasks)
        print_tasks(file, snapshot);
    const struct spread mapped = SPREAD_OF(snapshot, work.mapped_bytes);
    fprintf(file,
            "rounds %" PRIu64
            ", input imbalance %.2f, peak memory of a rank %s of %s (resident %s), kernel %s\n",
            snapshot->totals->rounds, mapped.sum ? (double)mapped.most / mapped.mean : 1,
            mem_human(peak, SPREAD_OF(snapshot, peak_bytes).most),
            mem_human(limit, snapshot->memory_bytes),
            mem_human(resident, SPREAD_OF(snapshot, resident_bytes).most), snapshot->kernel);
}
