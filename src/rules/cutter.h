/* SPDX-License-Identifier: BSD-3-Clause */
/* cutter: how a text is cut into words. One file per way in src/rules/, which defines NAME_cutter,
 * and one line in the table of cutter.c. */
#ifndef CUTTER_H
#define CUTTER_H

#include "rules/pieces.h"
#include "rules/regex.h"

#include "host/buffer.h"

/* Well-formed UTF-8. */
struct cutter_text {
    const uint8_t *bytes;
    size_t len;
    bool ascii;
};

struct cutter {
    const char *name;
    const char *pattern;             /* of a regular expression that has a name */
    const struct pieces_way *pieces; /* what the pattern matches in ASCII; NULL: it is asked */

    bool takes_blanks;   /* a chunk comes with the blanks before it */
    bool takes_newlines; /* and a word may be marks with the line ends after them */
    bool crosses_blanks; /* rules_cross_blanks */

    /* Local. Takes the argument, what follows `name:`; NULL where there is none. False with fail
     * set to FAIL_USAGE or FAIL_MEMORY. NULL: there is nothing to prepare. */
    bool (*init)(struct cutter *cutter, const char *argument, struct fail *fail);

    /* Local. Calls `each` for each word, in order. False when `each` was, or with fail set. */
    bool (*cut)(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
                regex_each *each, void *context, struct fail *fail);

    bool argument; /* there must be one, and only then there may be */

    /* Private to those who need it. */
    struct regex *regex;
    struct buffer breaks;
    uint8_t marks[128]; /* what an ASCII character does to words */
};

/* Local. Makes *cutter the one that `text` names, with its argument: "unicode", "regex:\w+". False
 * with fail set. cutter_free is due either way. */
bool cutter_choose(const char *text, struct cutter *cutter, struct fail *fail);

/* Local. Idempotent; also of {0}. */
void cutter_free(struct cutter *cutter, struct mem *mem);

#endif
