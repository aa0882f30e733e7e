/* SPDX-License-Identifier: BSD-3-Clause */
/* Extraction. What is seen of the input are its records, however large their texts; that the mapper
 * saw all of a text is checked where the text ends. No collectives. */
#include "stage/extraction.h"

#include "job.h"

#include <inttypes.h>
#include <stdio.h>

/* Room before a text, of zeros, for mappers that look back. */
enum { BEHIND_BYTES = 16, MARGIN_BYTES = BEHIND_BYTES + EXTRACTOR_SLACK_BYTES };

bool extraction_init(struct job *job, struct extraction *extraction)
{
    extraction->text_bytes = job->env.budget.block_bytes + MARGIN_BYTES;
    extraction->text = mem_alloc(&job->env.mem, extraction->text_bytes, &job->env.fail);
    return extraction->text != NULL;
}

/* How many bytes and lines of the file come before the place in the window that is dealt with: of
 * what was fed, or a filter makes, that is known, in other files they are counted anew. False:
 * unknown. */
static bool before(const struct extraction *extraction, const struct window *window,
                   uint64_t offset, uint64_t *bytes, uint64_t *lines)
{
    *bytes = offset;
    *lines = extraction->lines;
    return window->fed || window->filter || window_before(window, offset, bytes, lines);
}

static bool malformed(struct job *job, const struct extraction *extraction,
                      const struct window *window, const struct extracted *got)
{
    uint64_t bytes, lines;
    char place[64] = "";
    /* Its text may have shown what only looks like records. */
    const bool believed = job->env.kind.extractor.first && window->range.unit > 0;
    if (before(extraction, window, window_offset(window, got->next), &bytes, &lines)) {
        lines += window_lines(window->block.bytes + got->next, got->bad_at - got->next);
        snprintf(place, sizeof place, "line %" PRIu64 ", byte %" PRIu64 ": ", lines + 1,
                 bytes + (got->bad_at - got->next));
    }
    return fail_set(&job->env.fail, FAIL_INPUT,
                    "%s: %smalformed %s: %s (--skip-bad counts and skips such%s)",
                    window_name(window), place, job->env.kind.extractor.form, got->cause,
                    believed ? "; where lines in quotes look like records, --input=root" : "");
}

/* Records were believed to begin where our range ends; one of ours goes on there. */
static bool misplaced(struct job *job, const struct window *window)
{
    return fail_set(&job->env.fail, FAIL_INPUT,
                    "%s: its records are not where they seem to be (--input=root takes them as "
                    "they come)",
                    window_name(window));
}

static bool lacks(struct job *job, const struct window *window, const struct extracted *got)
{
    const struct extractor *extractor = &job->env.kind.extractor;
    return fail_set(&job->env.fail, FAIL_INPUT, "%s: has no %s '%s'; what it has: %.*s",
                    window_name(window), got->lacks, extractor->argument, (int)got->len,
                    (const char *)got->text);
}

/* What a call went past. */
static void account(struct job *job, struct extraction *extraction, const struct window *window,
                    const struct extracted *got)
{
    const size_t begin = window->block.begin + got->skipped_bytes;
    job->work.mapped_bytes += got->next - begin;
    job->work.read_bytes += window->range.encoded || window->fed ? 0 : got->next - begin;
    job->verify.input.record_bytes += got->next - begin;
    verify_add(&job->verify.input, window->range.file, window_place(window, begin),
               window_place(window, got->next));
    extraction->lines += got->lines;
    extraction->sums.records += got->sums.records;
    extraction->sums.without += got->sums.without;
    extraction->sums.bad += got->sums.bad;
}

bool extraction_more(struct job *job, struct extraction *extraction, struct window *window)
{
    const struct extractor *extractor = &job->env.kind.extractor;
    struct extracted got;
    const bool begins = window_offset(window, window->block.begin)
                     == (window->range.encoded ? window->range.text_from : window->range.begin);
    if (begins) {
        extraction->lines = window->range.lines_before;
        extraction->head = window->range.head;
    }
    /* What was fed ends before a record does: when its head was seen there is nothing to look for.
     */
    if (window->range.continues && !begins && !window->block.within)
        return true;
    for (;;) {
        got = (struct extracted){.text = extraction->text + BEHIND_BYTES,
                                 .room = extraction->text_bytes - MARGIN_BYTES,
                                 .starts_file = window_offset(window, window->block.begin) == 0,
                                 .head = extraction->head};
        extractor->extract(extractor, &window->block, &got);
        if (got.need == 0)
            break;
        struct fail cause = {0};
        uint8_t *text = mem_reserve(&job->env.mem, extraction->text, &extraction->text_bytes,
                                    got.need + MARGIN_BYTES, &cause);
        if (!text)
            return window_no_room(window, got.next, &cause, &job->env.fail);
        extraction->text = text;
    }
    if (extractor->next && window->range.text_bytes == 0 && got.next > window->block.begin
        && got.next > window->block.own)
        return misplaced(job, window);
    account(job, extraction, window, &got);
    extraction->head = got.head;
    if (got.lacks)
        return lacks(job, window, &got);
    if (got.cause)
        return malformed(job, extraction, window, &got);
    block_advance(&window->block, got.next, got.within);
    extraction->mapped = 0;
    extraction->block = (struct block){.bytes = extraction->text,
                                       .begin = BEHIND_BYTES,
                                       .end = BEHIND_BYTES + got.len,
                                       .own = BEHIND_BYTES + got.len,
                                       .starts_file = true,
                                       .ends_file = true};
    return true;
}

bool extraction_advance(struct job *job, struct extraction *extraction, size_t next,
                        uint64_t within, uint64_t bytes)
{
    block_advance(&extraction->block, next, within);
    extraction->mapped += bytes;
    return next < extraction->block.end || extraction->mapped == next - BEHIND_BYTES
        || fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: %zu bytes of text were extracted, %zu were seen",
                    next - BEHIND_BYTES, extraction->mapped);
}

void extraction_free(struct job *job, struct extraction *extraction)
{
    mem_free(&job->env.mem, extraction->text, extraction->text_bytes);
    *extraction = (struct extraction){0};
}
