/* SPDX-License-Identifier: BSD-3-Clause */
/* given: a task as it is given to who runs it. */
#ifndef GIVEN_H
#define GIVEN_H

#include <stdint.h>

struct given {
    uint64_t number;  /* among the tasks of all inputs, from 1 */
    uint64_t attempt; /* from 1 */
    uint64_t len;
    const uint8_t *bytes; /* borrowed */
};

/* What goes before the bytes through the socket of a worker's process: the first three of them. */
enum { GIVEN_HEAD_BYTES = 3 * sizeof(uint64_t) };

#endif
