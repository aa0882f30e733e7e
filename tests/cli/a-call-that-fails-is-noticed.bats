#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Calls whose failure is easily taken for an end, or for nothing: a library that is loaded before others fails them.
load ../helpers

# failing: fail.so, which fails the second getdelim of the program itself as for want of memory (glibc sets no error of the
# stream then), and each setenv of the variable $FAILED.
failing() {
    cat >fail.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Sanitizers stand between the program and its library. */
static int is_own(void *caller)
{
    Dl_info from;
    return dladdr(caller, &from) && (!strstr(from.dli_fname, ".so") || strstr(from.dli_fname, "/libasan."));
}
static ssize_t read_line(void *caller, char **line, size_t *cap, int end, FILE *file)
{
    static int calls;
    if (getenv("FAILED_LINE") && is_own(caller) && ++calls == 2) {
        errno = ENOMEM;
        return -1;
    }
    return ((ssize_t (*)(char **, size_t *, int, FILE *))dlsym(RTLD_NEXT, "getdelim"))(line, cap, end, file);
}
ssize_t getdelim(char **line, size_t *cap, int end, FILE *file)
{
    return read_line(__builtin_return_address(0), line, cap, end, file);
}
ssize_t __getdelim(char **line, size_t *cap, int end, FILE *file) /* what getline is */
{
    return read_line(__builtin_return_address(0), line, cap, end, file);
}
int setenv(const char *name, const char *value, int replace)
{
    if (getenv("FAILED") && strcmp(getenv("FAILED"), name) == 0) {
        errno = ENOMEM;
        return -1;
    }
    return ((int (*)(const char *, const char *, int))dlsym(RTLD_NEXT, "setenv"))(name, value, replace);
}
END
    cc -shared -fPIC -o fail.so fail.c -ldl
}

# with_failing VARIABLE ARG...: one process.
with_failing() {
    status=0
    env "$1" LD_PRELOAD="$preload$PWD/fail.so" timeout "$limit" "$program" "${@:2}" >"$out" 2>"$err" || status=$?
}

setup() {
    begin
    failing
    seq 3 >text
    printf 'text\ntext\n' >list
}

@test "a list that ends for want of memory" {
    with_failing FAILED_LINE=1 -o counts --files-from list
    expect_failure 5 'list: Cannot allocate memory'
    with_failing FAILED_LINE=1 -o counts --stop text text
    ((status != 0)) || wrong 'expected a failure of --stop'
    "$program" -q -o text.mwc text
    with_failing FAILED_LINE=1 --lookup-from text -o counts text.mwc
    ((status != 0)) || wrong 'expected a failure of --lookup-from'
    [[ ! -e counts ]] || wrong 'expected no result'
}

@test "a variable that a task would not have, or of the task before" {
    local name
    for name in MPIWC_TASK MPIWC_TRY; do
        with_failing FAILED=$name --retries 0 -o counts --exec 'echo $MPIWC_TASK' text
        ((status == 9)) || wrong "$name: expected exit 9"
        grep -q 'its environment: Cannot allocate memory' "$err" || wrong 'expected the reason'
    done
    rm -f counts
    for name in MPIWC_RANK MPIWC_HOST; do
        with_failing FAILED=$name -o counts --exec 'echo $MPIWC_RANK' text
        expect_failure 5 'the environment of tasks: Cannot allocate memory'
    done
    [[ ! -e counts ]] || wrong 'expected no result'
}

@test "what is printed without a run, to a full or closed standard output" {
    local option
    for option in --help --version; do
        status=0
        "$program" $option >/dev/full 2>"$err" || status=$?
        : >"$out"
        expect_failure 4 'standard output: No space left on device'
        status=0
        "$program" $option >&- 2>"$err" || status=$?
        ((status == 4)) || wrong "expected exit 4 of $option"
    done
    mkdir spool
    status=0
    "$program" --submit spool --exec true text >/dev/full 2>"$err" || status=$?
    ((status == 4)) || wrong 'expected exit 4 of --submit'
}
