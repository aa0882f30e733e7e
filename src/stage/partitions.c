/* SPDX-License-Identifier: BSD-3-Clause */
/* Partitions. Those of a reduction are short-lived: a partition is handed on while it is in cache,
 * and its memory serves the next one. */
#include "stage/partitions.h"

#include "job.h"

enum { BATCH_RECORDS = 4096 };

struct partitions partitions_of_reduce(struct reduce *reduce)
{
    return (struct partitions){
        .reduce = reduce, .len = reduce->parts.len, .done = reduce->next_part};
}

struct partitions partitions_of_box(struct box *box)
{
    return (struct partitions){.box = box, .len = box->len};
}

struct partitions partitions_of_bins(struct bins *bins, uint64_t limit, struct tally *left_out)
{
    return (struct partitions){
        .reader = {.bins = bins}, .limit = limit, .left_out = left_out, .len = bins->box.len};
}

static bool next_of_reduce(struct job *job, struct partitions *partitions, struct parcel *out)
{
    struct reduce *reduce = partitions->reduce;
    if (!reduce_next(job, reduce, out))
        return false;
    partitions->done = reduce->next_part;
    partitions->begun = reduce->piece > 0 ? (double)reduce->piece / (double)reduce->pieces : 0;
    job->work.distinct = (uint64_t)((double)reduce->kept_words * (double)partitions->len
                                    / ((double)partitions->done + partitions->begun));
    return true;
}

/* Who tallies what is left out. */
struct leaving {
    const struct hash_seed *seed;
    struct tally *left_out;
};

static bool leave_out(void *context, const struct record *record)
{
    const struct leaving *leaving = context;
    tally_add(leaving->left_out, record->count, record_hash(leaving->seed, record));
    return true;
}

/* Some records at a time: a bin on the disk may be larger than memory. */
static bool next_of_bins(struct job *job, struct partitions *partitions, struct parcel *out)
{
    struct env *env = &job->env;
    struct bins_reader *reader = &partitions->reader;
    struct record record;
    for (size_t i = 0; i < BATCH_RECORDS; i++) {
        if (partitions->limit == 0) {
            partitions->done = partitions->len;
            return bins_skip(reader, leave_out, &(struct leaving){&env->seed, partitions->left_out},
                             &env->fail);
        }
        if (!bins_next(reader, &record, &env->fail)) {
            partitions->done = partitions->len;
            return env->fail.code == FAIL_NONE;
        }
        if (!parcel_add(&env->arena, out, &record, &env->fail))
            return false;
        partitions->limit--;
    }
    partitions->done = reader->next - 1;
    return true;
}

bool partitions_next(struct job *job, struct partitions *partitions, struct parcel *out)
{
    bool ok = true;
    if (partitions->reduce)
        ok = next_of_reduce(job, partitions, out);
    else if (partitions->box)
        parcel_join(&job->env.arena, out, &partitions->box->parcels[partitions->done++]);
    else
        ok = next_of_bins(job, partitions, out);
    parcel_settle(out);
    job->work.step.done = partitions->done;
    comm_step(job);
    return ok;
}

void partitions_close(struct partitions *partitions)
{
    bins_close(&partitions->reader);
}
