/* SPDX-License-Identifier: BSD-3-Clause */
/* A kind of task: a name is a built-in, a path a plug-in, and a shell command one more built-in, to
 * which the command is its argument. */
#include "task/runner.h"

#include "host/clock.h"
#include "host/script.h"
#include "task/builtin.h"
#include "task/command.h"
#include "task/guard.h"
#include "task/plugin.h"
#include "task/worker.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool refuse_name(const char *name, struct fail *fail)
{
    char names[256];
    const char *meant = builtin_like(name);
    builtin_names(names, sizeof names);
    if (meant)
        return fail_set(fail, FAIL_USAGE,
                        "%s: no such task; did you mean %s? There are %s, and plug-ins (./%s.so)",
                        name, meant, names, name);
    return fail_set(fail, FAIL_USAGE, "%s: no such task; there are %s, and plug-ins (./%s.so)",
                    name, names, name);
}

bool runner_check(const struct worker_setup *setup, struct fail *fail)
{
    assert(!setup->task != !setup->exec);
    bool plugin = setup->task && strchr(setup->task, '/');
    if (setup->task && !plugin && !builtin_find(setup->task))
        return refuse_name(setup->task, fail);
    if (setup->arguments && !plugin)
        return fail_set(fail, FAIL_USAGE, "only plug-ins take arguments");
    if (setup->delay_s > 0 && !(setup->task && builtin_find(setup->task) == &squares_task))
        return fail_set(fail, FAIL_USAGE, "only the task %s takes a delay", squares_task.name);
    if (!setup->isolate && setup->exec)
        return fail_set(fail, FAIL_USAGE, "a command needs a process of its own");
    if (!setup->isolate && setup->timeout_s > 0)
        return fail_set(fail, FAIL_USAGE, "a time limit needs tasks in a process of their own");
    return !setup->exec || script_check(setup->exec, command_places(setup->separator), fail);
}

static bool find(struct runner *runner, const struct worker_setup *setup, struct fail *fail)
{
    if (setup->exec)
        runner->task = &command_task;
    else if (strchr(setup->task, '/'))
        runner->task = plugin_load(setup->task, &runner->library, fail);
    else
        runner->task = builtin_find(setup->task);
    return runner->task;
}

/* The only thing that a task can get wrong before its first run is what it was given. */
static bool prepare(struct runner *runner, const struct worker_setup *setup, struct emit *emit,
                    struct fail *fail)
{
    char delay[32];
    const char *arguments = setup->exec ? setup->exec : setup->arguments;
    if (setup->delay_s > 0) {
        snprintf(delay, sizeof delay, "%.9f", setup->delay_s);
        arguments = delay;
    }
    emit->setup = setup;
    emit->running = false;
    emit->fail = (struct fail){0};
    if (!runner->task->init)
        return true;
    guard_enter(runner->in_rank);
    int status = runner->task->init(&emit->call, arguments, &runner->state);
    guard_leave();
    if (status == 0 && emit->fail.code == FAIL_NONE)
        return true;
    runner->task = NULL; /* nothing to free */
    return fail_set(fail, FAIL_INPUT, "%s: %s", setup->exec ? setup->exec : setup->task,
                    emit->fail.code ? emit->fail.text : "cannot begin, and does not say why");
}

bool runner_open(struct runner *runner, const struct worker_setup *setup, struct emit *emit,
                 struct fail *fail)
{
    *runner = (struct runner){.in_rank = !setup->isolate};
    if (find(runner, setup, fail) && prepare(runner, setup, emit, fail))
        return true;
    runner_close(runner);
    return false;
}

bool runner_run(struct runner *runner, struct emit *emit, const struct given *task, uint64_t *ns)
{
    uint64_t begin = clock_ns();
    emit->fail = (struct fail){0};
    emit->given = task;
    emit->running = true;
    guard_enter(runner->in_rank);
    int status = runner->task->run(runner->state, &emit->call, task->bytes, task->len);
    guard_leave();
    if (guard_forked())
        _exit(FAIL_NONE); /* the task goes on in the process that forked this one */
    emit->running = false;
    *ns = clock_ns() - begin;
    if (status != 0)
        fail_set(&emit->fail, FAIL_OTHER, "the task returned %d and does not say why", status);
    return emit->fail.code == FAIL_NONE;
}

void runner_close(struct runner *runner)
{
    if (runner->task && runner->task->free)
        (runner->task->free)(runner->state); /* `free(` is a macro in the build for the simulator */
    plugin_unload(runner->library);
    *runner = (struct runner){0};
}
