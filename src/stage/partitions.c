/* SPDX-License-Identifier: BSD-3-Clause */
/* Partitions. Those of a reduction are short-lived: a partition is handed on while it is in cache,
 * and its memory serves the next one. */
#include "stage/partitions.h"

#include "job.h"

struct partitions partitions_of_reduce(struct reduce *reduce)
{
    return (struct partitions){
        .reduce = reduce, .len = reduce->parts.len, .done = reduce->next_part};
}

struct partitions partitions_of_box(struct box *box)
{
    return (struct partitions){.box = box, .len = box->len};
}

bool partitions_next(struct job *job, struct partitions *partitions, struct parcel *out)
{
    struct reduce *reduce = partitions->reduce;
    bool ok = true;
    if (reduce) {
        ok = reduce_next(job, reduce, out);
        partitions->done = reduce->next_part;
        if (ok)
            job->work.distinct = reduce->kept_words * partitions->len / partitions->done;
    } else {
        parcel_join(&job->env.arena, out, &partitions->box->parcels[partitions->done++]);
        parcel_settle(out);
    }
    job->work.step.done = partitions->done;
    comm_step(job);
    return ok;
}
