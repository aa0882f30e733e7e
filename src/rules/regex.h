/* SPDX-License-Identifier: BSD-3-Clause */
/* regex: words as all matches of a regular expression (PCRE2), leftmost first, none within another,
 * none empty.
 *
 * Characters and their classes are those of Unicode (UTF, UCP). A search that may take more than
 * ten million steps, and a thousand for each byte of the text, or 64 MB to remember where it may go
 * back to, is an error and does not go on. \G has no use here: a search goes on from anywhere. */
#ifndef REGEX_H
#define REGEX_H

#include "host/fail.h"

#include <stddef.h>
#include <stdint.h>

/* What patterns written for other engines mean by \s: \s of PCRE2 has U+180E as well. */
#define REGEX_BLANK "\\p{White_Space}"

struct cutter;
struct cutter_text;
struct mem;
struct regex;

/* Takes a match; false ends the search. */
typedef bool regex_each(void *context, const uint8_t *match, size_t len);

/* Local. Compiles a pattern; NULL with fail set to FAIL_USAGE, with what PCRE2 says and where, or
 * to FAIL_MEMORY. */
struct regex *regex_compile(const char *pattern, struct fail *fail);

/* Local. Calls `each` for each match in well-formed UTF-8. False when `each` was, or with fail set
 * to FAIL_MEMORY when a limit is reached. */
bool regex_find(struct regex *regex, const uint8_t *bytes, size_t len, regex_each *each,
                void *context, struct fail *fail);

/* Local. The versions of PCRE2 and of its Unicode, "10.42 2022-12-11" and "14.0.0", into texts of
 * 64 bytes. */
void regex_versions(char *library, char *unicode);

/* Local. init and cut of a way to cut (cutter.h) by the argument, or by the pattern it has. */
bool regex_init(struct cutter *cutter, const char *argument, struct fail *fail);
bool regex_cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
               regex_each *each, void *context, struct fail *fail);

/* Local. NULL is fine. */
void regex_free(struct regex *regex);

#endif
