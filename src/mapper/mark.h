/* SPDX-License-Identifier: BSD-3-Clause */
/* mark: the byte order mark before the first record of a file. Who owns what is decided with it, as
 * if it were part of that record, because not all who come to the bytes behind it can see that it
 * is there; and then it is taken off. */
#ifndef MARK_H
#define MARK_H

#include "mapper/mapper.h"

/* Local. Of a block that begins with a mark: takes it off the first record, which begins with it,
 * if there is one yet. What is left empty is no record, unless it `stays`. `edges` are those of the
 * cut. */
void mark_take_off(const struct block *block, uint32_t *edges, bool stays, struct cut *cut);

#endif
