/* SPDX-License-Identifier: BSD-3-Clause */
/* Results are read where the state says that they are complete. Files are opened anew each time:
 * then NFS asks for what another host has written, and N.part may have become N.result. */
#include "spool/spool_wait.h"

#include "spool/spool_file.h"
#include "spool/spool_job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 64 << 10, LEAST_WAIT_MS = 50, MOST_WAIT_MS = 1000 };

static volatile int interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

/* The file in which the results are; -1 with fail set, or without where there is none. */
static int open_results(const struct spool *spool, uint64_t number, char name[SPOOL_NAME_BYTES],
                        struct fail *fail)
{
    static const char *const endings[] = {"result", "part",
                                          "result"}; /* it moves from one to the other */
    int fd = -1;
    for (size_t i = 0; fd < 0 && fail->code == FAIL_NONE && i < sizeof endings / sizeof *endings;
         i++)
        fd = spool_file_open(spool, spool_file_name(name, number, endings[i]), O_RDONLY, FAIL_INPUT,
                             fail);
    return fd;
}

/* Writes the results from *at to `end`, as far as they are there, and moves *at. */
static bool copy(const struct spool *spool, uint64_t number, int out, uint64_t *at, uint64_t end,
                 struct fail *fail)
{
    char part[READ_BYTES], name[SPOOL_NAME_BYTES];
    int fd = open_results(spool, number, name, fail);
    bool ok = fail->code == FAIL_NONE;
    for (ssize_t got = 1; ok && fd >= 0 && got > 0 && *at < end && !interrupted;) {
        const size_t room = end - *at < sizeof part ? (size_t)(end - *at) : sizeof part;
        got = pread(fd, part, room, (off_t)*at);
        if (got < 0)
            ok = spool_file_errno(spool, name, FAIL_INPUT, errno, fail);
        else if (!spool_file_write(out, part, (size_t)got, &interrupted))
            ok = errno == EINTR || fail_errno(fail, FAIL_OUTPUT, "standard output", errno);
        else
            *at += (uint64_t)got;
    }
    if (fd >= 0)
        close(fd);
    return ok;
}

/* Whether all results of a submission that has ended were written. */
static bool is_all(const struct spool *spool, uint64_t number, const struct spool_state *state,
                   uint64_t written, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    return written == state->result_bytes
        || spool_file_wrong(spool, spool_file_name(name, number, "result"), FAIL_INPUT, fail,
                            "%" PRIu64 " bytes could be read, its state says %" PRIu64, written,
                            state->result_bytes);
}

static void pause_ms(unsigned ms)
{
    const struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    if (!interrupted)
        nanosleep(&time, NULL);
}

static bool follow(const struct spool *spool, uint64_t number, int out, struct spool_state *state,
                   struct fail *fail)
{
    uint64_t at = 0;
    unsigned wait_ms = LEAST_WAIT_MS;
    for (;;) {
        const uint64_t before = at;
        bool found;
        spool_file_refresh(spool);
        if (!spool_job_exists(spool, number, fail)
            || !spool_state_read(spool, number, state, &found, fail)
            || (at < state->result_bytes
                && !copy(spool, number, out, &at, state->result_bytes, fail)))
            return false;
        if (interrupted)
            return false;
        if (spool_state_final(state))
            return is_all(spool, number, state, at, fail);
        wait_ms = at > before                ? LEAST_WAIT_MS
                : 2 * wait_ms < MOST_WAIT_MS ? 2 * wait_ms
                                             : MOST_WAIT_MS;
        pause_ms(wait_ms);
    }
}

enum spool_wait_end spool_wait(const struct spool *spool, uint64_t number, int out,
                               struct spool_state *state, struct fail *fail)
{
    struct sigaction action = {.sa_handler = on_interrupt}, before;
    interrupted = 0;
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN) /* as a shell starts what is in the background */
        sigaction(SIGINT, &action, NULL);
    bool ok = follow(spool, number, out, state, fail);
    sigaction(SIGINT, &before, NULL);
    return ok                      ? SPOOL_WAIT_ENDED
         : fail->code != FAIL_NONE ? SPOOL_WAIT_FAILED
                                   : SPOOL_WAIT_INTERRUPTED;
}
