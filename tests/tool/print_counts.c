/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: print_counts FILE PREFIX
 * Prints the keys of a count file that begin with PREFIX, and their counts. */
#include <inttypes.h>
#include <mpiwc/counts.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct mpiwc_counts *counts;
    struct mpiwc_counts_totals totals;
    const char *prefix = argc == 3 ? argv[2] : "";
    const size_t prefix_len = strlen(prefix);
    const uint8_t *key;
    size_t len;
    uint64_t count;
    int more = argc < 2 || mpiwc_counts_open(&counts, argv[1]) != 0
                    || mpiwc_counts_seek(counts, prefix, prefix_len) != 0
                 ? -1
                 : 1;
    while (more == 1 && (more = mpiwc_counts_next(counts, &key, &len, &count)) == 1) {
        if (len < prefix_len || memcmp(key, prefix, prefix_len) != 0)
            break;
        fwrite(key, 1, len, stdout);
        printf("\t%" PRIu64 "\n", count);
    }
    if (more == -1) {
        fprintf(stderr, "print_counts: %s\n",
                argc < 2 ? "which FILE?" : mpiwc_counts_error(counts));
        return 1;
    }
    mpiwc_counts_totals(counts, &totals);
    printf("of %" PRIu64 " keys, counted %" PRIu64 " times\n", totals.keys, totals.sum);
    mpiwc_counts_close(counts);
    return 0;
}
