/* SPDX-License-Identifier: BSD-3-Clause */
/* cleaner: a process that does what is left to do when the process that started it is gone,
 * whatever ended it. */
#ifndef CLEANER_H
#define CLEANER_H

#include <sys/types.h>

struct cleaner {
    pid_t process; /* 0: none */
    int pipe;      /* closed by our end, whatever ends us */
};

/* Removes the file $0 and the folder $0.d, which need not be there yet. */
#define CLEANER_REMOVES "exec rm -rf -- \"$0.d\" \"$0\""

/* Local. From now on `script`, of a shell in which $0 is `path`, is run when this process ends.
 * `held` is a descriptor that stays open until then, -1: none is. Where no cleaner can be started,
 * nothing is lost: see temporary_create. */
void cleaner_start(struct cleaner *cleaner, const char *script, const char *path, int held);

/* Local. The cleaner does now what it would do then, for a second at most. Idempotent. */
void cleaner_run(struct cleaner *cleaner);

/* Local. There is nothing left to do. Idempotent. */
void cleaner_end(struct cleaner *cleaner);

#endif
