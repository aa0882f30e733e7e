/* command: a shell command as a task; the command itself is the argument of init. */
#ifndef COMMAND_H
#define COMMAND_H

#include "task.h"

#include <stdbool.h>

extern const struct task command_task;

/* Local. The text for `sh -c` in which each {} of a command is a word that holds the task, given as
 * the first argument. NULL when there is no {}, or no memory (*none is false then). To be freed. */
char *command_script(const char *command, bool *none);

#endif
