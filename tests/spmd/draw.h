/* SPDX-License-Identifier: BSD-3-Clause */
/* draw: what a case of the pipeline test is, drawn from its number: every rank draws the same, and
 * it can be drawn again. What is drawn here must be seen to have an effect in effects.h. */
#ifndef DRAW_H
#define DRAW_H

#include "spmd.h"

#include "texts.h"

#include "../unit/folder.h"
#include "../unit/naive.h"

#include <inttypes.h>

struct text_kind {
    const char *name;
    void (*make)(struct seeded *seeded, uint64_t number, struct texts *texts);
    size_t split_max, block_max;
    size_t round_min; /* 0: rounds of the usual size only */
};

static const struct text_kind kinds[] = {
    {"short strings", texts_short_strings, 4, 8, 8},
    {"words that are alike", texts_hostile, 100, 200, 64},
    {"random bytes", texts_random_bytes, 100, 200, 64},
    {"nothing or the same", texts_uniform, 100, 200, 8},
    {"many small files", texts_small_files, 3, 100, 8},
    {"long words", texts_long_words, 5000, 3000, 0},
    {"many words", texts_many_words, 30000, 10000, 2000},
};

/* What is counted: the name of a mapper, and for fields their number and separator; a pair is a
 * field and the one behind it. */
enum records {
    RECORDS_WORDS,
    RECORDS_LINES,
    RECORDS_FIELDS,
    RECORDS_SEPARATED,
    RECORDS_PAIRS,
    RECORDS_KINDS
};

enum form { FORM_PLAIN, FORM_JSON_LINES, FORM_CSV, FORM_WARC };

/* Everything about a case, the same on all ranks. */
struct setup {
    uint64_t number;
    const struct text_kind *kind;
    enum records records;
    uint64_t field;
    uint8_t separator;
    char mapper[32]; /* the three above, as --count takes them */
    struct texts texts;
    struct options options;
    char *paths[2 * TEXTS_FILES_MAX];
    size_t twice;                  /* files that are named a second time */
    size_t bytes[TEXTS_FILES_MAX]; /* of the files, before they are compressed; on rank 0 */
    bool as_list, as_folder;
    bool compressed;         /* two of three files are, the first among them */
    bool ahead;              /* these are decoded by a thread, however short they are */
    size_t frame;            /* then, not 0: in frames of zstd of about so many bytes */
    enum form form;          /* of the records that hold the texts */
    uint64_t min_length;     /* of words, in characters; 0: there are no rules */
    bool marked;             /* files begin with a byte order mark */
    struct naive vocabulary; /* of words; none: all */
};

static char title[400]; /* of the case that runs, for messages */

/* The kernels that run here. */
static inline size_t kernels(void)
{
    size_t len = 0;
    while (scan_at(len))
        len++;
    return len;
}

static inline void choose_records(struct seeded *seeded, struct setup *setup)
{
    setup->records = (enum records)seeded_below(seeded, RECORDS_KINDS);
    setup->field = 1 + seeded_below(seeded, 3);
    setup->separator = seeded_of(seeded, " a,\0\xc3", 5);
    if (setup->records == RECORDS_FIELDS)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64, setup->field);
    else if (setup->records == RECORDS_SEPARATED)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64 ":\\x%02x", setup->field,
                 setup->separator);
    else if (setup->records == RECORDS_PAIRS)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64 "-%" PRIu64 ":\\x%02x",
                 setup->field, setup->field + 1, setup->separator);
    else
        strcpy(setup->mapper, setup->records == RECORDS_LINES ? "lines" : "words");
}

/* Half of the cases are written as usual. */
static inline void choose_format(struct seeded *seeded, struct options *options)
{
    static const char *const formats[] = {"tsv", "csv", "jsonl"};
    static const char *const columns[] = {
        NULL,   "count,word", "rank,word,count", "word,per-million", "cumulative,word,count,rank",
        "count"};
    if (seeded_below(seeded, 2))
        return;
    size_t format = seeded_below(seeded, LEN(formats));
    options->format = formats[format];
    options->columns = columns[seeded_below(seeded, LEN(columns))];
    if (format < 2) {
        options->header = seeded_below(seeded, 2);
        options->separator = seeded_below(seeded, 3) ? NULL : ";";
    }
    if (format > 0)
        options->escape = ESCAPE_NONE;
}

/* Of the files that are compressed most are so in frames; half of those are one file, which ranks
 * can only share. */
static inline void choose_frames(struct setup *setup)
{
    struct seeded seeded = {~setup->number};
    const bool warc = setup->form == FORM_WARC; /* mostly is so */
    if (warc)
        setup->compressed = seeded_below(&seeded, 4) > 0;
    if (!setup->compressed || (!warc && seeded_below(&seeded, 4) == 0))
        return;
    setup->frame = 1 + seeded_below(&seeded, setup->kind->split_max);
    if (setup->kind == kinds || (!warc && seeded_below(&seeded, 3) == 0))
        return;
    while (setup->texts.len > 1)
        free(setup->texts.files[--setup->texts.len].bytes);
    setup->twice = setup->twice > 0;
    if (warc && seeded_below(&seeded, 2))
        setup->options.input = OPTIONS_INPUT_SHARED;
}

