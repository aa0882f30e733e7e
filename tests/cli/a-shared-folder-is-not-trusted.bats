#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Others may write in the folder of a result, as in /tmp: what they put there is neither followed, nor believed, nor removed.
load ../helpers

setup() {
    begin
    ((EUID == 0)) || skip 'needs another user'
    shared=$(mktemp -d "${TMPDIR:-/tmp}/wc-test-XXXXXX")
    chmod 1777 "$shared"
    cd "$shared" || return
    echo 'b a b' >text
    printf 'b\t2\na\t1\n' >expected
    echo 'a secret' >secret
    chmod 600 secret
}

teardown() {
    [[ ! ${other-} ]] || kill "$other" 2>/dev/null || true
    [[ ! ${shared-} ]] || rm -rf "$shared"
}

as_other() {
    setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}

@test "a temporary file of somebody else is no other run, and stays" {
    as_other sh -c 'echo theirs >.counts.wc-aaaaaa; mkdir .counts.wc-aaaaaa.d; echo theirs >.counts.wc-aaaaaa.d/file'
    as_other flock .counts.wc-aaaaaa sh -c 'touch locked; exec sleep 100' 3>&- &
    other=$!
    wait_until test -e locked
    run_wc plain -q -o counts text
    ((status == 0)) || wrong 'expected exit 0'
    cmp expected counts
    kill $other
    wait $other || true
    run_wc plain -q -o counts text
    [[ $(<.counts.wc-aaaaaa.d/file) == theirs ]] || wrong 'expected it there'
    rm -rf .counts.wc-aaaaaa*
}

@test "one of the own user that nobody holds is removed, in any folder" {
    touch .counts.wc-aaaaaa
    mkdir .counts.wc-aaaaaa.d
    touch .counts.wc-aaaaaa.d/file
    run_wc plain -q -o counts text
    ((status == 0)) || wrong 'expected exit 0'
    expect_no_temporary .
}

@test "links and pipes in place of temporary files and locks are not opened" {
    as_other ln -s "$PWD/secret" .counts.wc-aaaaaa
    as_other mkfifo .counts.wc-bbbbbb
    mkdir -m 777 status checkpoint
    as_other ln -s "$PWD/secret" status/.status.wc-lock
    as_other ln -s "$PWD/secret" status/.status.html.wc-new
    as_other ln -s "$PWD/secret" status/status.json
    as_other ln -s "$PWD/secret" checkpoint/lock
    run_wc plain -q -o counts text
    ((status == 0)) || wrong 'expected exit 0'
    cmp expected counts
    run_wc plain -o counts --status status text
    ((status == 0)) && grep -q 'warning: --status: status: Too many levels of symbolic links' "$err" || wrong 'expected a warning'
    rm status/.status.wc-lock
    run_wc plain -q -o counts --status status text
    ((status == 0)) || wrong 'expected exit 0'
    [[ ! -L status/status.json && -s status/status.html ]] || wrong 'expected files in place of links'
    run_wc plain -o counts --checkpoint checkpoint text
    ((status == 4)) && grep -q 'checkpoint/lock: Too many levels of symbolic links' "$err" || wrong 'expected exit 4'
    [[ $(<secret) == 'a secret' ]] || wrong 'the secret was written to'
}

@test "the last words of a run that was killed follow no link" {
    mkdir -m 777 status
    seq 2 >tasks
    (start_wc plain -q --exec 'touch begun; sleep 100' --status status tasks) >"$out" 2>"$err" &
    other=$!
    wait_until test -e begun -a -e status/status.json
    rm status/status.json
    ln -s "$PWD/secret" status/status.json
    pkill -KILL -P $other -x wc || kill -KILL $other
    wait $other || true
    other=
    gone() { ! [[ -e status/.status.wc-lock ]]; }
    wait_until gone
    [[ $(<secret) == 'a secret' && -L status/status.json ]] || wrong 'expected that it is left alone'
    grep -q 'ended without a word' status/status.html || wrong 'expected its last words'
}

@test "a folder of results is closed from its first moment" {
    cat >modes.c <<'END'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
int mkdir(const char *path, mode_t mode)
{
    FILE *file = fopen(getenv("MODES"), "a");
    fprintf(file, "%o %s\n", (unsigned)mode, path);
    fclose(file);
    return ((int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir"))(path, mode);
}
END
    cc -shared -fPIC -o modes.so modes.c -ldl
    echo 1 >tasks
    umask 002
    MODES=$PWD/modes LD_PRELOAD=$preload$PWD/modes.so "$program" -q --exec 'echo {}' --results results tasks
    grep -q '\.results\.wc-' modes || wrong 'expected that the folder was seen'
    ! grep '\.results\.wc-' modes | grep -v '^700 ' || wrong 'expected 700'
    [[ $(stat -c %a results) == 775 ]] || wrong 'expected the mode of the umask in the end'
}
