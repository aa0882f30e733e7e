#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Tasks with much data and with large results, and results of any bytes.
load ../helpers

@test "a task with 100 MB of data" {
    corpus zipf 100000000 5000 3 | tr '\n' ' ' >tasks
    printf '\nsmall\n' >>tasks
    run_wc 2 --exec 'wc -c' tasks
    ((status == 0)) || wrong "expected exit 0"
    [[ $(<"$out") == $'100000000\n5' ]] || wrong "got $(<"$out")"
}

# In a file: the mpirun of Open MPI 5 takes minutes to pass so much on.
@test "a result of 100 MB, on another rank than the first" {
    printf 'a\nb\nc\n' >tasks
    run_wc 3 -o result --exec 'if [ {} = b ]; then head -c 100000000 /dev/zero | tr "\0" x; else sleep 0.3; echo {}; fi' tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same <(echo a; head -c 100000000 /dev/zero | tr '\0' x; echo; echo c) result
}

@test "results with NULs and newlines are exact" {
    seq 30 >tasks
    run_wc 3 --exec 'printf "\0\n%s\0\n\n\377" {}' tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same <(while read -r n; do printf '\0\n%s\0\n\n\377\n' "$n"; done <tasks) "$out"
}

@test "a task of any bytes reaches its command as they are" {
    printf '%s\n' "it's" '$(touch evil)' '`touch evil`' '"; touch evil; "' '  blanks  ' '-n' '\\n' '*' '{}' '~' '#' >tasks
    printf '\xff\xfe\xed\xa0\n' >>tasks
    for ranks in plain 2; do
        run_wc "$ranks" --exec 'printf "%s\n" {}' tasks
        ((status == 0)) || wrong "expected exit 0"
        expect_same tasks "$out"
        run_wc "$ranks" --exec 'cat' tasks
        expect_same tasks "$out"
    done
    [[ ! -e evil ]]
}
