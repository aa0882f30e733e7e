/* SPDX-License-Identifier: BSD-3-Clause */
/* Sums over the ranks of hosts. */
#include "status/host_load.h"

void host_load_sum(const struct snapshot *snapshot, struct host_load *loads, size_t len)
{
    for (size_t i = 0; i < len; i++)
        loads[i] = (struct host_load){.host = ""};
    for (int rank = 0; rank < snapshot->size; rank++) {
        const struct snapshot_rank *at = &snapshot->ranks[rank];
        if (at->host_index >= len)
            continue;
        struct host_load *load = &loads[at->host_index];
        load->host = at->host;
        load->ranks++;
        load->mapped_bytes += at->work.mapped_bytes;
        load->tasks.done += at->work.tasks.done;
        load->tasks.failed += at->work.tasks.failed;
        load->tasks.running += at->work.tasks.running;
        load->tasks.busy_ns += snapshot_busy_ns(at);
    }
}
