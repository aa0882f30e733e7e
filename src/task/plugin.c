/* SPDX-License-Identifier: BSD-3-Clause */
/* Plug-ins. Their symbols stay their own (RTLD_LOCAL), and one that lacks a symbol fails here, not
 * in the middle of a task (RTLD_NOW). */
#include "task/plugin.h"

#include <dlfcn.h>
#include <string.h>

/* The cause of the last error; the linker often puts the path before it, as we do. */
static const char *cause(const char *path)
{
    const char *text = dlerror();
    size_t len = strlen(path);
    return strncmp(text, path, len) == 0 && strncmp(text + len, ": ", 2) == 0 ? text + len + 2
                                                                              : text;
}

static bool check(const char *path, const struct task *task, struct fail *fail)
{
    if (!task)
        return fail_set(fail, FAIL_INPUT, "%s: has no symbol task_plugin, so it is no plug-in",
                        path);
    if (task->abi != TASK_ABI)
        return fail_set(fail, FAIL_INPUT, "%s: is made for version %u of task.h, this is %d", path,
                        (unsigned)task->abi, TASK_ABI);
    if (!task->run)
        return fail_set(fail, FAIL_INPUT, "%s: has no function run", path);
    return true;
}

const struct task *plugin_load(const char *path, void **library, struct fail *fail)
{
    *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!*library) {
        fail_set(fail, FAIL_INPUT, "%s: %s", path, cause(path));
        return NULL;
    }
    const struct task *task = dlsym(*library, "task_plugin");
    if (check(path, task, fail))
        return task;
    plugin_unload(*library);
    *library = NULL;
    return NULL;
}

void plugin_unload(void *library)
{
    if (library)
        dlclose(library);
}
