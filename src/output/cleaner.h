/* SPDX-License-Identifier: BSD-3-Clause */
/* cleaner: removes a temporary file when the process that made it is gone, whatever ended it. */
#ifndef CLEANER_H
#define CLEANER_H

#include <sys/types.h>

struct cleaner {
    pid_t process; /* 0: none */
    int pipe;      /* closed by our end, whatever ends us */
};

/* Local. From now on `path` and the folder `path`.d, which need not be there yet, are removed when
 * this process ends. Where no cleaner can be started, nothing is lost: see temporary_create. */
void cleaner_start(struct cleaner *cleaner, const char *path);

/* Local. When the temporary file is no more. Idempotent. */
void cleaner_end(struct cleaner *cleaner);

#endif
