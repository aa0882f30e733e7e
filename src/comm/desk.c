/* SPDX-License-Identifier: BSD-3-Clause */
/* The desk. A question is a head and, where there is a report, its bytes; an answer is a head and
 * the work. MPI keeps the order of messages between two ranks, so a head says what follows.
 *
 * Rank 0 receives only what a probe has found, and sends without waiting: it never waits for a rank
 * that works. An asking rank waits in comm_wait like in any collective.
 *
 * When a round ends, ranks that are held are told at once, and everybody else when they ask next.
 * A question of the next round cannot come before rank 0 has left this one, because the agreement
 * at its end needs all ranks: so desk_next_round may forget that the round was over. */
#include "comm/desk.h"

#include "job.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_QUESTION = 3, TAG_REPORT, TAG_ANSWER, TAG_WORK };
enum question { ASK, REPORT, LEAVE };
enum { NAP_MIN_NS = 1000, NAP_MAX_NS = 200000, STEP_NS = 200000 };

struct head {
    uint64_t what; /* enum question, or enum desk_answer */
    uint64_t bytes;
};

/* An answer under way. */
struct desk_mail {
    struct desk_mail *next;
    struct head head;
    struct buffer work;
    MPI_Request requests[2];
};

bool desk_open(struct job *job, struct desk *desk, const struct desk_clerk *clerk)
{
    *desk = (struct desk){0};
    if (comm_is_root(job)) {
        desk->clerk = *clerk;
        desk->held =
            mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *desk->held, &job->env.fail);
        if (!desk->held)
            return false;
    }
    MPI_Type_contiguous(BUFFER_BLOCK_BYTES, MPI_BYTE, &desk->block);
    MPI_Type_commit(&desk->block);
    job->desk = desk;
    return true;
}

/* MPI counts with an int: what is longer travels in blocks, the last of them padded. */
static int units(const struct desk *desk, size_t len, MPI_Datatype *type)
{
    *type = len > INT_MAX ? desk->block : MPI_BYTE;
    return (int)(len > INT_MAX ? buffer_blocks(len) : len);
}

static void send_bytes(struct job *job, const struct buffer *bytes, int rank, int tag,
                       MPI_Request *request)
{
    MPI_Datatype type;
    int count = units(job->desk, bytes->len, &type);
    *request = MPI_REQUEST_NULL;
    if (count > 0)
        MPI_Isend(bytes->bytes, count, type, rank, tag, job->comm.world, request);
}

/* Appends what a head has announced; its sender has begun to send it and waits for nothing else. A
 * message cannot be refused: where --memory has no room for it, it is taken all the same and thrown
 * away. False with fail set. */
static bool receive_bytes(struct job *job, struct buffer *to, size_t len, int rank, int tag)
{
    MPI_Datatype type;
    MPI_Request request;
    int count = units(job->desk, len, &type);
    if (count == 0)
        return true;
    bool ok = env_append(&job->env, to, NULL, len);
    void *bytes = ok ? to->bytes : malloc(buffer_blocks(len) * BUFFER_BLOCK_BYTES);
    if (!bytes)
        MPI_Abort(job->comm.world, FAIL_MEMORY);
    MPI_Irecv(bytes, count, type, rank, tag, job->comm.world, &request);
    comm_wait(job, &request);
    if (!ok)
        free(bytes);
    return ok;
}

/* Rank 0: forgets the answers that have arrived, or waits for all. */
static void clear_mail(struct job *job, bool all)
{
    struct desk_mail **link = &job->desk->mail;
    MPI_Status unused[2]; /* MPICH's header makes GCC warn of MPI_STATUSES_IGNORE */
    while (*link) {
        struct desk_mail *mail = *link;
        int done = 0;
        if (all)
            MPI_Waitall(2, mail->requests, unused);
        else
            MPI_Testall(2, mail->requests, &done, unused);
        if (!all && !done) {
            link = &mail->next;
            continue;
        }
        *link = mail->next;
        buffer_free(&mail->work, &job->env.mem);
        mem_free(&job->env.mem, mail, sizeof *mail);
    }
}

/* Rank 0: sends an answer, and the work, which it takes. A rank that cannot be answered for want of
 * memory would wait for ever: the last resort is to say that the round is over, which needs none.
 */
static void answer_rank(struct job *job, int rank, enum desk_answer answer, struct buffer *work)
{
    struct desk *desk = job->desk;
    static const struct head round_over = {.what = DESK_ROUND};
    struct desk_mail *mail = mem_alloc(&job->env.mem, sizeof *mail, &job->env.fail);
    if (!mail) {
        MPI_Request request;
        desk->round_over = true;
        MPI_Isend(&round_over, sizeof round_over, MPI_BYTE, rank, TAG_ANSWER, job->comm.world,
                  &request);
        MPI_Request_free(&request);
        buffer_free(work, &job->env.mem);
        return;
    }
    *mail = (struct desk_mail){.next = desk->mail, .head = {answer, work->len}, .work = *work};
    *work = (struct buffer){0};
    desk->mail = mail;
    MPI_Isend(&mail->head, sizeof mail->head, MPI_BYTE, rank, TAG_ANSWER, job->comm.world,
              &mail->requests[0]);
    send_bytes(job, &mail->work, rank, TAG_WORK, &mail->requests[1]);
}

