/* SPDX-License-Identifier: BSD-3-Clause */
/* topology: where the ranks of the run sit. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <stdbool.h>

struct job;

/* Collective: agree, Igather on every host, Iallgather. With --topology rank 0 prints hosts, ranks,
 * caches and binding; unless -q it warns where ranks share a core. FAIL_MEMORY. */
bool topology_report(struct job *job);

#endif
