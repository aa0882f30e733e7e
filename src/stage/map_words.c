/* SPDX-License-Identifier: BSD-3-Clause */
/* Map, for keys of text. A rank that is done early takes part in the rounds of the others with an
 * empty outbox.
 *
 * Collectives, in order. open: agree, those of scatter_run. left: Iallreduce. round: those of
 * scatter_round, agree. rest: Iallreduce, agree. check: with an extractor, or counts as text,
 * Iallreduce; those of plan_check.
 */
#include "stage/map_words.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/checkpoint.h"
#include "stage/combining.h"
#include "stage/report.h"

/* Nobody need wait because a command of --pre keeps us waiting. */
static void idle(void *context)
{
    comm_step(context);
}

/* What earlier starts of the run have seen counts, once. */
static void take_up(struct job *job, struct map_words *map)
{
    if (!job->checkpoint || !comm_is_root(job))
        return;
    const struct committed_sums *sums = &job->checkpoint->sums;
    map->window.decoded_bytes = sums->decoded_bytes;
    map->extraction.sums.records = sums->records;
    map->extraction.sums.without = sums->without;
    map->extraction.sums.bad = sums->bad;
    map->weighted.lines = sums->lines;
    map->weighted.bad = sums->bad_lines;
}

static bool open_words(struct job *job, void *context, const struct plan *plan)
{
    struct map_words *map = context;
    struct env *env = &job->env;
    /* A range of such records begins where one does: nothing before it is looked at. */
    const size_t behind_bytes = env->kind.extractor.next ? 0 : env->kind.mapper.behind_bytes;
    bool ok =
        window_init(&map->window, &env->mem, env->budget.block_bytes, behind_bytes, &env->fail);
    if (env->options.pre) {
        env->filter.idle = idle;
        env->filter.context = job;
        map->window.filter = &env->filter;
    }
    map->window.any_bytes = env->options.input_format == OPTIONS_INPUT_FORMAT_BYTES;
    map->window.ahead_bytes = job->ahead_bytes;
    job_step(job, TIMING_MAP, 0);
    ok = ok && combining_init(job, &map->combiner);
    ok = ok && (!kind_extracts(&env->kind) || extraction_init(job, &map->extraction));
    if (ok)
        map->edges = mem_alloc(&env->mem, SCAN_MAX_EDGES * sizeof *map->edges, &env->fail);
    if (!plan->sampled)
        report_say(job, "memory: %zu bytes a rank; %zu buckets of the hash space each",
                   env->budget.memory_bytes, env->budget.buckets);
    take_up(job, map);
    return agree(job, ok && map->edges) && scatter_run(job, plan, &map->scatter, &map->window);
}

/* Accounts for what a cut went past. */
static void account(struct job *job, const struct window *window, const struct cut *cut)
{
    size_t begin = window->block.begin + cut->skipped_bytes;
    job->work.mapped_bytes += cut->next - begin;
    job->work.read_bytes += window->range.encoded || window->fed ? 0 : cut->next - begin;
    verify_add(&job->verify.input, window->range.file, window_place(window, begin),
               window_place(window, cut->next));
    job->verify.input.record_bytes += cut->record_bytes;
    job->verify.input.gap_bytes += cut->gap_bytes;
}

/* Cuts a few thousand keys out of a block and counts them. */
static bool cut_some(struct job *job, struct map_words *map, const struct block *block,
                     struct box *outbox, struct cut *cut)
{
    job->env.kind.mapper.cut(&job->env.kind.mapper, block, job->env.scan, map->edges, cut);
    if (options_weighted(&job->env.options))
        return weighted_add(job, &map->weighted, &map->window, &cut->batch, &map->combiner, outbox);
    return combiner_add(&map->combiner, &cut->batch, outbox, &job->env.fail);
}

static bool map_some(struct job *job, struct map_words *map, struct box *outbox)
{
    struct cut cut;
    bool ok = cut_some(job, map, &map->window.block, outbox, &cut);
    account(job, &map->window, &cut);
    map->starved = cut.next == map->window.block.begin;
    block_advance(&map->window.block, cut.next, cut.within);
    return ok;
}

