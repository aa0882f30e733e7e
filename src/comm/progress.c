/* SPDX-License-Identifier: BSD-3-Clause */
/* Progress by small messages to rank 0 and its answers. A rank has at most one message under way,
 * and says which is its last, so that rank 0 can take every message before the run ends. That one
 * is not answered: who has sent it wants nothing any more. */
#include "comm/progress.h"

#include "comm/seal.h"
#include "comm/watch.h"
#include "host/clock.h"
#include "host/signals.h"
#include "job.h"
#include "status/line.h"
#include "status/redraw.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

enum { TAG_NEWS = 1, TAG_ANSWER = 2, TAG_LAST = 8 }; /* those between are the master's */

enum { LINE_MAX_BYTES = 1024 };

static const uint64_t FRESH_NS = 200000000, NEWS_NS = 500000, /* for each rank */
    QUIET_NS = 2000000000,                                    /* nothing is drawn before */
    ASKED_ONCE_NS = 1500000000; /* signals that come in so short a time are one */

/* Answers, which may be under way until the end: go on; and wind down, which no harm makes of it.
 */
static const uint8_t answers[] = {0, 0xa5};

/* Whether no rank may go on for long: those that run tasks ask for each, others do not. */
static bool winds_down_for_all(const struct job *job)
{
    return job->progress.winds_down && job->can_be_left;
}

static uint64_t seal_news(const struct progress_news *news, int from)
{
    const struct seal_label label = {.kind = SEAL_NEWS, .from = from};
    return seal_of(&label, news, offsetof(struct progress_news, seal));
}

/* Rank 0: one message, if one has arrived. An answer is not waited for, nor is anything in it.
 * While the last ones are awaited others may have ended already: what is damaged then is a failure
 * of this rank, which alone is left to fail. */
static bool take_one(struct job *job, int tag)
{
    struct progress *progress = &job->progress;
    int there = 0;
    MPI_Status status;
    MPI_Request answer;
    struct progress_news news;
    MPI_Iprobe(MPI_ANY_SOURCE, tag, job->comm.world, &there, &status);
    if (!there)
        return false;
    const int rank = status.MPI_SOURCE;
    if (!lost_receive(job, &news, sizeof news, rank, tag))
        return true;
    if (tag == TAG_NEWS) {
        MPI_Isend(&answers[winds_down_for_all(job)], 1, MPI_BYTE, rank, TAG_ANSWER, job->comm.world,
                  &answer);
        MPI_Request_free(&answer);
    }
    progress->ranks[rank].finished = tag == TAG_LAST;
    if (news.seal != seal_news(&news, rank)) {
        if (!progress->ends)
            seal_end(job, "news", rank);
        seal_broken(job, "news", rank);
        return true;
    }
    progress->ranks[rank] = (struct progress_rank){clock_ns(), news.steps, news.running.ns,
                                                   news.waiting != 0, tag == TAG_LAST};
    progress->known[rank].work = news.work;
    progress->known[rank].running = news.running;
    progress->asked |= news.asked;
    return true;
}

static void take(struct job *job)
{
    while (take_one(job, TAG_NEWS) || take_one(job, TAG_LAST))
        ;
}

/* The others: answers that have arrived. */
static void take_answers(struct job *job)
{
    struct progress *progress = &job->progress;
    for (;;) {
        int there = 0;
        uint8_t answer;
        MPI_Iprobe(0, TAG_ANSWER, job->comm.world, &there, MPI_STATUS_IGNORE);
        if (!there)
            return;
        MPI_Recv(&answer, 1, MPI_BYTE, 0, TAG_ANSWER, job->comm.world, MPI_STATUS_IGNORE);
        progress->winds_down |= answer == answers[true];
        progress->answers++;
        progress->moved_ns = clock_ns();
    }
}

/* What this rank runs, as it stands now. */
static struct snapshot_running running(const struct job *job)
{
    struct snapshot_running running = job->running;
    if (running.number)
        running.ns = clock_ns() - job->running_since_ns;
    return running;
}

static void send(struct job *job, int tag)
{
    struct progress *progress = &job->progress;
    progress->sent = (struct progress_news){
        .work = job_work(job),
        .running = running(job),
        .steps = job->comm.steps,
        .waiting = job->comm.waiting,
        .asked = progress->asked,
    };
    progress->sent.seal = seal_news(&progress->sent, job->comm.rank);
    progress->asked = 0;
    progress->sent_len++;
    MPI_Isend(&progress->sent, sizeof progress->sent, MPI_BYTE, 0, tag, job->comm.world,
              &progress->sending);
}

