#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# With --pre what a command prints is counted in place of each file: the same on any number of ranks, each of which runs its
# share of the commands; a command that fails ends the run, and no command outlives it.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 50000 5000 7 >text
    split -n l/7 text part.
    : >part.empty
    oracle text >counts
}

setup() {
    begin
    cp "$BATS_FILE_TMPDIR"/* .
}

expect_text() {
    expect_success
    expect_same counts "$out"
}

teardown() {
    clear_segments
}

@test "cat gives what the files give, on any number of ranks, whoever reads and however they are shared out" {
    local ranks
    for ranks in plain 2; do
        run_wc $ranks --pre cat part.*
        expect_text
        grep -q ' 50,000 bytes in ' "$err"
    done
    run_wc 3 --schedule static --split-size 1 --block-size 100 --pre 'cat {}' part.*
    expect_text
    run_wc 2 --input root --pre 'cat {}' part.*
    expect_text
    # In a file: on a busy machine mpirun of Open MPI 5 moves bytes of a result before lines on standard error.
    run_wc 2 --compare --pre cat -o compared part.*
    ((status == 0)) || wrong "expected exit 0"
    expect_same counts compared
}

@test "every rank runs commands, one for each file" {
    local schedule
    for schedule in auto static; do # the first of them on demand
        rm -f ran
        # shellcheck disable=SC2016 # for that shell, whose parent is the process beside a rank
        run_wc 3 --schedule $schedule --pre 'echo $PPID {} >>ran; sleep 0.1; cat {}' part.*
        expect_text
        [[ $(cut -d ' ' -f 2 ran | sort) == "$(printf '%s\n' part.* | sort)" ]] || wrong "not each file once: $(<ran)"
        (($(cut -d ' ' -f 1 ran | sort -u | wc -l) == 3)) || wrong "not every rank: $(<ran)"
    done
}

@test "one command: rank 0 runs it, the others count what it prints" {
    run_wc 2 -v --pre cat text
    expect_same counts "$out"
    grep -q 'input: rank 0 reads, there is only one command$' "$err"
    run_wc 2 -v --input shared --pre cat text
    expect_same counts "$out"
    grep -q 'input: every rank reads' "$err"
}

@test "names of no files, odd ones, a list and a folder" {
    local names=("s3://bucket/a key" "it's" $'new\nline' '$(touch evil)' '-n' 'a;b')
    run_wc 2 --pre 'printf "<%s>\n" {}' --count lines -- "${names[@]}"
    expect_success
    expect_same <(printf '<%s>\n' "${names[@]}" | tr '\n' '@' | sed 's/>@/>\n/g; s/@/\n/g' | sort | sed 's/$/\t1/') "$out"
    [[ ! -e evil ]]
    mkdir folder
    echo dashed >-n
    echo quoted >"folder/it's"
    printf '%s\n' -n folder >list
    run_wc plain -r --files-from list --pre cat
    expect_success
    expect_counts ./-n "folder/it's"
}

@test "what is printed is looked at as a file is: compressed, JSON Lines, no text" {
    gzip -k part.a?
    run_wc 2 --pre 'cat {}' part.a?.gz
    expect_text
    run_wc 2 --pre 'printf "PK\003\004 {}"' part.aa part.ab
    expect_failure 3 ': what --pre prints is a zip archive (--input-format=bytes counts it as it is)'
    run_wc plain --input-format=bytes --count lines --pre 'printf "PK\003\004\n"; : {}' part.aa part.ab
    expect_success
    expect_same <(printf 'PK\003\004\t2\n') "$out"
    # shellcheck disable=SC2016 # jq's
    run_wc 2 --jsonl text --pre 'jq -Rc "{text: .}" {}' part.a?
    expect_text
}

@test "a malformed record is named by line and byte, and the command is not run again" {
    local ranks
    printf '{"text": "a"}\n{"text": "b"}\n{"text": oops}\n' >bad
    for ranks in plain 2; do
        rm -f ran
        run_wc $ranks --jsonl text --pre 'echo >>ran; cat {}' bad
        expect_failure 3 'bad: line 3, byte 37: malformed JSON'
        (($(wc -l <ran) == 1)) || wrong 'run twice'
    done
}

# failing RANKS COMMAND REASON
failing() {
    run_wc "$1" -o result --pre "$2" part.*
    ((status == 3)) || wrong "expected exit 3"
    grep -qE "^wc: part.ad: --pre: $3( \\(rank [01], |$)" "$err" || wrong "expected: $3"
    [[ $(<result) == old ]] || wrong "the old result is gone"
    expect_no_temporary .
}

@test "a command that fails: exit 3 with the file and the reason, and the old result" {
    echo old >result
    failing 2 'cat {}; case {} in *ad) echo why >&2; exit 7;; esac' 'exit 7: why'
    # shellcheck disable=SC2016 # for that shell
    failing plain 'cat {}; case {} in *ad) kill -9 $$;; esac' 'killed by signal 9 \(Killed\)'
    failing plain 'case {} in *ad) exec >&-; sleep 0.2; exit 8;; esac; cat {}' 'exit 8'
    failing 2 'case {} in *ad) no-such-program;; *) cat {};; esac' 'exit 127: .*no-such-program: not found'
}

@test "what cannot go together" {
    local arguments
    for arguments in '-' '--task squares text' '--exec true text' '--range 1..9/3'; do
        # shellcheck disable=SC2086 # several
        run_wc plain --pre cat $arguments
        expect_misuse -
    done
    run_wc plain --pre cat .
    expect_failure 3 'is a folder'
}

# endless SIGNAL RANKS: commands that print without end, one that prints nothing; the run gets the signal.
endless() {
    local child
    echo old >result
    # shellcheck disable=SC2016 # for that shell
    (start_wc "$2" -o result --pre 'case {} in *aa) exec sleep 7654321;; esac; yes {}' part.aa part.ab part.ac) >"$out" 2>"$err" &
    child=$!
    wait_until pgrep -f '^sleep 7654321$'
    kill "-$1" $child
    status=0
    wait $child || status=$?
    ((status != 0)) || wrong "expected a failure"
    wait_until expect_no_process
    wait_until expect_no_command
    [[ $(<result) == old ]] || wrong "the old result is gone"
    wait_until expect_no_temporary .
}

expect_no_command() {
    ! pgrep -f '^(sleep 7654321|yes part\.a.)$'
}

@test "a run that is ended takes its commands with it" {
    endless INT plain
    endless TERM 2
}

@test "a rank that is killed takes its commands with it" {
    local child rank
    (start_wc plain --pre 'exec sleep 7654321; : {}' part.aa part.ab) >"$out" 2>"$err" &
    child=$!
    wait_until pgrep -f '^sleep 7654321$'
    rank=$(pgrep -P $child)
    kill -KILL "$rank"
    wait $child || true
    wait_until expect_no_process
    wait_until expect_no_command
}