static inline void choose_form(struct seeded *seeded, struct setup *setup)
{
    static const struct {
        enum form form;
        const char *extractor, *argument;
    } forms[] = {{FORM_CSV, "csv", "2"},
                 {FORM_CSV, "csv", "\"n"},
                 {FORM_WARC, "warc", NULL},
                 {FORM_WARC, "warc", NULL},
                 {FORM_WARC, "warc", NULL},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"}};
    const size_t form = seeded_below(seeded, 2 * LEN(forms));
    if (form >= LEN(forms) || setup->records == RECORDS_PAIRS)
        return;
    setup->form = forms[form].form;
    setup->options.extractor = forms[form].extractor;
    setup->options.extractor_argument = forms[form].argument;
}

/* Every third word, and some that never occur. */
static inline void choose_vocabulary(struct setup *setup)
{
    static const char *const never[] = {"never", "never again", "n"};
    struct naive all = {0};
    for (size_t i = 0; i < setup->texts.len; i++)
        naive_split(&all, setup->texts.files[i].bytes, setup->texts.files[i].len);
    naive_merge(&all);
    for (size_t i = 0; i < LEN(never); i++)
        naive_add(&setup->vocabulary, (const uint8_t *)never[i], strlen(never[i]), 0);
    for (size_t i = setup->number % 3; i < all.len; i += 3)
        naive_add(&setup->vocabulary, all.words[i].bytes, all.words[i].len, 0);
    naive_free(&all);
    naive_merge(&setup->vocabulary);
    setup->options.memory_bytes += 4 << 20; /* to hold it */
}

/* Where the folder of the tests lies in memory it is no scratch. */
static inline const char *scratch_folder(void)
{
    struct scratch_space space;
    struct fail fail = {0};
    return scratch_space_init(&space, folder_name, 0, 1, &fail) ? folder_name : "/var/tmp";
}

static inline void choose_scratch(struct seeded *seeded, struct setup *setup)
{
    static char records_bytes[16];
    setup->options.scratch = scratch_folder();
    setup->options.memory_bytes += 1 << 20; /* there are more partitions then */
    snprintf(records_bytes, sizeof records_bytes, "%zu", (size_t)1000 << seeded_below(seeded, 8));
    setenv("WC_RECORDS_BYTES", records_bytes, 1);
}

static inline void choose_options(struct seeded *seeded, struct setup *setup)
{
    static char kernel[16], round_bytes[16];
    const struct text_kind *kind = setup->kind;
    const struct scan *scan = scan_at(seeded_below(seeded, kernels()));
    size_t extra = seeded_below(seeded, kind->round_min * 10 + 1);
    snprintf(kernel, sizeof kernel, "%s", scan->name);
    choose_records(seeded, setup);
    setup->options = (struct options){
        .program = "wc",
        .count = setup->mapper,
        .kernel = seeded_below(seeded, 2) ? kernel : NULL,
        .quiet = true,
        .gather = seeded_below(seeded, 2),
        .escape = (enum escape)seeded_below(seeded, 3),
        .verify = seeded_below(seeded, 4) > 0,
        .recursive = seeded_below(seeded, 2),
        .nul_ended = seeded_below(seeded, 2),
        .combine = seeded_below(seeded, 4) > 0,
        .shuffle = (enum options_shuffle)seeded_below(seeded, 3),
        .input = seeded_below(seeded, 3) ? OPTIONS_INPUT_AUTO : OPTIONS_INPUT_ROOT,
        .top = seeded_below(seeded, 4) ? 0 : 1 + seeded_below(seeded, 20),
        .min_count = seeded_below(seeded, 4) ? 0 : 1 + seeded_below(seeded, 4),
        .memory_bytes = (uint64_t)(4 + seeded_below(seeded, 13)) << 20,
        .split_bytes = seeded_below(seeded, 8) ? 1 + seeded_below(seeded, kind->split_max) : 0,
        .block_bytes = 1 + seeded_below(seeded, kind->block_max),
        .seed = seeded_below(seeded, 2) ? 1 + seeded_below(seeded, 1000) : 0,
        .schedule = (enum options_schedule)seeded_below(seeded, 3),
        .sort = seeded_below(seeded, 3) ? ORDER_COUNT : ORDER_KEY,
    };
    choose_format(seeded, &setup->options);
    setup->as_list = seeded_below(seeded, 5) == 0;
    setup->as_folder = !setup->as_list && setup->options.recursive && seeded_below(seeded, 2);
    if (!setup->as_list && !setup->as_folder && seeded_below(seeded, 3) == 0)
        setup->twice = seeded_below(seeded, setup->texts.len + 1);
    if (kind->round_min > 0 && seeded_below(seeded, 2)) {
        snprintf(round_bytes, sizeof round_bytes, "%zu", kind->round_min + extra);
        setenv("WC_ROUND_BYTES", round_bytes, 1);
    } else {
        unsetenv("WC_ROUND_BYTES");
    }
    setup->compressed = seeded_below(seeded, 4) == 0;
    setup->ahead = seeded_below(seeded, 2);
    choose_form(seeded, setup);
    choose_frames(setup);
    if (setup->records == RECORDS_WORDS && seeded_below(seeded, 3) == 0)
        setup->options.rules.min_length = setup->min_length = 2 + seeded_below(seeded, 2);
    if (setup->records == RECORDS_WORDS && seeded_below(seeded, 3) == 0)
        choose_vocabulary(setup);
    if (setup->form == FORM_PLAIN && setup->records != RECORDS_WORDS)
        setup->options.skip_header = seeded_below(seeded, 3) == 0;
    setup->marked = seeded_below(seeded, 4) == 0 && setup->form != FORM_WARC;
    unsetenv("WC_RECORDS_BYTES");
    if (seeded_below(seeded, 3) == 0)
        choose_scratch(seeded, setup);
}

#endif
