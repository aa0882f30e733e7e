/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_list: what there is in a folder, for people. */
#ifndef SPOOL_LIST_H
#define SPOOL_LIST_H

#include "spool/spool.h"

#include <stdio.h>

/* Local. Writes a line on the service, one of titles, and one for each submission. One that cannot
 * be read has its line, with the reason. False with fail set. */
bool spool_list(const struct spool *spool, FILE *out, struct fail *fail);

#endif
