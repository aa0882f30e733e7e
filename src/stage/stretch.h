/* SPDX-License-Identifier: BSD-3-Clause */
/* stretch: a stretch of the sequence of all files, as the list of ranges that is sent to the rank
 * that counts it. */
#ifndef STRETCH_H
#define STRETCH_H

#include "input/input.h"
#include "stage/plan.h"

struct env;

/* Local, on rank 0. Bytes of the list from place `from` to place `to`. */
size_t stretch_bytes(const struct plan *plan, struct plan_place from, struct plan_place to);

/* Local, on rank 0. Writes the list; `bytes` is what stretch_bytes says. */
void stretch_write(const struct plan *plan, struct plan_place from, struct plan_place to,
                   uint8_t *at, size_t bytes);

/* Local. Makes a list that was received, borrowed until the next one, what `input` reads; `ends`:
 * there will be no other. False with FAIL_VERIFY when its checksum is wrong. */
bool stretch_set(struct env *env, uint8_t *at, size_t bytes, struct input *input, bool ends);

#endif
