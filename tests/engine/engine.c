/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: build/engine/run [-n RANKS] [-s SEED] PROGRAM [ARG]...
 * Runs a test program, a shared object whose main is called engine_main. */
#include "engine.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_BYTES = 8 << 20, RANKS_MAX = 64 };

int engine_rank, engine_ranks = 1;

static struct rank {
    ucontext_t context;
    int (*main)(int argc, char **argv);
    int argc, status;
    char **argv;
    bool ended;
} ranks[RANKS_MAX];

static ucontext_t outside;
static uint64_t state = 1;
static _Thread_local bool is_engine; /* not in threads that ranks start */

void *engine_alloc(size_t bytes)
{
    void *memory = calloc(1, bytes ? bytes : 1);
    if (!memory)
        engine_fail("no memory");
    return memory;
}

void engine_fail(const char *what)
{
    fflush(stdout);
    fprintf(stderr, "# engine: rank %d: %s\n", engine_rank, what);
    _exit(1);
}

/* SplitMix64 (G. Steele, D. Lea, C. Flood, Fast splittable pseudorandom number generators, 2014).
 */
uint64_t engine_draw(uint64_t end)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (z ^ z >> 31) % end;
}

void engine_give_way(void)
{
    const int before = engine_rank;
    int next;
    do
        next = (int)engine_draw((uint64_t)engine_ranks);
    while (ranks[next].ended);
    if (next == before)
        return;
    engine_rank = next;
    swapcontext(&ranks[before].context, &ranks[next].context);
}

static bool all_ended(void)
{
    for (int rank = 0; rank < engine_ranks; rank++)
        if (!ranks[rank].ended)
            return false;
    return true;
}

static void run(void)
{
    struct rank *rank = &ranks[engine_rank];
    rank->status = rank->main(rank->argc, rank->argv);
    rank->ended = true;
    if (all_ended())
        setcontext(&outside);
    engine_give_way();
}

/* Who sleeps or yields waits for others. */
int sched_yield(void)
{
    if (is_engine)
        engine_give_way();
    return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    if (!is_engine)
        return clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);
    engine_give_way();
    return 0;
}

/* As a launcher would have it. */
char *getenv(const char *name)
{
    static char *(*next)(const char *name);
    static char rank[16];
    if (!next) {
        void *symbol = dlsym(RTLD_NEXT, "getenv");
        memcpy(&next, &symbol, sizeof next);
    }
    if (!is_engine || strcmp(name, "PMI_RANK") != 0)
        return next(name);
    snprintf(rank, sizeof rank, "%d", engine_rank);
    return rank;
}

int usleep(useconds_t us)
{
    return nanosleep(&(struct timespec){us / 1000000, us % 1000000 * 1000}, NULL);
}

/* Processes beside a rank, that would clean up behind it if it were killed, cost more than the rest
 * of a small case: here none can be had. */
int posix_spawn(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[],
                char *const environment[])
{
    (void)process, (void)path, (void)actions, (void)attributes, (void)arguments, (void)environment;
    return EAGAIN;
}

/* A copy has static variables of its own. It stays open: what has the name of one that is loaded is
 * not loaded again. */
static void load(struct rank *rank, const char *path)
{
    char copy[64];
    struct stat stat;
    const int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("rank", MFD_CLOEXEC);
    if (from < 0 || to < 0 || fstat(from, &stat) != 0
        || sendfile(to, from, NULL, (size_t)stat.st_size) != stat.st_size)
        engine_fail(strerror(errno));
    close(from);
    snprintf(copy, sizeof copy, "/proc/self/fd/%d", to);
    void *program = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
    void *symbol = program ? dlsym(program, "engine_main") : NULL;
    if (!symbol)
        engine_fail(dlerror());
    memcpy(&rank->main, &symbol, sizeof symbol);
}

static void begin(struct rank *rank, int argc, char **argv)
{
    load(rank, argv[0]);
    rank->argc = argc;
    rank->argv = engine_alloc(((size_t)argc + 1) * sizeof *argv);
    memcpy(rank->argv, argv, (size_t)argc * sizeof *argv);
    void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED || getcontext(&rank->context) != 0)
        engine_fail(strerror(errno));
    rank->context.uc_stack.ss_sp = stack;
    rank->context.uc_stack.ss_size = STACK_BYTES;
    makecontext(&rank->context, run, 0);
}

int main(int argc, char **argv)
{
    int option, status = 0;
    while ((option = getopt(argc, argv, "+n:s:")) != -1) {
        if (option == 'n')
            engine_ranks = atoi(optarg);
        else if (option == 's')
            state = strtoull(optarg, NULL, 10);
        else
            return 2;
    }
    if (optind >= argc || engine_ranks < 1 || engine_ranks > RANKS_MAX) {
        fputs("usage: run [-n RANKS] [-s SEED] PROGRAM [ARG]...\n", stderr);
        return 2;
    }
    is_engine = true;
    setenv("HWLOC_PLUGINS_PATH", "/", 0); /* each case would load them */
    for (int rank = 0; rank < engine_ranks; rank++)
        begin(&ranks[rank], argc - optind, argv + optind);
    engine_rank = 0;
    swapcontext(&outside, &ranks[0].context);
    for (int rank = 0; rank < engine_ranks; rank++)
        status = ranks[rank].status > status ? ranks[rank].status : status;
    return status;
}
