/* SPDX-License-Identifier: BSD-3-Clause */
/* combining: the combiner of a producer. */
#ifndef COMBINING_H
#define COMBINING_H

#include "data/combiner.h"

struct job;

/* Local. As large as the caches of this machine make it worth; with --combine=off it passes on
 * every key. combiner_free is due. False with fail set. */
bool combining_init(struct job *job, struct combiner *combiner);

#endif