struct snapshot progress_snapshot(struct job *job)
{
    struct progress *progress = &job->progress;
    struct snapshot_rank *mine = &progress->known[0];
    const struct timing *timing = &job->timing;
    const uint64_t now = clock_ns();
    for (int rank = 1; rank < job->comm.size; rank++)
        if (progress->known[rank].running.number)
            progress->known[rank].running.ns =
                progress->ranks[rank].running_ns + (now - progress->ranks[rank].heard_ns);
    mine->work = job_work(job);
    mine->running = running(job);
    memcpy(mine->spent_ns, timing->spent_ns, sizeof mine->spent_ns);
    mine->spent_ns[timing->phase] += now > timing->since_ns ? now - timing->since_ns : 0;
    return job_snapshot(job, progress->known);
}

/* Whether what runs can be taken up again where it ended. */
static bool can_wind_down(const struct job *job)
{
    const struct options *options = &job->env.options;
    return options_service(options) || (options->journal && job->work.step.phase <= TIMING_MAP)
        || job->can_be_left;
}

/* Half of the points stay when there are too many, and the next ones come half as often. */
static void add_point(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    struct snapshot_history *history = &progress->history;
    if (now < progress->point_ns)
        return;
    if (history->len == SNAPSHOT_POINTS) {
        history->len /= 2;
        for (size_t i = 0; i < history->len; i++)
            history->points[i] = history->points[2 * i];
        progress->points_every_ns *= 2;
    }
    progress->point_ns = now + progress->points_every_ns;
    const struct snapshot snapshot = progress_snapshot(job);
    const uint64_t done =
        snapshot.runs_tasks ? snapshot.work.tasks.done : snapshot.work.mapped_bytes;
    history->points[history->len++] = (struct snapshot_point){(float)snapshot.seconds, (float)done};
}

/* Rank 0. Whether a line on standard error could cut off the result (see comm_launched_by_prrte),
 * or come between its lines on a terminal. */
static bool would_disturb(const struct job *job)
{
    if (!job->totals.standard_output)
        return false;
    const bool leaves = job->timing.phase == TIMING_GATHER;
    return (leaves && comm_launched_by_prrte())
        || (redraw_meets_output() && (leaves || options_tasks(&job->env.options)));
}

static void show(struct job *job, bool redraws)
{
    char text[LINE_MAX_BYTES] = "";
    const struct snapshot snapshot = progress_snapshot(job);
    FILE *file = fmemopen(text, sizeof text - 1, "w");
    if (!file)
        return;
    line_progress(file, &snapshot);
    fclose(file);
    if (redraws) {
        redraw_show(text);
    } else {
        redraw_erase();
        fputs(text, stderr);
    }
}

/* Rank 0: what signals ask for. They come to several ranks at once as a rule. */
static void heed(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    unsigned asked = progress->asked;
    progress->asked = 0;
    if ((asked & SIGNALS_WIND_DOWN) && can_wind_down(job)) {
        progress->winds_down = true;
        asked &= ~(unsigned)SIGNALS_WIND_DOWN;
    }
    const bool again = progress->asked_ns > 0 && now - progress->asked_ns < ASKED_ONCE_NS;
    if (asked && !again && !would_disturb(job)) {
        progress->asked_ns = now;
        show(job, false);
    }
}

static void look_of_root(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    take(job);
    add_point(job, now);
    view_look(job, now);
    const bool disturbs = would_disturb(job);
    if (disturbs)
        redraw_erase();
    if (progress->show_every_ns > 0 && now >= progress->show_ns && !disturbs) {
        progress->show_ns = now + progress->show_every_ns;
        show(job, progress->redraws);
    }
}

static void look_of_others(struct job *job)
{
    int free = 1;
    take_answers(job);
    job->progress.winds_down |= (job->progress.asked & SIGNALS_WIND_DOWN) && can_wind_down(job);
    MPI_Test(&job->progress.sending, &free, MPI_STATUS_IGNORE);
    if (free)
        send(job, TAG_NEWS);
}

/* Sends, takes, shows and watches, if it is time, or a signal has come. */
static void look(struct job *job, bool working)
{
    struct progress *progress = &job->progress;
    const uint64_t now = clock_ns();
    (void)working;
    progress->asked |= signals_take();
    if (now < progress->next_ns && progress->asked == 0)
        return;
    progress->next_ns = now + progress->interval_ns;
    if (comm_is_root(job))
        look_of_root(job, now);
    else
        look_of_others(job);
    if (comm_is_root(job) && progress->asked)
        heed(job, now);
    watch_look(job);
}

