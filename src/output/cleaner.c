/* SPDX-License-Identifier: BSD-3-Clause */
/* A process that waits until nobody holds the other end of its standard input any more, which is
 * when we are gone, and does what we would have done. A handler of signals could not do it,
 * because mpirun sends KILL right after TERM. A session of its own, and the mask, keep it from what
 * is sent to all of a job. */
#include "output/cleaner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HELD = 3 };

static bool set_streams(posix_spawn_file_actions_t *streams, int end, int held)
{
    return posix_spawn_file_actions_adddup2(streams, end, STDIN_FILENO) == 0
        && (held < 0 || posix_spawn_file_actions_adddup2(streams, held, HELD) == 0)
        && posix_spawn_file_actions_addopen(streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0
        && posix_spawn_file_actions_adddup2(streams, STDOUT_FILENO, STDERR_FILENO) == 0;
}

void cleaner_start(struct cleaner *cleaner, const char *script, const char *path, int held)
{
    static char shell[] = "/bin/sh", option[] = "-c", wait[] = "read -r end; eval \"$1\"";
    char *copy = strdup(path), *script_copy = strdup(script);
    char *arguments[] = {shell, option, wait, copy, script_copy, NULL};
    int ends[2];
    sigset_t mask;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t streams;
    *cleaner = (struct cleaner){0};
    if (!copy || !script_copy || pipe2(ends, O_CLOEXEC) != 0) {
        free(copy);
        free(script_copy);
        return;
    }
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigaddset(&mask, SIGUSR1);
    sigaddset(&mask, SIGUSR2);
    const bool has_attributes = posix_spawnattr_init(&attributes) == 0;
    const bool has_streams = posix_spawn_file_actions_init(&streams) == 0;
    if (has_attributes && has_streams && set_streams(&streams, ends[0], held)
        && posix_spawnattr_setsigmask(&attributes, &mask) == 0
        && posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK) == 0
        && posix_spawn(&cleaner->process, shell, &streams, &attributes, arguments, environ) == 0) {
        cleaner->pipe = ends[1];
    } else {
        cleaner->process = 0;
        close(ends[1]);
    }
    close(ends[0]);
    if (has_streams)
        posix_spawn_file_actions_destroy(&streams);
    if (has_attributes)
        posix_spawnattr_destroy(&attributes);
    free(copy);
    free(script_copy);
}

void cleaner_run(struct cleaner *cleaner)
{
    enum { LOOKS = 100, LOOK_NS = 10000000 };
    if (cleaner->process == 0)
        return;
    close(cleaner->pipe);
    for (int i = 0; i < LOOKS && waitpid(cleaner->process, NULL, WNOHANG) == 0; i++)
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
    cleaner->process = 0;
}

void cleaner_end(struct cleaner *cleaner)
{
    if (cleaner->process == 0)
        return;
    kill(cleaner->process, SIGKILL);
    while (waitpid(cleaner->process, NULL, 0) < 0 && errno == EINTR)
        ;
    close(cleaner->pipe);
    cleaner->process = 0;
}
