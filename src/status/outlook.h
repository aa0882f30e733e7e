/* SPDX-License-Identifier: BSD-3-Clause */
/* outlook: what a count will take, as a text for people and as an object for programs. */
#ifndef OUTLOOK_H
#define OUTLOOK_H

#include "status/estimate.h"

#include <stdio.h>

enum { OUTLOOK_SCHEMA = 1 };

struct outlook {
    const char *noun;      /* for one of what is counted */
    uint64_t files, bytes; /* of the input, as stored */
    uint64_t sample_bytes; /* of these */
    double sample_s;
    bool exact;      /* all was counted */
    bool beginnings; /* of files that cannot be cut only the beginnings were */
    bool weighs;     /* bytes are what commands weigh: they are not known */
    int ranks, hosts;
    struct estimate_range tokens, keys, result_bytes, seconds;
    uint64_t memory_bytes;       /* of a rank, that will do */
    uint64_t limit_bytes;        /* that a rank has */
    uint64_t ranks_needed;       /* of that much, that would do; as many as there are, or more */
    uint64_t spill_memory_bytes; /* of a rank, with scratch */
    double spill_bytes;          /* then written to scratch, and read again, by all ranks */
    double spill_s;              /* and so long it takes */
    const char *command;         /* that is suggested */
};

/* Local. For people, some lines. */
void outlook_print(FILE *file, const struct outlook *outlook);

/* Local. One JSON object, *len bytes of malloc; the manual describes it. NULL: there is not enough
 * memory. */
char *outlook_json(const struct outlook *outlook, size_t *len);

#endif