static bool init_root(struct job *job, uint64_t now, struct fail *fail)
{
    struct progress *progress = &job->progress;
    const size_t size = progress->size = (size_t)job->comm.size;
    progress->ranks = mem_alloc(&job->env.mem, size * sizeof *progress->ranks, fail);
    for (size_t rank = 0; progress->ranks && rank < size; rank++)
        progress->ranks[rank].heard_ns = now;
    progress->known = mem_alloc(&job->env.mem, size * sizeof *progress->known, fail);
    for (size_t rank = 0; progress->ranks && progress->known && rank < size; rank++) {
        struct snapshot_rank *known = &progress->known[rank];
        memcpy(known->host, comm_host_of(job, (int)rank), sizeof known->host);
        known->host_index = (uint64_t)job->comm.places[rank].host;
    }
    return progress->ranks && progress->known;
}

/* Between two news of a rank: rank 0 takes some thousand a second with ease. What is shown adds up
 * news of different age, and is as far behind as they are old. */
static uint64_t news_interval_ns(const struct job *job)
{
    const uint64_t ranks = (uint64_t)job->comm.size, least = ranks * NEWS_NS;
    const uint64_t wanted = (uint64_t)(job->env.options.progress_s * 1e9);
    uint64_t interval = wanted > 0 && wanted < FRESH_NS ? wanted : FRESH_NS;
    interval = interval > least || ranks == 1 ? interval : least;
    const uint64_t watch_ns = ranks > 1 ? watch_interval_ns(job) : 0;
    return watch_ns > 0 && watch_ns < interval ? watch_ns : interval;
}

/* On rank 0: who wants lines, and in which form. Nobody asked for them on a terminal, but a run
 * that takes long says so there. */
static void choose_form(struct job *job, uint64_t now)
{
    struct progress *progress = &job->progress;
    const struct options *options = &job->env.options;
    const bool terminal = redraw_possible();
    const uint64_t wanted_ns = (uint64_t)(options->progress_s * 1e9);
    if (wanted_ns > 0 && !options->no_progress) {
        progress->show_every_ns = wanted_ns;
        progress->show_ns = now + wanted_ns;
        progress->redraws = terminal;
    } else if (terminal && !options->no_progress && !options->quiet) {
        progress->show_every_ns = FRESH_NS;
        progress->show_ns = now + QUIET_NS;
        progress->redraws = true;
    }
}

bool progress_init(struct job *job, struct fail *fail)
{
    struct progress *progress = &job->progress;
    uint64_t now = clock_ns();
    *progress = (struct progress){.sending = MPI_REQUEST_NULL, .polled_ns = now, .moved_ns = now};
    progress->interval_ns = news_interval_ns(job);
    if (comm_is_root(job))
        choose_form(job, now);
    progress->next_ns = now + progress->interval_ns;
    progress->points_every_ns = progress->interval_ns;
    if (comm_is_root(job) && !init_root(job, now, fail)) {
        progress->interval_ns = 0;
        return false;
    }
    comm_add_poller(job, look);
    return true;
}

/* Rank 0: whether no rank that is left has anything to say. */
static bool all_finished(const struct job *job)
{
    const struct progress_rank *ranks = job->progress.ranks;
    for (int rank = 1; rank < job->comm.size; rank++)
        if (!ranks[rank].finished && !lost_is(job, rank))
            return false;
    return true;
}

/* Between two looks of progress_finish. */
static void nap(struct job *job)
{
    comm_look(job);
    nanosleep(&(struct timespec){.tv_nsec = 10000}, NULL);
    watch_look(job);
}

/* Nothing is wanted of them but that they have come: one that was lost is not waited for until
 * somebody thinks that nothing moves. */
static void await_answers(struct job *job)
{
    const struct progress *progress = &job->progress;
    const uint64_t patience_ns = watch_patience_ns(job) / 2, begun = clock_ns();
    while (take_answers(job), progress->answers < progress->sent_len) {
        if (patience_ns > 0 && clock_ns() - begun > patience_ns)
            return;
        nap(job);
    }
}

void progress_finish(struct job *job)
{
    struct progress *progress = &job->progress;
    if (progress->interval_ns == 0)
        return;
    job->comm.waiting = progress->ends = true;
    comm_remove_poller(job, look);
    if (comm_is_root(job)) {
        while (take(job), !all_finished(job))
            nap(job);
    } else {
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
        await_answers(job);
        send(job, TAG_LAST);
        MPI_Wait(&progress->sending, MPI_STATUS_IGNORE);
    }
    redraw_erase();
    progress->interval_ns = 0;
}

void progress_free(struct job *job)
{
    struct progress *progress = &job->progress;
    mem_free(&job->env.mem, progress->ranks, progress->size * sizeof *progress->ranks);
    mem_free(&job->env.mem, progress->known, progress->size * sizeof *progress->known);
    progress->ranks = NULL;
    progress->known = NULL;
}
