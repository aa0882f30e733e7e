/* SPDX-License-Identifier: BSD-3-Clause */
/* Words by a regular expression. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "rules/regex.h"

#include "rules/crossing.h"
#include "rules/cutter.h"

#include <pcre2.h>
#include <stdlib.h>

enum {
    STEPS = 10000000,
    STACK_FIRST_BYTES = 32 << 10,
    STACK_BYTES = 64 << 20,
};

struct regex {
    pcre2_code *code;
    pcre2_match_data *match;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

/* Without a compiler for this processor, or where the system forbids to make code, PCRE2 interprets
 * the pattern: slower, and the same. */
static bool prepare(struct regex *regex)
{
    pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
    regex->match = pcre2_match_data_create(1, NULL);
    regex->limits = pcre2_match_context_create(NULL);
    regex->stack = pcre2_jit_stack_create(STACK_FIRST_BYTES, STACK_BYTES, NULL);
    if (!regex->match || !regex->limits)
        return false;
    pcre2_set_match_limit(regex->limits, STEPS);
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
                      PCRE2_UTF | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C, &error, &offset, NULL);
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

bool regex_find(struct regex *regex, const uint8_t *bytes, size_t len, regex_each *each,
                void *context, struct fail *fail)
{
    const PCRE2_SIZE *found = pcre2_get_ovector_pointer(regex->match);
    for (size_t at = 0; at < len;) {
        const int got =
            pcre2_match(regex->code, bytes, len, at, PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                        regex->match, regex->limits);
        if (got == PCRE2_ERROR_NOMATCH)
            return true;
        if (got < 0)
            return gave_up(got, len, fail);
        if (!each(context, bytes + found[0], found[1] - found[0]))
            return false;
        at = found[1];
    }
    return true;
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
