/* SPDX-License-Identifier: BSD-3-Clause */
/* The table: a line for each phase, and what there is to say of all ranks. */
#include "status/stats.h"

#include "status/spread.h"

#include <inttypes.h>

static void print_phase(FILE *file, const struct snapshot *snapshot, int phase)
{
    char moved[16], between[16];
    const struct spread spent = SPREAD_OF(snapshot, spent_ns[phase]);
    const struct spread bytes = SPREAD_OF(snapshot, bytes[phase]);
    const struct spread network = SPREAD_OF(snapshot, network_bytes[phase]);
    fprintf(file, "%-8s %10.4f %10.4f %10.4f %9.2f %10s %14s\n", timing_names[phase],
            (double)spent.least / 1e9, spent.mean / 1e9, (double)spent.most / 1e9,
            spread_imbalance(&spent), bytes.sum ? mem_human(moved, bytes.sum) : "-",
            network.sum ? mem_human(between, network.sum) : "-");
}

static void print_tasks(FILE *file, const struct snapshot *snapshot)
{
    const struct spread tasks = SPREAD_OF(snapshot, work.tasks.done);
    const struct spread busy = SPREAD_OF(snapshot, work.tasks.busy_ns);
    fprintf(
        file,
        "tasks of a rank %.1f (at most %" PRIu64 "), busy %.3f s (at most %.3f), balance %.2f\n",
        tasks.mean, tasks.most, busy.mean / 1e9, (double)busy.most / 1e9, spread_balance(&busy));
}

/* Where there was any. */
static void print_scratch(FILE *file, const struct snapshot *snapshot)
{
    char written[16], most[16];
    const struct spread wrote = SPREAD_OF(snapshot, scratch_written_bytes);
    if (wrote.most > 0)
        fprintf(file, "scratch: a rank wrote %s at most, and had %s there at a time\n",
                mem_human(written, wrote.most),
                mem_human(most, SPREAD_OF(snapshot, scratch_bytes).most));
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
            snapshot->totals->rounds, spread_imbalance(&mapped),
            mem_human(peak, SPREAD_OF(snapshot, peak_bytes).most),
            mem_human(limit, snapshot->memory_bytes),
            mem_human(resident, SPREAD_OF(snapshot, resident_bytes).most), snapshot->kernel);
    print_scratch(file, snapshot);
}
