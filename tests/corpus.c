/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes synthetic text to stdout, the same bytes for the same arguments:
 *
 *   corpus zipf BYTES VOCABULARY SEED   words as frequent as in a language
 *   corpus uniq BYTES SEED              no word occurs twice; 8 to 16 letters
 *   corpus words BYTES SEED             few letters, all delimiters, NULs, broken UTF-8, long words
 *   corpus one BYTES                    a single word
 *   corpus fixed BYTES LENGTH SEED      20,000 words, each of LENGTH letters
 *   corpus collide BYTES SEED           20,000 words with the same hash under wc --seed SEED
 *
 * The text ends at exactly BYTES, as a rule inside a word. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS_A_LINE = 11, WORD_MAX = 4097, VOCABULARY = 20000 };

static uint64_t state; /* of splitmix64 */
static uint64_t left;  /* bytes still to write */

static uint64_t random64(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)((random64() >> 32) * limit >> 32);
}

static void put(const char *bytes, size_t len)
{
    len = len < left ? len : (size_t)left;
    if (fwrite(bytes, 1, len, stdout) < len) {
        perror("corpus");
        exit(1);
    }
    left -= len;
}

static void put_separated(const char *word, size_t len, uint64_t number)
{
    put(word, len);
    put((number + 1) % WORDS_A_LINE ? " " : "\n", 1);
}

/* The word of a rank: the rank in digits a..m, then letters n..z. No two ranks share the digits, so
 * all words are distinct, and the frequent ones are short. The tail is drawn from the rank alone: a
 * word looks the same wherever it occurs. */
static size_t spell(uint64_t rank, uint64_t seed, char *word)
{
    size_t len = 0;
    uint64_t saved = state;
    for (uint64_t digits = rank; digits > 0; digits = (digits - 1) / 13)
        word[len++] = (char)('a' + (digits - 1) % 13);
    state = seed ^ rank * 0xd1342543de82ef95u;
    for (unsigned tail = below(rank < 100 ? 3 : 9); tail > 0; tail--)
        word[len++] = (char)('n' + below(13));
    state = saved;
    return len;
}

/* The rank is exp of a uniform number, rounded down: P(k) = log(1 + 1/k) / log(vocabulary + 1),
 * Zipf's law but for the first ranks. */
static void zipf(uint64_t vocabulary, uint64_t seed)
{
    char word[32];
    double scale = log((double)vocabulary + 1);
    for (uint64_t i = 0; left > 0; i++) {
        uint64_t rank = (uint64_t)exp(scale * (double)(random64() >> 11) * 0x1p-53);
        put_separated(word, spell(rank, seed, word), i);
    }
}

/* The first eight letters are a number times a constant modulo 26^8, prime to it: each value once
 * in a period of 2e11 words. */
static void uniq(void)
{
    const uint64_t period = 208827064576u, factor = 81818213u;
    uint64_t start = random64() % period;
    for (uint64_t i = 0; left > 0; i++) {
        char word[16];
        size_t len = 8 + below(9);
        uint64_t letters = (start + i) % period * factor % period;
        for (size_t k = 0; k < 8; k++, letters /= 26)
            word[k] = (char)('a' + letters % 26);
        for (size_t k = 8; k < len; k++)
            word[k] = (char)('a' + below(26));
        put_separated(word, len, i);
    }
}

/* Mostly words of one to three bytes out of a dozen values. One in 60 has a length around a power
 * of two, where short keys, buffers and length fields end; it is of one letter but for its last two
 * bytes, so that such words repeat and differ late. */
static void words(void)
{
    static const char bytes[] =
        "\0\0\x01\x1f"
        "aabB!"
        "\x7f\x80\xc3\xa9\xff";
    static const char *const gaps[] = {" ", " ", " ", "\n", "\n", "\t", "\v", "\f", "\r", "\r\n"};
    static const unsigned lens[] = {14, 15, 16, 17, 31, 32, 33, 255, 256, 257, 4095, 4096, 4097};
    char word[WORD_MAX];
    while (left > 0) {
        for (unsigned gap = below(8) ? 1 : 1 + below(4); gap > 0; gap--) {
            const char *chosen = gaps[below(10)];
            put(chosen, strlen(chosen));
        }
        /* The longest would make up most of the text: they are ten times rarer. */
        size_t len = below(60) ? 1 + below(3) : lens[below(below(10) ? 10 : 13)];
        memset(word, 'a', len);
        for (size_t k = len < 3 ? 0 : len - 2; k < len; k++)
            word[k] = bytes[below(sizeof bytes - 1)];
        put(word, len);
    }
}

static void one(void)
{
    while (left > 0)
        put(&"abcdefghijklmnopqrstuvwxyz"[below(26)], 1);
}

/* Words out of VOCABULARY, by their numbers. */
static void fixed(size_t len)
{
    char word[WORD_MAX];
    uint64_t seed = random64();
    for (uint64_t i = 0; left > 0; i++) {
        unsigned chosen = below(VOCABULARY);
        uint64_t saved = state;
        state = seed + chosen;
        for (size_t k = 0; k < len; k++)
            word[k] = (char)('a' + below(26));
        state = saved;
        put_separated(word, len, i);
    }
}

/* The hash multiplies the first eight bytes xor its first seed word with the rest: words that begin
 * with that seed word multiply by zero. See src/text/hash.c. */
static void collide(uint64_t seed)
{
    char word[16];
    state = seed;
    uint64_t zero = random64() | 1;
    memcpy(word, &zero, 8);
    for (int k = 0; k < 8; k++)
        if (strchr(" \t\n\v\f\r", word[k])) {
            fprintf(stderr, "corpus: a separator comes of seed %llu: take another\n",
                    (unsigned long long)seed);
            exit(1);
        }
    for (uint64_t i = 0; left > 0; i++) {
        unsigned chosen = below(VOCABULARY);
        for (int k = 8; k < 15; k++, chosen /= 26)
            word[k] = (char)('a' + chosen % 26);
        put_separated(word, 15, i);
    }
}

static uint64_t number(char **argv, int index)
{
    return argv[index] ? strtoull(argv[index], NULL, 10) : 0;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 2 ? argv[1] : "";
    left = argc > 2 ? number(argv, 2) : 0;
    state = argc > 3 ? number(argv, argc - 1) : 0;
    if (strcmp(kind, "zipf") == 0 && argc == 5 && number(argv, 3) > 0)
        zipf(number(argv, 3), state);
    else if (strcmp(kind, "uniq") == 0 && argc == 4)
        uniq();
    else if (strcmp(kind, "words") == 0 && argc == 4)
        words();
    else if (strcmp(kind, "one") == 0 && argc == 3)
        one();
    else if (strcmp(kind, "fixed") == 0 && argc == 5 && number(argv, 3) - 1 < WORD_MAX)
        fixed(number(argv, 3));
    else if (strcmp(kind, "collide") == 0 && argc == 4)
        collide(state);
    else
        return fprintf(stderr,
                       "usage: corpus zipf BYTES VOCABULARY SEED | uniq BYTES SEED |"
                       " words BYTES SEED | one BYTES |"
                       " fixed BYTES LENGTH SEED | collide BYTES SEED\n"),
               2;
    return fclose(stdout) == 0 ? 0 : 1;
}
