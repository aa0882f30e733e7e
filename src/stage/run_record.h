/* SPDX-License-Identifier: BSD-3-Clause */
/* run_record: the record of a run, as JSON (RFC 8259). The manual documents its fields;
 * RUN_RECORD_SCHEMA grows when one changes its meaning. */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "comm/comm.h"
#include "comm/timing.h"
#include "host/topo.h"
#include "output/output.h"

struct job;

enum { RUN_RECORD_SCHEMA = 1 };

/* What one rank measured; sent as it is. */
struct run_record_rank {
    char host[COMM_HOST_BYTES];
    uint64_t spent_ns[TIMING_PHASES];
    uint64_t bytes[TIMING_PHASES];         /* moved */
    uint64_t network_bytes[TIMING_PHASES]; /* of these, between hosts */
    uint64_t mapped_bytes;
    uint64_t tasks, failed_tries, busy_ns;
    uint64_t peak_bytes;     /* of what is under --memory */
    uint64_t resident_bytes; /* of the process, MPI included */
    struct topo_binding binding;
};

/* Local, on rank 0. Writes the record to `output`, which was created for the file of --json; *len
 * are its bytes. False with fail set to FAIL_OUTPUT. */
bool run_record_write(struct job *job, const struct run_record_rank *ranks, struct output *output,
                      size_t *len);

#endif
