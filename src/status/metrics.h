/* SPDX-License-Identifier: BSD-3-Clause */
/* metrics: how a run stands, in the text format of Prometheus, as the node exporter collects it
 * from files. The manual documents the names. */
#ifndef METRICS_H
#define METRICS_H

#include "status/snapshot.h"

#include <stdio.h>

/* The states are the values of a label; whoever finds the run dead makes 1 of this line, and 0 of
 * that of the state that was. */
#define METRICS_STATE_LINE "mpiwc_state{state=\"%s\"}"

/* Local. Writes them; what is not known is left out. */
void metrics_write(FILE *file, const struct snapshot *snapshot);

#endif
