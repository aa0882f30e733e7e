/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of mappers. */
#include "mapper.h"

#include <string.h>

static const struct mapper *const mappers[] = {
    &words_mapper,
    &lines_mapper,
    &field_mapper,
};

bool mapper_choose(const char *text, struct mapper *mapper)
{
    size_t len = strcspn(text, ":");
    for (size_t i = 0; i < sizeof mappers / sizeof *mappers; i++) {
        if (strlen(mappers[i]->name) != len || memcmp(mappers[i]->name, text, len) != 0)
            continue;
        *mapper = *mappers[i];
        return mapper->take ? text[len] == ':' && mapper->take(mapper, text + len + 1)
                            : text[len] == '\0';
    }
    return false;
}
