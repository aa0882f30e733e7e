#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks: each is run once, and the results come in the order of the tasks, whoever ran them.
load ../helpers

squares() { # FIRST LAST
    seq -f '{"n": %.0f}' "$1" "$2"
}

results() { # FIRST LAST
    seq "$1" "$2" | awk '{ printf "{\"n\": %d, \"result\": %.0f}\n", $1, $1 * $1 }'
}

# The numbers of a closing line: tasks, done.
expect_done() {
    messages | grep -q "^wc: $1 tasks, $1 done in .*, verified$" || wrong "expected: $1 tasks done"
}

@test "squares, at any number of ranks, static and dynamic" {
    local how some=('plain dynamic' '1 static' '2 dynamic' '3 static' '5 dynamic')
    [[ ! ${WC_TEST_LONG-} ]] || some=({plain,1,2,3,5}' '{static,dynamic})
    squares 1 3000 >tasks
    results 1 3000 >expected
    for how in "${some[@]}"; do
        run_wc "${how% *}" --task squares --schedule "${how#* }" tasks
        ((status == 0)) || wrong "expected exit 0 with $how"
        expect_done 3,000
        expect_same expected "$out"
    done
}

@test "ten tasks of a fifth of a second, on one rank and on two: the comparison says how long each took" {
    squares 1 10 >tasks
    results 1 10 >expected
    run_wc 2 --task squares --delay 0.2 --compare tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same expected "$out"
    [[ $(messages) =~ 1\ rank\ ([0-9.]+)\ s,\ 2\ ranks\ ([0-9.]+)\ s:\ speed-up\ ([0-9.]+)\;\ the\ results\ are\ identical ]] ||
        wrong "expected a comparison"
    awk -v alone="${BASH_REMATCH[1]}" -v both="${BASH_REMATCH[2]}" -v speed_up="${BASH_REMATCH[3]}" \
        'BEGIN { off = speed_up - alone / both; exit !(alone >= 2 && both >= 1 && off < 0.02 && off > -0.02) }' ||
        wrong "expected at least 2 s and 1 s, and their quotient"
}

# Each of the two tasks waits for the other one, so neither would end if they ran one after the other.
@test "two ranks run two tasks at the same time" {
    printf '1\n2\n' >tasks
    for schedule in static dynamic; do
        rm -f begun.*
        run_wc 2 --schedule $schedule --exec 'touch begun.{}; until test -e begun.1 -a -e begun.2; do sleep 0.05; done; echo {}' tasks
        ((status == 0)) || wrong "expected exit 0 with a $schedule schedule"
        expect_same tasks "$out"
    done
}

@test "the sum of squares of 1 to 1,000,000 in 10 parts, on 1, 3 and 8 ranks" {
    for ranks in plain 3 8; do
        run_wc "$ranks" --task sum-squares --range 1..1000000/10
        ((status == 0)) || wrong "expected exit 0"
        [[ $(<"$out") == 333333833333500000 ]] || wrong "the sum is $(<"$out")"
    done
}

@test "primes below a million" {
    run_wc 3 --task primes --range 0..999999/37
    [[ $(<"$out") == 78498 ]] || wrong "there are 78498, not $(<"$out")"
}

@test "files, a folder, a range and standard input, in this order" {
    mkdir folder
    squares 1 5 >first
    squares 6 9 >folder/a
    printf '\n\n{"n": 10}\n\n{"n": 11}' >folder/b # empty lines are no tasks; no last newline
    results 1 20 >expected
    squares 12 20 | run_wc 3 --task squares -r first folder -
    expect_done 20
    expect_same expected "$out"
    run_wc 2 --exec 'echo x {}' --range 7..9 first
    expect_done 8
    [[ $(tail -n 3 "$out") == $'x 7 7\nx 8 8\nx 9 9' ]] || wrong "expected the range last"
}

@test "no tasks at all" {
    printf '\n\n\n' >empty
    for ranks in plain 3; do
        run_wc "$ranks" --task squares empty
        ((status == 0)) || wrong "expected exit 0"
        expect_done 0
        [[ ! -s $out ]]
    done
}

