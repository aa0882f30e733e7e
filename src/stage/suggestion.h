/* SPDX-License-Identifier: BSD-3-Clause */
/* suggestion: the command line of a count, made of that of its plan. */
#ifndef SUGGESTION_H
#define SUGGESTION_H

#include "cli/options.h"
#include "host/buffer.h"

/* What it is to say beside what the user says. */
struct suggestion {
    int ranks;
    uint64_t memory_bytes;
    bool spills; /* there is a folder to name */
};

/* Local. Appends it, as a shell takes it, ended by NUL. False with fail set. */
bool suggestion_make(const struct suggestion *suggestion, const struct options *options,
                     struct buffer *text, struct mem *mem, struct fail *fail);

#endif