/* The same, of the text that was extracted; or extracts more. */
static bool map_extracted(struct job *job, struct map_words *map, struct box *outbox)
{
    struct extraction *extraction = &map->extraction;
    struct cut cut;
    if (extraction->block.begin < extraction->block.end)
        return cut_some(job, map, &extraction->block, outbox, &cut)
            && extraction_advance(job, extraction, cut.next, cut.within,
                                  cut.record_bytes + cut.gap_bytes);
    const size_t begin = map->window.block.begin;
    bool ok = extraction_more(job, extraction, &map->window);
    map->starved = map->window.block.begin == begin;
    return ok;
}

/* Records of a form that is known are not counted with their heads because nobody said what they
 * are: what the first file begins with decides for all (kind_recognise), but there are others, and
 * streams. Who reads the beginning of one sees it. */
static bool is_plain(struct job *job, const struct window *window)
{
    const struct block *block = &window->block;
    if (!block->begins_file || window->any_bytes || job->env.kind.extractor.option)
        return true;
    const struct extractor *found =
        extractor_of(block->bytes + block->begin, block->end - block->begin);
    return !found
        || fail_set(&job->env.fail, FAIL_INPUT,
                    "%s: begins with a record of %s: --%s counts the texts of such "
                    "(--input-format=bytes counts it as it is)",
                    window_name(window), found->form, found->option);
}

/* Moves the window on, and notes for a checkpoint which range it has left. */
static enum window_state more(struct job *job, struct map_words *map)
{
    struct window *window = &map->window;
    const bool notes = job->checkpoint && window->open && !map->scatter.root;
    if (!notes)
        return window_more(window, &job->env.fail);
    const struct window_range range = window->given;
    const uint64_t opened = window->opened;
    const enum window_state state = window_more(window, &job->env.fail);
    const bool left = !window->open || window->opened != opened;
    if (state != WINDOW_FAILED && left
        && !done_add_whole(&job->checkpoint->finished, &range, &job->env.fail))
        return WINDOW_FAILED;
    return state;
}

/* Moves the window on; at the end of the input empties the combiner. */
static enum window_state refill(struct job *job, struct map_words *map, struct box *outbox)
{
    const uint64_t stored = map->window.stored_bytes;
    enum window_state state = more(job, map);
    uint64_t end;
    job->work.read_bytes += map->window.stored_bytes - stored;
    map->starved = false;
    job->work.records = combiner_records(&map->combiner);
    job->verify.input.decoded_bytes = map->window.decoded_bytes;
    if (state == WINDOW_READY && window_empty(&map->window, &end))
        verify_add(&job->verify.input, map->window.range.file, 0, end);
    comm_step(job);
    if (state == WINDOW_READY && !is_plain(job, &map->window))
        return WINDOW_FAILED;
    map->flushed = state == WINDOW_END;
    if (!map->flushed)
        return state;
    job_step(job, TIMING_SHUFFLE, 0);
    return combiner_flush(&map->combiner, outbox, &job->env.fail) ? state : WINDOW_FAILED;
}

static bool window_has_work(const struct map_words *map)
{
    const struct block *block = &map->window.block, *text = &map->extraction.block;
    if (text->begin < text->end)
        return true;
    return !map->starved && block->begin < block->end
        && (block->begin < block->own || block->within);
}

/* Whether this rank could be left here and taken up again. */
static bool at_rest(const struct job *job, const struct map_words *map)
{
    const struct block *text = &map->extraction.block;
    const struct scatter *scatter = &map->scatter;
    if (map->flushed)
        return true;
    if (text->begin < text->end)
        return false;
    if (scatter->root)
        return scatter->wanted && (!comm_is_root(job) || !scatter->reader->open);
    return !map->window.open || !map->window.block.within;
}

/* Where rank 0 reads a round is short. */
static bool stops_here(const struct job *job, const struct map_words *map)
{
    return !map->scatter.root && (map->pausing || checkpoint_wanted(job)) && at_rest(job, map);
}

