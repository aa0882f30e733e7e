#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --checkpoint: killed at any moment, or ended by SIGUSR1, and started again by any number of ranks, a count does the rest,
# and its result is the same bytes; what does not belong together, or is damaged, is said.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 12000000 300000 3 >text
    corpus uniq 6000000 4 >uniq
    jq -Rc '{id: input_line_number, text: .}' <text >text.jsonl
    { echo id,text && head -c 6000000 text | sed 's/.*/1,"&"/'; } >text.csv
    gzip -1k text && zstd -q -1 text -o text.zst
    split -b 200000 --filter='gzip -1' text >members.gz
    "$program" -q -o all text uniq
}

# first_commit RUN: waits until the run has made a commit; false when it has ended before.
first_commit() {
    while [[ ! -e checkpoint/commit ]]; do
        kill -0 "$1" 2>/dev/null || return 1
        sleep 0.005
    done
}

processes() ( # of this run: ranks, or mpirun
    trap - DEBUG
    for process in /proc/[0-9]*; do
        [[ $process/cwd -ef . ]] && read -r name <"$process/comm" || continue
        if [[ $1 == mpirun && $name =~ ^(mpirun|prterun)$ ]] || [[ $1 == ranks && $process/exe -ef $program ]]; then
            echo "${process#/proc/}"
        fi
    done 2>/dev/null
)

# start RANKS ARG...: in the background, as $run, with commits all the time; slowly, so that it is not over at once.
start() {
    local ranks=$1
    shift
    (start_wc "$ranks" --checkpoint checkpoint --checkpoint-every 0.001 --block-size 64 -o counts "$@" >"$out" 2>"$err") &
    run=$!
}

# left_by_signal RANKS ARG...: a run that is left after its first commit, if it is not done before.
left_by_signal() {
    start "$@"
    first_commit "$run" && mapfile -t pids < <(processes ranks) && kill -USR1 "${pids[@]}" 2>/dev/null || true
    status=0
    wait "$run" || status=$?
}

go_on() {
    run_wc "$1" --checkpoint checkpoint -o counts "${@:2}"
}

expect_nothing_left() {
    [[ -z $(ls -A checkpoint) ]] || wrong "left: $(ls -A checkpoint)"
}

teardown() {
    clear_segments
}

