/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics: how a run stands, in the text format of Prometheus, as the node exporter collects it
 * from files. The manual documents the names. */
#ifndef METRICS_H
#define METRICS_H

#include "status/snapshot.h"

#include <stdio.h>

/* Each state has a line `mpiwc_state{state="running"} 1`; whoever finds the run dead makes 0 of it,
 * and 1 of that of `lost`, the last one. */

/* Local. Writes them; what is not known is left out. */
void metrics_write(FILE *file, const struct snapshot *snapshot);

#endif
