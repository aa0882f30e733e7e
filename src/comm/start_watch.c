/* SPDX-License-Identifier: BSD-3-Clause */
/* Start watch: an alarm, which comes whatever MPI does. Rank 0 speaks first, and as a rule alone;
 * where it cannot, rank 1 does, and then all. */
#include "comm/start_watch.h"

#include "host/fail.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    START_MIN_S = 60,   /* ranks come one after another, on hosts that may be slow */
    CONNECT_MIN_S = 10, /* a few small messages */
    NAME_BYTES = 256,
};

static struct {
    char program[NAME_BYTES], host[NAME_BYTES];
    char text[4 * NAME_BYTES];
    size_t len;
    double seconds;
    int rank;
} watch;

static void end_start(int signal)
{
    (void)signal;
    ssize_t written = write(STDERR_FILENO, watch.text, watch.len);
    (void)written;
    _exit(FAIL_STUCK);
}

/* Only rank 0 keeps the time; as with the watch of a run that has begun, rank 1 says it for all. */
static void set(double least, const char *what)
{
    const double seconds = watch.seconds > least ? watch.seconds : least;
    const double patience = seconds * (watch.rank < 2 ? watch.rank + 1 : 3);
    const int len = snprintf(watch.text, sizeof watch.text,
                             "%s: nothing has moved for %g s in start: %s (rank %d, %s)\n",
                             watch.program, patience, what, watch.rank, watch.host);
    watch.len = (size_t)len < sizeof watch.text ? (size_t)len : sizeof watch.text - 1;
    const struct itimerval timer = {.it_value.tv_sec = (time_t)patience + 1};
    signal(SIGALRM, end_start);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static bool begin(const char *program, double seconds, int rank)
{
    if (seconds <= 0)
        return false;
    watch.seconds = seconds;
    watch.rank = rank;
    snprintf(watch.program, sizeof watch.program, "%s", program);
    gethostname(watch.host, sizeof watch.host - 1);
    return true;
}

void start_watch_load(const char *program, double seconds, int rank, const char *name)
{
    char what[NAME_BYTES + 128];
    snprintf(what, sizeof what,
             "%.*s waits while it is loaded, or in its init (--timeout gives it more)", NAME_BYTES,
             name);
    if (begin(program, seconds, rank))
        set(0, what);
}

void start_watch_begin(const char *program, double seconds, int rank)
{
    if (begin(program, seconds, rank))
        set(START_MIN_S, "not all ranks have come, or a firewall is between their hosts");
}

void start_watch_connect(void)
{
    if (watch.seconds > 0)
        set(CONNECT_MIN_S,
            "ranks do not reach each other; MPIWC_INTERFACE of hostfiles/run, or --mca "
            "btl_tcp_if_include of mpirun, names the network that connects all hosts");
}

void start_watch_end(void)
{
    const struct itimerval never = {0};
    if (watch.seconds <= 0)
        return;
    setitimer(ITIMER_REAL, &never, NULL);
    signal(SIGALRM, SIG_DFL);
    watch.seconds = 0;
}
