#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks on hosts of their own: all hosts take part, a slow one gets fewer, what fails on one is done on another, and
# a journal survives the loss of a host. `bats -t` shows the times.
load ../helpers
load bed

setup_file() {
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
}

setup() {
    begin
    bed_or_skip
}

teardown_file() {
    end_bed
}

# run_tasks ARG...: on all slots of all hosts.
run_tasks() {
    run_on 0 hostfiles/run lab.hosts ./wc "$@"
}

twice() { # N: the lines that --range 1..N makes
    seq "$1" | sed 's/.*/& &/'
}

seconds() { # of the work, as the closing line says
    said | sed -n 's/.* in \([0-9.]*\) s, .*/\1/p'
}

@test "all hosts take part, and the results are in order" {
    run_tasks --progress=0.3 --exec 'sleep 0.05; echo {} $(hostname)' --range 1..160/160 --json record
    ((status == 0)) || wrong 'expected exit 0'
    expect_same <(seq 160) <(cut -d ' ' -f 1 "$out")
    [[ $(cut -d ' ' -f 3 "$out" | sort -u | xargs) == 'h0 h1 h2 h3' ]] || wrong 'not all hosts took part'
    grep -qE 'running, [0-9]+ %, [0-9.]+ s left; h0 [0-9]+/0/[0-2], h1 [0-9]+/0/[0-2], h2 .*, h3 ' "$err" || wrong 'expected progress by host'
    [[ $(on 0 cat record | jq '[.by_rank[].tasks] | add') == 160 ]] || wrong 'expected 160 tasks in the record'
}

@test "what fails on one host is done on another" {
    run_tasks --exec '[ $(hostname) != h2 ] || exit 1; echo {}' --range 1..40
    ((status == 0)) || wrong 'expected exit 0'
    expect_same <(twice 40) "$out"
    said | grep -q 'tried again' || wrong 'expected tasks that were tried again'
}

@test "the folder of the run and its variables are those of the tasks on every host, or no task is run" {
    local i
    for i in 0 1 2 3; do
        on $i mkdir -p everywhere
    done
    on 0 mkdir -p work
    run_on 0 env -C everywhere MODEL=big ../hostfiles/run ../lab.hosts ../wc --env MODEL \
        --exec 'sleep 0.1; echo $(hostname) ${PWD##*/} $MODEL $MPIWC_HOST $MPIWC_RANKS' --range 1..40/40
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(sort -u "$out") == $(printf 'h%d everywhere big h%d 8\n' 0 0 1 1 2 2 3 3) ]] || wrong "expected one folder, not $(sort -u "$out")"
    run_on 0 env -C work ../hostfiles/run ../lab.hosts ../wc --exec 'echo {}' --range 1..40/40
    ((status == 3)) || wrong 'expected exit 3'
    said | grep -q '/work: No such file or directory: the run was started there; --chdir names another folder for tasks (rank [2-7], h[1-3])' ||
        wrong 'expected which folder, and where'
    [[ ! -s $out ]] || wrong 'expected no task'
    run_on 0 env -C work ../hostfiles/run ../lab.hosts ../wc --chdir /tmp --exec 'sleep 0.1; pwd' --range 1..40/40
    ((status == 0)) || wrong "expected that another folder will do"
}

# What all ranks were busy, in percent of the time that they had: the ideal time, as part of the real one.
busy() {
    on 0 cat record | jq '[.by_rank[].busy_seconds] | (add / length * 100)' |
        awk -v all="$(seconds)" '{ printf "%.0f", $1 / all }'
}

# compare_schedules RANGE COMMAND: the same tasks, static and dynamic.
compare_schedules() {
    run_tasks --schedule static --json record --exec "$2" --range "$1"
    ((status == 0)) || wrong 'expected exit 0'
    mv "$out" static
    echo "# static: $(seconds) s, busy $(busy) %" >&3
    (($(busy) < 75)) || wrong 'expected idle ranks'
    run_tasks --json record --exec "$2" --range "$1"
    ((status == 0)) || wrong 'expected exit 0'
    expect_same static "$out"
    echo "# dynamic: $(seconds) s, busy $(busy) %" >&3
    (($(busy) >= 70)) || wrong 'expected busy ranks' # 90 and more where nobody else computes
}

@test "a host at a third of the speed: a static schedule waits for it, a dynamic one gives it less" {
    compare_schedules 1..240/240 'case $(hostname) in h3) sleep 0.6 ;; *) sleep 0.2 ;; esac; echo {}'
}

@test "uneven tasks: the others do not wait for those with long ones" {
    compare_schedules 1..320/320 'set -- {}; [ $((${1% *} % 8)) != 0 ] && sleep 0.05 || sleep 0.4; echo $1'
}

@test "a host is switched off in the middle: the journal has what was done" {
    (run_tasks --journal state.db --exec 'sleep 0.1; echo {}' --range 1..400/400 && exit "$status") &
    run=$!
    sleep 4
    "$lab" kill 3
    wait "$run" && wrong 'expected a failure'
    on 0 grep -v h3 lab.hosts >left
    on 0 tee left.hosts <left >/dev/null
    run_on 0 hostfiles/run left.hosts ./wc --journal state.db --exec 'sleep 0.1; echo {}' --range 1..400/400
    ((status == 0)) || wrong 'expected exit 0'
    expect_same <(twice 400) "$out"
    said | grep -qE '400 done, [1-9][0-9]* of them before' || wrong 'expected some from the journal'
}

@test "a host is switched off, and --restart goes on without it" {
    (run_on 0 hostfiles/run --restart 2 left.hosts -n 6 ./wc -o together --journal again.db --exec 'sleep 0.1; echo {}' --range 1..300/300 && exit "$status") &
    run=$!
    sleep 4
    "$lab" kill 2
    wait "$run" || wrong 'expected exit 0'
    expect_same <(twice 300) <(on 0 cat together)
    said | grep -qE '^run: exit [0-9]+: a host was lost; started again without h2$' || wrong 'expected what was done'
    said | grep -qE '300 done, [1-9][0-9]* of them before.* 4 ranks on 2 hosts' || wrong 'expected some from the journal, on four ranks'
    run_on 0 hostfiles/run --restart 2 lab.hosts ./wc -o counts missing
    ((status != 0)) && ! grep -q 'started again' "$err" || wrong 'expected that an error of the input ends the run'
    run_on 0 hostfiles/run --restart 2 left.hosts ./wc -o counts -
    ((status == 2)) || wrong 'expected that standard input is refused'
    run_on 0 hostfiles/run --restart 2 left.hosts ./wc --exec 'echo {}' --range 1..3
    ((status == 2)) && grep -q -- '--restart: what goes to standard output cannot be taken back' "$err" ||
        wrong 'expected that the results have to go to a file'
}
