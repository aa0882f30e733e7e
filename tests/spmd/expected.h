/* SPDX-License-Identifier: BSD-3-Clause */
/* expected: what a case of the pipeline test must have for a result, by an oracle that shares no
 * code with the program: words are counted by sorting. */
#ifndef EXPECTED_H
#define EXPECTED_H

#include "spelling.h"

#include "job.h"

#include <unistr.h>
#include <xxhash.h>

/* What the result must hold, and what the totals must say. */
struct expected {
    uint8_t *bytes;
    size_t len;
    uint64_t input_bytes, words, distinct, written;
};

static inline void find_records(struct naive *naive, const struct setup *setup,
                                const struct texts_file *file)
{
    int separator = setup->records == RECORDS_SEPARATED ? setup->separator : -1;
    const uint8_t *bytes = file->bytes,
                  *newline = file->len > 0 ? memchr(bytes, '\n', file->len) : NULL;
    size_t len = file->len;
    if (setup->options.skip_header) {
        len = newline ? len - (size_t)(newline + 1 - bytes) : 0;
        bytes = newline ? newline + 1 : bytes;
    }
    if (setup->records == RECORDS_WORDS)
        naive_split(naive, bytes, len);
    else if (setup->records == RECORDS_LINES)
        naive_lines(naive, bytes, len);
    else if (setup->records == RECORDS_PAIRS)
        naive_pairs(naive, bytes, len, setup->field, setup->separator);
    else
        naive_fields(naive, bytes, len, setup->field, separator);
}

/* Leaves the words of fewer characters out, but what is no UTF-8. */
static inline void drop_short(struct naive *naive, uint64_t min_length)
{
    size_t len = 0;
    for (size_t i = 0; i < naive->len; i++) {
        const struct naive_word *word = &naive->words[i];
        if (u8_check(word->bytes, word->len) || u8_mbsnlen(word->bytes, word->len) >= min_length)
            naive->words[len++] = *word;
    }
    naive->len = len;
}

/* Leaves the words of the vocabulary, those that never occur among them. */
static inline void keep_vocabulary(struct naive *naive, const struct naive *vocabulary)
{
    struct naive kept = {0};
    naive_merge(naive);
    for (size_t i = 0; i < vocabulary->len; i++) {
        struct naive_word word = vocabulary->words[i];
        const struct naive_word *found = NULL;
        if (naive->len > 0)
            found = bsearch(&word, naive->words, naive->len, sizeof word, naive_by_bytes);
        naive_add(&kept, word.bytes, word.len, found ? found->count : 0);
    }
    naive_free(naive);
    *naive = kept;
}

static inline struct expected expect(const struct setup *setup)
{
    struct expected expected = {0};
    struct naive naive = {0};
    const struct options *options = &setup->options;
    for (size_t i = 0; i < setup->texts.len + setup->twice; i++) {
        const struct texts_file *file = &setup->texts.files[i % setup->texts.len];
        find_records(&naive, setup, file);
        expected.input_bytes += setup->bytes[i % setup->texts.len];
    }
    if (setup->vocabulary.len > 0)
        keep_vocabulary(&naive, &setup->vocabulary);
    if (setup->min_length > 0)
        drop_short(&naive, setup->min_length);
    expected.words = naive_tokens(&naive);
    naive_rank(&naive);
    expected.distinct = naive.len;
    while (expected.written < naive.len && naive.words[expected.written].count >= options->min_count
           && (options->top == 0 || expected.written < options->top))
        expected.written++;
    if (options->sort == ORDER_KEY && expected.written > 0)
        qsort(naive.words, expected.written, sizeof *naive.words, naive_by_bytes);
    struct spelling text = {0};
    uint64_t cumulative = 0;
    if (options->header)
        spell_line(&text, setup, NULL, 0, 0, 0);
    for (size_t i = 0; i < expected.written; i++) {
        cumulative += naive.words[i].count;
        spell_line(&text, setup, &naive.words[i], i + 1, cumulative, expected.words);
    }
    expected.bytes = text.bytes ? text.bytes : malloc(1);
    expected.len = text.len;
    naive_free(&naive);
    return expected;
}

static inline void expected_check_totals(const struct job *job, const struct setup *setup,
                                         const struct expected *expected)
{
    const struct snapshot_totals *totals = &job->totals;
    EXPECT(totals->files == setup->texts.len + setup->twice);
    EXPECT(totals->input_bytes == expected->input_bytes);
    EXPECT(setup->form == FORM_PLAIN || totals->records.all == 2 * totals->records.without);
    EXPECT(totals->words == expected->words);
    EXPECT(totals->distinct == expected->distinct);
    EXPECT(totals->written_words == expected->written);
    EXPECT(totals->left_out_words == expected->distinct - expected->written);
    EXPECT(totals->output_bytes == expected->len);
    EXPECT(!totals->output_has_checksum
           || totals->output_checksum == XXH3_64bits(expected->bytes, expected->len));
}

/* On rank 0: the result is the one expected. */
static inline void expected_check(const struct job *job, const struct setup *setup)
{
    size_t len = 0;
    struct expected expected = expect(setup);
    uint8_t *result = folder_get(setup->options.output, &len);
    EXPECT(result != NULL);
    EXPECT(len == expected.len);
    EXPECT(result && memcmp(result, expected.bytes, len < expected.len ? len : expected.len) == 0);
    expected_check_totals(job, setup, &expected);
    free(result);
    free(expected.bytes);
}

#endif
