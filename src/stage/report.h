/* SPDX-License-Identifier: BSD-3-Clause */
/* report: what the run says about itself. */
#ifndef REPORT_H
#define REPORT_H

#include "output/output.h"
#include "status/snapshot.h"

struct job;

struct report {
    struct snapshot_rank *ranks; /* what each measured */
    size_t ranks_bytes;
    struct output record; /* of --json, on rank 0 */
    size_t record_bytes;
};

/* Local; rank 0 writes, others do nothing. With -v: what was decided, and why. */
__attribute__((format(printf, 2, 3))) void report_say(const struct job *job, const char *format,
                                                      ...);

/* Collective: agree, with --json; else nothing. Makes ready to write the record of the run, so that
 * a place where it cannot be written is noticed before the work is done. `result` is the file of
 * the result, which must be another one. FAIL_OUTPUT, FAIL_USAGE. */
bool report_open(struct job *job, struct report *report, const struct output *result);

/* Collective: agree, Iallgather, agree. Collects the measurements and, with --json, writes the
 * record of the run, without its name yet. FAIL_OUTPUT. */
bool report_run(struct job *job, struct report *report);

/* Collective: agree. Gives the record its name, after the result has its own. */
bool report_commit(struct job *job, struct report *report);

/* Local; rank 0 writes, others do nothing. With --stats the table of phases; unless -q the closing
 * line. */
void report_print(const struct job *job, const struct report *report);

/* Local. Idempotent. */
void report_free(struct job *job, struct report *report);

#endif
