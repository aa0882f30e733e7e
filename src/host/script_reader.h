/* SPDX-License-Identifier: BSD-3-Clause */
/* script_reader: reads a shell command and puts variables in the places of its words (script.h),
 * quoted as each place needs it. */
#ifndef SCRIPT_READER_H
#define SCRIPT_READER_H

#include "host/script_word.h"

struct script_reading {
    char *text;                    /* of the command; to be freed */
    bool used[SCRIPT_WORDS];       /* the command has it */
    bool arithmetic[SCRIPT_WORDS]; /* where it must be a number */
    const char *refused;           /* where a word cannot stand, and one does; NULL: nowhere */
    int refused_word;
};

/* Local. False: there is no memory. */
bool script_reader_read(struct script_reading *found, const char *command, unsigned places);

#endif
