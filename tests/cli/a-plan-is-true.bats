#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# What --plan says is what a run finds: exactly where all was counted, else within the range that it gives.
load ../helpers

# Texts of many kinds; the last one is compressed in members, parts of which can be decoded by themselves.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 8000000 100000 1 >zipf
    corpus uniq 6000000 2 >uniq
    { corpus zipf 150000 20000 3; corpus uniq 50000 4; } >part
    for _ in {1..40}; do cat part; done >again
    mkdir folder
    split -b 4000 -a 3 zipf folder/
    for part in {1..10}; do gzip -c zipf; done >members.gz
    gzip -1 -c zipf >one.gz
}

# of_plan MEMBER, of_run MEMBER: a number in the object of a plan or the record of a run.
of_plan() {
    sed -nE "s/^  \"$1\": ([0-9.]+),?$/\1/p" plan
}
of_run() {
    sed -nE "s/^  \"$1\": ([0-9.]+),?$/\1/p" record
}

# inside MEMBER: what the run found, between the least and the most of the plan.
inside() {
    awk -v low="$(of_plan "$1_least")" -v found="$(of_run "$1")" -v high="$(of_plan "$1_most")" \
        'BEGIN { exit !(found != "" && low != "" && low <= found && found <= high) }' ||
        wrong "$1: $(of_run "$1") is not within $(of_plan "$1_least") and $(of_plan "$1_most")"
}

# plan RANKS SIZE ARG...: a sample of so much, then the run that it suggests.
plan() {
    local ranks=$1 size=$2
    shift 2
    rm -f plan record
    run_wc "$ranks" --plan="$size" -q --json plan "$@"
    ((status == 0)) || wrong "expected a plan"
    [[ ! -s $out && ! -s $err ]] || wrong "expected nothing on standard streams with -q"
    run_wc "$ranks" --memory="$(($(of_plan memory_bytes) >> 20))M" --json record -o counts "$@"
    expect_success
}

@test "words, distinct words and the result of a sample" {
    local text ranks
    for text in zipf uniq again; do
        for ranks in plain 3; do
            plan $ranks 800K --seed 1 "$BATS_FILE_TMPDIR/$text"
            grep -qF '"exact": false' plan
            inside words
            inside distinct_words
            inside output_bytes
            awk -v low="$(of_plan distinct_words_least)" -v high="$(of_plan distinct_words_most)" \
                'BEGIN { exit high > 4 * low }' || wrong "a range as wide as that says nothing"
        done
    done
}

@test "the same of small files, of files that can be cut at some places only, and with rules" {
    plan 2 800K --seed 1 -r "$BATS_FILE_TMPDIR/folder"
    inside words
    inside distinct_words
    plan 2 10M --seed 1 "$BATS_FILE_TMPDIR/members.gz"
    grep -qF '"beginnings_only": false' plan
    inside words
    inside distinct_words
    plan 2 800K --seed 1 --words unicode --fold "$BATS_FILE_TMPDIR/zipf"
    inside words
    inside distinct_words
    plan 2 800K --seed 1 --count=lines "$BATS_FILE_TMPDIR/again"
    inside distinct_words
    plan 2 800K --seed 1 --schedule=dynamic --input=root --min-count 2 "$BATS_FILE_TMPDIR/zipf"
    inside distinct_words
    inside output_bytes
}

@test "what cannot be cut is sampled from its beginning, and the plan says so" {
    plan 2 400K --seed 1 "$BATS_FILE_TMPDIR/one.gz"
    inside words
    inside distinct_words
    ! grep -qF '"beginnings_only": true' plan # it is short
    corpus zipf 40000000 100000 1 | gzip -1 >long.gz
    plan 2 1M --seed 1 long.gz
    grep -qF '"beginnings_only": true' plan
    inside words
    inside distinct_words
    run_wc plain --plan=1M long.gz
    ((status == 0))
    grep -qF 'only the beginnings' "$out" || wrong "expected a sentence about it"
}

@test "a small input is counted whole, and the numbers are exact" {
    corpus zipf 1000000 20000 5 >text
    for option in --top=7 --min-count=3 --lower --format=jsonl; do
        plan 2 1M $option text
        grep -qF '"exact": true' plan
        [[ $(of_plan words) == "$(of_run words)" ]] || wrong "expected the words"
        [[ $(of_plan distinct_words_most) == "$(of_run distinct_words)" ]] || wrong "expected the distinct words"
        [[ $option == --top=7 || $(of_plan output_bytes) == "$(of_run output_bytes)" ]] || wrong "expected the bytes"
    done
    : >empty
    run_wc plain --plan empty
    ((status == 0)) || wrong "expected a plan of nothing"
    grep -qF ' 0 distinct words' "$out"
}

# Files of the same words, of others, and of some.
make_counts() {
    cd "$BATS_FILE_TMPDIR" || return
    [[ -e other.mwc ]] || {
        run_wc plain -o zipf.mwc zipf && run_wc plain -o uniq.mwc uniq &&
            run_wc plain -o part.mwc part && cat uniq part | run_wc plain -o other.mwc -
    }
    cd - || return
}

