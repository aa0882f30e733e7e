/* The table of mappers. */
#include "mapper.h"

#include <string.h>

static const struct mapper *const mappers[] = {
    &words_mapper,
};

const struct mapper *mapper_find(const char *name)
{
    for (size_t i = 0; i < sizeof mappers / sizeof *mappers; i++)
        if (strcmp(mappers[i]->name, name) == 0)
            return mappers[i];
    return NULL;
}
