/* SPDX-License-Identifier: BSD-3-Clause */
/* screen: how a run stands, on a screen of a terminal. */
#ifndef SCREEN_H
#define SCREEN_H

#include "status/snapshot.h"

#include <stdio.h>

enum { SCREEN_COLUMNS = 80, SCREEN_LINES = 24, SCREEN_COLUMNS_MAX = 250 };

/* The beginning of the second line says how the run stands: `running ...`. Whoever finds the run
 * dead makes `lost: ...` of it. */

/* What a screen says of the state of its run. */
struct screen_seen {
    enum snapshot_state state;
    bool lost;         /* nobody knows how it ended */
    bool tasks_failed; /* it is done but for some tasks */
};

/* Local. Less than SCREEN_LINES lines of at most so many columns, SCREEN_COLUMNS_MAX at most; no
 * byte of a name, a task or a reason does anything to a terminal. */
void screen_write(FILE *file, const struct snapshot *snapshot, int columns);

/* Local. Reads what screen_write wrote. False where it is no screen. */
bool screen_read(const char *text, size_t len, struct screen_seen *seen);

#endif
