/* SPDX-License-Identifier: BSD-3-Clause */
/* viewer: shows the screen that a run keeps in a file (screen.h), until the run has ended. It only
 * reads, and asks nobody. */
#ifndef VIEWER_H
#define VIEWER_H

#include "host/fail.h"

#include <stdint.h>
#include <stdio.h>

enum { VIEWER_TEXT_BYTES = 128, VIEWER_PATIENCE_S = 10 };

/* Local. What there is to say of a screen that is so old, where `between_s` were between the two
 * before: where writing takes long it is done less often. Returns text. */
char *viewer_age(char text[VIEWER_TEXT_BYTES], uint64_t age_s, uint64_t between_s);

/* Local. Writes the screen as it is shown to a terminal of that size: cut to it, with what is said
 * below; no byte does anything but draw. */
void viewer_draw(FILE *out, const char *screen, size_t len, const char *said, int rows,
                 int columns);

/* Local. Shows the file at `path` on `out`, which is drawn anew each second where it is a terminal;
 * elsewhere each new screen follows the one before it and an empty line. *status is 0 when the run
 * is done, 9 when it is done but for tasks that failed, 10 when it was wound down, 1 when it has
 * failed or was lost, 128 and the
 * number of a signal that ended us. False with fail set to FAIL_INPUT where there is no screen,
 * or to FAIL_OUTPUT. */
bool viewer_run(const char *path, FILE *out, int *status, struct fail *fail);

#endif
