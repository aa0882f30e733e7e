/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_client: what is asked of count files: what they are (--info), whether they are sound
 * (--check), how often words are in one (--lookup), and what several have of each (--join). One
 * process answers, without MPI. */
#ifndef COUNTS_CLIENT_H
#define COUNTS_CLIENT_H

#include "cli/options.h"

/* Local. Answers on standard output, or where --output says, where options_asks_counts. False with
 * fail set. */
bool counts_client_run(const struct options *options, struct fail *fail);

#endif
