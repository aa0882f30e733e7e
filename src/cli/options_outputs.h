/* SPDX-License-Identifier: BSD-3-Clause */
/* options_outputs: all that a run writes to a place that the user names. */
#ifndef OPTIONS_OUTPUTS_H
#define OPTIONS_OUTPUTS_H

#include "cli/options.h"

struct options_output {
    const char *path; /* NULL: it is not wanted */
    const char *role; /* in a message */
    bool folder;
};

enum { OPTIONS_OUTPUTS = 9 };

/* Local. Which they are. */
void options_outputs(const struct options *options, struct options_output outputs[OPTIONS_OUTPUTS]);

/* Local. No place is written twice, by whatever names: neither a file, nor what a folder of another
 * output holds; and standard input is read for one purpose. False with fail set to FAIL_USAGE. */
bool options_outputs_check(const struct options *options, struct fail *fail);

#endif
