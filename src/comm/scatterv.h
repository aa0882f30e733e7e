/* SPDX-License-Identifier: BSD-3-Clause */
/* scatterv: from rank 0 to all, in rounds of bounded size. */
#ifndef SCATTERV_H
#define SCATTERV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* Collective. Rank 0 has bytes for every rank, one rank's after another's, `sizes[r]` of them for
 * rank r; each rank gets its own `my_size` bytes in `mine`. Rounds of MPI_Scatterv with at most
 * `rank_bytes` for each rank. bytes and sizes are read on rank 0 only. False, agreed. */
bool scatterv_bytes(struct job *job, const uint8_t *bytes, const uint64_t *sizes, uint8_t *mine,
                    uint64_t my_size, size_t rank_bytes);

#endif
