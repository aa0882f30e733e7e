/* SPDX-License-Identifier: BSD-3-Clause */
/* The master. A question is a head and, where there is a report, its bytes; an answer is a head and
 * the work. MPI keeps the order of messages between two ranks, so a head says what follows; both
 * are sealed, with the number of the question.
 *
 * Rank 0 receives only what a probe has found, and sends without waiting: it never waits for a rank
 * that works. An asking rank waits in comm_wait like in any collective.
 *
 * When a round ends, ranks that are parked are told at once, and everybody else when they ask next.
 * A question of the next round cannot come before rank 0 has left this one, because the agreement
 * at its end needs all ranks: so master_next_round may forget that the round was over. */
#include "comm/master.h"

#include "comm/letter.h"
#include "host/clock.h"
#include "job.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_QUESTION = 3, TAG_REPORT, TAG_ANSWER, TAG_WORK, TAG_OVER };
enum question { ASK, REPORT, LEAVE, FAIL };
enum {
    NAP_MIN_NS = 1000,
    NAP_MAX_NS = 200000,
    NAP_IDLE_NS = 5000000, /* while nobody has work: no question can come, only input */
    STEP_NS = 200000,
};

/* What a rank and rank 0 know of each other. */
struct master_peer {
    uint64_t questions, answers; /* so far */
    bool parked;                 /* it waits for an answer */
    struct letter_head end;      /* the answer where there is no memory for another */
};

/* An answer under way. */
struct master_reply {
    struct master_reply *next;
    struct letter_head head;
    struct buffer work;
    MPI_Request requests[2];
};

static struct master_peer *peer_of(const struct job *job, int rank)
{
    return &job->master->peers[comm_is_root(job) ? rank : 0];
}

/* Of the next question, or answer, from one rank to another. */
static struct seal_label next_label(struct job *job, enum seal_kind kind, int from, int to)
{
    struct master_peer *peer = peer_of(job, kind == SEAL_QUESTION ? from : to);
    const uint64_t number = kind == SEAL_QUESTION ? ++peer->questions : ++peer->answers;
    return (struct seal_label){
        .kind = kind, .number = job->master->number << 40 | number, .from = from, .to = to};
}

/* Rank 0: forgets the answers that have arrived, or waits for all. */
static void clear_replies(struct job *job, bool all)
{
    struct master_reply **link = &job->master->reply;
    while (*link) {
        struct master_reply *reply = *link;
        int first = 0, second = 0;
        do {
            MPI_Test(&reply->requests[0], &first, MPI_STATUS_IGNORE);
            MPI_Test(&reply->requests[1], &second, MPI_STATUS_IGNORE);
        } while (all && !(first && second));
        if (!first || !second) {
            link = &reply->next;
            continue;
        }
        *link = reply->next;
        buffer_free(&reply->work, &job->env.mem);
        mem_free(&job->env.mem, reply, sizeof *reply);
    }
}

/* Rank 0: sends an answer, and the work, which it takes. A rank that cannot be answered for want of
 * memory would wait for ever: the last resort is to say that the round is over, which needs none.
 */
static void answer_rank(struct job *job, int rank, enum master_answer answer, struct buffer *work)
{
    struct master *master = job->master;
    const struct seal_label label = next_label(job, SEAL_ANSWER, 0, rank);
    struct master_reply *reply = mem_alloc(&job->env.mem, sizeof *reply, &job->env.fail);
    if (!reply) {
        MPI_Request request;
        struct letter_head *end = &peer_of(job, rank)->end;
        master->round_over = true;
        *end = letter_head(&label, MASTER_ROUND, &(struct buffer){0});
        MPI_Isend(end, sizeof *end, MPI_BYTE, rank, TAG_ANSWER, job->comm.world, &request);
        MPI_Request_free(&request);
        buffer_free(work, &job->env.mem);
        return;
    }
    *reply = (struct master_reply){
        .next = master->reply, .head = letter_head(&label, answer, work), .work = *work};
    *work = (struct buffer){0};
    master->reply = reply;
    MPI_Isend(&reply->head, sizeof reply->head, MPI_BYTE, rank, TAG_ANSWER, job->comm.world,
              &reply->requests[0]);
    letter_send(job, &reply->work, rank, TAG_WORK, &reply->requests[1]);
}

