/* SPDX-License-Identifier: BSD-3-Clause */
/* guard: removes a temporary file when the process that made it is gone, whatever ended it. */
#ifndef GUARD_H
#define GUARD_H

#include <sys/types.h>

struct guard {
    pid_t process; /* 0: none */
    int pipe;      /* closed by our end, whatever ends us */
};

/* Local. From now on `path` and the folder `path`.d, which need not be there yet, are removed when
 * this process ends. Where no guard can be started, nothing is lost: see temporary_create. */
void guard_start(struct guard *guard, const char *path);

/* Local. When the temporary file is no more. Idempotent. */
void guard_end(struct guard *guard);

#endif
