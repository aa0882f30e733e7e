/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of the ways to cut. */
#include "rules/cutter.h"

#include <string.h>

/* name, and how the argument is shown */
#define CUTTERS(CUTTER)                                                                            \
    CUTTER(space, "")                                                                              \
    CUTTER(unicode, "")                                                                            \
    CUTTER(regex, ":PATTERN")                                                                      \
    CUTTER(gpt2, "")                                                                               \
    CUTTER(cl100k, "")                                                                             \
    CUTTER(o200k, "")

#define DECLARE(name, argument) extern const struct cutter name##_cutter;
#define LIST(name, argument) &name##_cutter,
#define SHOW(name, argument) ", " #name argument
CUTTERS(DECLARE)
static const struct cutter *const cutters[] = {CUTTERS(LIST)};
static const char shown[] = CUTTERS(SHOW);

bool cutter_choose(const char *text, struct cutter *cutter, struct fail *fail)
{
    *cutter = (struct cutter){0};
    const size_t len = strcspn(text, ":");
    const char *argument = text[len] == ':' ? text + len + 1 : NULL;
    for (size_t i = 0; i < sizeof cutters / sizeof *cutters; i++) {
        const struct cutter *row = cutters[i];
        if (strlen(row->name) != len || memcmp(row->name, text, len) != 0
            || row->argument != (argument != NULL))
            continue;
        *cutter = *row;
        return !row->init || row->init(cutter, argument, fail);
    }
    return fail_set(fail, FAIL_USAGE, "--words: '%s' is none of %s", text, shown + 2);
}

void cutter_free(struct cutter *cutter, struct mem *mem)
{
    regex_free(cutter->regex);
    buffer_free(&cutter->breaks, mem);
    *cutter = (struct cutter){0};
}
