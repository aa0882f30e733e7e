/* SPDX-License-Identifier: BSD-3-Clause */
/* snapshot: what a run says about itself, as one set of numbers on rank 0. Progress, the closing
 * line, --stats and --json are writers of it; job_snapshot fills it. The totals are what was
 * verified; by the work of the ranks, which is there to be shown, nothing is. */
#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include "host/topo.h"
#include "status/failures.h"
#include "status/timing.h"

#include <stdbool.h>

enum { SNAPSHOT_HOST_BYTES = 64 };

/* Of tasks, on one rank or on several. */
struct snapshot_tasks {
    uint64_t done;
    uint64_t failed; /* tries */
    uint64_t running;
    uint64_t busy_ns; /* that those which have ended took */
};

/* What has been worked off so far. */
enum { SNAPSHOT_RULES_BYTES = 512 };

struct snapshot_work {
    uint64_t mapped_bytes; /* of the input */
    struct snapshot_tasks tasks;
};

/* What one rank measured; sent as it is. While the run goes on only host and work are known. */
struct snapshot_rank {
    char host[SNAPSHOT_HOST_BYTES];
    uint64_t host_index; /* in the order of their first ranks */
    struct snapshot_work work;
    uint64_t spent_ns[TIMING_PHASES];
    uint64_t bytes[TIMING_PHASES];         /* moved */
    uint64_t network_bytes[TIMING_PHASES]; /* of these, between hosts */
    uint64_t peak_bytes;                   /* of what is under --memory */
    uint64_t resident_bytes;               /* of the process, MPI included */
    struct topo_binding binding;
};

/* What became of the records of the input, where their texts are counted. */
struct snapshot_records {
    bool are;                   /* there */
    uint64_t all, without, bad; /* of these, those without a text, and malformed ones, skipped */
};

/* Counts over all ranks, known at the end. */
struct snapshot_totals {
    uint64_t input_bytes;
    uint64_t files;
    struct snapshot_records records;
    uint64_t words, distinct;
    uint64_t invalid_words;  /* of these, that are no UTF-8, where rules say what a word is */
    uint64_t outside_words;  /* not among them, being in no vocabulary */
    uint64_t written_words;  /* lines of the result */
    uint64_t left_out_words; /* distinct, by --top and --min-count */
    uint64_t output_bytes;
    uint64_t output_checksum; /* XXH3 of the result, where one rank wrote all of it */
    bool output_has_checksum;
    uint64_t fingerprint; /* see struct verify */
    uint64_t rounds;      /* of map, shuffle and reduce */
    bool tasks_stopped;   /* more had failed than were wanted */
    bool wound_down;      /* a service has ended before what there was to do */
    uint64_t tasks, failed_tasks, retried_tasks;
    uint64_t lost_ranks;
    uint64_t resumed_tasks; /* whose results came from the journal */
    bool root_input, root_output;
    bool standard_input;  /* is among the files, as rank 0 knows */
    bool standard_output; /* takes the result, as rank 0 knows */
};

/* Everything is borrowed. */
struct snapshot {
    /* What runs. */
    const char *program;              /* as it was called */
    const char *count;                /* what is counted, as --count names it */
    const char *noun;                 /* for one of what is counted */
    char rules[SNAPSHOT_RULES_BYTES]; /* what they are that make words of chunks; empty: none */
    const char *kernel;
    const char *output; /* where the result goes; "-": standard output */
    bool runs_tasks;    /* instead of counting keys */
    bool verifies;
    bool by_host;          /* the first shuffle goes by way of the own host */
    uint64_t memory_bytes; /* of a rank, at most */

    /* How far it is. */
    enum timing_phase phase;
    double seconds;          /* of work, see timing_work_s */
    uint64_t expected_bytes; /* of input; 0: unknown */
    struct snapshot_work work;
    const struct snapshot_totals *totals;
    const struct failures *failures;

    /* Who works. */
    int size, hosts;
    const struct snapshot_rank *ranks; /* `size` of them */
};

#endif
