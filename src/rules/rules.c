/* SPDX-License-Identifier: BSD-3-Clause */
/* The steps that make words of a chunk. Nearly all chunks are ASCII: these pass no normal form and
 * no library but that of regular expressions. */
#include "rules/rules.h"

#include "rules/edition.h"
#include "rules/strip.h"

#include <stdio.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>

/* Who takes the words of a chunk. */
struct taker {
    struct rules *rules;
    rules_emit *emit;
    void *context;
};

bool rules_idle(const struct rules_options *options)
{
    return (!options->words || strcmp(options->words, "space") == 0) && !options->fold
        && !options->lower && !options->nfc && !options->nfkc && !options->strip
        && options->min_length <= 1 && !options->stop_file && !options->vocabulary_file;
}

static bool is_ascii(const uint8_t *bytes, size_t len)
{
    uint64_t seen = 0, word;
    size_t at = 0;
    for (; at + sizeof word <= len; at += sizeof word) {
        memcpy(&word, bytes + at, sizeof word);
        seen |= word;
    }
    for (; at < len; at++)
        seen |= bytes[at];
    return !(seen & 0x8080808080808080u);
}

/* Makes *text the result of a step that was written into `work`. */
static void adopt(struct cutter_text *text, const struct buffer *work)
{
    text->bytes = work->bytes;
    text->len = work->len;
}

/* ASCII stays ASCII in each case, and is in every normal form. */
static bool map_ascii(struct rules *rules, struct cutter_text *text, struct fail *fail)
{
    struct buffer *work = &rules->work[0];
    if (rules->lettercase.kind == LETTERCASE_AS_IT_IS)
        return true;
    work->len = 0;
    if (!buffer_append(work, rules->mem, NULL, text->len, fail))
        return false;
    lettercase_map_ascii(work->bytes, text->bytes, text->len);
    adopt(text, work);
    return true;
}

static bool normalise(struct rules *rules, struct cutter_text *text, struct fail *fail)
{
    struct buffer *work = &rules->work[0];
    if (inert_text(&rules->inert, text->bytes, text->len))
        return true;
    if (!normal_map(rules->form, rules->mem, text->bytes, text->len, work, fail))
        return false;
    adopt(text, work);
    return true;
}

static bool change_case(struct rules *rules, struct cutter_text *text, struct fail *fail)
{
    struct buffer *work = &rules->work[1];
    if (inert_text(&rules->inert, text->bytes, text->len))
        return true;
    if (!lettercase_map(&rules->lettercase, rules->mem, text->bytes, text->len, work, fail))
        return false;
    adopt(text, work);
    return true;
}

/* Steps 1 to 3. */
static bool map(struct rules *rules, struct cutter_text *text, struct fail *fail)
{
    const bool cased = rules->lettercase.kind != LETTERCASE_AS_IT_IS;
    const bool first = rules->form == NORMAL_NFKC,
               last = rules->form == NORMAL_NFC || (rules->form == NORMAL_NFKC && cased);
    if ((first && !normalise(rules, text, fail)) || (cased && !change_case(rules, text, fail))
        || (last && !normalise(rules, text, fail)))
        return false;
    text->ascii = is_ascii(text->bytes, text->len);
    return true;
}

static bool is_long_enough(const uint8_t *bytes, size_t len, uint64_t least)
{
    if (len < least)
        return false;
    for (size_t i = 0; i < len && least > 0; i++)
        least -= (bytes[i] & 0xc0) != 0x80;
    return least == 0;
}

/* Steps 6 and 7. */
static bool is_wanted(const struct rules *rules, const uint8_t *bytes, size_t len)
{
    return is_long_enough(bytes, len, rules->options.min_length)
        && !word_list_has(&rules->stop, bytes, len);
}

/* Step 8. */
static bool is_known(struct rules *rules, const uint8_t *bytes, size_t len)
{
    const bool known =
        !rules->options.vocabulary_file || word_list_has(&rules->vocabulary, bytes, len);
    rules->outside += !known;
    return known;
}

/* Steps 5 to 8, of each word. */
static bool take(void *context, const uint8_t *bytes, size_t len)
{
    const struct taker *taker = context;
    struct rules *rules = taker->rules;
    if (rules->options.strip) {
        const struct strip_word left = strip_ends(bytes, len);
        bytes = left.bytes;
        len = left.len;
        if (len == 0)
            return true;
    }
    return !is_wanted(rules, bytes, len) || !is_known(rules, bytes, len)
        || taker->emit(taker->context, bytes, len);
}

bool rules_apply(struct rules *rules, const uint8_t *chunk, size_t len, rules_emit *emit,
                 void *context, struct fail *fail)
{
    struct cutter_text text = {chunk, len, is_ascii(chunk, len)};
    struct taker taker = {rules, emit, context};
    rules->outside = 0;
    rules->invalid = !text.ascii && u8_check(chunk, len);
    if (rules->invalid) {
        rules->invalid = is_known(rules, chunk, len);
        return !rules->invalid || emit(context, chunk, len);
    }
    return (text.ascii ? map_ascii(rules, &text, fail) : map(rules, &text, fail))
        && rules->cutter.cut(&rules->cutter, rules->mem, &text, take, &taker, fail);
}

