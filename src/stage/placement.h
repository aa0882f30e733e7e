/* SPDX-License-Identifier: BSD-3-Clause */
/* placement: where the ranks of the run sit. */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include <stdbool.h>

struct job;

/* Collective: agree, Igather on every host, Iallgather. With --topology rank 0 prints hosts, ranks,
 * caches and binding; unless -q it warns where ranks share a core, or run commands and are bound to
 * less than their share of the host. FAIL_MEMORY. */
bool placement_report(struct job *job);

#endif
