/* SPDX-License-Identifier: BSD-3-Clause */
/* Linux counts how long a thread ran, and how long it could have run and did not. */
#include "host/processor.h"

#include <stdio.h>

double processor_crowding(void)
{
    double ran_ns = 0, waited_ns = 0;
    FILE *file = fopen("/proc/self/schedstat", "re");
    if (!file)
        return 1;
    const int found = fscanf(file, "%lf %lf", &ran_ns, &waited_ns);
    fclose(file);
    return found == 2 && ran_ns > 0 ? 1 + waited_ns / ran_ns : 1;
}
