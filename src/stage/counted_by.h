/* SPDX-License-Identifier: BSD-3-Clause */
/* counted_by: all that says what a key is, as the meta block of a count file has it: what was
 * counted by the same may be added up. What only says which text there is, where it lies and how
 * the work is done, such as names of files, --pre and --skip-header, is no part of it.
 *
 *     count=KIND                                    always
 *     crlf=yes  zero-terminated=yes                 where lines are looked at
 *     extract=OPTION:ARGUMENT  separator=\xNN       of --jsonl, --csv, --warc-type
 *     words=WAY  case=lower|fold  form=nfc|nfkc  strip=yes  min-length=N
 *     stop=WORDS-SUM  vocabulary=WORDS-SUM          of the words of a list, in any order
 *     edition=...                                   of Unicode and libraries, with any of these
 *
 * Counts that are left out cannot be added up, so it is said what of them is there:
 *
 *     min-count=N  top=N                            of --min-count and --top */
#ifndef COUNTED_BY_H
#define COUNTED_BY_H

#include "counts/counts_meta.h"

struct env;

/* Local. Sets the lines that follow from the options, after env_choose and, where the beginning of
 * an input chooses the extractor, after plan_run. False with fail set to FAIL_MEMORY. */
bool counted_by(struct env *env, struct counts_meta *meta);

/* Local. Sets the lines of what is left out. False with fail set to FAIL_MEMORY. */
bool counted_by_part(struct env *env, struct counts_meta *meta);

/* Local. Whether nothing was left out of the file `name`. False with fail set to FAIL_USAGE. */
bool counted_by_all(const struct counts_meta *meta, const char *name, struct fail *fail);

#endif