/* Rank 0: what `rank` gets now. */
static enum master_answer give(struct job *job, int rank, struct buffer *work)
{
    struct master *master = job->master;
    work->len = 0;
    if (master->round_over || job->env.fail.code != FAIL_NONE)
        return MASTER_ROUND;
    enum master_answer answer = master->policy.give(job, master->policy.context, rank, work);
    return job->env.fail.code == FAIL_NONE ? answer : MASTER_ROUND;
}

static void park(struct master *master, int rank, bool parked)
{
    master->parked_len += parked - master->peers[rank].parked;
    master->peers[rank].parked = parked;
}

/* Rank 0: answers those that wait, as far as there is an answer. */
static void answer_parked(struct job *job)
{
    struct master *master = job->master;
    for (int rank = 1; rank < job->comm.size && master->parked_len > 0; rank++) {
        struct buffer work = {0};
        if (!master->peers[rank].parked)
            continue;
        const enum master_answer answer = give(job, rank, &work);
        if (answer != MASTER_LATER) {
            park(master, rank, false);
            answer_rank(job, rank, answer, &work);
        }
        buffer_free(&work, &job->env.mem);
    }
}

static void take(struct job *job, int rank, const struct buffer *report)
{
    struct master_policy *policy = &job->master->policy;
    if (report->len > 0 && job->env.fail.code == FAIL_NONE)
        policy->take(job, policy->context, rank, report->bytes, report->len);
}

/* Rank 0: who works may do so for hours, and asks nothing before. */
static void tell_over(struct job *job)
{
    MPI_Request request;
    if (job->master->over)
        return;
    job->master->over = true;
    for (int rank = 1; rank < job->comm.size; rank++) {
        MPI_Isend(NULL, 0, MPI_BYTE, rank, TAG_OVER, job->comm.world, &request);
        MPI_Request_free(&request);
    }
}

bool master_is_over(struct job *job)
{
    struct master *master = job->master;
    int there = 0;
    if (comm_is_root(job) || master->over)
        return master->over;
    MPI_Iprobe(0, TAG_OVER, job->comm.world, &there, MPI_STATUS_IGNORE);
    if (there)
        MPI_Recv(NULL, 0, MPI_BYTE, 0, TAG_OVER, job->comm.world, MPI_STATUS_IGNORE);
    master->over = there != 0;
    return master->over;
}

/* Rank 0: one question, if there is one. */
static bool take_question(struct job *job)
{
    struct buffer report = {0};
    struct letter_head head;
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_QUESTION, job->comm.world, &there, &status);
    if (!there)
        return false;
    int rank = status.MPI_SOURCE;
    if (!lost_receive(job, &head, sizeof head, rank, TAG_QUESTION))
        return true;
    const struct seal_label due = next_label(job, SEAL_QUESTION, rank, 0);
    letter_check(job, &due, &head);
    if (letter_receive(job, &report, &due, &head, TAG_REPORT) && !lost_is(job, rank))
        take(job, rank, &report);
    if (lost_is(job, rank))
        head.what = REPORT; /* what it had is with others already */
    buffer_free(&report, &job->env.mem);
    if (head.what == LEAVE || head.what == FAIL)
        job->master->round_over = true;
    if (head.what == FAIL)
        tell_over(job);
    if (head.what == ASK)
        park(job->master, rank, true);
    return true;
}

/* Rank 0: serves those who ask. */
static void serve(struct job *job)
{
    struct master *master = job->master;
    if (master->serving)
        return;
    master->serving = true;
    while (take_question(job))
        ;
    if (job->env.fail.code != FAIL_NONE)
        tell_over(job);
    answer_parked(job);
    if (master->reply)
        clear_replies(job, false);
    master->serving = false;
}

/* Between pieces of work, which may be short, it looks no oftener than is of use. */
static void look(struct job *job, bool working)
{
    const uint64_t now = working ? clock_ns() : UINT64_MAX;
    if (now - job->master->step_ns < STEP_NS)
        return;
    if (working)
        job->master->step_ns = now;
    for (int i = 0; i < (working ? COMM_LOOKS : 1); i++)
        serve(job);
}

