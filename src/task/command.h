/* SPDX-License-Identifier: BSD-3-Clause */
/* command: a shell command as a task; the command itself is the argument of init. */
#ifndef COMMAND_H
#define COMMAND_H

#include "task.h"

extern const struct task command_task;

#endif
