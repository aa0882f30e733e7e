/* SPDX-License-Identifier: BSD-3-Clause */
/* Serial against distributed. The serial run is a job of its own, on a communicator of rank 0
 * alone, so nothing of it is left in the other.
 *
 * Collectives, in order. compare_run: agree (when rank 0 is back), those of pipeline_run.
 * compare_results: agree. */
#include "stage/compare.h"

#include "comm/agree.h"
#include "job.h"
#include "pipeline.h"

#include <stdio.h>

/* Rank 0, alone. */
static bool run_serially(const struct job *job, struct job *serial, int argc, char **argv)
{
    timing_init(&serial->timing);
    serial->env.options = job->env.options;
    serial->env.options.output = "/dev/null";
    serial->env.options.report = serial->env.options.plot = NULL;
    serial->env.options.count_of_counts = NULL;
    serial->env.options.json = serial->env.options.journal = serial->env.options.results =
        serial->env.options.log = NULL;
    serial->env.options.stats = serial->env.options.topology = false;
    serial->env.options.quiet = true;
    comm_init_alone(serial);
    bool ok = job_init(serial, argc, argv) && pipeline_run(serial);
    job_free(serial);
    comm_free(serial);
    return ok;
}

static bool compare(struct job *job, const struct job *serial)
{
    const struct snapshot_totals *one = &serial->totals, *all = &job->totals;
    double one_s = timing_work_s(&serial->timing), all_s = timing_work_s(&job->timing);
    bool same = one->output_bytes == all->output_bytes
             && one->output_checksum == all->output_checksum
             && one->failed_tasks == all->failed_tasks;
    fprintf(stderr, "%s: 1 rank %.3f s, %d rank%s %.3f s: speed-up %.2f; the results are %s\n",
            job->env.options.program, one_s, job->comm.size, job->comm.size == 1 ? "" : "s", all_s,
            one_s / all_s, same ? "identical" : "NOT the same");
    return same
        || fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: %d ranks have another result than one", job->comm.size);
}

bool compare_run(struct job *job, int argc, char **argv)
{
    struct job serial = {0};
    if (comm_is_root(job) && !run_serially(job, &serial, argc, argv))
        job->env.fail = serial.env.fail;
    job->env.fail.agreed = false;
    bool ok = agree(job, job->env.fail.code == FAIL_NONE);
    timing_init(&job->timing);
    job->env.options.gather = true; /* so that rank 0 has the checksum of the result */
    job->serial = &serial;
    ok = ok && pipeline_run(job);
    job->serial = NULL;
    return ok;
}

bool compare_results(struct job *job)
{
    if (!job->serial)
        return true;
    return agree(job, !comm_is_root(job) || compare(job, job->serial));
}