@test "killed at random, taken up by other ranks: the same bytes, and nothing is left" {
    local kills=0 run victims try ranks victim
    for ((try = 0; kills < ${WC_KILLS:-8} && try < 40 * ${WC_KILLS:-8}; try++)); do
        ranks=$((1 + RANDOM % 4)) victim=ranks
        ((RANDOM % 3 > 0 || ranks == 1)) || victim=mpirun
        start "$ranks" "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
        first_commit "$run" && sleep "0.0$((RANDOM % 50 + 10))" || true
        mapfile -t victims < <(processes "$victim")
        if ((${#victims[@]} > 0)) && kill -KILL "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null; then
            kills=$((kills + 1))
        fi
        status=0
        wait "$run" || status=$?
        # Those whose launcher is gone end a little later.
        while [[ $(processes ranks) ]]; do sleep 0.02; done
        if ((status == 0)); then
            cmp counts "$BATS_FILE_TMPDIR/all"
            expect_nothing_left
        fi
    done
    ((kills == ${WC_KILLS:-8})) || wrong "only $kills were killed"
    go_on 3 "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    expect_success
    cmp counts "$BATS_FILE_TMPDIR/all"
    expect_nothing_left
    [[ -z $(find . -name '.counts*') ]] || wrong 'a temporary file is left'
}

@test "SIGUSR1 ends it with exit 10, and the same command goes on" {
    left_by_signal 2 "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    ((status == 10)) || wrong 'expected exit 10'
    grep -q '^wc: [0-9,]* of 18,000,000 bytes are counted, in .*wound down: the same command goes on$' "$err" ||
        wrong 'expected how far it is'
    [[ ! -e counts ]] || wrong 'expected no result'
    go_on 3 --json record --top 1000 "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    expect_success
    head -n 1000 "$BATS_FILE_TMPDIR/all" | cmp - counts
    jq -e '.resumed_bytes > 0 and .resumed_bytes < 18000000 and .input_bytes == 18000000' record >&2 || wrong 'the record'
    grep -q '; [0-9,]* bytes were counted before' "$err" || wrong 'expected what was counted before'
    expect_nothing_left
}

@test "whatever is counted, and whoever reads" {
    local case options files left=0
    folder_on_disk
    local -a cases=(
        'text uniq' '--count lines|text uniq' '--words unicode --fold|text' '--jsonl text|text.jsonl' '--csv text|text.csv'
        'text.gz uniq' 'members.gz' 'text.zst' '--input root|text text.gz' '--input root --csv text|text.csv'
        '--schedule dynamic|text members.gz' '--pre cat|text uniq' "--memory 5M --scratch $disk|text uniq")
    for case in "${cases[@]}"; do
        files=${case#*|} options=''
        [[ $case != *'|'* ]] || options=${case%%|*}
        read -ra options <<<"$options"
        read -ra files <<<"$files"
        files=("${files[@]/#/$BATS_FILE_TMPDIR/}")
        run_wc plain -q -o expected "${options[@]/#5M/1G}" "${files[@]}"
        left_by_signal $((1 + RANDOM % 3)) "${options[@]}" "${files[@]}"
        left=$((left + (status == 10)))
        ((status == 10 || status == 0)) || wrong "$case: expected exit 10"
        ((status == 0)) || go_on $((1 + RANDOM % 3)) "${options[@]}" "${files[@]}"
        ((status == 0)) || wrong "$case: expected success"
        cmp counts expected
        expect_nothing_left
    done
    ((left >= ${#cases[@]} / 2)) || wrong "only $left were left"
    rm_disk
}

@test "what is not the same run is refused, with the first difference" {
    cp "$BATS_FILE_TMPDIR/text" text
    left_by_signal 2 text "$BATS_FILE_TMPDIR/uniq"
    ((status == 10)) || wrong 'expected exit 10'
    cp checkpoint/commit commit
    go_on 2 text
    expect_misuse 'was begun with 2 inputs, not with 1'
    go_on 2 "$BATS_FILE_TMPDIR/uniq" text
    expect_misuse 'was begun with other inputs: number 1 was text, and is '
    go_on 2 --count lines text "$BATS_FILE_TMPDIR/uniq"
    expect_misuse 'checkpoint: was counted by other rules than this run: count=words, and count=lines'
    go_on 2 --fold text "$BATS_FILE_TMPDIR/uniq"
    expect_misuse 'checkpoint: was counted by other rules than this run: no case, and case=fold'
    go_on 2 --input-format bytes text "$BATS_FILE_TMPDIR/uniq"
    expect_misuse 'input-format=auto, and input-format=bytes'
    go_on 2 --split-size 1M text "$BATS_FILE_TMPDIR/uniq"
    expect_misuse 'was begun with --split-size='
    echo more >>text
    go_on 2 text "$BATS_FILE_TMPDIR/uniq"
    expect_misuse 'text: is not what it was when checkpoint was begun: 12000000 bytes then, 12000005 now'
    cmp commit checkpoint/commit
    cp "$BATS_FILE_TMPDIR/text" text
    go_on 1 text "$BATS_FILE_TMPDIR/uniq"
    expect_success
    cmp counts "$BATS_FILE_TMPDIR/all"
}

@test "what cannot be taken up is refused" {
    run_wc plain --checkpoint checkpoint -o counts - <"$BATS_FILE_TMPDIR/text"
    expect_misuse 'standard input, pipes and devices cannot be taken up again'
    seq 5 >tasks
    run_wc plain --checkpoint checkpoint -o counts --task squares tasks
    expect_misuse '--checkpoint: not for tasks'
    run_wc plain --checkpoint-every 3 -o counts tasks
    expect_misuse '--checkpoint-every needs --checkpoint'
    run_wc plain --checkpoint tasks -o counts tasks
    expect_failure 4 'tasks'
    run_wc plain --checkpoint no/folder -o counts tasks
    expect_failure 4 'no/folder: No such file or directory'
}

@test "one run at a time, and the other one is named" {
    start 2 "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    first_commit "$run" || wrong 'expected a commit'
    (
        out=other.out err=other.err
        run_wc plain --checkpoint checkpoint -o other "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
        ((status == 4)) && grep -q 'checkpoint is in use by process [0-9]* on .* since ' "$err" || wrong 'expected exit 4'
    )
    status=0
    wait "$run" || status=$?
    ((status == 0)) || wrong 'expected success'
    cmp counts "$BATS_FILE_TMPDIR/all"
}

@test "damage is noticed every time" {
    local round kind file bytes at
    echo old >old
    left_by_signal 2 "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    ((status == 10)) || wrong 'expected exit 10'
    cp -r checkpoint whole
    for ((round = 0; round < ${WC_HARMS:-40}; round++)); do
        rm -rf checkpoint counts
        cp -r whole checkpoint
        cp old counts
        mapfile -t files < <(find checkpoint -name 'log-*' -size +0)
        file=${files[RANDOM % ${#files[@]}]}
        kind=$((round % 5))
        ((kind != 4)) || file=checkpoint/commit
        bytes=$(stat -c %s "$file")
        # Behind what was committed there may be more, which nobody reads.
        at=$(((RANDOM * 32768 + RANDOM) % (bytes / 2)))
        case $kind in
        0 | 4) flip "$file" "$at" ;;
        1) truncate -s "$at" "$file" ;;
        2) rm "$file" ;;
        3) dd if="$file" of="$file" bs=1 count=64 skip=$((bytes / 3)) seek="$at" conv=notrunc status=none ;;
        esac
        go_on $((1 + round % 3)) "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
        if ((status == 0)); then # a log of which nothing was committed
            cmp counts "$BATS_FILE_TMPDIR/all" || wrong "round $round: believed"
            ((kind == 3)) && cmp -s "$file" "whole/${file#*/}" || wrong "round $round: $file: not noticed"
        else
            ((status == 3 || status == 6)) || wrong "round $round: expected exit 3 or 6"
            grep -q "^wc: .*checkpoint" "$err" || wrong "round $round: expected what is wrong"
            cmp counts old
        fi
    done
}

# flip FILE AT: a bit of it.
flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf "%b" "\\x$(printf %02x $((byte ^ (1 << RANDOM % 8))))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

@test "a disk that is full: the run goes on without commits, unless it was to end" {
    mounts_or_skip
    # shellcheck disable=SC2016 # for that shell
    unshare --mount bash -ec '
        mkdir small && mount -t tmpfs -o size=1M tmpfs small
        "$0" --checkpoint small/checkpoint --checkpoint-every 0.001 -o counts "$@" 2>err
        grep -q "warning: --checkpoint: nothing was committed: .*No space left on device" err || { cat err; exit 1; }
        cmp counts "${1%/*}/all"
        rm -rf small/* counts err
        "$0" --checkpoint small/checkpoint --checkpoint-every 0.001 --block-size 16 -o counts "$@" 2>err &
        until grep -qs "nothing was committed" err; do kill -0 $! && sleep 0.01; done
        kill -USR1 $!
        wait $! && status=0 || status=$?
        ((status == 4)) && grep -q "^wc: .*small/checkpoint.*No space left on device" err && [[ ! -e counts ]] ||
            { echo "exit $status"; cat err; exit 1; }
        mount -o remount,size=100M small
        "$0" --checkpoint small/checkpoint -o counts "$@" 2>err || { cat err; exit 1; }
    ' "$program" "$BATS_FILE_TMPDIR/text" "$BATS_FILE_TMPDIR/uniq"
    cmp counts "$BATS_FILE_TMPDIR/all"
}