/* A line of a list, in the form of words. What is not UTF-8 stays as it is. */
static bool map_line(void *context, const uint8_t **bytes, size_t *len, struct fail *fail)
{
    struct rules *rules = context;
    struct cutter_text text = {*bytes, *len, is_ascii(*bytes, *len)};
    if (!text.ascii && u8_check(text.bytes, text.len))
        return true;
    if (!(text.ascii ? map_ascii(rules, &text, fail) : map(rules, &text, fail)))
        return false;
    const struct strip_word left = rules->options.strip ? strip_ends(text.bytes, text.len)
                                                        : (struct strip_word){text.bytes, text.len};
    *bytes = left.bytes;
    *len = left.len;
    return true;
}

bool rules_init(struct rules *rules, const struct rules_options *options, struct mem *mem,
                struct fail *fail)
{
    *rules = (struct rules){.options = *options, .mem = mem};
    if (options->fold && options->lower)
        return fail_set(fail, FAIL_USAGE, "--fold, --lower: only one of them");
    if (options->nfc && options->nfkc)
        return fail_set(fail, FAIL_USAGE, "--nfc, --nfkc: only one of them");
    rules->lettercase.kind = options->fold  ? LETTERCASE_FOLD
                           : options->lower ? LETTERCASE_LOWER
                                            : LETTERCASE_AS_IT_IS;
    rules->form = options->nfkc ? NORMAL_NFKC : options->nfc ? NORMAL_NFC : NORMAL_NONE;
    rules->inert =
        (struct inert){.form = rules->form, .lettercase.kind = rules->lettercase.kind, .mem = mem};
    if (!cutter_choose(options->words ? options->words : "space", &rules->cutter, fail))
        return false;
    if (options->strip && rules->cutter.takes_blanks)
        return fail_set(fail, FAIL_USAGE, "--strip: words of --words=%s begin with their blank",
                        rules->cutter.name);
    return (!options->stop_file
            || word_list_read(&rules->stop, options->stop_file, mem, map_line, rules, fail))
        && (!options->vocabulary_file
            || word_list_read(&rules->vocabulary, options->vocabulary_file, mem, map_line, rules,
                              fail));
}

bool rules_vocabulary(const struct rules *rules, size_t *at, const uint8_t **word, size_t *len)
{
    while (word_list_next(&rules->vocabulary, at, word, len))
        if (u8_check(*word, *len) || is_wanted(rules, *word, *len))
            return true;
    return false;
}

bool rules_take_blanks(const struct rules *rules)
{
    return rules->cutter.takes_blanks;
}

/* In the patterns that take blanks, no match has a blank after something else, but for \r and \n
 * after marks that are neither letters nor digits, and blanks after blanks that are not ASCII. */
bool rules_part(const struct rules *rules, const uint8_t *bytes, size_t len, uint8_t blank)
{
    const bool newline = rules->cutter.takes_newlines && (blank == '\n' || blank == '\r');
    ucs4_t last = bytes[len - 1];
    if (!rules->cutter.takes_blanks)
        return true;
    if (last >= 0x80 && !u8_prev(&last, bytes + len, bytes))
        return true; /* no UTF-8: a word that is left as it is */
    if (last >= 0x80 && uc_is_property_white_space(last))
        return false;
    const bool kept = rules->lettercase.kind == LETTERCASE_AS_IT_IS && !rules->options.nfc
                   && !rules->options.nfkc;
    if (last >= 0x80 && !kept && (newline || rules->options.nfkc))
        return false; /* it may become a blank, or end in another character */
    return !newline
        || uc_is_general_category_withtable(last, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

bool rules_cross_blanks(const struct rules *rules)
{
    return rules->cutter.crosses_blanks;
}

void rules_describe(const struct rules *rules, char *text, size_t size)
{
    const struct rules_options *options = &rules->options;
    char length[48] = "", stop[48] = "", vocabulary[48] = "", editions[256];
    if (options->min_length > 1)
        snprintf(length, sizeof length, ", at least %llu characters",
                 (unsigned long long)options->min_length);
    if (options->stop_file)
        snprintf(stop, sizeof stop, ", %zu stop words", rules->stop.words);
    if (options->vocabulary_file)
        snprintf(vocabulary, sizeof vocabulary, ", vocabulary of %zu words",
                 rules->vocabulary.words);
    edition_describe(editions, sizeof editions);
    snprintf(text, size, "%s%s%s%s%s%s%s%s%s%s; %s", options->words ? options->words : "space",
             rules->cutter.crosses_blanks ? ", within lines" : "", options->fold ? ", fold" : "",
             options->lower ? ", lower" : "", options->nfc ? ", nfc" : "",
             options->nfkc ? ", nfkc" : "", options->strip ? ", strip" : "", length, stop,
             vocabulary, editions);
}

void rules_free(struct rules *rules)
{
    cutter_free(&rules->cutter, rules->mem);
    lettercase_free(&rules->lettercase, rules->mem);
    inert_free(&rules->inert);
    word_list_free(&rules->stop, rules->mem);
    word_list_free(&rules->vocabulary, rules->mem);
    for (size_t i = 0; i < 2; i++)
        buffer_free(&rules->work[i], rules->mem);
    *rules = (struct rules){0};
}
