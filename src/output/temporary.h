/* SPDX-License-Identifier: BSD-3-Clause */
/* temporary: the name `.NAME.wc-XXXXXX` beside NAME, under which a result is written until it is
 * whole. What is a folder is written to `.NAME.wc-XXXXXX.d`; the file without .d is then only its
 * lock: file systems of a network lock files for all hosts, folders for one. */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "host/fail.h"
#include "output/cleaner.h"

#include <limits.h>
#include <sys/stat.h>

/* Local. Creates the temporary file of the result at `path`, a resolved one, and stores its path.
 * One writer holds a lock on it; a cleaner removes it with its folder when we are killed. Removes
 * those that killed runs left, and refuses when another run is writing the same result, which
 * messages call `name`. The descriptor is stored in *fd: the file is the caller's also where this
 * fails later. False with fail set to FAIL_OUTPUT. */
bool temporary_create(const char *path, const char *name, char temporary[PATH_MAX],
                      struct cleaner *cleaner, int *fd, struct fail *fail);

/* Local. Whether this user may put something else in the place of what is at `path`: in a folder
 * with the sticky bit, like /tmp, only its owner and that of the file may. False with fail set. */
bool temporary_may_replace(const char *path, const char *name, const struct stat *there,
                           struct fail *fail);

/* Local. Renames what was written as `from` to the result at `path`, and brings that to the disk.
 * False with fail set. */
bool temporary_rename(const char *from, const char *path, const char *name, struct fail *fail);

/* Local. The same, but what had that name gets the one of `from`, if there was any and the file
 * system can exchange two names (rename(2), RENAME_EXCHANGE). */
bool temporary_exchange(const char *from, const char *path, const char *name, struct fail *fail);

/* Local. Removes a temporary file, with its folder, that temporary_create made, as far as they are
 * there, and ends the cleaner. */
void temporary_remove(const char *temporary, struct cleaner *cleaner);

#endif
