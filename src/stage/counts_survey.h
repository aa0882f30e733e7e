/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_survey: what count files hold together, for a plan. Counts and rows are in their totals;
 * how many of the keys are in several files, and how long lines and records are, shows where
 * stretches of keys are merged, drawn from all of them: all stretches, if time suffices. */
#ifndef COUNTS_SURVEY_H
#define COUNTS_SURVEY_H

#include "stage/count_files.h"
#include "status/estimate.h"

struct job;

/* What is measured, for each row of the files. */
enum counts_survey_measure {
    COUNTS_SURVEY_KEYS,
    COUNTS_SURVEY_RECORD_BYTES, /* see census_record_bytes */
    COUNTS_SURVEY_LINE_BYTES,   /* of keys that --min-count leaves */
    COUNTS_SURVEY_KEPT,         /* how many these are */
    COUNTS_SURVEY_MEASURES
};

/* Only numbers, so that those of all ranks can be added. */
struct counts_survey_sums {
    uint64_t stretches, rows, cut_short; /* merged; of them, ended by the clock */
    uint64_t of[COUNTS_SURVEY_MEASURES];
    uint64_t share[COUNTS_SURVEY_MEASURES], square[COUNTS_SURVEY_MEASURES]; /* of a stretch */
    uint64_t ns;
};

struct counts_survey {
    const struct count_files *files; /* borrowed */
    uint64_t parts;                  /* stretches there are */
    struct counts_survey_sums sums;  /* of all ranks */
    bool exact;                      /* all of them were merged */
};

/* Collective: agree, Ibcast, agree, Iallreduce. Merges stretches, for about a second. False,
 * agreed. */
bool counts_survey_run(struct job *job, const struct count_files *files,
                       struct counts_survey *survey);

/* Local. What a measure comes to for all files. */
struct estimate_range counts_survey_range(const struct counts_survey *survey,
                                          enum counts_survey_measure measure);

/* Local. How many bytes were read, about, and how long a rank has for a row. */
uint64_t counts_survey_bytes(const struct counts_survey *survey);
double counts_survey_row_s(const struct counts_survey *survey);

#endif
