/* SPDX-License-Identifier: BSD-3-Clause */
/* A world for a test, and a folder: for what reads and writes files. */
#ifndef WORLD_IN_FOLDER_H
#define WORLD_IN_FOLDER_H

#include "check.h"
#include "folder.h"

static inline int folder_begin(void **state)
{
    return folder_make() ? world_make(state) : -1;
}

static inline int folder_end(void **state)
{
    folder_remove();
    return world_end(state);
}

#define folder_test(name) cmocka_unit_test_setup_teardown(name, folder_begin, folder_end)

#endif
