/* SPDX-License-Identifier: BSD-3-Clause */
/* task: all that a plug-in of mpiwc has to know, for C and for C++.
 *
 * A task is a record of bytes, by default a line of the input without its newline. A plug-in is a
 * shared library that shows one symbol, `task_plugin`: what is to be done with a task. Nothing has
 * to be linked; what a task leaves behind goes through the calls that `run` is handed.
 *
 * A plug-in is loaded by a process of its own, which is started anew when a task kills it. It sees
 * tasks one after another, in no promised order and possibly more than once, and no identity of
 * theirs: results must depend on the bytes of the task and the arguments alone. What it prints goes
 * to standard error; a process that it forks can call nothing here, and must end. */
#ifndef MPIWC_TASK_H
#define MPIWC_TASK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of what follows; a plug-in of another version is refused. */
#define TASK_ABI 1

#ifdef __GNUC__
#define TASK_EXPORT __attribute__((visibility("default")))
#define TASK_FORMAT __attribute__((format(printf, 2, 3)))
#else
#define TASK_EXPORT
#define TASK_FORMAT
#endif

/* What a running task may call, from the thread it was called on and until it returns. Bytes are
 * copied, may be any and any number. The first five return 0, or -1 when there is no room: the task
 * fails whatever `run` returns, which it should do at once. */
struct task_call {
    /* A result: with a newline behind it, a line of the output. */
    int (*result)(const struct task_call *call, const void *bytes, size_t len);

    /* A value that is added to those of the same key over all tasks, or the least or the greatest
     * of them; count adds 1 to the count of the key. A key may be empty. */
    int (*sum)(const struct task_call *call, const void *key, size_t len, int64_t value);
    int (*minimum)(const struct task_call *call, const void *key, size_t len, int64_t value);
    int (*maximum)(const struct task_call *call, const void *key, size_t len, int64_t value);
    int (*count)(const struct task_call *call, const void *key, size_t len);

    /* Makes the task fail, for a reason in the manner of printf: one line of at most 255 bytes.
     * Nothing that the task left is kept. Returns -1, for `return call->fail(call, ...)`. */
    int (*fail)(const struct task_call *call, const char *format, ...) TASK_FORMAT;
};

struct task {
    uint32_t abi; /* TASK_ABI */
    const char *name;

    /* Once before the first task, with the text of --task-arguments, NULL where none was given.
     * What it stores in *state is handed to the others. Returns 0, or not 0 after call->fail, the
     * only call it may use: then no task is run at all. NULL where there is nothing to prepare. */
    int (*init)(const struct task_call *call, const char *arguments, void **state);

    /* Once for each task; the bytes are not ended by a NUL. Returns 0, or the task fails. */
    int (*run)(void *state, const struct task_call *call, const void *data, size_t len);

    /* Once after the last task, where init succeeded and nothing killed the process. May be NULL.
     */
    void (*free)(void *state);
};

extern TASK_EXPORT const struct task task_plugin;

#ifdef __cplusplus
}
#endif

#endif
