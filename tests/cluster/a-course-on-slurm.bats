#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What jobs/course/README.md says of Slurm, on a real one of four nodes with two processors each: a ladder of ranks within one
# job, of a student's program and by JUBE.
load ../helpers
load slurm

setup_file() {
    start_bed 4 2
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
    export MPIWC=$program
    limit=$((180 * slow)) # the ladder is eight starts of MPI and more
    corpus words 2000000 1 >big.txt
}

# of_the_page NAME: the command with that word in it, as an array of words into $command.
of_the_page() {
    local line
    line=$(sed -n 's/^    sbatch //p' "$top/jobs/course/README.md" | grep -F -- "$1")
    [[ $line ]] || wrong "the page has no sbatch of $1"
    eval "command=($line)"
}

@test "the checker climbs the ladder of ranks in one allocation" {
    local command
    ln -s "$top/jobs/course/check" check
    printf '#!/bin/bash\necho "$SLURM_PROCID $SLURMD_NODENAME" >>ranks\nexec "$MPIWC" -q "$@"\n' >student
    chmod +x student
    of_the_page ./student
    batch -o checked "${command[@]/REPEATS=5/REPEATS=1}"
    expect_batch 0
    [[ $(cut -f 1,4 checked | tr '\t\n' ': ') == 'ranks:result 1:exact 2:exact 4:exact 8:exact ' ]] || wrong "$(<checked)"
    awk -F '\t' 'NR > 1 && !($2 > 0 && $3 > 0) { exit 1 }' checked || wrong "expected times: $(<checked)"
    # On as many ranks as it says, and in the end on all nodes.
    [[ $(awk '{ n[$1]++ } END { print n[0], n[1], n[2], n[7] }' ranks) == '4 3 2 1' ]] || wrong "$(<ranks)"
    [[ $(cut -d ' ' -f 2 ranks | sort -u | tr '\n' ' ') == 'n0 n1 n2 n3 ' ]] || wrong "$(<ranks)"
    expect_nothing_left
}

@test "a program that is wrong on several ranks is found there" {
    local command
    ln -s "$top/jobs/course/check" check
    printf '#!/bin/bash\nexec "$MPIWC" -q $((SLURM_NTASKS > 2 ? 1 : 0))big.txt\n' >student
    chmod +x student
    ln big.txt 0big.txt
    { printf '! ' && cat big.txt; } >1big.txt
    of_the_page ./student
    batch -o checked "${command[@]/REPEATS=5/REPEATS=1}"
    ((status == 1)) || wrong 'expected exit 1'
    [[ $(grep -c 'exact$' checked) == 2 ]] || wrong "$(<checked)"
    [[ $(grep -cE "the word '!' is counted [0-9]+ times, not [0-9]+$" checked) == 2 ]] || wrong "$(<checked)"
}

@test "JUBE does so with the ranks of mpiwc" {
    local command ranks counts
    command -v jube >/dev/null || skip 'no jube'
    ln -s "$top/jobs/course/jube.yaml" jube.yaml
    of_the_page jube
    batch -o said "${command[@]}"
    expect_batch 0
    jube result ladder --style csv | grep '^[0-9]' >table
    [[ $(cut -d , -f 1 table | uniq -c | awk '{ printf "%s:%s ", $2, $1 }') == '1:3 2:3 4:3 8:3 ' ]] || wrong "$(<said)"
    for ranks in 1 2 4 8; do
        [[ $(find ladder -name run.json -exec cat {} + | jq -s "map(select(.ranks == $ranks and .verified == true)) | length") == 3 ]] ||
            wrong "no three verified runs of $ranks ranks"
    done
    oracle big.txt >expected
    find ladder -name counts.tsv >results
    [[ $(grep -c '' results) == 12 ]] || wrong "expected a result of each run: $(<results)"
    while read -r counts; do
        expect_same expected "$counts"
    done <results
    expect_nothing_left
}
