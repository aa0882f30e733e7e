/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of extractors: a line for each. */
#include "extract/extractor.h"

#include "mapper/lines.h"

#include <string.h>

#define EXTRACTORS(EXTRACTOR) EXTRACTOR(json_lines) EXTRACTOR(warc) EXTRACTOR(csv_column)

#define DECLARE(name) extern const struct extractor name##_extractor;
EXTRACTORS(DECLARE)

#define ROW(name) &name##_extractor,
static const struct extractor *const rows[] = {EXTRACTORS(ROW)};

size_t extractor_part_lines(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                            struct parting_state *state)
{
    (void)extractor, (void)state;
    return lines_part(bytes, len);
}

const struct extractor *extractor_find(const char *option)
{
    const size_t len = strcspn(option, "-");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i]->option) == len && memcmp(rows[i]->option, option, len) == 0)
            return rows[i];
    return NULL;
}

const struct extractor *extractor_of(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i]->begins && rows[i]->begins(bytes, len))
            return rows[i];
    return NULL;
}
