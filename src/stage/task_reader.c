/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks are read a part of the inputs at a time, the way a part is read for a rank: streams, files
 * and ranges alike. The part of a stream is what has come of it: nobody waits for more. No
 * collectives. */
#include "stage/task_reader.h"

#include "host/clock.h"
#include "job.h"

enum {
    PART_BYTES = 1 << 20,
    LATE_NS = 100000, /* between two looks at a stream that had nothing: all idle ranks ask */
};

/* The supply: the next part of the inputs, as far as it has come. */
static enum supply_answer read_part(void *context, struct window *window, struct fail *fail)
{
    struct task_reader *tasks = context;
    const struct root_reader_part *head = (const struct root_reader_part *)(void *)tasks->part;
    if (tasks->late_ns > 0 && clock_ns() - tasks->late_ns < LATE_NS)
        return SUPPLY_LATER;
    if (root_reader_next(&tasks->reader, tasks->part, tasks->part_bytes, fail) == 0)
        return SUPPLY_FAILED;
    const bool late = head->ranges == 0 && !head->ends;
    tasks->late_ns = late ? clock_ns() : 0;
    if (late)
        return SUPPLY_LATER;
    root_reader_feed(tasks->part, window);
    return SUPPLY_GIVEN;
}

/* The next part of the inputs, cut. False as task_reader_next. */
static bool cut_more(struct job *job, struct task_reader *tasks)
{
    struct window *window = &tasks->window;
    struct verify_input *seen = &job->verify.input;
    struct cut *cut = &tasks->cut;
    tasks->next = 0;
    cut->batch.len = 0;
    while (cut->batch.len == 0) {
        const struct block *block = &window->block;
        size_t begin = block->begin;
        /* A part that is said to go on has no newline: nothing to look for, and a task of many
         * parts would be looked through again for each of them. */
        bool whole = !window->open || !window->range.continues;
        if (whole && begin < block->end && begin < block->own) {
            job->env.kind.mapper.cut(&job->env.kind.mapper, block, job->env.scan, tasks->edges,
                                     cut);
            seen->record_bytes += cut->record_bytes;
            seen->gap_bytes += cut->gap_bytes;
            job->work.mapped_bytes += cut->next - begin;
            block_advance(&window->block, cut->next, cut->within);
            if (cut->next > begin)
                continue;
        }
        const enum window_state state = window_more(window, &job->env.fail);
        job->totals.input_bytes = tasks->reader.read_bytes;
        tasks->ended = state == WINDOW_END || state == WINDOW_FAILED;
        if (state != WINDOW_READY)
            return false;
    }
    return true;
}

/* How many tasks a range makes that is all there is; 0: it is not. */
static uint64_t tasks_of_range(const struct plan *plan)
{
    struct number_range range;
    const struct catalog *catalog = &plan->catalog;
    const bool is = catalog->len == 1 && catalog->files[0].range
                 && number_range_parse(catalog_name(catalog, 0), &range);
    return is ? range.parts : 0;
}

bool task_reader_init(struct job *job, struct task_reader *tasks, const struct plan *plan)
{
    size_t part_bytes = job->env.budget.memory_bytes / 64 < PART_BYTES
                          ? job->env.budget.memory_bytes / 64
                          : PART_BYTES;
    *tasks = (struct task_reader){
        .window.fd = -1, .part_bytes = part_bytes, .range = tasks_of_range(plan)};
    tasks->part = mem_alloc(&job->env.mem, root_reader_room(part_bytes), &job->env.fail);
    tasks->edges = mem_alloc(&job->env.mem, SCAN_MAX_EDGES * sizeof *tasks->edges, &job->env.fail);
    bool ok = tasks->part && tasks->edges;
    ok = ok
      && window_init(&tasks->window, &job->env.mem, job->env.budget.block_bytes,
                     job->env.kind.mapper.behind_bytes, &job->env.fail);
    ok = ok
      && root_reader_init(&tasks->reader, &job->env.mem, &plan->catalog,
                          kind_parting(&job->env.kind), part_bytes, &job->env.fail);
    tasks->window.any_bytes = job->env.options.input_format == OPTIONS_INPUT_FORMAT_BYTES;
    window_supply(&tasks->window, (struct supply){tasks, read_part});
    return ok;
}

bool task_reader_next(struct job *job, struct task_reader *tasks, struct task_reader_task *task,
                      const uint8_t **bytes)
{
    const uint32_t *edges;
    do {
        if (tasks->next == tasks->cut.batch.len && !cut_more(job, tasks))
            return false;
        edges = tasks->cut.batch.edges + 2 * tasks->next++;
    } while (edges[0] == edges[1]); /* an empty line is no task */
    *bytes = tasks->cut.batch.base + edges[0];
    *task = (struct task_reader_task){
        .offset = window_offset(&tasks->window, edges[0]),
        .number = ++tasks->read,
        .len = edges[1] - edges[0],
        .file = tasks->window.range.file,
    };
    return true;
}

uint64_t task_reader_seen(const struct job *job, const struct task_reader *tasks, bool *all)
{
    *all = tasks->range > 0 || tasks->ended
        || (job->expected_bytes > 0 && job->work.mapped_bytes >= job->expected_bytes);
    return tasks->range > 0 ? tasks->range : tasks->read + (tasks->cut.batch.len - tasks->next);
}

void task_reader_free(struct job *job, struct task_reader *tasks)
{
    root_reader_free(&tasks->reader, &job->env.mem);
    window_free(&tasks->window);
    mem_free(&job->env.mem, tasks->edges, SCAN_MAX_EDGES * sizeof *tasks->edges);
    mem_free(&job->env.mem, tasks->part, root_reader_room(tasks->part_bytes));
    *tasks = (struct task_reader){.window.fd = -1};
}
