/* SPDX-License-Identifier: BSD-3-Clause */
/* csv_read: a text as the extractor of CSV sees it, as two ranges. */
#ifndef CSV_READ_H
#define CSV_READ_H

#include "csv_naive.h"
#include "extracting.h"

_Static_assert((int)CSV_NAIVE_BYTES <= (int)EXTRACTING_MAX, "all of a text may be found");

static inline uint64_t csv_environment(const char *name, uint64_t value)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : value;
}

static inline struct extractor csv_extractor(const char *argument, uint8_t separator, bool skip_bad)
{
    struct extractor extractor = extracting_by("csv", argument, skip_bad);
    extractor.separator = separator;
    return extractor;
}

/* Reads a text as two ranges, of which the second begins with a record, in blocks that are a copy,
 * with nothing but newlines or quotes behind it. */
static inline void csv_read(const struct extractor *extractor, const char *text, size_t len,
                            size_t cut, struct way way, struct found *found)
{
    static uint8_t bytes[1 + CSV_NAIVE_BYTES + EXTRACTOR_SLACK_BYTES];
    assert_true(len <= CSV_NAIVE_BYTES);
    *found = (struct found){0};
    memset(bytes, way.block % 2 ? '\n' : '"', sizeof bytes);
    memcpy(bytes + 1, text, len);
    extracting_range(extractor, bytes, len, 0, cut, way, found);
    if (!found->cause && !found->lacks)
        extracting_range(extractor, bytes, len, cut, len, way, found);
}

#endif
