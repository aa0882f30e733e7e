/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks: the lines of the inputs. What a rank does with one is no mapper's business; rank 0 cuts
 * them, and what they leave behind is combined and written as outcomes: as lines, or as an archive
 * of files. */
#include "lines.h"
#include "outcome_line.h"

const struct mapper tasks_mapper = {
    .name = "tasks",
    .noun = "result",
    .behind_bytes = 1,
    .cut = lines_cut,
    .part = lines_part,
    .combine = outcome_combine,
    .line_bytes = outcome_line_bytes,
    .line_write = outcome_line_write,
};

const struct mapper tasks_archive_mapper = {
    .name = "tasks",
    .noun = "result",
    .behind_bytes = 1,
    .cut = lines_cut,
    .part = lines_part,
    .combine = outcome_combine,
    .line_bytes = outcome_line_entry_bytes,
    .line_write = outcome_line_write_entry,
};