@test "30,000 tasks in little memory: the same bytes" {
    squares 1 30000 >tasks
    results 1 30000 >expected
    for ranks in plain 3; do
        run_wc "$ranks" --memory 5M --task squares -o together tasks
        ((status == 0)) || wrong "expected exit 0"
        expect_done 30,000
        expect_same expected together
    done
}

@test "a result that is not that of one rank takes no name, and leaves the old one" {
    seq 5 >tasks
    echo old >together
    run_wc 2 --compare -o together --exec 'echo {} $$' tasks
    ((status == 6)) && grep -q 'the results are NOT the same' "$err" || wrong 'expected that they differ'
    [[ $(<together) == old ]] || wrong 'the old result is gone'
    expect_no_temporary .
}

@test "the fingerprint of a run is that of its results, whoever ran the tasks, in what order, and when" {
    local way seen=
    squares 1 300 >tasks
    squares 2 301 >others
    for way in 'plain' '3' '3 --unordered' '2 --journal state.db' '3 --journal state.db' '2 --results files'; do
        # shellcheck disable=SC2086 # ranks, and an option
        run_wc $way --json record --task squares tasks
        ((status == 0)) || wrong "expected exit 0"
        [[ $(jq -c '[.words, .distinct_words, .written_words]' record) == '[300,300,300]' ]] || wrong "$way: expected 300 results"
        seen+=$(jq -r .fingerprint record)$'\n'
    done
    [[ $(sort -u <<<"$seen" | grep -c .) == 1 ]] || wrong "expected one fingerprint: $seen"
    run_wc 2 --json record --task squares others
    ! grep -qF "$(jq -r .fingerprint record)" <<<"$seen" || wrong "expected another fingerprint"
}

@test "the first tasks, with --top; control bytes shown, with --escape" {
    run_wc 2 --exec 'printf "%s\n" {}' --top 3 - < <(printf 'a\033b\nc\nd\ne\n')
    [[ $(<"$out") == $'a\eb\nc\nd' ]] || wrong "expected three lines"
    run_wc 2 --exec 'printf "%s\n" {}' --escape - < <(printf 'a\033b\\\n')
    [[ $(<"$out") == 'a\x1bb\\' ]] || wrong "expected them escaped"
}

@test "how far they are is seen while they run, and who did what afterwards" {
    run_wc 2 --progress=0.2 --stats --json record --exec 'sleep 0.1; echo {}' - < <(seq 20)
    ((status == 0)) || wrong "expected exit 0"
    grep -qE '^wc: [1-9][0-9]* (of 20 )?tasks done, 0 tries failed, [12] running' "$err" || wrong "expected progress"
    most=$(jq '[.by_rank[].tasks] | max' record)
    ((most >= 10)) || wrong "expected the tasks of each rank"
    grep -q "^tasks of a rank 10\.0 (at most $most), busy " "$err" || wrong "expected the balance"
    [[ $(jq -c '[.tasks, .failed_tasks, ([.by_rank[].tasks] | add)]' record) == '[20,0,20]' ]] || wrong "expected 20 in the record"
}

@test "misuse is exit 2" {
    run_wc plain --task squares --exec true x
    expect_misuse 'only one of them'
    run_wc plain --task nonsense /dev/null
    expect_misuse "nonsense"
    run_wc plain --range 2..1 --task primes
    expect_misuse "'2..1' is not a valid A..B/PARTS"
    run_wc plain --collect sum /dev/null
    expect_misuse '--collect needs --task or --exec'
    run_wc plain --task primes
    expect_misuse 'no input'
    run_wc plain --compare --task primes -
    expect_misuse 'standard input cannot be read twice'
    run_wc plain --compare --journal state.db --task primes /dev/null
    expect_misuse 'not with --results, --journal, --checkpoint or --status'
    run_wc plain --count lines --task primes /dev/null
    expect_misuse 'only one of them'
}
