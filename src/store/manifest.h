/* SPDX-License-Identifier: BSD-3-Clause */
/* manifest: the inputs and options that a database belongs to, in its table `run`. */
#ifndef MANIFEST_H
#define MANIFEST_H

#include "store/database.h"

/* Local. Writes `text`, lines `name=value`, into a database without a manifest. False with fail
 * set. */
bool manifest_add(struct database *database, const char *text, struct fail *fail);

/* Local. Whether the database belongs to this text, line by line. False with fail set: FAIL_USAGE
 * shows the first line that differs, there and here. */
bool manifest_compare(struct database *database, const char *text, struct fail *fail);

#endif
