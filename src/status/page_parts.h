/* SPDX-License-Identifier: BSD-3-Clause */
/* page_parts: the sections of a page. Each writes nothing where there is nothing to show. */
#ifndef PAGE_PARTS_H
#define PAGE_PARTS_H

#include "status/snapshot.h"

#include <stdio.h>

/* Local. How the rate of the run was. */
void page_rate_write(FILE *file, const struct snapshot *snapshot);

/* Local. Ranks or hosts, and what they have done. */
void page_load_write(FILE *file, const struct snapshot *snapshot);

/* Local. Tasks by their state, those that have run longest, and those that failed. */
void page_tasks_write(FILE *file, const struct snapshot *snapshot);

/* Local. At the end: how long the phases took, and on which ranks. */
void page_phases_write(FILE *file, const struct snapshot *snapshot);

#endif
