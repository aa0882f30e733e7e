/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_check: whether a count file is what it should be, to the last byte. */
#ifndef COUNTS_CHECK_H
#define COUNTS_CHECK_H

#include "counts/counts_reader.h"

/* Local. Reads all records of an open file that is at its beginning, makes of them the count file
 * that they should be in, and compares the bytes: so rows, blocks, index and totals are all of them
 * looked at. False with fail set: FAIL_INPUT or FAIL_VERIFY, with the place. */
bool counts_check(struct counts_reader *reader, struct fail *fail);

#endif
