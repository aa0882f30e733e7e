/* SPDX-License-Identifier: BSD-3-Clause */
/* rules: how a chunk becomes words. A chunk is a longest run of bytes without ASCII blanks (space,
 * \t, \n, \v, \f, \r); it is counted as it stands, and the rules are applied once to each distinct
 * chunk: words of it have its count.
 *
 * In this order, each step only where it is asked for:
 *
 *  1. compatibility normal form (--nfkc), because capitals and blanks hide in what it replaces;
 *  2. case: --lower as Python's str.lower(), with its final sigma, --fold as str.casefold();
 *  3. normal form again (--nfc, --nfkc), because the case of a character may be several, so that
 *     words leave in that form;
 *  4. cutting (--words), one file for each way (cutter.h);
 *  5. --strip: characters of the general categories P* and S* leave both ends; what is empty then
 *     is no word;
 *  6. --min-length: words of fewer code points are dropped;
 *  7. --stop: words that are a line of a file are dropped. Its lines go through 1, 2, 3 and 5
 *     themselves, so `The` stops `the` with --lower;
 *  8. --vocabulary: words that are no line of a file are dropped. Its lines are taken likewise;
 *     those that 6 and 7 leave are the vocabulary.
 *
 * So --nfc with --fold is normalize("NFC", text.casefold()) of Python's unicodedata, and --nfkc
 * with --fold is normalize("NFKC", normalize("NFKC", text).casefold()). Text is normalised before
 * it is cut, as `re.findall(pattern, text.lower())` does. Steps 1 to 3 of a text are those of its
 * chunks: a blank starts no composition, hides no capital, and ends the context of a final sigma.
 *
 * A chunk that is not well-formed UTF-8 is one word, byte for byte: no step but the vocabulary is
 * applied to it or drops it, and `invalid` says so. No other bytes are lost but those between
 * words. */
#ifndef RULES_H
#define RULES_H

#include "rules/cutter.h"
#include "rules/inert.h"
#include "rules/word_list.h"

struct rules_options {
    const char *words; /* how to cut, as --words says it; NULL: space */
    bool fold, lower, nfc, nfkc, strip;
    uint64_t min_length;         /* 0 and 1: no word is too short */
    const char *stop_file;       /* NULL: none */
    const char *vocabulary_file; /* NULL: none */
};

struct rules {
    bool invalid;     /* the last chunk was a word that is not UTF-8 */
    uint64_t outside; /* words of the last chunk that are not in the vocabulary */

    /* Private. */
    struct rules_options options;
    struct mem *mem;
    struct cutter cutter;
    struct lettercase lettercase;
    enum normal_form form;
    struct inert inert;
    struct word_list stop, vocabulary;
    struct buffer work[2]; /* one step reads the one and writes the other */
};

/* Takes a word, which is the callee's until it returns. False ends the chunk: what went wrong is
 * the callee's to record. */
typedef bool rules_emit(void *context, const uint8_t *word, size_t len);

/* Local. Whether these options leave every chunk as it is, so that no rules are needed. */
bool rules_idle(const struct rules_options *options);

/* Local. Prepares what is asked for; the strings are borrowed until rules_free. False with fail set
 * to FAIL_USAGE (options that contradict each other, a way of cutting that there is not, a pattern
 * that is none), FAIL_INPUT (a list of words cannot be read) or FAIL_MEMORY. rules_free is due
 * either way. */
bool rules_init(struct rules *rules, const struct rules_options *options, struct mem *mem,
                struct fail *fail);

/* Local. Calls emit for each word of a chunk, in the order of the text. Reads no byte beyond len.
 * False when emit was, or with fail set to FAIL_MEMORY: no memory, or a pattern that went beyond
 * the limits of regex.h. */
bool rules_apply(struct rules *rules, const uint8_t *chunk, size_t len, rules_emit *emit,
                 void *context, struct fail *fail);

/* Local. The next word of the vocabulary from *at on, which is 0 for the first; it is that of the
 * rules. False after the last. */
bool rules_vocabulary(const struct rules *rules, size_t *at, const uint8_t **word, size_t *len);

/* Local. Whether a chunk is to come with the blanks before it; those at the end of a text are a
 * chunk then, and where a chunk may end rules_part says. */
bool rules_take_blanks(const struct rules *rules);

/* Local. Whether a text may be parted after bytes[0, len), len > 0, before the blank that follows:
 * if so, the words of the text are those of both parts, in UTF-8. `bytes` may begin anywhere in the
 * part, at a character; the last byte is no blank. False now and then where a text could be parted.
 * With rules that take no blanks it is always true. */
bool rules_part(const struct rules *rules, const uint8_t *bytes, size_t len, uint8_t blank);

/* Local. Whether words of a whole text could be others than those of its chunks, because the
 * pattern may match a blank, or asks where a text begins and ends. Never false where they could,
 * now and then true where they could not. False for rules that take blanks. */
bool rules_cross_blanks(const struct rules *rules);

/* Local. Writes what is applied, and by which version of Unicode, into text of `size` bytes. */
void rules_describe(const struct rules *rules, char *text, size_t size);

/* Local. Idempotent; also of {0}. */
void rules_free(struct rules *rules);

#endif
