/* SPDX-License-Identifier: BSD-3-Clause */
/* result_writer: the results of tasks, on their way to where they belong while the tasks run: to
 * the output, in the order of the tasks or as they come, or to a file for each. On rank 0.
 *
 * What is there is written when everything before it is. Until then it waits, in a scratch file, or
 * where the journal has it: memory does not hold results. */
#ifndef RESULT_WRITER_H
#define RESULT_WRITER_H

#include "data/tally.h"
#include "host/buffer.h"
#include "output/outdir_file.h"
#include "output/output.h"
#include "output/reorder.h"
#include "stage/ledger.h"
#include "task/collect.h"

#include <xxhash.h>

struct env;
struct options;

struct result_writer {
    struct env *env; /* borrowed, as the next five */
    const struct options *options;
    struct output *output;  /* or, with --results, */
    struct outdir *folder;  /* a file for each task in it; NULL: not in use */
    struct ledger *ledger;  /* has what the journal knows */
    XXH3_state_t *checksum; /* of what goes to the output */
    struct collect_form form;
    struct reorder reorder;
    char beside[PATH_MAX]; /* the folder of the output */
    struct outdir_file file;
    struct buffer text;     /* that goes to the output next */
    uint64_t tasks, failed; /* that are out; those of them that have no results */
    uint64_t results, left; /* that were written; that --top leaves */
    uint64_t bytes;         /* of them, all that is written */
    struct tally tally;     /* of results that come from this run, for verification */
    uint64_t fingerprint;   /* of all that were written, see struct snapshot_totals */
};

/* Local. What is kept of results, as the options say. */
struct collect_form result_writer_form(const struct options *options);

/* Local. Where results go. All is borrowed; output or folder is NULL. */
void result_writer_init(struct result_writer *writer, struct env *env,
                        const struct options *options, struct output *output, struct outdir *folder,
                        XXH3_state_t *checksum);

/* Local. Whether there are results to be written, and not only what is combined by key. */
bool result_writer_is_used(const struct result_writer *writer);

/* Local. A task is done, and left these frames. False with fail set. */
bool result_writer_add(struct result_writer *writer, const struct ledger_entry *entry);

/* Local. A task was done by an earlier run: the journal has its frames. False with fail set. */
bool result_writer_add_known(struct result_writer *writer, const struct task_reader_task *task);

/* Local. A task has failed for good, and has no results. False with fail set. */
bool result_writer_skip(struct result_writer *writer, const struct task_reader_task *task);

/* Local. Writes what is due and still in memory. False with fail set. */
bool result_writer_flush(struct result_writer *writer);

/* Local. Whether so many results wait that those that are late have to come first. */
bool result_writer_is_full(const struct result_writer *writer);

/* Local. Whether every one of `tasks` tasks, `failed` of which have failed, has been written. False
 * with fail set to FAIL_VERIFY. */
bool result_writer_check(struct result_writer *writer, uint64_t tasks, uint64_t failed);

/* Local. Idempotent. */
void result_writer_free(struct result_writer *writer);

#endif
