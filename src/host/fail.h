/* SPDX-License-Identifier: BSD-3-Clause */
/* fail: the first failure of this rank, and the exit codes of the program.
 *
 * A local failure is recorded here and agreed on later (agree.h); nothing prints or exits where it
 * happens. */
#ifndef FAIL_H
#define FAIL_H

#include <stdbool.h>

/* Exit codes; the manual lists them. */
enum {
    FAIL_NONE = 0,
    FAIL_OTHER = 1,
    FAIL_USAGE = 2,
    FAIL_INPUT = 3,
    FAIL_OUTPUT = 4,
    FAIL_MEMORY = 5, /* memory, or a stated limit */
    FAIL_VERIFY = 6,
    FAIL_PEER = 7,        /* another rank, or the network */
    FAIL_STUCK = 8,       /* nothing moved for --timeout seconds */
    FAIL_TASKS = 9,       /* the result is complete but for tasks that failed */
    FAIL_WOUND_DOWN = 10, /* ended early, as it was asked to: the same can be taken up again */
};

enum { FAIL_TEXT_BYTES = 1024 };

struct fail {
    int code;                   /* FAIL_NONE: nothing happened */
    bool agreed;                /* all ranks know it, and the text says where it was */
    char text[FAIL_TEXT_BYTES]; /* `<object>: <cause>`, one line */
};

/* Local. Records a failure; only the first one is kept. Returns false, so that a caller can `return
 * fail_set(...)`. */
__attribute__((format(printf, 3, 4))) bool fail_set(struct fail *fail, int code, const char *format,
                                                    ...);

/* Local. fail_set with the text `object: strerror(error)`. Returns false. */
bool fail_errno(struct fail *fail, int code, const char *object, int error);

/* Local. In builds with -DFAULT_POINTS: fails here when the environment says
 * WC_FAULT=<stage>:<rank>, or :all; stops the process for <stage>:<rank>:stop, and the first
 * time alone for <stage>:<rank>:once. Otherwise nothing. Returns whether the caller may go on. */
#ifdef FAULT_POINTS
bool fail_point(struct fail *fail, const char *stage, int rank);
#else
static inline bool fail_point(struct fail *fail, const char *stage, int rank)
{
    (void)fail, (void)stage, (void)rank;
    return true;
}
#endif

#endif
