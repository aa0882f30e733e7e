/* SPDX-License-Identifier: BSD-3-Clause */
/* The values there are. */
#include "data/value.h"

#include "data/outcome.h"

const struct value value_count = {"count", table_count};
const struct value value_outcome = {"outcome", outcome_combine};
