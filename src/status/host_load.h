/* SPDX-License-Identifier: BSD-3-Clause */
/* host_load: what the ranks of a host have done together. */
#ifndef HOST_LOAD_H
#define HOST_LOAD_H

#include "status/snapshot.h"

struct host_load {
    const char *host; /* of the snapshot */
    uint64_t ranks, mapped_bytes;
    struct snapshot_tasks tasks; /* busy_ns is also of those that run */
};

/* Local. Adds up those of the first `len` hosts. */
void host_load_sum(const struct snapshot *snapshot, struct host_load *loads, size_t len);

#endif