static bool round_of_words(struct job *job, void *context, struct box *outbox)
{
    struct map_words *map = context;
    if (!scatter_round(job, &map->scatter, &map->window))
        return false;
    timing_enter(&job->timing, TIMING_MAP);
    size_t full_bytes = job->env.arena.used_bytes + job->env.budget.outbox_bytes;
    bool ok = fail_point(&job->env.fail, "map", job->comm.rank);
    const bool extracts = kind_extracts(&job->env.kind);
    enum window_state state = map->flushed ? WINDOW_END : WINDOW_READY;
    bool stops = map->pausing && stops_here(job, map);
    while (ok && state == WINDOW_READY && job->env.arena.used_bytes < full_bytes && !stops) {
        if (window_has_work(map))
            ok = extracts ? map_extracted(job, map, outbox) : map_some(job, map, outbox);
        else
            ok = (state = refill(job, map, outbox)) != WINDOW_FAILED;
        stops = job->checkpoint && stops_here(job, map);
    }
    job->verify.mapped = map->combiner.tally;
    if (job->master)
        split_queue_leave(job, &map->scatter.splits, ok && state != WINDOW_READY);
    ok = agree(job, ok);
    if (job->master)
        split_queue_next_round(job, &map->scatter.splits);
    return ok;
}

static bool words_left(struct job *job, void *context)
{
    const struct map_words *map = context;
    uint64_t left = !map->flushed;
    comm_max(job, &left, 1);
    return left != 0;
}

/* Where this rank stands, and what it has seen up to there. */
static bool tell(struct job *job, struct map_words *map)
{
    struct checkpoint *checkpoint = job->checkpoint;
    const struct verify_input *input = &job->verify.input;
    const struct window *window = &map->window;
    const bool begun = window->open && window->range.encoded && !window_ended(window);
    uint64_t passed = 0;
    bool ok = true;
    checkpoint->root = map->scatter.root;
    if (!map->scatter.root)
        ok = done_add_begun(&checkpoint->finished, window, map->extraction.head, &passed,
                            &job->env.fail);
    else if (comm_is_root(job))
        checkpoint->place = root_reader_stands(map->scatter.reader);
    checkpoint->seen = (struct committed_sums){
        .record_bytes = input->record_bytes,
        .gap_bytes = input->gap_bytes,
        .decoded_bytes = window->decoded_bytes + passed,
        .boundary_sum =
            input->boundary_sum + verify_place(input->file, input->place) - verify_place(0, 0),
        .records = map->extraction.sums.records,
        .without = map->extraction.sums.without,
        .bad = map->extraction.sums.bad,
        .lines = map->weighted.lines,
        .bad_lines = map->weighted.bad,
    };
    if (begun && window->encoded.text_bytes != UINT64_MAX) /* it will be added again */
        checkpoint->seen.decoded_bytes -= window->encoded.text_bytes;
    return ok;
}

static bool rest_words(struct job *job, void *context, struct box *outbox, bool *rests)
{
    struct map_words *map = context;
    uint64_t busy = !at_rest(job, map);
    comm_max(job, &busy, 1);
    *rests = busy == 0;
    map->pausing = busy != 0;
    if (busy)
        return true;
    const bool ok = combiner_flush(&map->combiner, outbox, &job->env.fail) && tell(job, map);
    job->verify.mapped = map->combiner.tally;
    return agree(job, ok);
}

static bool check_words(struct job *job, void *context, const struct plan *plan)
{
    const struct map_words *map = context;
    const struct extractor_sums *sums = &map->extraction.sums;
    uint64_t all[] = {sums->records, sums->without, sums->bad};
    if (kind_extracts(&job->env.kind)) {
        comm_sum(job, all, 3);
        job->totals.records = (struct snapshot_records){true, all[0], all[1], all[2]};
    }
    if (options_weighted(&job->env.options)
        && !weighted_check(job, &map->weighted, map->combiner.tally.tokens))
        return false;
    return plan_check(job, plan);
}

static void close_words(struct job *job, void *context)
{
    struct map_words *map = context;
    scatter_free(job, &map->scatter);
    window_free(&map->window);
    filter_stop(&job->env.filter);
    extraction_free(job, &map->extraction);
    combiner_free(&map->combiner);
    mem_free(&job->env.mem, map->edges, SCAN_MAX_EDGES * sizeof *map->edges);
    map->edges = NULL;
}

struct producer map_words_producer(struct map_words *map)
{
    return (struct producer){.context = map,
                             .open = open_words,
                             .left = words_left,
                             .round = round_of_words,
                             .rest = rest_words,
                             .check = check_words,
                             .close = close_words};
}
