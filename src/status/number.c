/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers for people. */
#include "status/number.h"

#include <inttypes.h>
#include <stdio.h>

#define SPACE "\xc2\xa0" /* U+00A0 */

char *number_grouped(char text[NUMBER_BYTES], uint64_t number)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number), at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = '\0';
    return text;
}

char *number_size(char text[NUMBER_BYTES], double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t unit = 0;
    while (bytes >= 1023.5 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1024;
        unit++;
    }
    snprintf(text, NUMBER_BYTES, "%.*f" SPACE "%s", unit > 0 && bytes < 99.95, bytes, units[unit]);
    return text;
}

char *number_time(char text[NUMBER_BYTES], double seconds)
{
    enum { MINUTE = 60, HOUR = 3600 };
    const uint64_t whole = seconds < 1e12 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e12;
    if (seconds < 9.9995)
        snprintf(text, NUMBER_BYTES, "%.3f" SPACE "s", seconds);
    else if (seconds < MINUTE - 0.05)
        snprintf(text, NUMBER_BYTES, "%.1f" SPACE "s", seconds);
    else if (whole < HOUR)
        snprintf(text, NUMBER_BYTES, "%d" SPACE "min %02d" SPACE "s", (int)(whole / MINUTE),
                 (int)(whole % MINUTE));
    else
        snprintf(text, NUMBER_BYTES, "%" PRIu64 SPACE "h %02d" SPACE "min", whole / HOUR,
                 (int)(whole % HOUR / MINUTE));
    return text;
}
