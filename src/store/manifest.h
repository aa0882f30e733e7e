/* SPDX-License-Identifier: BSD-3-Clause */
/* manifest: the command, options and inputs that a database belongs to, in its table `run`. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "store/database.h"

/* Each text is lines `name=value`, or empty. A value of several lines goes on with lines `=value`,
 * whose name is empty. */
struct manifest {
    const char *command; /* what is run on each task */
    const char *fixed;   /* what else must be the same */
    const char *inputs;  /* lines `input-N`, for people: nothing is compared to them */
    bool mended;         /* another command may be there */
};

/* Local. Writes the manifest into the database, in place of the one that is there. False with fail
 * set. */
bool manifest_put(struct database *database, const struct manifest *manifest, struct fail *fail);

/* Local. Whether the database belongs to this manifest, line by line. False with fail set:
 * FAIL_USAGE shows the first line that differs, there and here. */
bool manifest_compare(struct database *database, const struct manifest *manifest,
                      struct fail *fail);

#endif