@test "what count files hold is known, and how much they have together is counted" {
    local -x files=$BATS_FILE_TMPDIR
    local ranks result
    make_counts
    for ranks in plain 3; do
        for result in --format={tsv,counts}; do
            plan $ranks 100M $result "$files"/{zipf,other,part}.mwc
            grep -qF '"exact": true' plan
            [[ $(of_plan words) == "$(of_run words)" ]] || wrong "expected the words"
            [[ $(of_plan distinct_words_least) == "$(of_run distinct_words)" ]] || wrong "expected the distinct words"
            [[ $(of_plan distinct_words_most) == "$(of_run distinct_words)" ]] || wrong "expected the distinct words"
            inside output_bytes
            plan $ranks 200K --seed 1 --min-count 2 $result "$files"/{zipf,other,part}.mwc
            grep -qF '"exact": false' plan
            [[ $(of_plan words_most) == "$(of_run words)" || $result == *counts ]] || wrong "expected the words"
            inside distinct_words
            inside output_bytes
            awk -v low="$(of_plan distinct_words_least)" -v high="$(of_plan distinct_words_most)" \
                'BEGIN { exit high > 2 * low }' || wrong "a range as wide as that says nothing"
        done
    done
    plan 2 100M -o one.mwc "$files/other.mwc"
    [[ $(of_plan output_bytes_least) == "$(of_plan output_bytes_most)" ]] || wrong "expected the bytes"
    (($(of_plan output_bytes) == $(stat -c %s "$files/other.mwc"))) || wrong "expected the bytes of the file"
}

@test "text beside count files: what it adds to their words" {
    local -x files=$BATS_FILE_TMPDIR
    local text ranks size result
    make_counts
    for text in zipf uniq again; do
        for ranks in plain 3; do
            for size in 800K 100M; do
                for result in --format={tsv,counts}; do
                    plan $ranks $size --seed 1 $result "$files"/{part,zipf}.mwc "$files/$text"
                    inside words
                    inside distinct_words
                    inside output_bytes
                    awk -v low="$(of_plan distinct_words_least)" -v high="$(of_plan distinct_words_most)" \
                        'BEGIN { exit high > 4 * low }' || wrong "a range as wide as that says nothing"
                done
            done
        done
    done
    plan 2 800K --seed 1 --lower --format=counts "$files"/zipf
    inside output_bytes
}

@test "memory for the words of count files, and none where they are only added up" {
    local -x files=$BATS_FILE_TMPDIR
    make_counts
    corpus uniq 25000000 2 >large
    run_wc 3 -q -o large.mwc large
    run_wc 2 --plan --memory 8M --json plan large.mwc "$files/zipf"
    ((status == 0)) || wrong "expected a plan"
    grep -qF '"fits": false' plan
    (($(of_plan spill_bytes) > 0)) || wrong "expected scratch"
    run_wc 2 --memory 8M -o counts large.mwc "$files/zipf"
    expect_failure 5 memory
    run_wc "$(of_plan ranks_needed)" --memory 8M -o counts large.mwc "$files/zipf"
    expect_success
    plan 2 100M --memory 32M -o sum.mwc large.mwc "$files"/{zipf,part}.mwc
    grep -qF '"fits": true' plan
}

@test "what is asked of count files has no plan, and they are compared as text is" {
    local -x files=$BATS_FILE_TMPDIR
    make_counts
    for option in --join --info --check --lookup=a --lookup-from=list; do
        run_wc plain --plan "$option" "$files/part.mwc"
        expect_misuse "${option%%=*}: not with --plan"
        run_wc plain --compare "$option" "$files/part.mwc"
        expect_misuse "${option%%=*}: not with --compare"
    done
    run_wc 3 --compare -o sum.mwc "$files"/{part,zipf}.mwc
    expect_misuse '--format=counts: not with --compare'
    run_wc 3 --compare -o result "$files"/{part,zipf}.mwc "$files/uniq"
    ((status == 0)) || wrong "expected a result"
    grep -qF 'the results are identical' "$err"
    run_wc plain -o expected "$files"/{part,zipf}.mwc "$files/uniq"
    expect_same expected result
}

@test "lines for people, and a command that runs" {
    local command
    cp "$BATS_FILE_TMPDIR/zipf" 'a text'
    echo old >counts
    run_wc plain --plan=1M -o counts 'a text'
    ((status == 0)) || wrong "expected a plan"
    [[ ! -s $err && $(<counts) == old ]] || wrong "the result is not to be touched"
    grep -qE '^vocabulary:  about [0-9,]+ distinct words \([0-9,]+ to [0-9,]+\)$' "$out" || wrong "expected a range"
    command=$(sed -n 's/^suggestion:  //p' "$out")
    [[ $command == *" -o counts 'a text'" ]] || wrong "expected the options of the plan"
    bash -c "$command -q" >"$out" 2>"$err" || wrong "the suggestion does not run: $command"
    oracle 'a text' >expected
    expect_same expected counts
}