/* Rank 0: what `rank` gets now. */
static enum desk_answer give(struct job *job, int rank, struct buffer *work)
{
    struct desk *desk = job->desk;
    work->len = 0;
    if (desk->round_over || job->env.fail.code != FAIL_NONE)
        return DESK_ROUND;
    enum desk_answer answer = desk->clerk.give(job, desk->clerk.context, rank, work);
    return job->env.fail.code == FAIL_NONE ? answer : DESK_ROUND;
}

static void hold(struct desk *desk, int rank, bool held)
{
    desk->held_len += held - desk->held[rank];
    desk->held[rank] = held;
}

/* Rank 0: answers those that wait, as far as there is an answer. */
static void answer_held(struct job *job)
{
    struct desk *desk = job->desk;
    for (int rank = 1; rank < job->comm.size && desk->held_len > 0; rank++) {
        struct buffer work = {0};
        if (!desk->held[rank])
            continue;
        enum desk_answer answer = give(job, rank, &work);
        if (answer == DESK_LATER) {
            buffer_free(&work, &job->env.mem);
            continue;
        }
        hold(desk, rank, false);
        answer_rank(job, rank, answer, &work);
    }
}

static void take(struct job *job, int rank, const struct buffer *report)
{
    struct desk_clerk *clerk = &job->desk->clerk;
    if (report->len > 0 && job->env.fail.code == FAIL_NONE)
        clerk->take(job, clerk->context, rank, report->bytes, report->len);
}

/* Rank 0: one question, if there is one. */
static bool take_question(struct job *job)
{
    struct buffer report = {0};
    struct head head;
    int there = 0;
    MPI_Status status;
    MPI_Iprobe(MPI_ANY_SOURCE, TAG_QUESTION, job->comm.world, &there, &status);
    if (!there)
        return false;
    int rank = status.MPI_SOURCE;
    MPI_Recv(&head, sizeof head, MPI_BYTE, rank, TAG_QUESTION, job->comm.world, MPI_STATUS_IGNORE);
    if (receive_bytes(job, &report, head.bytes, rank, TAG_REPORT))
        take(job, rank, &report);
    buffer_free(&report, &job->env.mem);
    if (head.what == LEAVE)
        job->desk->round_over = true;
    if (head.what == ASK)
        hold(job->desk, rank, true);
    return true;
}

void desk_poll(struct job *job)
{
    struct desk *desk = job->desk;
    if (!desk || !comm_is_root(job) || desk->serving)
        return;
    desk->serving = true;
    while (take_question(job))
        ;
    answer_held(job);
    if (desk->mail)
        clear_mail(job, false);
    desk->serving = false;
}

void desk_step(struct job *job)
{
    uint64_t now;
    if (!job->desk || !comm_is_root(job) || (now = timing_now()) - job->desk->step_ns < STEP_NS)
        return;
    job->desk->step_ns = now;
    for (int look = 0; look < COMM_LOOKS; look++)
        desk_poll(job);
}

/* Rank 0 at its own desk. */
static enum desk_answer ask_myself(struct job *job, const struct buffer *report,
                                   struct buffer *work)
{
    enum desk_answer answer;
    take(job, 0, report);
    long nap_ns = NAP_MIN_NS;
    job->progress.waiting = true;
    while ((answer = give(job, 0, work)) == DESK_LATER) {
        progress_poll(job);
        for (int look = 0; look < COMM_LOOKS; look++)
            desk_poll(job);
        nanosleep(&(struct timespec){.tv_nsec = nap_ns}, NULL);
        nap_ns = 2 * nap_ns < NAP_MAX_NS ? 2 * nap_ns : NAP_MAX_NS;
    }
    job->progress.waiting = false;
    desk_poll(job); /* if there is no more, there is none for those who wait either */
    return answer;
}

static void send_question(struct job *job, enum question what, const struct buffer *report)
{
    struct head head = {what, report->len};
    MPI_Request request;
    MPI_Isend(&head, sizeof head, MPI_BYTE, 0, TAG_QUESTION, job->comm.world, &request);
    comm_wait(job, &request);
    send_bytes(job, report, 0, TAG_REPORT, &request);
    comm_wait(job, &request);
}

bool desk_ask(struct job *job, const struct buffer *report, enum desk_answer *answer,
              struct buffer *work)
{
    struct head head;
    MPI_Request request;
    work->len = 0;
    if (comm_is_root(job)) {
        *answer = ask_myself(job, report, work);
        return job->env.fail.code == FAIL_NONE;
    }
    send_question(job, ASK, report);
    MPI_Irecv(&head, sizeof head, MPI_BYTE, 0, TAG_ANSWER, job->comm.world, &request);
    comm_wait(job, &request);
    *answer = (enum desk_answer)head.what;
    return receive_bytes(job, work, head.bytes, 0, TAG_WORK);
}

void desk_report(struct job *job, const struct buffer *report)
{
    if (comm_is_root(job))
        take(job, 0, report);
    else
        send_question(job, REPORT, report);
}

void desk_leave(struct job *job, const struct buffer *report)
{
    if (comm_is_root(job)) {
        take(job, 0, report);
        job->desk->round_over = true;
        desk_poll(job);
    } else {
        send_question(job, LEAVE, report);
    }
}

void desk_next_round(struct job *job)
{
    desk_poll(job); /* whoever left has said so before it agreed */
    job->desk->round_over = false;
}

void desk_close(struct job *job)
{
    struct desk *desk = job->desk;
    if (!desk)
        return;
    clear_mail(job, true);
    mem_free(&job->env.mem, desk->held, (size_t)job->comm.size * sizeof *desk->held);
    MPI_Type_free(&desk->block);
    *desk = (struct desk){0};
    job->desk = NULL;
}
