/* SPDX-License-Identifier: BSD-3-Clause */
/* path: what a name of a file stands for. */
#ifndef PATH_H
#define PATH_H

#include "host/fail.h"

#include <limits.h>

/* Local. Parts a path; false where its last part names no entry of a folder. */
bool path_split(const char *path, char folder[PATH_MAX], char base[PATH_MAX]);

/* Local. The absolute path of `name`, symbolic links followed: what has that name may not exist
 * yet, its folder must. False with fail set to FAIL_OUTPUT. */
bool path_resolve(const char *name, char path[PATH_MAX], struct fail *fail);

/* Local. Whether `path` stands for an open descriptor of a process, by whatever name and through
 * whatever links: /dev/stdout, /dev/fd/3, /proc/self/fd/1, a link to one of them. *fd is its number
 * if the process is this one, else -1. */
bool path_descriptor(const char *path, int *fd);

/* Local. Whether an input of that name is what standard input holds: - or its descriptor. */
bool path_standard_input(const char *name);

/* Local. Whether two names stand for one regular file or folder, or for one descriptor of this
 * process; what is not there yet may have one of them. */
bool path_same(const char *a, const char *b);

/* Local. Whether `path`, which need not be there yet, is an entry of this folder. */
bool path_lies_in(const char *path, const char *folder);

/* Local. Whether a name, which is longer, ends so. */
bool path_ends(const char *path, const char *end);

#endif
