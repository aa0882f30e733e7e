/* SPDX-License-Identifier: BSD-3-Clause */
/* command: a shell command as a task; the command itself is the argument of init. */
#ifndef COMMAND_H
#define COMMAND_H

#include "task.h"

extern const struct task command_task;

/* Local. The places that a command may have (script.h), where tasks have such a separator of
 * columns; -1: they have none. */
unsigned command_places(int separator);

#endif
