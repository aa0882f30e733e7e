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

enum { SNAPSHOT_HOST_BYTES = 64, SNAPSHOT_TASK_BYTES = 96, SNAPSHOT_POINTS = 240 };

/* How a run stands. */
enum snapshot_state { SNAPSHOT_RUNS, SNAPSHOT_DONE, SNAPSHOT_WOUND_DOWN, SNAPSHOT_FAILED };

/* Of tasks, on one rank or on several. */
struct snapshot_tasks {
    uint64_t done;
    uint64_t failed; /* tries */
    uint64_t running;
    uint64_t busy_ns; /* that those which have ended took */
};

enum { SNAPSHOT_RULES_BYTES = 512 };

/* How far a rank is in a step of the run. Its phase may be that of a whole round of map, shuffle
 * and reduce: SHUFFLE is a step only when all of the input is mapped. To reduce for good is part of
 * the SORT, and of the MAP of a second pass. */
struct snapshot_step {
    uint64_t phase; /* enum timing_phase */
    uint64_t done;
    uint64_t all;      /* pieces of this step; 0: not known */
    uint64_t pass;     /* 1: words are made of the chunks of text that were counted before */
    uint64_t begun_ns; /* by the clock of the rank */
};

/* What has been worked off so far. */
struct snapshot_work {
    uint64_t mapped_bytes; /* of the input */
    uint64_t read_bytes;   /* of the same, as it is stored */
    uint64_t records;      /* of keys that came out of the map */
    uint64_t received;     /* of those of all ranks, that have come here */
    uint64_t held;         /* of these, where equal keys became one record for want of memory */
    uint64_t distinct;     /* keys among these, about; */
    uint64_t singles;      /* and those that had occurred once */
    /* On disks, now and at most; 0: it has none. */
    uint64_t scratch_bytes, scratch_limit_bytes;
    struct snapshot_step step;
    struct snapshot_tasks tasks;
};

/* The task that has run longest of those that run on a rank. */
struct snapshot_running {
    uint64_t number;                /* among all tasks, from 1; 0: none runs */
    uint64_t ns;                    /* for so long */
    char text[SNAPSHOT_TASK_BYTES]; /* how it begins, any bytes, up to a NUL */
};

/* What one rank measured; sent as it is. While the run goes on only host, work and what runs are
 * known. */
struct snapshot_rank {
    char host[SNAPSHOT_HOST_BYTES];
    uint64_t host_index; /* in the order of their first ranks */
    struct snapshot_work work;
    struct snapshot_running running;
    uint64_t spent_ns[TIMING_PHASES];
    uint64_t bytes[TIMING_PHASES];         /* moved */
    uint64_t network_bytes[TIMING_PHASES]; /* of these, between hosts */
    uint64_t peak_bytes;                   /* of what is under --memory */
    uint64_t resident_bytes;               /* of the process, MPI included */
    uint64_t scratch_bytes;                /* most that was on the disk at a time */
    uint64_t scratch_written_bytes;        /* all that was written there */
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
    uint64_t fingerprint;   /* sum over keys of a hash with a fixed seed, of key and count: two runs
                               can compare it */
    uint64_t rounds;        /* of map, shuffle and reduce */
    bool tasks_stopped;     /* more had failed than were wanted */
    uint64_t resumed_bytes; /* of input, that earlier starts have counted */
    uint64_t commits;       /* of the checkpoint, in this one */
    bool wound_down;        /* it has ended before what there was to do, which can be taken up */
    uint64_t tasks, failed_tasks, retried_tasks;
    uint64_t lost_ranks;
    uint64_t resumed_tasks; /* whose results came from the journal */
    bool root_input, root_output;
    bool standard_input;  /* is among the files, as rank 0 knows */
    bool standard_output; /* takes the result, as rank 0 knows */
};

/* How a run has come on: at which second how much was done. */
struct snapshot_history {
    struct snapshot_point {
        float seconds; /* of work */
        float done;    /* bytes of the input, or tasks */
    } points[SNAPSHOT_POINTS];
    size_t len;
};

/* So many keys occur so often. */
struct snapshot_line {
    uint64_t count, keys;
};

/* Everything is borrowed. */
struct snapshot {
    /* What runs. */
    const char *program;              /* as it was called */
    const char *count;                /* what is counted, as --count names it */
    const char *command;              /* or the name of what tasks run; NULL: neither */
    const char *noun;                 /* for one of what is counted */
    char rules[SNAPSHOT_RULES_BYTES]; /* what they are that make words of chunks; empty: none */
    const char *kernel;
    const char *output;  /* where the result goes; "-": standard output */
    const char *scratch; /* folders for what memory does not hold; NULL: there are none */
    bool runs_tasks;     /* instead of counting keys */
    bool verifies;
    bool by_host;          /* the first shuffle goes by way of the own host */
    uint64_t memory_bytes; /* of a rank, at most */
    uint64_t top;          /* no more lines are written than these; 0: all are */
    uint64_t min_count;    /* of a key that is written */

    /* How it stands. */
    enum snapshot_state state;
    const char *failure;       /* what ended it; NULL: nothing */
    uint64_t begun_ns, now_ns; /* since 1970 */

    /* How far it is. */
    enum timing_phase phase;
    double seconds;          /* of work, see timing_work_s */
    double step_s;           /* since the step of rank 0 began */
    double crowding;         /* of its processor, see processor.h; 0: nobody knows */
    uint64_t expected_bytes; /* of input; 0: unknown */
    uint64_t expected_read;  /* of the same, as it is stored; 0: unknown */
    bool dealt;              /* of it each rank has as much as any other, from the beginning */
    struct snapshot_work work;
    double share;                           /* of the whole run, 0 to 1; below 0: unknown */
    double left_s;                          /* until its end; below 0: unknown */
    uint64_t read_tasks;                    /* so far */
    bool all_read;                          /* there are no more tasks than these */
    uint64_t submissions;                   /* of a service, that it works on */
    const struct snapshot_history *history; /* NULL: none is kept */
    const struct snapshot_totals *totals;
    const struct failures *failures;

    /* What was counted: the count of counts, ascending. NULL: it is not known, or not wanted. */
    const struct snapshot_line *spectrum;
    size_t spectrum_len;

    /* Who works. */
    int size, hosts;
    const struct snapshot_rank *ranks; /* `size` of them */
};

/* Local. Whether it has ended, and what it measured and what came of it are known. */
static inline bool snapshot_is_whole(const struct snapshot *snapshot)
{
    return snapshot->state == SNAPSHOT_DONE || snapshot->state == SNAPSHOT_WOUND_DOWN;
}

/* Local. How long tasks of a rank have taken, those that run included. */
static inline uint64_t snapshot_busy_ns(const struct snapshot_rank *rank)
{
    return rank->work.tasks.busy_ns + (rank->running.number > 0 ? rank->running.ns : 0);
}

#endif