static size_t peers_bytes(const struct job *job)
{
    return (comm_is_root(job) ? (size_t)job->comm.size : 1) * sizeof(struct master_peer);
}

bool master_open(struct job *job, struct master *master, const struct master_policy *policy)
{
    *master = (struct master){.number = ++job->comm.masters};
    if (comm_is_root(job))
        master->policy = *policy;
    master->peers = mem_alloc(&job->env.mem, peers_bytes(job), &job->env.fail);
    if (!master->peers)
        return false;
    job->master = master;
    if (comm_is_root(job))
        comm_add_poller(job, look);
    return true;
}

/* Rank 0 asks itself. */
static enum master_answer ask_myself(struct job *job, const struct buffer *report,
                                     struct buffer *work)
{
    struct master *master = job->master;
    enum master_answer answer;
    take(job, 0, report);
    job->comm.waiting = true;
    for (long nap_ns = NAP_MIN_NS; (answer = give(job, 0, work)) == MASTER_LATER;) {
        for (int i = 0; i < COMM_LOOKS; i++)
            comm_look(job);
        master->idle = master->parked_len == job->comm.size - 1 - job->lost.len;
        const long most_ns = master->idle ? NAP_IDLE_NS : NAP_MAX_NS;
        nanosleep(&(struct timespec){.tv_nsec = nap_ns}, NULL);
        nap_ns = 2 * nap_ns < most_ns ? 2 * nap_ns : most_ns;
    }
    master->idle = job->comm.waiting = false;
    serve(job); /* if there is no more, there is none for those who wait either */
    return answer;
}

static void send_question(struct job *job, enum question what, const struct buffer *report)
{
    const struct seal_label label = next_label(job, SEAL_QUESTION, job->comm.rank, 0);
    struct letter_head head = letter_head(&label, what, report);
    MPI_Request request;
    MPI_Isend(&head, sizeof head, MPI_BYTE, 0, TAG_QUESTION, job->comm.world, &request);
    comm_wait(job, &request);
    letter_send(job, report, 0, TAG_REPORT, &request);
    comm_wait(job, &request);
}

bool master_ask(struct job *job, const struct buffer *report, enum master_answer *answer,
                struct buffer *work)
{
    struct letter_head head;
    MPI_Request request;
    work->len = 0;
    if (comm_is_root(job)) {
        *answer = ask_myself(job, report, work);
        return job->env.fail.code == FAIL_NONE;
    }
    send_question(job, ASK, report);
    MPI_Irecv(&head, sizeof head, MPI_BYTE, 0, TAG_ANSWER, job->comm.world, &request);
    comm_wait(job, &request);
    const struct seal_label due = next_label(job, SEAL_ANSWER, 0, job->comm.rank);
    letter_check(job, &due, &head);
    *answer = (enum master_answer)head.what;
    return letter_receive(job, work, &due, &head, TAG_WORK);
}

void master_report(struct job *job, const struct buffer *report)
{
    if (comm_is_root(job))
        take(job, 0, report);
    else
        send_question(job, REPORT, report);
}

void master_leave(struct job *job, const struct buffer *report)
{
    if (comm_is_root(job)) {
        take(job, 0, report);
        job->master->round_over = true;
        serve(job);
    } else {
        send_question(job, job->env.fail.code == FAIL_NONE ? LEAVE : FAIL, report);
    }
}

void master_next_round(struct job *job)
{
    serve(job); /* whoever left has said so before it agreed */
    job->master->round_over = false;
}

void master_lost(struct job *job, int rank)
{
    struct master_policy *policy = &job->master->policy;
    park(job->master, rank, false);
    policy->lost(job, policy->context, rank);
}

void master_close(struct job *job)
{
    struct master *master = job->master;
    if (!master)
        return;
    comm_remove_poller(job, look);
    clear_replies(job, true);
    mem_free(&job->env.mem, master->peers, peers_bytes(job));
    *master = (struct master){0};
    job->master = NULL;
}
