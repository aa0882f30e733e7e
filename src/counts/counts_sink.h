/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_sink: where the bytes of a count file go, one piece after another. */
#ifndef COUNTS_SINK_H
#define COUNTS_SINK_H

#include "host/fail.h"

#include <stddef.h>

struct counts_sink {
    /* Takes all bytes. False with fail set. */
    bool (*put)(void *context, const void *bytes, size_t len, struct fail *fail);
    void *context;
};

#endif
