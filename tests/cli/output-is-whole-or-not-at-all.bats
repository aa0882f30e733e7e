#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where a result may be written, and what becomes of what was there.
load ../helpers

setup() {
    begin
    echo 'b a b' >text
    printf 'b\t2\na\t1\n' >expected
}

@test "a new file gets the mode of the umask" {
    umask 027
    run_wc 3 -o counts text
    expect_success
    cmp expected counts
    [[ $(stat -c %a counts) == 640 ]]
    expect_no_temporary .
}

@test "an old file is replaced and its mode kept" {
    echo old >counts
    chmod 604 counts
    run_wc 3 -o counts text
    expect_success
    cmp expected counts
    [[ $(stat -c %a counts) == 604 ]]
    expect_no_temporary .
}

@test "a symbolic link stays one, and its target is replaced" {
    mkdir far
    echo old >far/target
    ln -s far/target counts
    run_wc 2 -o counts text
    expect_success
    [[ -L counts ]]
    cmp expected far/target
    expect_no_temporary .
}

@test "a symbolic link to nothing: its target is made, or exit 4" {
    mkdir far
    ln -s far/target counts
    run_wc 2 -o counts text
    if ((status == 0)); then
        cmp expected far/target
        [[ -L counts ]]
    else
        expect_failure 4 counts
    fi
}

@test "no such folder: exit 4" {
    run_wc plain -o absent/counts text
    expect_failure 4 'absent/counts: No such file or directory'
    run_wc 3 -o absent/counts text
    expect_failure 4 'absent/counts: No such file or directory (rank '
    [[ ! -e absent ]]
}

@test "a folder as output: exit 4" {
    mkdir folder
    run_wc 2 -o folder text
    expect_failure 4 'folder: Is a directory'
    run_wc plain -o folder/ text
    expect_failure 4 ''
}

@test "/dev/full: exit 4" {
    run_wc plain -o /dev/full text
    expect_failure 4 '/dev/full: No space left on device'
    run_wc 3 -o /dev/full text
    expect_failure 4 '/dev/full: No space left on device'
    [[ -c /dev/full ]]
}

@test "standard output that is full or closed: exit 4" {
    status=0
    (start_wc plain text) >/dev/full 2>"$err" || status=$?
    : >"$out"
    expect_failure 4 'standard output'
    status=0
    (start_wc plain text) >&- 2>"$err" || status=$?
    expect_failure 4 'standard output'
    cmp text <(echo 'b a b')
}

@test "standard output closed does not matter with -o" {
    status=0
    (start_wc plain -o counts text) >&- 2>"$err" || status=$?
    expect_success
    cmp expected counts
}

@test "a reader that leaves: exit 4, not silence" {
    corpus uniq 2000000 1 >words
    { status=0; (start_wc plain words) 2>"$err" || status=$?; echo $status >code; } | head -n 1 >/dev/null
    status=$(<code)
    : >"$out"
    expect_failure 4 'standard output'
}

@test "/dev/stdout and /dev/null are written, never replaced" {
    run_wc plain -o /dev/stdout text
    expect_success
    expect_same expected "$out"
    run_wc 2 -o /dev/null text
    expect_success
    [[ -c /dev/null ]]
    [[ -L /dev/stdout ]]
}

@test "a pipe is written and stays" {
    mkfifo pipe
    cat pipe >copy &
    run_wc 3 -o pipe text
    wait
    expect_success
    cmp expected copy
    [[ -p pipe ]]
}

@test "the output is one of the inputs: exit 2, the input unharmed" {
    ln text hard
    ln -s text soft
    mkdir folder
    echo inside >folder/file
    for output in text ./text hard soft; do
        run_wc 2 -o $output text
        ((status == 2)) || wrong "expected exit 2 for $output"
        grep -q '^wc: ' "$err" || wrong "expected a message"
    done
    run_wc plain -r -o folder/file folder
    ((status == 2)) || wrong "expected exit 2 below a folder"
    [[ $(<text) == 'b a b' && $(<folder/file) == inside ]]
    expect_no_temporary .
}

@test "a result among the files that are counted is not counted itself" {
    mkdir folder
    cp text folder
    run_wc 3 -r -o folder/counts folder
    expect_success
    cmp expected folder/counts
}

@test "a folder that must not be written: exit 4" {
    mkdir closed
    chmod 555 closed
    chmod 755 .
    run_unprivileged -o closed/counts text
    expect_failure 4 'closed/counts: Permission denied'
}

@test "--json: the record is written or the run fails" {
    run_wc 2 -o counts --json record text
    expect_success
    [[ -s record ]]
    run_wc 2 -o counts --json absent/record text
    expect_failure 4 'absent/record: No such file or directory'
    run_wc 2 -o counts --json /dev/full text
    expect_failure 4 '/dev/full: No space left on device'
    run_wc 2 -o counts --json text text
    ((status == 2)) || wrong "expected exit 2 for a record over an input"
    [[ $(<text) == 'b a b' ]]
}

@test "result and record in the same file: exit 2" {
    run_wc plain -o same --json same text
    ((status == 2)) || wrong "expected exit 2"
    [[ ! -e same ]]
}

# refuse: a library that lets no file be renamed to what ends in $REFUSED.
refuse() {
    cat >refuse.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
static int refused(const char *to)
{
    const char *end = getenv("REFUSED");
    const size_t len = strlen(end), all = strlen(to);
    errno = ENOSPC;
    return all >= len && strcmp(to + all - len, end) == 0;
}
int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    return refused(to) ? -1 : next(from, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags)
{
    int (*next)(int, const char *, int, const char *, unsigned) =
        (int (*)(int, const char *, int, const char *, unsigned))dlsym(RTLD_NEXT, "renameat2");
    return refused(to) ? -1 : next(a, from, b, to, flags);
}
END
    cc -shared -fPIC -o refuse.so refuse.c -ldl
}

@test "one file of a run that cannot have its name: none has, and old ones stay" {
    local file there
    refuse
    for there in yes ''; do
        for file in counts record page spectrum; do
            rm -f counts record page spectrum
            [[ ! $there ]] || for old in counts record page spectrum; do echo "old $old" >$old; done
            status=0
            REFUSED=/$file LD_PRELOAD=$preload$PWD/refuse.so "$program" -o counts --json record --report page --count-of-counts spectrum text \
                >"$out" 2>"$err" || status=$?
            expect_failure 4 "$file: No space left on device"
            for old in counts record page spectrum; do
                if [[ $there ]]; then
                    [[ $(<$old) == "old $old" ]] || wrong "$file: $old was replaced"
                else
                    [[ ! -e $old ]] || wrong "$file: $old is there"
                fi
            done
        done
    done
    REFUSED=/none LD_PRELOAD=$preload$PWD/refuse.so "$program" -q -o counts --json record --report page --count-of-counts spectrum text
    [[ -s counts && -s record && -s page && -s spectrum ]] || wrong 'expected all of them'
}
