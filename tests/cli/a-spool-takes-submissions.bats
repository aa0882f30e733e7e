#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks are handed to a service by way of a folder, whether the service runs or not: what can be asked while none does.
load ../helpers

# client ARG...: one process must do it, and say nothing but what is asked.
client() {
    run_wc plain "$@"
    ((status == 0)) || wrong 'expected exit 0'
    [[ ! -s $err ]] || wrong 'expected nothing on standard error'
}

# submit ARG...: into $number.
submit() {
    client --submit spool "$@"
    number=$(<"$out")
}

# finish N RESULT STATE: what a service does when submission N has ended; its exit status is that of tasks that failed.
finish() {
    printf '%s' "$2" >"spool/$1.result"
    printf '{"state": "%s", "tasks": 3, "done": 2, "failed": 1, "result_bytes": %d, "exit": 9, "reason": "why"}' \
        "$3" "${#2}" >".state"
    mv .state "spool/$1.state"
}

# is_refused CODE TEXT ARG...: by one line.
is_refused() {
    run_wc plain "${@:3}"
    expect_failure "$1" "$2"
}

@test "a submission has a number and is there as it was handed in" {
    printf '1\n2\n\n' >a
    printf '3' >b
    submit a b
    [[ $number == 1 && $(stat -c %a spool) == 700 && $(stat -c %a spool/1.job spool/1.tasks | sort -u) == 600 ]]
    printf '1\n2\n\n3\n' | cmp - spool/1.tasks
    jq -e --arg user "$(id -un)" --arg host "$(uname -n)" \
        '.tasks == 3 and .bytes == 7 and .user == $user and .host == $host and
         (keys == ["bytes", "host", "schema", "tasks", "time", "user", "xxh3"])' spool/1.job
    client --submit spool < <(seq 1000)
    [[ $(<"$out") == 2 && $(jq .tasks spool/2.job) == 1000 ]]
    seq 1000 | cmp - spool/2.tasks
    [[ $(find spool -name '.*') == '' ]]
}

@test "it says how its tasks are to be run, and only what was said" {
    echo x >text
    submit --exec 'echo {} "{1}"' --shell bash --chdir sub --retries 0 --task-timeout 1.5 --collect order text
    jq -e --arg folder "$PWD/sub" \
        '.exec == "echo {} \"{1}\"" and .shell == "bash" and .chdir == $folder and .retries == 0 and
         .["task-timeout"] == 1.5 and .collect == "order" and (has("task") | not)' spool/1.job
    submit --task ./own.so --task-arguments 'a b' --range 1..100/7
    jq -e --arg task "$PWD/./own.so" \
        '.task == $task and .["task-arguments"] == "a b" and .range == "1..100/7" and .tasks == 7 and
         (has("bytes") | not) and (has("collect") | not)' spool/2.job
    [[ ! -e spool/2.tasks ]]
    submit --task primes --chdir /tmp text
    [[ $(jq -r '.task, .chdir' spool/3.job) == $'primes\n/tmp' ]]
}

@test "files are made text as in a run, and what is none is refused" {
    printf '\xef\xbb\xbfa\n' >marked
    seq 3 | gzip >packed.gz
    mkfifo pipe
    echo from a pipe >pipe &
    submit marked packed.gz marked pipe 3>&-
    printf 'a\n1\n2\n3\na\nfrom a pipe\n' | cmp - spool/1.tasks
    tar cf archive.tar marked
    is_refused 3 'archive.tar: is a tar archive' --submit spool marked archive.tar
    is_refused 3 'absent: No such file or directory' --submit spool marked absent
    [[ $(ls -A spool) == $'1.job\n1.tasks' ]] || wrong 'expected the first one alone'
}

@test "many clients at once get numbers of their own" {
    for ((i = 0; i < 8; i++)); do
        (
            for ((j = 0; j < 10; j++)); do
                "$program" --submit spool < <(echo "$i $j") >"number-$i-$j" || exit
            done
        ) 3>&- &
    done
    wait
    sort -n number-* | cmp - <(seq 80)
    for file in number-*; do
        [[ number-$(tr ' ' - <"spool/$(<"$file").tasks") == "$file" ]] || wrong "$file: the tasks of another one"
    done
}

