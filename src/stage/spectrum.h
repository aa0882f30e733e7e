/* SPDX-License-Identifier: BSD-3-Clause */
/* spectrum: the count of counts: how many keys occur once, twice, and so on. It is what estimates
 * of unseen words begin with (I. J. Good, The population frequencies of species and the estimation
 * of population parameters, Biometrika 40, 1953). */
#ifndef SPECTRUM_H
#define SPECTRUM_H

#include "data/box.h"
#include "output/output.h"
#include "status/snapshot.h"

struct job;

struct spectrum {
    struct output output; /* of --count-of-counts, on rank 0 */
    size_t bytes;         /* written */
    uint64_t *rare;       /* of this rank: keys by their count, where it is small; NULL: none yet */
    struct buffer others; /* of this rank: lines for all other keys */
    size_t merged_bytes;  /* of these, one for each count */
    struct buffer lines;  /* on rank 0, ascending; for --report and --plot, too */
};

/* Collective: agree, with --count-of-counts; else nothing. Makes ready to write, before the work is
 * done. FAIL_OUTPUT. */
bool spectrum_open(struct job *job, struct spectrum *spectrum);

/* Local. The lines, on rank 0 after spectrum_run where they are wanted; *len says how many. */
const struct snapshot_line *spectrum_lines(const struct spectrum *spectrum, size_t *len);

/* Local. Adds the keys of a settled parcel, each of which comes once, to a struct spectrum. False
 * with fail set. */
bool spectrum_add(struct job *job, void *spectrum, const struct parcel *keys);

/* Collective: agree, agree, Iallgather, agree, gatherv_bytes, agree; nothing where nothing of it is
 * wanted. Brings together what all ranks added; with --count-of-counts it writes COUNT<TAB>KEYS,
 * ascending, without its name yet. FAIL_MEMORY, FAIL_OUTPUT, FAIL_VERIFY. */
bool spectrum_run(struct job *job, struct spectrum *spectrum);

/* Local. On rank 0 gives the file its name; see report_commit. */
bool spectrum_commit(struct job *job, struct spectrum *spectrum);

/* Local. Idempotent. */
void spectrum_close(struct job *job, struct spectrum *spectrum);

#endif
