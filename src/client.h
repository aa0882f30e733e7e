/* SPDX-License-Identifier: BSD-3-Clause */
/* client: what is asked of a service by way of its folder (spool/spool.h): to take tasks, to show
 * results, what there is, to end a submission or itself; a run that is watched (--watch); and what
 * is asked of count files (counts_client.h). One process does it, without MPI. */
#ifndef CLIENT_H
#define CLIENT_H

#include "cli/options.h"

/* Local. Does what the options ask for, where options_client. *status is the exit status, of a
 * submission that was waited for its own. False with fail set. */
bool client_run(const struct options *options, int *status, struct fail *fail);

#endif
