/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers and sizes as they are written, and what is wrong with one. */
#include "cli/options_row.h"

#include "text/likeness.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_PERCENT = 100 };

/* What a unit stands for; 0: it is none. A number has K, M, G or T of 1024; a size the like of KiB,
 * which is the same, and KB of 1000, too. */
static uint64_t factor_of(const char *unit, bool is_size)
{
    static const char units[] = "KMGT";
    const char *letter = *unit > ' ' ? strchr(units, *unit & ~0x20) : NULL;
    const char *end = unit + 1;
    uint64_t base = 1024, factor = 1;
    if (*unit == '\0')
        return 1;
    if (!letter)
        return 0;
    if (is_size && strcasecmp(end, "B") == 0)
        base = 1000;
    else if (*end != '\0' && !(is_size && strcasecmp(end, "iB") == 0))
        return 0;
    for (const char *c = units; c <= letter; c++)
        factor *= base;
    return factor;
}

enum options_value options_value_read(const char *text, bool is_size, uint64_t *value)
{
    char *end;
    if (*text < '0' || *text > '9')
        return *text == '-' && text[1] >= '0' && text[1] <= '9' ? OPTIONS_VALUE_SMALL
                                                                : OPTIONS_VALUE_WRONG;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    const uint64_t factor = factor_of(end, is_size);
    if (factor == 0)
        return OPTIONS_VALUE_WRONG;
    if (errno || number > UINT64_MAX / factor)
        return OPTIONS_VALUE_LARGE;
    *value = number * factor;
    return OPTIONS_VALUE_GOOD;
}

bool options_value_percent(const char *text, uint64_t *percent)
{
    const size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 3 || strcmp(text + len, "%") != 0)
        return false;
    *percent = strtoull(text, NULL, 10);
    return *percent >= 1 && *percent <= LARGEST_PERCENT;
}

/* A number in the unit that it is a multiple of. */
static const char *shown(uint64_t number, char text[32])
{
    static const char *const units[] = {"", "K", "M", "G", "T"};
    size_t unit = 0;
    for (; unit < 4 && number > 0 && number % 1024 == 0; unit++)
        number /= 1024;
    snprintf(text, 32, "%" PRIu64 "%s", number, units[unit]);
    return text;
}

static void refuse_number(const struct options_row *row, const char *argument, struct fail *fail)
{
    const bool is_size = row->form == SIZE || strcmp(row->argument, "SIZE") == 0;
    const bool takes_share = row->form == SIZE && strcmp(row->name, "memory") == 0;
    char least[32];
    uint64_t value;
    switch (options_value_read(argument, is_size, &value)) {
    case OPTIONS_VALUE_LARGE:
        fail_set(fail, FAIL_USAGE, "--%s: '%s' is too large: at most 2^64 - 1", row->name,
                 argument);
        break;
    case OPTIONS_VALUE_GOOD: /* but for the least */
    case OPTIONS_VALUE_SMALL:
        fail_set(fail, FAIL_USAGE, "--%s: '%s' is too small: at least %s", row->name, argument,
                 shown(row->least, least));
        break;
    case OPTIONS_VALUE_WRONG:
        fail_set(fail, FAIL_USAGE, "--%s: '%s' is not a valid %s: a whole number%s%s", row->name,
                 argument, row->argument,
                 is_size ? ", also with K, M, G, T or KiB (of 1024), KB (of 1000)"
                         : ", also with K, M, G or T",
                 takes_share ? "; or 1% to 100% of the memory of the host" : "");
    }
}

/* The one of a|b|c that may have been meant. */
static const char *typo_of(const char *choices, const char *argument, char text[64])
{
    struct likeness likeness = {.given = argument, .given_len = strlen(argument)};
    snprintf(text, 64, "%s", choices);
    for (char *save = NULL, *name = strtok_r(text, "|", &save); name;
         name = strtok_r(NULL, "|", &save))
        likeness_try(&likeness, name);
    return likeness.best;
}

void options_value_refuse(const struct options_row *row, const char *argument, struct fail *fail)
{
    char text[64];
    const char *meant = NULL;
    switch (row->form) {
    case SIZE:
    case NUMBER:
    case OPTIONAL_NUMBER:
        refuse_number(row, argument, fail);
        return;
    case SECONDS:
        fail_set(fail, FAIL_USAGE,
                 "--%s: '%s' is not a valid number of seconds: more than 0, less than 1000000",
                 row->name, argument);
        return;
    case TIMEOUT:
        fail_set(fail, FAIL_USAGE,
                 "--%s: '%s' is not a valid number of seconds: from 0, less than 1000000",
                 row->name, argument);
        return;
    case CHOICE:
    case OPTIONAL_CHOICE:
        meant = typo_of(row->argument, argument, text);
        break;
    default:
        break;
    }
    fail_set(fail, FAIL_USAGE, "--%s: '%s' is not a valid %s%s%s%s", row->name, argument,
             row->form == PLOT ? "FILE or rank|counts|coverage|growth:FILE" : row->argument,
             meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
}
