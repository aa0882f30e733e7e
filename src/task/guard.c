/* SPDX-License-Identifier: BSD-3-Clause */
#include "task/guard.h"

#include "host/fail.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    bool prepared, entered, forked, rank;
} guard;

static void note_exit(void)
{
    if (!guard.entered || !guard.rank || guard.forked)
        return;
    fprintf(stderr, "%s: a task has called exit in the process of the rank (--isolate=off)\n",
            program_invocation_short_name);
    _exit(FAIL_OTHER);
}

static void note_fork(void)
{
    guard.forked = guard.entered;
}

void guard_enter(bool rank)
{
    if (!guard.prepared) {
        atexit(note_exit);
        pthread_atfork(NULL, NULL, note_fork);
        guard.prepared = true;
    }
    guard.entered = true;
    guard.rank = rank;
}

void guard_leave(void)
{
    guard.entered = false;
}

bool guard_forked(void)
{
    return guard.forked;
}
