/* SPDX-License-Identifier: BSD-3-Clause */
/* kind: what is counted. A kind of key is how bytes become keys (mapper), what is kept for a key
 * and how equal ones are combined (value), and how a record is written (format); and what part of
 * the input is looked at (extractor). */
#ifndef KIND_H
#define KIND_H

#include "data/value.h"
#include "extract/extractor.h"
#include "format/format.h"
#include "mapper/mapper.h"

struct options;

struct kind {
    const char *name;
    const char *noun;           /* for one key, in messages and heads; with an s for several */
    struct extractor extractor; /* whose text the mapper sees; without a name: the input itself */
    struct mapper mapper;
    const struct value *value;
    struct format format;
};

/* Local. What the options say is counted, and written how. False with fail set to FAIL_USAGE. */
bool kind_of_options(const struct options *options, struct kind *kind, struct fail *fail);

/* Local. Whether how the input begins may say what a record is, because no option does, and none
 * needs lines. */
bool kind_recognises(const struct kind *kind, const struct options *options);

/* Local. Then, where it begins like records of a kind, makes it the texts in them that are counted.
 * Whether it did. */
bool kind_recognise(struct kind *kind, const struct options *options, const uint8_t *head,
                    size_t len);

/* Local. Whether not the input itself is counted, but what an extractor makes of it. */
static inline bool kind_extracts(const struct kind *kind)
{
    return kind->extractor.extract != NULL;
}

/* Local. How the input may be parted, by who reads it for all; borrows the kind. */
struct parting kind_parting(const struct kind *kind);

/* Local. Makes *kind the one that `text` names, with its argument: "lines", "field:2:,". False if
 * there is no such kind, or the argument is not valid. */
bool kind_choose(const char *text, struct kind *kind);

#endif
