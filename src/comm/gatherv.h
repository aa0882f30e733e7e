/* SPDX-License-Identifier: BSD-3-Clause */
/* gatherv: from all ranks to rank 0, in rounds of bounded size. */
#ifndef GATHERV_H
#define GATHERV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;

/* Collective. Rank r has `sizes[r]` bytes, in `mine`; rank 0 gets those of all, one rank's after
 * another's, in `all`, which is read nowhere else. All ranks know all sizes. Rounds of MPI_Gatherv
 * with at most `round_bytes`. False, agreed. */
bool gatherv_bytes(struct job *job, const uint8_t *mine, const uint64_t *sizes, uint8_t *all,
                   size_t round_bytes);

#endif