@test "the list says whether a service runs, and shows each submission on a line" {
    echo x >text
    is_refused 3 'spool: No such file or directory' --spool spool --list
    submit --exec $'printf "\e[31m"; echo 345678901234567890123456789' text
    submit --range 1..9
    submit text
    submit text
    finish 3 $'one\ntwo\n' failed
    echo '{' >spool/4.job
    client --spool spool --list
    mapfile -t lines <"$out"
    ((${#lines[@]} == 6)) || wrong "$(<"$out")"
    [[ ${lines[0]} == 'spool: no service runs' ]]
    [[ ${lines[2]} =~ ^\ +1\ queued\ +1\ +0\ +0\ +.*\ printf\ \"\\x1b\[31m\"\;\ echo\ 3456789012345678901$ ]] ||
        wrong "${lines[2]}"
    [[ ${lines[3]} =~ ^\ +2\ queued\ +9\ +0\ +0\ .*\ -$ ]] || wrong "${lines[3]}"
    [[ ${lines[4]} =~ ^\ +3\ failed\ +3\ +2\ +1\ .*\ -\ \(why\)$ ]] || wrong "${lines[4]}"
    [[ ${lines[5]} =~ ^\ +4\ \?\ +spool/4.job:\ is\ not\ JSON ]] || wrong "${lines[5]}"
    printf 'host 77 1000000000\n' >spool/lock
    TZ=UTC client --spool spool --list
    [[ $(head -n 1 "$out") == 'spool: no service runs' ]] || wrong 'a line without a lock is what a killed service left'
}

@test "results are printed once they are there, with the status of the submission" {
    seq 3 >text
    submit text
    finish 1 $'one\ntwo\n' done
    run_wc plain --spool spool --wait=1
    ((status == 9)) || wrong 'expected the status of the submission'
    printf 'one\ntwo\n' | cmp - "$out"
    submit text
    finish 2 $'one\n' cancelled
    run_wc plain --spool spool --wait=2 -q
    ((status == 9)) && [[ $(<"$out") == one && $(<"$err") == 'wc: submission 2 is cancelled: why' ]] || wrong 'expected why'
    is_refused 3 'spool: there is no submission 7' --spool spool --wait=7
}

@test "who submits may wait at once, and others for the same" {
    seq 3 >text
    (start_wc plain --submit spool --wait text) >results 2>said 3>&- &
    waiting=$!
    wait_until grep -q 'submission 1 waits' said
    (start_wc plain --spool spool --wait=1 -q) >again 2>&1 3>&- &
    again=$!
    finish 1 $'one\ntwo\n' done
    status=0
    wait "$waiting" || status=$?
    ((status == 9)) || wrong 'expected the status of the submission'
    wait "$again" || status=$?
    printf 'one\ntwo\n' | tee >(cmp - again) | cmp - results
    [[ $(<said) == $'wc: submission 1\nwc: spool: no service runs, submission 1 waits for one\nwc: submission 1: why' ]] || wrong "$(<said)"
}

@test "an interrupt leaves the submission as it is, and says how to go on" {
    seq 3 >text
    # Started by a shell in the background it would have SIGINT ignored.
    env --default-signal=INT "$program" --submit spool --wait text >results 2>said 3>&- &
    waiting=$!
    wait_until grep -q 'submission 1 waits' said
    # Until it waits the signal ends it, as it ends any process.
    wait_until grep -qs '^SigCgt:.*[2367abef]$' "/proc/$waiting/status"
    kill -INT "$waiting"
    status=0
    wait "$waiting" || status=$?
    ((status == 130)) || wrong 'expected exit 130'
    [[ $(tail -n 1 said) == 'wc: submission 1 goes on: --spool spool --wait=1' ]] || wrong "$(<said)"
    [[ ! -e spool/1.cancel && -e spool/1.job ]]
}

@test "a submission that has not ended can be cancelled" {
    seq 3 >text
    submit text
    submit text
    client --spool spool --cancel 2
    [[ -e spool/2.cancel && ! -e spool/1.cancel ]]
    client --spool spool --list
    grep -qE '^ +2 cancelling ' "$out"
    finish 1 '' done
    run_wc plain --spool spool --cancel 1
    ((status == 0)) && [[ $(<"$err") == 'wc: submission 1 has ended already: done' && ! -e spool/1.cancel ]]
    is_refused 3 'spool: there is no submission 3' --spool spool --cancel 3
    [[ ! -e spool/3.cancel ]]
}

@test "a service can be asked to end" {
    is_refused 3 'spool: No such file or directory' --spool spool --close
    submit --range 1..3
    run_wc plain --spool spool --close
    ((status == 0)) && [[ -e spool/close ]]
    [[ $(<"$err") == 'wc: spool: no service runs, the next one will end when it has done what there is' ]] || wrong "$(<"$err")"
}

@test "of several ranks only the first one acts" {
    seq 3 >text
    run_wc 3 --submit spool text
    ((status == 0)) && [[ $(<"$out") == 1 && $(ls spool) == $'1.job\n1.tasks' ]] || wrong 'expected one submission'
    run_wc 3 --spool spool --list
    ((status == 0 && $(wc -l <"$out") == 3)) || wrong 'expected one list'
}

@test "a folder that is not ours alone is refused" {
    echo x >text
    is_refused 4 'text: Not a directory' --submit text text
    mkdir spool
    chmod 770 spool
    is_refused 4 'spool: may be written by others' --submit spool text
    chmod 700 spool
    ln -s ../text spool/1.job
    submit text
    [[ $number == 2 ]] || wrong 'expected that the link is left alone'
    client --spool spool --list
    grep -qF 'spool/1.job: is a symbolic link' "$out"
}

@test "the folder of another user is refused, to root as well" {
    ((EUID == 0)) || skip 'only root can be another user'
    echo x >text
    submit text
    chown nobody spool
    is_refused 4 'spool: belongs to nobody' --submit spool text
    is_refused 3 'spool: belongs to nobody' --spool spool --list
    chown root spool
    chmod 711 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
    run_unprivileged --submit "$PWD/spool" "$PWD/text"
    expect_failure 4 "$PWD/spool: Permission denied"
    run_unprivileged --spool "$PWD/spool" --list
    expect_failure 3 "$PWD/spool: Permission denied"
    chmod 755 spool
    run_unprivileged --spool "$PWD/spool" --list
    expect_failure 3 "$PWD/spool: belongs to root"
}
