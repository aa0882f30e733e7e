/* SPDX-License-Identifier: BSD-3-Clause */
/* view: what others see of the run while it goes on (--status): files of a folder, which rank 0
 * writes now and then. They are beside the run: where they cannot be written it goes on. */
#ifndef VIEW_H
#define VIEW_H

#include "output/status_folder.h"

#include <stdint.h>

struct job;

enum { VIEW_SECONDS = 2 }; /* between two writes; more where one takes long */

struct view {
    struct status_folder folder;
    uint64_t next_ns; /* 0: nothing is shown */
    bool warned;
};

/* Collective. Opens the folder, where one is wanted, and writes how the run begins. False, agreed,
 * where another run has it. */
bool view_open(struct job *job);

/* Local, on rank 0, at every look of progress. Writes if it is time. */
void view_look(struct job *job, uint64_t now);

/* Local. The last word on the run; NULL: how it ended, with what is known of the ranks. Idempotent:
 * only the first one counts. */
void view_end(struct job *job, const struct snapshot *end);

#endif
