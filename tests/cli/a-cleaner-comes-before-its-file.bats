#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Whatever moment a signal comes at, no temporary file stays: also when it takes long to start the process that removes it.
load ../helpers

setup() {
    begin
    echo 'b a b' >text
    cat >slow.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <spawn.h>
#include <stdio.h>
#include <time.h>
typedef int spawn(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[],
                  char *const[]);
int posix_spawn(pid_t *process, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[])
{
    spawn *next = (spawn *)dlsym(RTLD_NEXT, "posix_spawn");
    fclose(fopen("before", "w"));
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    int result = next(process, path, actions, attributes, arguments, environment);
    fclose(fopen("after", "w"));
    nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    return result;
}
END
    cc -shared -fPIC -o slow.so slow.c -ldl
}

@test "a signal while the cleaner is being started" {
    local moment signal
    for moment in before after; do
        for signal in TERM KILL; do
            rm -f before after
            LD_PRELOAD=$preload$PWD/slow.so "$program" -o counts text 2>"$err" 3>&- &
            run=$!
            wait_until test -e $moment
            kill -$signal "$run"
            status=0
            wait "$run" || status=$?
            ((status > 128)) || wrong "expected that $signal ends it"
            wait_until expect_no_temporary .
            [[ ! -e counts ]]
        done
    done
}

@test "without a signal the result is there, and nothing else" {
    LD_PRELOAD=$preload$PWD/slow.so "$program" -o counts text 2>"$err" 3>&-
    expect_same <(printf 'b\t2\na\t1\n') counts
    expect_no_temporary .
}

@test "what the program itself cannot remove its cleaner does" {
    cat >fail.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
int openat(int folder, const char *name, int flags, ...)
{
    static int broken;
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = va_arg(arguments, mode_t);
    va_end(arguments);
    broken |= strcmp(name, "3") == 0 && (flags & O_CREAT); /* the file of the third task, and all that come then */
    errno = EIO;
    return broken ? -1 : ((int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, "openat"))(folder, name, flags, mode);
}
END
    cc -shared -fPIC -o fail.so fail.c -ldl
    seq 5 >tasks
    status=0
    LD_PRELOAD=$preload$PWD/fail.so timeout "$limit" "$program" --exec 'echo {}' --results results tasks >"$out" 2>"$err" || status=$?
    expect_failure 4 'results/3: Input/output error'
    [[ ! -e results ]] || wrong 'expected no results'
}
