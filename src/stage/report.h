/* SPDX-License-Identifier: BSD-3-Clause */
/* report: what the run says about itself. */
#ifndef REPORT_H
#define REPORT_H

#include "output/output.h"
#include "status/snapshot.h"

struct gather;
struct job;
struct spectrum;

enum report_kind { REPORT_RECORD, REPORT_PAGE, REPORT_PLOT, REPORT_KINDS };

/* A file of its own: of --json, --report or --plot. */
struct report_file {
    struct output output;
    size_t bytes; /* written */
};

struct report {
    struct snapshot_rank *ranks; /* what each measured */
    size_t ranks_bytes;
    struct report_file files[REPORT_KINDS]; /* on rank 0 */
    const struct spectrum *spectrum;        /* borrowed; NULL: there is none */
};

/* Nothing is open. */
#define REPORT_NONE ((struct report){.files = {{{.fd = -1}, 0}, {{.fd = -1}, 0}, {{.fd = -1}, 0}}})

/* Local; rank 0 writes, others do nothing. With -v: what was decided, and why. */
__attribute__((format(printf, 2, 3))) void report_say(const struct job *job, const char *format,
                                                      ...);

/* Collective: agree, with --json, --report or --plot; else nothing. Makes ready to write them, so
 * that a place where one cannot be written is noticed before the work is done. FAIL_OUTPUT. */
bool report_open(struct job *job, struct report *report);

/* Collective: agree, Iallgather, agree. Collects the measurements and writes the files, without
 * their names yet. `spectrum` is the count of counts; NULL: there is none. FAIL_OUTPUT. */
bool report_run(struct job *job, struct report *report, const struct spectrum *spectrum);

/* Collective: progress_finish, where there is a result to gather; else local. On rank 0 gives all
 * files of the run their names, that of the result last: where one of them cannot have its name,
 * none has. `spectrum` and `gather` are NULL where there is none. FAIL_OUTPUT. */
bool report_commit(struct job *job, struct report *report, struct spectrum *spectrum,
                   struct gather *gather);

/* Local; rank 0 writes, others do nothing. The last word to those who watch the run; with --stats
 * the table of phases; unless -q the closing line. */
void report_print(struct job *job, const struct report *report);

/* Local. Idempotent. */
void report_free(struct job *job, struct report *report);

#endif
