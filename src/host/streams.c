/* SPDX-License-Identifier: BSD-3-Clause */
/* A placeholder for standard input is open for writing only, those for the others for reading only:
 * whoever uses one is told by the system that it is a bad descriptor. */
#include "host/streams.h"

#include <fcntl.h>
#include <unistd.h>

enum { STREAMS = 3 };

static bool closed[STREAMS];

void streams_open(void)
{
    for (int fd = 0; fd < STREAMS; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        closed[fd] = true;
        open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* takes the lowest number */
    }
}

bool streams_closed(int fd)
{
    return fd >= 0 && fd < STREAMS && closed[fd];
}

bool streams_any_closed(void)
{
    return closed[STDIN_FILENO] || closed[STDOUT_FILENO] || closed[STDERR_FILENO];
}
