// SPDX-License-Identifier: BSD-3-Clause
// A plug-in in C++: how often each byte occurs over all tasks, in counts by key.
//
//     c++ -O2 -Wall -shared -fPIC -Iinclude -o build/letters.so src/task/template/letters.cpp
//
// No exception may leave run: what calls it is C.
#include "task.h"

static int run(void *, const task_call *call, const void *data, size_t len)
{
    const char *bytes = static_cast<const char *>(data);
    for (size_t i = 0; i < len; i++)
        if (call->count(call, bytes + i, 1) != 0)
            return -1;
    return 0;
}

const task task_plugin = {TASK_ABI, "letters", nullptr, run, nullptr};
