/* SPDX-License-Identifier: BSD-3-Clause */
/* Agreement on failure. Collectives: Iallreduce (the worst code, lowest rank first); after a
 * failure Ibcast of its text. */
#include "job.h"

#include "comm/agree.h"
#include "comm/collective.h"

#include <stdio.h>
#include <string.h>

/* Larger is worse; among equals the lower rank. */
static uint64_t severity(const struct job *job, bool ok)
{
    if (ok)
        return 0;
    return (uint64_t)job->env.fail.code << 32 | (UINT32_MAX - (uint32_t)job->comm.rank);
}

static void sign(struct job *job)
{
    size_t len = strlen(job->env.fail.text);
    if (job->comm.size > 1 && job->env.fail.code != FAIL_USAGE && !job->env.fail.agreed)
        snprintf(job->env.fail.text + len, FAIL_TEXT_BYTES - len, " (rank %d, %s)", job->comm.rank,
                 job->comm.host_name);
}

bool agree(struct job *job, bool ok)
{
    if (!ok && job->env.fail.code == FAIL_NONE)
        fail_set(&job->env.fail, FAIL_OTHER, "failed in %s", timing_names[job->timing.phase]);
    uint64_t worst = severity(job, ok);
    comm_max(job, &worst, 1);
    if (worst == 0)
        return true;
    int rank = (int)(UINT32_MAX - (uint32_t)worst);
    if (rank == job->comm.rank)
        sign(job);
    job->env.fail.code = (int)(worst >> 32);
    collective_bcast(job, job->comm.world, rank, job->env.fail.text, FAIL_TEXT_BYTES);
    job->env.fail.agreed = true;
    return false;
}
