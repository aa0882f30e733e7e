/* SPDX-License-Identifier: BSD-3-Clause */
/* The calls of a task. A call is checked here; whatever goes wrong stays in emit.fail and makes the
 * task fail, also one that does not look at what its calls return. */
#include "task/emit.h"

#include "host/mem.h"
#include "task/child.h"
#include "task/guard.h"

#include <stdarg.h>
#include <stdio.h>

static struct emit *emit_of(const struct task_call *call)
{
    return (struct emit *)(uintptr_t)call; /* it is the first member of one */
}

static int emit_frame(const struct task_call *call, int kind, const void *bytes, size_t len,
                      int64_t value)
{
    struct emit *emit = emit_of(call);
    struct frame frame = {(enum value_kind)kind, bytes, len, value};
    if (guard_forked())
        return -1;
    if (!emit->running)
        fail_set(&emit->fail, FAIL_OTHER, "results before the first task");
    return emit->fail.code == FAIL_NONE && emit->put(emit->sink, &frame, &emit->fail) ? 0 : -1;
}

static int emit_result(const struct task_call *call, const void *bytes, size_t len)
{
    return emit_frame(call, VALUE_KIND_RESULT, bytes, len, 0);
}

static int emit_sum(const struct task_call *call, const void *key, size_t len, int64_t value)
{
    return emit_frame(call, VALUE_KIND_SUM, key, len, value);
}

static int emit_minimum(const struct task_call *call, const void *key, size_t len, int64_t value)
{
    return emit_frame(call, VALUE_KIND_MIN, key, len, value);
}

static int emit_maximum(const struct task_call *call, const void *key, size_t len, int64_t value)
{
    return emit_frame(call, VALUE_KIND_MAX, key, len, value);
}

static int emit_count(const struct task_call *call, const void *key, size_t len)
{
    return emit_frame(call, VALUE_KIND_COUNT, key, len, 1);
}

static TASK_FORMAT int emit_fail(const struct task_call *call, const char *format, ...)
{
    char reason[FAIL_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    fail_set(&emit_of(call)->fail, FAIL_INPUT, "%s", reason);
    return -1;
}

void emit_init(struct emit *emit, bool (*put)(void *, const struct frame *, struct fail *),
               void *sink, size_t limit_bytes)
{
    *emit = (struct emit){
        .call = {emit_result, emit_sum, emit_minimum, emit_maximum, emit_count, emit_fail},
        .put = put,
        .sink = sink,
        .limit_bytes = limit_bytes,
    };
}

size_t emit_limit(const struct task_call *call)
{
    return emit_of(call)->limit_bytes;
}

const struct worker_setup *emit_setup(const struct task_call *call)
{
    return emit_of(call)->setup;
}

const struct given *emit_given(const struct task_call *call)
{
    return emit_of(call)->given;
}

bool emit_refuse(struct fail *fail, size_t limit_bytes)
{
    char limit[16];
    return fail_set(fail, FAIL_MEMORY, "its results take more than %s",
                    mem_human(limit, limit_bytes));
}

int emit_printed(const struct task_call *call, const void *bytes, size_t len)
{
    return emit_frame(call, VALUE_KIND_RESULT, bytes, len, FRAME_PRINTED);
}

int emit_group(const struct task_call *call, int64_t group)
{
    return emit_frame(call, CHILD_GROUP, NULL, 0, group);
}

int emit_exit(const struct task_call *call, int status)
{
    return emit_frame(call, CHILD_EXIT, NULL, 0, status);
}
