/* SPDX-License-Identifier: BSD-3-Clause */
/* task_how: those of the options that say how tasks are run and a submission may say for itself, as
 * they travel with the tasks. */
#ifndef TASK_HOW_H
#define TASK_HOW_H

#include "cli/options.h"
#include "host/buffer.h"

/* Local. Appends them. False with fail set. */
bool task_how_put(const struct options *options, struct buffer *to, struct mem *mem,
                  struct fail *fail);

/* Local. Whether there are some at the beginning of `len` bytes; *end is where they end. */
bool task_how_find(const uint8_t *bytes, size_t len, size_t *end);

/* Local. Sets the options to them; texts are borrowed from the bytes, which have them. */
void task_how_take(const uint8_t *bytes, struct options *options);

#endif
