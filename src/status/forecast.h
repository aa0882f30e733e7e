/* SPDX-License-Identifier: BSD-3-Clause */
/* forecast: how much of a run is done, and how long the rest takes. */
#ifndef FORECAST_H
#define FORECAST_H

#include "status/snapshot.h"

/* Local. Fills share and left_s from the rest of the snapshot; of rank 0 it needs work, what runs
 * and spent_ns, up to now. */
void forecast_fill(struct snapshot *snapshot);

#endif
