/* SPDX-License-Identifier: BSD-3-Clause */
/* page: a run as one page of HTML. While the run lives it is a view that renews itself, at the end
 * the report. It is UTF-8, holds its style sheet and its plots, loads nothing and has no script.
 *
 * Who finds that a run ended without a word may say so in the page of it. Three lines are fixed,
 * each stands alone and once, and no text of others can look like one:
 *
 *   <meta http-equiv="refresh" content="2"/>    only while the run lives
 *   <!-- state -->                              between these two is one line: the state
 *   <!-- end of state -->
 *
 * What is only true of a run that goes on ends a paragraph: `, 12 s left`, `, renewed every 2 s`.
 *
 * So this makes it a last page:
 *
 *   sed -e '/^<meta http-equiv="refresh"/d' \
 *       -e '/^<!-- state -->$/,/^<!-- end of state -->$/c\
 *   <p class="state bad">ended without a word at ...</p>'
 */
#ifndef PAGE_H
#define PAGE_H

#include "status/snapshot.h"

#include <stdio.h>

/* Local. Writes the page. */
void page_write(FILE *file, const struct snapshot *snapshot);

#endif
