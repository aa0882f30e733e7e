/* SPDX-License-Identifier: BSD-3-Clause */
/* Words by a regular expression. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/regex.h"

#include "rules/crossing.h"
#include "rules/cutter.h"

#include <pcre2.h>
#include <stdlib.h>

enum {
    STEPS = 10000000, /* that a text may take, and more for each byte */
    STEPS_A_BYTE = 1000,
    FIRST_LIMIT = 64, /* of steps, at each place of the text */
    FIRST_WINDOW = 64,
    MOST_WINDOW = 1 << 20,
    STACK_FIRST_BYTES = 32 << 10,
    STACK_BYTES = 64 << 20,
};

/* pcre2_match; or what that calls where the pattern was compiled for the processor, without checks
 * of arguments first. It keeps the same limits. (140 instructions a match fewer, of 782.) */
typedef int search_once(const pcre2_code *code, PCRE2_SPTR bytes, PCRE2_SIZE len, PCRE2_SIZE start,
                        uint32_t options, pcre2_match_data *match, pcre2_match_context *limits);

struct regex {
    search_once *search;
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

/* Without a compiler for this processor, or where the system forbids to make code, PCRE2 interprets
 * the pattern: slower, and the same. */
static bool prepare(struct regex *regex)
{
    size_t compiled = 0;
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
    pcre2_pattern_info(regex->code, PCRE2_INFO_JITSIZE, &compiled);
    regex->search = compiled > 0 ? pcre2_jit_match : pcre2_match;
    regex->match = pcre2_match_data_create(1, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    regex->stack = pcre2_jit_stack_create(STACK_FIRST_BYTES, STACK_BYTES, NULL);
    if (!regex->match || !regex->limits)
        return false;
    pcre2_set_heap_limit(regex->limits, STACK_BYTES >> 10);
    if (regex->stack)
        pcre2_jit_stack_assign(regex->limits, NULL, regex->stack);
    return true;
}

struct regex *regex_compile(const char *pattern, struct fail *fail)
{
    int error;
    PCRE2_SIZE offset;
    PCRE2_UCHAR text[256];
    struct regex *regex = calloc(1, sizeof *regex);
    if (!regex) {
        fail_set(fail, FAIL_MEMORY, "memory: the system refuses a regular expression");
        return NULL;
    }
    regex->code =
        pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT,
                      &error, &offset, NULL);
    if (regex->code && prepare(regex))
        return regex;
    if (regex->code) {
        fail_set(fail, FAIL_MEMORY, "memory: the system refuses a regular expression");
    } else {
        pcre2_get_error_message(error, text, sizeof text);
        fail_set(fail, FAIL_USAGE, "--words: '%s': %s, at offset %zu", pattern, (char *)text,
                 (size_t)offset);
    }
    regex_free(regex);
    return NULL;
}

static bool gave_up(int error, size_t len, struct fail *fail)
{
    PCRE2_UCHAR text[256];
    pcre2_get_error_message(error, text, sizeof text);
    return fail_set(fail, FAIL_MEMORY, "--words: the pattern gives up in a chunk of %zu bytes: %s",
                    len, (char *)text);
}

/* A search from `at` on, for a match that begins in so many bytes, with so many steps for each of
 * them. */
struct search {
    size_t at, window;
    uint64_t limit;
    uint64_t steps; /* that are left */
};

/* After a failure: next comes what is behind the window, or the same with more steps at fewer
 * places. Only places without a match make the window grow, so that what a failure counts has been
 * gone through. */
static void go_on(struct search *search, int got, const uint8_t *bytes, size_t len)
{
    if (got == PCRE2_ERROR_MATCHLIMIT) {
        search->limit *= 4;
        search->window = FIRST_WINDOW * FIRST_LIMIT / search->limit;
        search->window += search->window == 0;
        return;
    }
    search->at += search->window;
    while (search->at < len && (bytes[search->at] & 0xc0) == 0x80)
        search->at++;
    if (search->limit > FIRST_LIMIT)
        search->window = FIRST_WINDOW;
    else if (search->window < MOST_WINDOW)
        search->window *= 2;
    search->limit = FIRST_LIMIT;
}

/* PCRE2 counts the steps at each place of a text anew, so its limit alone would let a long text
 * take the square of its length. Here a search counts for what it may have taken: the limit, for
 * each place. */
static int next_match(struct regex *regex, struct search *search, const uint8_t *bytes, size_t len)
{
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(regex->match);
    while (search->at < len) {
        pcre2_set_match_limit(regex->limits,
                              search->limit < UINT32_MAX ? (uint32_t)search->limit : UINT32_MAX);
        pcre2_set_offset_limit(regex->limits, search->at + search->window - 1);
        const int got =
            regex->search(regex->code, bytes, len, search->at, PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                          regex->match, regex->limits);
        size_t places = search->window;
        if (got >= 0 && found[0] - search->at < places) /* \K may have moved it on */
            places = found[0] - search->at + 1;
        if (places * search->limit > search->steps)
            return PCRE2_ERROR_MATCHLIMIT;
        search->steps -= places * search->limit;
        if (got >= 0 || (got != PCRE2_ERROR_MATCHLIMIT && got != PCRE2_ERROR_NOMATCH))
            return got;
        go_on(search, got, bytes, len);
    }
    return PCRE2_ERROR_NOMATCH;
}

bool regex_find(struct regex *regex, const uint8_t *bytes, size_t len, regex_each *each,
                void *context, struct fail *fail)
{
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(regex->match);
    struct search search = {0, FIRST_WINDOW, FIRST_LIMIT, STEPS + (uint64_t)len * STEPS_A_BYTE};
    for (;;) {
        const int got = next_match(regex, &search, bytes, len);
        if (got == PCRE2_ERROR_NOMATCH)
            return true;
        if (got < 0)
            return gave_up(got, len, fail);
        if (!each(context, bytes + found[0], found[1] - found[0]))
            return false;
        search.at = found[1];
        if (search.limit > FIRST_LIMIT)
            search.window = FIRST_WINDOW;
        search.limit = FIRST_LIMIT;
    }
}

void regex_versions(char *library, char *unicode)
{
    pcre2_config(PCRE2_CONFIG_VERSION, library);
    pcre2_config(PCRE2_CONFIG_UNICODE_VERSION, unicode);
}

void regex_free(struct regex *regex)
{
    if (!regex)
        return;
    pcre2_jit_stack_free(regex->stack);
    pcre2_match_context_free(regex->limits);
    pcre2_match_data_free(regex->match);
    pcre2_code_free(regex->code);
    free(regex);
}

bool regex_init(struct cutter *cutter, const char *argument, struct fail *fail)
{
    if (argument && !*argument)
        return fail_set(fail, FAIL_USAGE, "--words: regex: needs a pattern, as in regex:\\w+");
    if (argument)
        cutter->crosses_blanks = crossing_possible(argument);
    cutter->regex = regex_compile(argument ? argument : cutter->pattern, fail);
    return cutter->regex != NULL;
}

bool regex_cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
               regex_each *each, void *context, struct fail *fail)
{
    (void)mem;
    return regex_find(cutter->regex, text->bytes, text->len, each, context, fail);
}

const struct cutter regex_cutter = {
    .name = "regex", .argument = true, .init = regex_init, .cut = regex_cut};
