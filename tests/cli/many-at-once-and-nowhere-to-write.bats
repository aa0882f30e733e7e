#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# One process needs nothing but its input and its output: no folder for temporary files, no name of its host, and nobody
# else who starts at the same moment is in its way. WC_TEST_LONG=1 starts 25 times as many.
load ../helpers

setup() {
    begin
    echo 'b a b' >text
    printf 'b\t2\na\t1\n' >expected
}

@test "runs of one process, sixteen at a time" {
    seq $((${WC_TEST_LONG:-0} ? 2000 : 80)) | xargs -P 16 -I{} sh -c "$program -q text >out.{} 2>err.{} || echo {} >>failed"
    [[ ! -e failed ]] || wrong "failed: $(wc -l <failed): $(cat err.* | head -n 3)"
    (($(cat out.* | grep -c .) == 2 * $(ls out.* | wc -l))) || wrong 'expected the result of each'
}

@test "no folder for temporary files" {
    status=0
    TMPDIR=/sys "$program" text >"$out" 2>"$err" || status=$?
    expect_success
    expect_same expected "$out"
    status=0
    TMPDIR=/nowhere "$program" text >"$out" 2>"$err" || status=$?
    expect_success
    expect_same expected "$out"
}

@test "tasks see the variables that were given" {
    run_wc plain -q --exec 'echo ${HWLOC_COMPONENTS-none} {}' text
    expect_same <(echo 'none b a b') "$out"
    HWLOC_COMPONENTS=-pci run_wc plain -q --exec 'echo ${HWLOC_COMPONENTS-none} {}' text
    expect_same <(echo '-pci b a b') "$out"
    status=0
    TMPDIR=/nowhere "$program" -q --exec 'echo $TMPDIR {}' text >"$out" 2>"$err" || status=$?
    expect_same <(echo '/nowhere b a b') "$out"
    status=0
    env -u TMPDIR "$program" -q --exec 'echo ${TMPDIR-none} {}' text >"$out" 2>"$err" || status=$?
    expect_same <(echo 'none b a b') "$out"
}

@test "no name is looked up" {
    cat >lookups.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
static void report(const char *name)
{
    FILE *file = fopen(getenv("LOOKUPS"), "a");
    fprintf(file, "%s\n", name ? name : "-");
    fclose(file);
}
struct hostent *gethostbyname(const char *name)
{
    struct hostent *(*next)(const char *) = dlsym(RTLD_NEXT, "gethostbyname");
    report(name);
    return next(name);
}
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    if (!hints || !(hints->ai_flags & AI_NUMERICHOST))
        report(name);
    return next(name, service, hints, result);
}
END
    cc -shared -fPIC -o lookups.so lookups.c -ldl
    export LOOKUPS=$PWD/lookups
    LD_PRELOAD=$PWD/lookups.so getent ahosts localhost >/dev/null || true
    [[ -s lookups ]] || wrong 'expected that a look-up is noticed'
    rm lookups
    LD_PRELOAD=$preload$PWD/lookups.so "$program" text >"$out" 2>"$err"
    expect_same expected "$out"
    [[ ! -e lookups ]] || wrong "looked up: $(sort -u lookups)"
}
