/* SPDX-License-Identifier: BSD-3-Clause */
/* guard: what a plug-in must not do to the process that runs it: end it as if all were well, or
 * answer from a process that it has forked. */
#ifndef GUARD_H
#define GUARD_H

#include <stdbool.h>

/* Local. A task runs from here on until guard_leave. With `rank`, where nobody else would notice,
 * exit() ends the process with a message and FAIL_OTHER. */
void guard_enter(bool rank);
void guard_leave(void);

/* Local. Whether this process is one that a task has forked. */
bool guard_forked(void);

#endif
