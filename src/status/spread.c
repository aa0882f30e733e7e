/* SPDX-License-Identifier: BSD-3-Clause */
/* Least, greatest and mean. */
#include "status/spread.h"

struct spread spread_of(const struct snapshot *snapshot, size_t at)
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
