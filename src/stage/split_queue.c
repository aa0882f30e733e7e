/* SPDX-License-Identifier: BSD-3-Clause */
/* The policy of the inputs on rank 0, and the side that asks.
 *
 * A rank asks only when it has counted all that it was given: so how long that took tells how fast
 * it is. It gets as much as it will count in a twentieth of a second, or in half of the time that
 * all ranks together need for what is left, so that the last splits are short and all end at
 * nearly the same time, however different their speeds. A file counts as so many bytes more:
 * opening it costs about as much. Collectives, in order. split_queue_open: agree. */
#include "stage/split_queue.h"

#include "comm/agree.h"
#include "host/clock.h"
#include "input/joints.h"
#include "job.h"

#include <string.h>

enum {
    FILE_WORK = 4096,
    GIVEN_NS = 50000000,
    GIVEN_MIN_BYTES = 256 << 10, /* and the first split of a rank, whose speed is not known */
    LIST_SHARE = 64,             /* of the memory, for the list of files of one split */
};

/* What rank 0 knows of a rank. */
struct split_queue_rank {
    uint64_t given; /* work of the split that it has */
    double speed;   /* work in a nanosecond; 0: unknown */
};

/* The time a rank took for what it was given before. */
static bool take(struct job *job, void *context, int rank, const uint8_t *report, size_t len)
{
    struct split_queue *queue = context;
    struct split_queue_rank *from = &queue->ranks[rank];
    uint64_t ns;
    (void)job, (void)len;
    memcpy(&ns, report, sizeof ns);
    if (from->given > 0) {
        double speed = (double)from->given / (double)(ns ? ns : 1);
        queue->speed += speed - from->speed;
        from->speed = speed;
        from->given = 0;
    }
    return true;
}

/* How much a rank gets now: bytes, and so many for each file. */
static uint64_t quota(const struct job *job, const struct split_queue *queue, int rank)
{
    double speed = queue->ranks[rank].speed;
    double ns = speed > 0 ? (double)queue->left / queue->speed / 2 : 0;
    uint64_t least = job->env.options.split_bytes ? job->env.options.split_bytes : GIVEN_MIN_BYTES;
    uint64_t work = (uint64_t)(speed * (ns < GIVEN_NS ? ns : GIVEN_NS));
    return work > least ? work : least;
}

/* The place about `work` after the next one, at the end of a piece; returns the work up to it. */
static uint64_t walk(const struct job *job, const struct split_queue *queue, uint64_t work,
                     struct split_place *to)
{
    const struct catalog *catalog = &queue->plan->catalog;
    uint64_t piece = job->env.options.split_bytes ? job->env.options.split_bytes : GIVEN_MIN_BYTES;
    size_t list_bytes = 0;
    uint64_t done = 0;
    *to = queue->next;
    while (to->file < catalog->len && done < work
           && list_bytes < job->env.budget.memory_bytes / LIST_SHARE) {
        const struct catalog_file *file = &catalog->files[to->file];
        uint64_t left = file->bytes - to->offset, wanted = work - done;
        uint64_t pieces = wanted / piece + (wanted % piece > 0);
        uint64_t some = pieces < left / piece + (left % piece > 0) ? pieces * piece : left;
        if (some < left && catalog_jointed(catalog, to->file))
            some = joints_behind(catalog, to->file, to->offset + some - 1) - to->offset;
        if (some < left) {
            to->offset += some;
            return done + some;
        }
        done += left + FILE_WORK;
        list_bytes += sizeof(struct window_range) + strlen(catalog_name(catalog, to->file)) + 1;
        *to = (struct split_place){.file = to->file + 1};
    }
    return done;
}

static enum master_answer give(struct job *job, void *context, int rank, struct buffer *work)
{
    struct split_queue *queue = context;
    struct split_place to;
    if (queue->next.file == queue->plan->catalog.len)
        return MASTER_END;
    queue->ranks[rank].given = walk(job, queue, quota(job, queue, rank), &to);
    if (!env_append(&job->env, work, NULL,
                    split_list_bytes(&queue->plan->catalog, queue->next, to)))
        return MASTER_ROUND;
    split_write(&queue->plan->catalog, queue->next, to, work->bytes, work->len);
    queue->left -= queue->ranks[rank].given;
    queue->next = to;
    return MASTER_WORK;
}

/* The clock of the map phase: it stands still while records are exchanged. */
static uint64_t map_ns(const struct job *job)
{
    return job->timing.spent_ns[TIMING_MAP] + clock_ns() - job->timing.since_ns;
}

/* Asks rank 0 for the next split, and waits for the answer. */
static enum supply_answer ask(void *context, struct window *window, struct fail *fail)
{
    struct split_queue *queue = context;
    struct job *job = queue->job;
    uint64_t ns = queue->spent_ns + map_ns(job) - queue->since_ns;
    const struct buffer report = {.bytes = (uint8_t *)&ns, .len = sizeof ns};
    enum master_answer answer;
    bool ok = master_ask(job, &report, &answer, &queue->given);
    queue->since_ns = map_ns(job);
    queue->spent_ns = 0;
    if (!ok)
        return SUPPLY_FAILED;
    if (answer == MASTER_ROUND)
        return SUPPLY_LATER;
    timing_moved(&job->timing, TIMING_SCATTER, queue->given.len, comm_is_far(job, 0));
    if (answer == MASTER_END)
        window_set(window, NULL, 0, NULL, true);
    else if (!split_set(window, queue->given.bytes, queue->given.len, false, fail))
        return SUPPLY_FAILED;
    return SUPPLY_GIVEN;
}

bool split_queue_open(struct job *job, struct split_queue *queue, const struct plan *plan,
                      struct window *window)
{
    const struct master_policy policy = {.context = queue, .take = take, .give = give};
    bool ok = true;
    if (comm_is_root(job)) {
        queue->plan = plan;
        queue->left = plan->left_bytes + plan->catalog.len * FILE_WORK;
        queue->ranks =
            mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *queue->ranks, &job->env.fail);
        ok = queue->ranks != NULL;
    }
    ok = ok && master_open(job, &queue->master, &policy);
    queue->job = job;
    window_supply(window, (struct supply){queue, ask});
    return agree(job, ok);
}

void split_queue_leave(struct job *job, struct split_queue *queue, bool done)
{
    const struct buffer nothing = {0};
    queue->spent_ns += map_ns(job) - queue->since_ns;
    if (!done)
        master_leave(job, &nothing);
}

void split_queue_next_round(struct job *job, struct split_queue *queue)
{
    queue->since_ns = map_ns(job);
    if (comm_is_root(job))
        master_next_round(job);
}

void split_queue_free(struct job *job, struct split_queue *queue)
{
    buffer_free(&queue->given, &job->env.mem);
    master_close(job);
    mem_free(&job->env.mem, queue->ranks, (size_t)job->comm.size * sizeof *queue->ranks);
    *queue = (struct split_queue){0};
}
