/* SPDX-License-Identifier: BSD-3-Clause */
/* A thread waits for the end of the connection and then ends everything. A signal at the death of
 * the parent would do less: a task can block it, it comes to one thread, and its default action
 * would leave the grandchildren behind. */
#include "host/tether.h"

#include "host/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

bool tether_held(void)
{
    struct stat status;
    return getpgrp() == getpid() && fstat(PROCESS_SOCKET, &status) == 0 && S_ISSOCK(status.st_mode);
}

_Noreturn void tether_end(void)
{
    process_end_family();
    kill(0, SIGKILL);
    for (;;)
        pause();
}

/* A socket hangs up when both directions are closed; the rank closes one of them to say that no
 * more work comes. */
static void *watch(void *nothing)
{
    struct pollfd socket = {.fd = PROCESS_SOCKET};
    (void)nothing;
    while (poll(&socket, 1, -1) < 0)
        ;
    tether_end();
}

static bool start_watch(void)
{
    pthread_t thread;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old); /* signals are for the work */
    int error = pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    errno = error ? error : pthread_detach(thread);
    return errno == 0;
}

/* What the rank has open is none of ours, and none of what a command starts. */
static void close_inherited(void)
{
    DIR *descriptors = opendir("/proc/self/fd");
    int own = descriptors ? dirfd(descriptors) : -1;
    for (struct dirent *entry; descriptors && (entry = readdir(descriptors));) {
        int number = atoi(entry->d_name);
        if (number >= PROCESS_DESCRIPTORS && number != own)
            close(number);
    }
    if (descriptors)
        closedir(descriptors);
}

FILE *tether_begin(void)
{
    close_inherited();
    fcntl(PROCESS_SOCKET, F_SETFD, FD_CLOEXEC);
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || !start_watch())
        return NULL;
    return fdopen(PROCESS_SOCKET, "r");
}

bool tether_receive(FILE *from_rank, void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t got = fread((char *)bytes + at, 1, len - at, from_rank);
        at += got;
        if (got == 0 && feof(from_rank))
            return false;
        if (got == 0 && errno != EINTR)
            tether_end();
        clearerr(from_rank);
    }
    return true;
}

void tether_send(const void *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t put = send(PROCESS_SOCKET, (const char *)bytes + at, len - at, MSG_NOSIGNAL);
        if (put < 0 && errno != EINTR)
            tether_end();
        at += put > 0 ? (size_t)put : 0;
    }
}
