/* SPDX-License-Identifier: BSD-3-Clause */
/* commit: what a run that goes on later must know of the one before it, in a file that is there
 * whole or not at all. What its sections say their users know (stage/committed.h). */
#ifndef COMMIT_H
#define COMMIT_H

#include "host/buffer.h"

enum { COMMIT_SECTIONS = 8 };

/* {0} has nothing in its sections. */
struct commit {
    struct buffer sections[COMMIT_SECTIONS];
};

/* Local. Puts the file in place of the one before it, and brings it to the disk. False with fail
 * set to FAIL_OUTPUT, and the one before it as it was. */
bool commit_write(const struct commit *commit, const char *path, struct fail *fail);

/* Local. *found: there is one, and the sections have what it says. False with fail set to
 * FAIL_INPUT: it is none of ours, cut short or damaged; FAIL_MEMORY. */
bool commit_read(struct commit *commit, struct mem *mem, const char *path, bool *found,
                 struct fail *fail);

/* Local. Idempotent. */
void commit_free(struct commit *commit, struct mem *mem);

#endif
