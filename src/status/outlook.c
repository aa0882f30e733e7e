/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers that are not known exactly are rounded to what can be known. */
#include "status/outlook.h"

#include "status/number.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Lines that people copy, and scripts look into, have plain blanks. */
static const char *plain(char *text)
{
    for (char *at = text; (at = strstr(at, "\xc2\xa0"));) {
        *at++ = ' ';
        memmove(at, at + 1, strlen(at));
    }
    return text;
}

static const char *size_of(char text[NUMBER_BYTES], double bytes)
{
    return plain(number_size(text, bytes));
}

static const char *time_of(char text[NUMBER_BYTES], double seconds)
{
    return plain(number_time(text, seconds));
}

/* To two digits: floor, round or ceil. */
static uint64_t rounded(double number, double (*to)(double number))
{
    double unit = 1;
    while (number / unit >= 100)
        unit *= 10;
    return (uint64_t)(to(number / unit) * unit);
}

static bool is_known(const struct estimate_range *range)
{
    return range->low >= range->high;
}

static void print_numbers(FILE *file, const char *name, const struct estimate_range *range)
{
    char likely[NUMBER_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];
    if (is_known(range))
        fprintf(file, "%s %s", number_grouped(likely, (uint64_t)range->likely), name);
    else
        fprintf(file, "about %s %s (%s to %s)",
                number_grouped(likely, rounded(range->likely, round)), name,
                number_grouped(low, rounded(range->low, floor)),
                number_grouped(high, rounded(range->high, ceil)));
}

static void print_input(FILE *file, const struct outlook *outlook)
{
    char bytes[NUMBER_BYTES], files[NUMBER_BYTES], sample[NUMBER_BYTES], took[NUMBER_BYTES],
        nouns[64];
    snprintf(nouns, sizeof nouns, "%ss", outlook->noun);
    fprintf(file, "input:       %s in %s file%s, ",
            outlook->weighs ? "text of commands" : size_of(bytes, (double)outlook->bytes),
            number_grouped(files, outlook->files), number_plural(outlook->files));
    print_numbers(file, nouns, &outlook->tokens);
    if (outlook->exact || (outlook->sample_bytes >= outlook->bytes && !outlook->weighs))
        fprintf(file, "\nsample:      all of it, in %s\n", time_of(took, outlook->sample_s));
    else
        fprintf(file, "\nsample:      %s, 1 in %.*f, in %s\n",
                outlook->weighs ? "some" : size_of(sample, (double)outlook->sample_bytes),
                outlook->bytes < 10 * outlook->sample_bytes,
                (double)outlook->bytes / (double)outlook->sample_bytes,
                time_of(took, outlook->sample_s));
    if (outlook->beginnings)
        fprintf(file,
                "             of files that cannot be cut only the beginnings: what comes behind "
                "may differ\n");
}

static void print_size(FILE *file, const struct outlook *outlook)
{
    char likely[NUMBER_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];
    const struct estimate_range *bytes = &outlook->result_bytes;
    fprintf(file, "result:      %s", size_of(likely, bytes->likely));
    if (!is_known(bytes))
        fprintf(file, " (%s to %s)", size_of(low, bytes->low), size_of(high, bytes->high));
    fprintf(file, "\n");
}

static void print_means(FILE *file, const struct outlook *outlook)
{
    char memory[NUMBER_BYTES], likely[NUMBER_BYTES], high[NUMBER_BYTES], written[NUMBER_BYTES];
    const char *plural = outlook->ranks == 1 ? "" : "s";
    fprintf(file, "in memory:   %d rank%s x %s, about %s (up to %s)\n", outlook->ranks, plural,
            size_of(memory, (double)outlook->memory_bytes),
            time_of(likely, outlook->seconds.likely), time_of(high, outlook->seconds.high));
    if (outlook->memory_bytes > outlook->limit_bytes)
        fprintf(file, "             there is less, %s a rank: %" PRIu64 " ranks would do with it\n",
                size_of(memory, (double)outlook->limit_bytes), outlook->ranks_needed);
    if (outlook->spill_bytes > 0)
        fprintf(file, "on scratch:  %d rank%s x %s, %s written and read again, about %s\n",
                outlook->ranks, plural, size_of(memory, (double)outlook->spill_memory_bytes),
                size_of(written, outlook->spill_bytes), time_of(likely, outlook->spill_s));
}

void outlook_print(FILE *file, const struct outlook *outlook)
{
    char distinct[64];
    snprintf(distinct, sizeof distinct, "distinct %ss", outlook->noun);
    print_input(file, outlook);
    fprintf(file, "vocabulary:  ");
    print_numbers(file, distinct, &outlook->keys);
    fprintf(file, "\n");
    print_size(file, outlook);
    print_means(file, outlook);
    fprintf(file, "suggestion:  %s\n", outlook->command);
}
