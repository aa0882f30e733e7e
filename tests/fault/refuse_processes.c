/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls about processes, threads, what they say to each other, and what the system says of itself.
 */
#include "refuse.h"

#include <hwloc.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

TRANSFER(recv, (int fd, void *bytes, size_t len, int flags), (fd, bytes, n, flags), len)
TRANSFER(send, (int fd, const void *bytes, size_t len, int flags), (fd, bytes, n, flags), len)
CALL(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags), -1)
CALL(int, pipe2, (int ends[2], int flags), (ends, flags), -1)
CALL(int, socketpair, (int domain, int type, int protocol, int ends[2]),
     (domain, type, protocol, ends), -1)
CALL(int, shutdown, (int fd, int how), (fd, how), -1)
CALL(int, poll, (struct pollfd * of, nfds_t number, int ms), (of, number, ms), -1)
CALL(int, ppoll,
     (struct pollfd * of, nfds_t number, const struct timespec *wait, const sigset_t *mask),
     (of, number, wait, mask), -1)

#define SPAWN(named)                                                                               \
    CALL(int, named,                                                                               \
         (pid_t *restrict child, const char *restrict path,                                        \
          const posix_spawn_file_actions_t *restrict actions,                                      \
          const posix_spawnattr_t *restrict attributes, char *const arguments[restrict],           \
          char *const environment[restrict]),                                                      \
         (child, path, actions, attributes, arguments, environment), errno)
SPAWN(posix_spawn)
SPAWN(posix_spawnp)
CALL(int, posix_spawn_file_actions_init, (posix_spawn_file_actions_t * actions), (actions), errno)
CALL(int, posix_spawn_file_actions_adddup2, (posix_spawn_file_actions_t * actions, int fd, int to),
     (actions, fd, to), errno)
CALL(int, posix_spawn_file_actions_addopen,
     (posix_spawn_file_actions_t *restrict actions, int fd, const char *restrict path, int flags,
      mode_t mode),
     (actions, fd, path, flags, mode), errno)
CALL(int, waitid, (idtype_t kind, id_t id, siginfo_t *found, int options),
     (kind, id, found, options), -1)
CALL(pid_t, waitpid, (pid_t child, int *status, int options), (child, status, options), -1)
CALL(int, pthread_create,
     (pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*run)(void *),
      void *restrict context),
     (thread, attributes, run, context), errno)

CALL(struct passwd *, getpwuid, (uid_t user), (user), NULL)
CALL(int, gethostname, (char *name, size_t max), (name, max), -1)
CALL(int, getrlimit, (__rlimit_resource_t what, struct rlimit *limit), (what, limit), -1)
CALL(int, getrusage, (__rusage_who_t who, struct rusage *used), (who, used), -1)
CALL(int, sched_getaffinity, (pid_t process, size_t bytes, cpu_set_t *set), (process, bytes, set),
     -1)
CALL(int, setenv, (const char *name, const char *value, int replace), (name, value, replace), -1)
CALL(int, hwloc_topology_init, (hwloc_topology_t * topology), (topology), -1)
CALL(int, hwloc_topology_load, (hwloc_topology_t topology), (topology), -1)
