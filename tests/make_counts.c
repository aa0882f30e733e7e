/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: make_counts [NAME=VALUE]... <TSV >FILE
 * Makes a count file of lines WORD<TAB>COUNT in the order of the words, and of the rules by which
 * they are said to be counted. */
#include "counts/counts_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    return fwrite(bytes, 1, len, context) == len
        || fail_set(fail, FAIL_OUTPUT, "standard output: it takes no more");
}

static bool set_rules(struct counts_meta *meta, struct mem *mem, char **rules, struct fail *fail)
{
    bool ok = true;
    for (; ok && *rules; rules++) {
        char *value = strchr(*rules, '=');
        ok = value != NULL;
        if (ok)
            *value++ = '\0';
        ok = ok && counts_meta_set(meta, mem, *rules, value, fail);
    }
    return ok;
}

static bool add_lines(struct counts_writer *writer, struct fail *fail)
{
    size_t cap = 0;
    char *line = NULL;
    bool ok = true;
    for (ssize_t got; ok && (got = getline(&line, &cap, stdin)) > 0;) {
        const char *tab = memrchr(line, '\t', (size_t)got);
        ok = tab ? counts_writer_add(writer, (const uint8_t *)line, (size_t)(tab - line),
                                     strtoull(tab + 1, NULL, 10), fail)
                 : fail_set(fail, FAIL_INPUT, "a line without a tab");
    }
    free(line);
    return ok;
}

int main(int argc, char **argv)
{
    struct mem mem = {.limit_bytes = SIZE_MAX};
    struct fail fail = {0};
    struct counts_meta meta = {0};
    struct counts_writer writer;
    const struct counts_sink sink = {put, stdout};
    uint64_t bytes;
    (void)argc;
    bool ok = set_rules(&meta, &mem, argv + 1, &fail)
           && counts_writer_init(&writer, &mem, sink, &fail)
           && counts_file_begin(sink, &writer.form, &fail) && add_lines(&writer, &fail)
           && counts_writer_end(&writer, &fail)
           && counts_file_end(sink, &mem, &writer.entries, &writer.totals, &meta, &bytes, &fail)
           && fflush(stdout) == 0;
    if (!ok)
        fprintf(stderr, "make_counts: %s\n", fail.text);
    return !ok;
}
