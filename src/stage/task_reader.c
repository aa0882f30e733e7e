/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks are read a part of the inputs at a time, the way a part is read for a rank: streams, files
 * and ranges alike. No collectives. */
#include "stage/task_reader.h"

#include "job.h"

enum { PART_BYTES = 1 << 20 };

/* The supply: the next part of the inputs. */
static enum supply_answer read_part(void *context, struct window *window, struct fail *fail)
{
    struct task_reader *source = context;
    if (root_reader_next(&source->reader, source->part, source->part_bytes, fail) == 0)
        return SUPPLY_FAILED;
    root_reader_feed(source->part, window);
    return SUPPLY_GIVEN;
}

/* The next part of the inputs, cut. False at their end, or with fail set. */
static bool cut_more(struct job *job, struct task_reader *source)
{
    struct window *window = &source->window;
    struct verify_input *seen = &job->verify.input;
    struct cut *cut = &source->cut;
    source->next = 0;
    cut->batch.len = 0;
    while (cut->batch.len == 0) {
        const struct block *block = &window->block;
        size_t begin = block->begin;
        /* A part that is said to go on has no newline: nothing to look for, and a task of many
         * parts would be looked through again for each of them. */
        bool whole = !window->open || !window->range.continues;
        if (whole && begin < block->end && begin < block->own) {
            job->env.kind.mapper.cut(&job->env.kind.mapper, block, job->env.scan, source->edges,
                                     cut);
            seen->record_bytes += cut->record_bytes;
            seen->gap_bytes += cut->gap_bytes;
            job->work.mapped_bytes += cut->next - begin;
            window_advance(window, cut->next, cut->within);
            if (cut->next > begin)
                continue;
        }
        const enum window_state state = window_more(window, &job->env.fail);
        job->totals.input_bytes = source->reader.read_bytes;
        if (state != WINDOW_READY)
            return false;
    }
    return true;
}

bool task_reader_init(struct job *job, struct task_reader *source, const struct plan *plan)
{
    size_t part_bytes = job->env.budget.memory_bytes / 64 < PART_BYTES
                          ? job->env.budget.memory_bytes / 64
                          : PART_BYTES;
    *source = (struct task_reader){.window.fd = -1, .part_bytes = part_bytes};
    source->part = mem_alloc(&job->env.mem, root_reader_room(part_bytes), &job->env.fail);
    source->edges =
        mem_alloc(&job->env.mem, SCAN_MAX_EDGES * sizeof *source->edges, &job->env.fail);
    bool ok = source->part && source->edges;
    ok = ok
      && window_init(&source->window, &job->env.mem, job->env.budget.block_bytes,
                     job->env.kind.mapper.behind_bytes, &job->env.fail);
    ok = ok
      && root_reader_init(&source->reader, &job->env.mem, &plan->catalog, job->env.kind.mapper.part,
                          part_bytes, &job->env.fail);
    window_supply(&source->window, (struct supply){source, read_part});
    return ok;
}

bool task_reader_next(struct job *job, struct task_reader *source, struct task_reader_task *task,
                      const uint8_t **bytes)
{
    const uint32_t *edges;
    do {
        if (source->next == source->cut.batch.len && !cut_more(job, source)) {
            source->ended = true;
            return false;
        }
        edges = source->cut.batch.edges + 2 * source->next++;
    } while (edges[0] == edges[1]); /* an empty line is no task */
    *bytes = source->cut.batch.base + edges[0];
    *task = (struct task_reader_task){
        .offset = window_offset(&source->window, edges[0]),
        .len = edges[1] - edges[0],
        .file = source->window.range.file,
    };
    return true;
}

void task_reader_free(struct job *job, struct task_reader *source)
{
    root_reader_free(&source->reader, &job->env.mem);
    window_free(&source->window);
    mem_free(&job->env.mem, source->edges, SCAN_MAX_EDGES * sizeof *source->edges);
    mem_free(&job->env.mem, source->part, root_reader_room(source->part_bytes));
    *source = (struct task_reader){.window.fd = -1};
}
