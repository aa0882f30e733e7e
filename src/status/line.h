/* SPDX-License-Identifier: BSD-3-Clause */
/* line: what a run says in lines: how far it is, which tasks failed, and what came of it. */
#ifndef LINE_H
#define LINE_H

#include "status/snapshot.h"

#include <stdio.h>

/* Local. How far the run is: bytes of the input or, while tasks run, how many did. */
void line_progress(FILE *file, const struct snapshot *snapshot);

/* Local. The first of the tasks that failed for good, a line each, and how many more there are. */
void line_failures(FILE *file, const struct snapshot *snapshot);

/* Local. What came of the run. */
void line_closing(FILE *file, const struct snapshot *snapshot);

#endif
