/* SPDX-License-Identifier: BSD-3-Clause */
#include "stage/combining.h"

#include "job.h"

enum {
    L2_GUESS_BYTES = 1 << 20,
    TABLE_MAX_BYTES = 16 << 20, /* some virtual machines have a third level larger than real ones */
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* How large the table may become. It begins small and grows with the vocabulary; it may fill twice
 * the second-level cache, since frequent words find their lines there all the same, or half of this
 * rank's share of the third level: with prefetching a hit there is still cheaper than a record. */
static size_t table_bytes(const struct job *job)
{
    if (!job->env.options.combine)
        return 0;
    size_t l2 = job->topo.l2_bytes ? job->topo.l2_bytes : L2_GUESS_BYTES;
    size_t l3 = least(job->topo.l3_bytes / (size_t)job->comm.host_size, 2 * TABLE_MAX_BYTES);
    return least(2 * l2 > l3 / 2 ? 2 * l2 : l3 / 2, job->env.budget.memory_bytes / 16);
}

bool combining_init(struct job *job, struct combiner *combiner)
{
    struct env *env = &job->env;
    return combiner_init(combiner, &env->arena, &env->seed, table_bytes(job), env->options.verify,
                         &env->fail);
}
