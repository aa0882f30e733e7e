/* SPDX-License-Identifier: BSD-3-Clause */
/* Words between ASCII blanks. A chunk has none, but what --nfkc makes of it may: it replaces the
 * blanks that are not ASCII. */
#include "rules/cutter.h"

#include "text/scan.h"

static bool cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
                regex_each *each, void *context, struct fail *fail)
{
    (void)cutter, (void)mem, (void)fail;
    for (size_t start = 0, end; start < text->len; start = end + 1) {
        end = scan_gap(text->bytes, start, text->len);
        if (end > start && !each(context, text->bytes + start, end - start))
            return false;
    }
    return true;
}

const struct cutter space_cutter = {.name = "space", .cut = cut};
