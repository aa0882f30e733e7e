/* SPDX-License-Identifier: BSD-3-Clause */
/* plugin: tasks in shared libraries (task.h). */
#ifndef PLUGIN_H
#define PLUGIN_H

#include "host/fail.h"
#include "task.h"

/* Local. Loads the library at an explicit path, one with a slash, and checks what it shows;
 * *library is for plugin_unload. NULL with fail set. */
const struct task *plugin_load(const char *path, void **library, struct fail *fail);

/* Local. NULL is fine. */
void plugin_unload(void *library);

#endif