@test "a plan is not made of a stream, nor of tasks" {
    status=0
    "$program" --plan - <"$BATS_FILE_TMPDIR/part" >"$out" 2>"$err" || status=$?
    expect_failure 3 'cannot be sampled'
    run_wc plain --plan --exec 'cat {}' "$BATS_FILE_TMPDIR/part"
    ((status == 2)) || wrong "expected exit 2"
    run_wc 2 --plan missing
    expect_failure 3 missing
}

@test "memory that does not suffice is said before" {
    corpus uniq 25000000 2 >large
    run_wc 2 --plan=3M --memory 8M --json plan large
    ((status == 0)) || wrong "expected a plan"
    grep -qF '"fits": false' plan
    (($(of_plan ranks_needed) > 2)) || wrong "expected more ranks"
    grep -qF 'there is less' "$out" || wrong "expected a sentence about it"
    run_wc "$(of_plan ranks_needed)" --memory 8M -o counts large
    expect_success
    run_wc 2 --memory 8M -o counts large
    expect_failure 5 memory
}

# Without a Slurm: what stands in its place takes the job's word for all.
@test "a job asks Slurm for the memory and the time of the plan" {
    local memory seconds
    mkdir bin
    printf '#!/bin/sh\necho "   Command=%s"\n' "$top/jobs/plan.sbatch" >bin/scontrol
    # shellcheck disable=SC2016 # for that shell
    printf '#!/bin/sh\nwhile case $1 in -*) ;; *) false ;; esac; do shift; done\nexec "$@"\n' >bin/srun
    # shellcheck disable=SC2016
    printf '#!/bin/sh\nprintf "%%s\\n" "$@" >submitted\n' >bin/sbatch
    chmod +x bin/*
    PATH=$PWD/bin:$PATH MPIWC=$program SLURM_JOB_ID=7 SLURM_JOB_NAME=plan SLURM_TASKS_PER_NODE='3(x2)' SLURM_JOB_NUM_NODES=2 \
        bash "$top/jobs/plan.sbatch" --lower "$BATS_FILE_TMPDIR/uniq" >"$out" 2>"$err" || wrong "the job fails"
    mv plan-7.json plan
    memory=$(($(of_plan memory_bytes) >> 20)) seconds=$(of_plan seconds_most)
    grep -qx -- --nodes=2 submitted && grep -qx -- --ntasks-per-node=3 submitted || wrong "expected the same nodes and ranks"
    awk -F '[=M]' -v rank="$memory" '/^--mem=/ { found = 1; exit !($2 >= 3 * (rank + 32) && $2 < 3 * (rank * 1.2 + 40)) }
        END { exit !found }' submitted || wrong "expected memory for $memory MB a rank: $(<submitted)"
    awk -F = -v seconds="$seconds" '/^--time=/ { found = 1; exit !($2 * 60 > 2 * seconds && $2 < seconds / 20 + 10) }
        END { exit !found }' submitted || wrong "expected time for $seconds s: $(<submitted)"
    [[ $(tail -n 3 submitted) == "$top/jobs/count.sbatch"$'\n'--lower$'\n'"$BATS_FILE_TMPDIR/uniq" ]] || wrong "expected the count"
}

@test "a fault in any lot ends it" {
    make_counts
    use_debug
    export WC_FAULT
    for WC_FAULT in survey:1 survey:all map:2 reduce:0 counts:2; do
        run_wc 3 --plan=1M "$BATS_FILE_TMPDIR"/{zipf,part.mwc}
        expect_failure 1 'injected fault'
    done
}

# Real ones, as many as there are of ten kinds, an eighth and a sixty-fourth of each.
@test "ten kinds of text" {
    [[ ${WC_TEST_LONG-} ]] || skip 'WC_TEST_LONG is not set'
    local kind factor seen=0 missed=0 bytes inputs
    for kind in kjv mixed zipf uniq log urls pages code headers documentation fields; do
        inputs=()
        case $kind in
        pages) inputs=(-r /usr/share/man) ;;
        documentation) inputs=(-r /usr/share/doc) ;;
        headers) inputs=(-r /usr/include) ;;
        code) find /usr/lib/python3* -name '*.py' >list && inputs=(--files-from list) ;;
        fields) inputs=(--count=field:2,3 "$top/$("$top/tests/texts" mixed 100)") ;;
        *) inputs=("$top/$("$top/tests/texts" "$kind" 100)") ;;
        esac
        for factor in 8 64; do
            run_wc plain --plan=1 -q --json plan "${inputs[@]}" || continue
            ((status == 0)) || continue
            bytes=$(of_plan input_bytes)
            ((bytes > 10000000)) || continue
            plan 2 $((bytes / factor)) "${inputs[@]}"
            ((seen += 2))
            inside distinct_words || ((missed += 1))
            inside output_bytes || ((missed += 1))
            echo "$kind 1/$factor: $(of_plan distinct_words_least) to $(of_plan distinct_words_most):" \
                "$(of_run distinct_words); $(of_plan sample_seconds) s"
        done
    done
    ((seen >= 20 && missed * 10 <= seen)) || wrong "$missed of $seen ranges do not hold what is true"
}
