/* SPDX-License-Identifier: BSD-3-Clause */
/* Processes and their families. posix_spawn does not copy page tables, so that a rank with
 * gigabytes starts a child as fast as an empty one, and runs nothing between fork and exec.
 *
 * A process group alone does not hold a family together: timeout(1), shells with job control and
 * setsid leave it. /proc names the children of a process; those that lost their parent come to the
 * subreaper. */
#include "host/process.h"

#include "host/signals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 1000, PAUSE_NS = 1000000 };

/* The launcher and MPI tell a process which rank it is. What names the job (SLURM_JOB_ID and
 * others) and its hosts stays: a command may want to know, and starting ranks of its own is its
 * business. */
static bool is_for_ranks(const char *variable)
{
    static const char *const prefixes[] = {
        "OMPI_",      "PMIX_",        "PMI_",           "PRTE_",
        "SLURM_STEP", "SLURM_PROCID", "SLURM_LOCAL",    "SLURM_NODEID=",
        "SLURM_PMI",  "SLURM_GTIDS",  "SLURM_MPI_TYPE",
    };
    if (strncmp(variable, "OMPI_ALLOW_RUN_AS_ROOT", 22) == 0)
        return false;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* What is left of our environment; to be freed, the strings are borrowed. */
static char **make_environment(void)
{
    size_t len = 0, kept = 0;
    while (environ[len])
        len++;
    char **environment = malloc((len + 1) * sizeof *environment);
    if (!environment)
        return NULL;
    for (size_t i = 0; i < len; i++)
        if (!is_for_ranks(environ[i]))
            environment[kept++] = environ[i];
    environment[kept] = NULL;
    return environment;
}

int process_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                  char *const argv[], char *const environment[])
{
    posix_spawnattr_t attributes;
    sigset_t defaults, blocked;
    signals_of_started(&defaults, &blocked);
    int error = posix_spawnattr_init(&attributes);
    if (error)
        return error;
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &blocked);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
                                              | POSIX_SPAWN_SETPGROUP);
    error = posix_spawnp(pid, path, actions, &attributes, argv, environment);
    posix_spawnattr_destroy(&attributes);
    return error;
}

static int start_self(pid_t *pid, int socket, int output, char *const argv[])
{
    posix_spawn_file_actions_t actions;
    char **environment = make_environment();
    int error = environment ? posix_spawn_file_actions_init(&actions) : ENOMEM;
    if (!error) {
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (!error)
            error = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        if (!error)
            error = posix_spawn_file_actions_adddup2(&actions, socket, PROCESS_SOCKET);
        if (!error)
            error = process_spawn(pid, "/proc/self/exe", &actions, argv, environment);
        posix_spawn_file_actions_destroy(&actions);
    }
    free(environment);
    return error;
}

bool process_start(struct process *process, char *const argv[], int output, struct fail *fail)
{
    int ends[2];
    *process = (struct process){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail_errno(fail, FAIL_OTHER, "a socket for another process", errno);
    int error = start_self(&process->pid, ends[1], output, argv);
    close(ends[1]);
    process->socket = ends[0];
    if (!error)
        return true;
    close(ends[0]);
    *process = (struct process){0};
    return fail_errno(fail, FAIL_OTHER, "another process", error);
}

bool process_confine(const struct process *process, uint64_t data_bytes,
                     const cpu_set_t *processors, struct fail *fail)
{
    const struct rlimit data = {data_bytes, data_bytes};
    if (data_bytes > 0 && prlimit(process->pid, RLIMIT_DATA, &data, NULL) != 0)
        return fail_errno(fail, FAIL_OTHER, "a limit of memory for tasks", errno);
    if (processors && sched_setaffinity(process->pid, sizeof *processors, processors) != 0)
        return fail_errno(fail, FAIL_OTHER, "processors for tasks", errno);
    return true;
}

/* Our children; each is handed to `visit`, until that says to stop. False when there are none, or
 * they cannot be found. */
static bool visit_children(bool (*visit)(pid_t child, void *context), void *context)
{
    bool found = false, more = true;
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *thread; more && threads && (thread = readdir(threads));) {
        char path[64];
        snprintf(path, sizeof path, "/proc/self/task/%.16s/children", thread->d_name);
        FILE *children = thread->d_name[0] != '.' ? fopen(path, "re") : NULL;
        for (int child; more && children && fscanf(children, "%d", &child) == 1; found = true)
            more = visit(child, context);
        if (children)
            fclose(children);
    }
    if (threads)
        closedir(threads);
    return found;
}

/* And the group that it leads. */
static bool kill_child(pid_t child, void *unused)
{
    (void)unused;
    kill(-child, SIGKILL);
    kill(child, SIGKILL);
    return true;
}

/* Nobody waits for an end here: where another thread has taken that, what comes next may be a
 * grandchild that lost its parent after the last look and was never killed. */
void process_end_family(void)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    pid_t ended;
    while ((ended = waitpid(-1, NULL, WNOHANG)) >= 0)
        if (ended == 0 && !visit_children(kill_child, NULL))
            return;
        else if (ended == 0)
            nanosleep(&pause, NULL);
}

bool process_ended(const struct process *process)
{
    siginfo_t info = {0};
    /* It stays a zombie, which keeps its number taken. */
    return waitid(P_PID, (id_t)process->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0
        || info.si_pid == process->pid;
}

/* Gives it a second. */
static void await_end(const struct process *process)
{
    const struct timespec pause = {.tv_nsec = PAUSE_NS};
    for (int i = 0; i < GRACE_MS && !process_ended(process); i++)
        nanosleep(&pause, NULL);
}

int process_end(struct process *process)
{
    int status = -1;
    if (process->pid == 0)
        return status;
    shutdown(process->socket, SHUT_RDWR);
    kill(process->pid, SIGCONT); /* it may be stopped */
    await_end(process);
    kill(-process->pid, SIGKILL);
    if (process->group > 0)
        kill(-process->group, SIGKILL);
    while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(process->socket);
    *process = (struct process){0};
    return status;
}

struct background {
    char *text;
    size_t bytes;
};

/* Stops at one of our session that has not ended. */
static bool look_at_background(pid_t child, void *context)
{
    const struct background *background = context;
    char path[64], name[16], state;
    snprintf(path, sizeof path, "/proc/%d/stat", child);
    FILE *file = getsid(child) == getsid(0) ? fopen(path, "re") : NULL;
    if (!file)
        return true;
    const bool runs = fscanf(file, "%*d (%15[^)]) %c", name, &state) == 2 && state != 'Z';
    fclose(file);
    if (runs)
        snprintf(background->text, background->bytes, "%s (process %d)", name, child);
    return !runs;
}

bool process_in_background(char *text, size_t bytes)
{
    struct background background = {text, bytes};
    *text = '\0';
    visit_children(look_at_background, &background);
    return *text != '\0';
}

char *process_describe(int status, char *text, size_t bytes)
{
    if (status == -1)
        snprintf(text, bytes, "ended");
    else if (WIFSIGNALED(status))
        snprintf(text, bytes, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(text, bytes, "exit %d", WEXITSTATUS(status));
    return text;
}
