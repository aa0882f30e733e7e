/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: tokens FILE
 * What tests/bench/rules compares with: the words of libunistring, cut a line at a time and counted
 * a word at a time. Prints those that hold a letter or a number, as ./wc --words=unicode does, in
 * no order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>
#include <unistr.h>
#include <uniwbrk.h>

enum { BUCKETS = 1 << 20 };

struct word {
    struct word *next;
    size_t len, count;
    uint8_t bytes[];
};
static struct word *table[BUCKETS];

static void *checked(void *memory)
{
    return memory ? memory : (perror("tokens"), exit(1), NULL);
}

static void count(const uint8_t *bytes, size_t len)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    struct word **bucket = &table[hash % BUCKETS], *word = *bucket;
    while (word && (word->len != len || memcmp(word->bytes, bytes, len) != 0))
        word = word->next;
    if (!word) {
        word = checked(malloc(sizeof *word + len));
        *word = (struct word){.next = *bucket, .len = len};
        memcpy(word->bytes, bytes, len);
        *bucket = word;
    }
    word->count++;
}

static int is_word(const struct word *word)
{
    ucs4_t c;
    for (size_t at = 0; at < word->len;) {
        at += (size_t)u8_mbtouc(&c, word->bytes + at, word->len - at);
        if (uc_is_general_category(c, UC_CATEGORY_L) || uc_is_general_category(c, UC_CATEGORY_N))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    FILE *file = checked(argc == 2 ? fopen(argv[1], "r") : NULL);
    char *line = NULL, *breaks = NULL;
    size_t room = 0;
    for (ssize_t len; (len = getline(&line, &room, file)) > 0;) {
        breaks = checked(realloc(breaks, room));
        u8_wordbreaks((uint8_t *)line, (size_t)len, breaks);
        for (ssize_t start = 0, end = 1; start < len; start = end++) {
            while (end < len && !breaks[end])
                end++;
            count((uint8_t *)line + start, (size_t)(end - start));
        }
    }
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct word *word = table[i]; word; word = word->next)
            if (is_word(word)) {
                fwrite(word->bytes, 1, word->len, stdout);
                printf("\t%zu\n", word->count);
            }
    return ferror(file) || fflush(stdout) != 0;
}
