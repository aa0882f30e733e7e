/* SPDX-License-Identifier: BSD-3-Clause */
/* expectation_counts: what follows for a count from the count files among its inputs. Pure
 * functions, on rank 0. */
#ifndef EXPECTATION_COUNTS_H
#define EXPECTATION_COUNTS_H

#include "stage/expectation.h"

/* Local. Adds to what text comes to what the count files hold that it does not have. */
void expectation_counts_add(const struct job *job, const struct expectation *seen,
                            const struct estimate *text, struct estimate_range *tokens,
                            struct expectation_sizes *sizes);

/* Local. The bytes of a count file as the result, of these sizes; also without any as inputs. */
struct estimate_range expectation_counts_file(const struct job *job, const struct expectation *seen,
                                              const struct expectation_sizes *sizes);

/* Local. Seconds that a rank has for the rows of the files. */
double expectation_counts_s(const struct expectation *seen, int ranks);

/* Local. Memory of a rank to read them. */
uint64_t expectation_counts_memory(const struct expectation *seen);

/* Local. Bytes of records that they bring, as often as a key is in several of them. */
double expectation_counts_brought(const struct expectation *seen);

/* Local. Whether their records are held with those of the text. */
bool expectation_counts_held(const struct expectation *seen);

#endif
