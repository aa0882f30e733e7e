#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What gzip wrote is known by its first bytes and counted as the text in it, wherever it comes from and however many
# ranks there are; what is damaged is exit 3 and leaves the old result.
load ../helpers

setup() {
    begin
    corpus zipf 300000 20000 7 >text
    gzip -c text >text.gz
}

@test "a file counts as its text, on any number of ranks" {
    local ranks bytes
    run_wc plain text
    bytes=$(grep -oE '[0-9,]+ bytes in ' "$err")
    for ranks in plain 1 2 3 5; do
        run_wc $ranks text.gz
        expect_success
        expect_counts text
        grep -q " $bytes" "$err"
    done
}

@test "by its bytes, not by its name" {
    mv text.gz named.txt
    mv text named.gz
    run_wc 2 named.txt named.gz
    expect_success
    expect_counts named.gz named.gz
}

@test "members one after another, empty ones among them, and zeros behind them" {
    local part ranks
    split -n 50 text part.
    for part in part.*; do
        gzip -c "$part"
        gzip -c </dev/null
    done >many.gz
    cp many.gz filled.gz
    head -c 512 /dev/zero >>filled.gz
    for ranks in plain 3; do
        run_wc $ranks many.gz filled.gz
        expect_success
        expect_counts text text
    done
    gzip -c </dev/null >empty.gz
    run_wc 2 empty.gz
    expect_success
    [[ ! -s $out ]]
}

@test "below a folder, in a list, as a pipe and as standard input" {
    mkdir folder
    mv text.gz folder
    cp text folder/plain
    run_wc 3 -r folder
    expect_success
    expect_counts text text
    find folder -type f >list
    run_wc 2 --files-from list
    expect_success
    expect_counts text text
    mkfifo pipe
    cat folder/text.gz >pipe &
    run_wc 3 text pipe
    expect_success
    expect_counts text text
    cat folder/text.gz | run_wc plain -
    expect_counts text
}

@test "a pipe that gives a byte at a time" {
    printf 'b a b' | gzip -c >small.gz
    (for ((i = 0; i < $(stat -c %s small.gz); i++)); do dd bs=1 count=1 skip=$i status=none <small.gz; done) |
        run_wc plain -
    expect_same <(printf 'b\t2\na\t1\n') "$out"
}

@test "lines, fields, tasks and long words" {
    local word
    run_wc 3 --count lines text.gz
    LC_ALL=C sort text | uniq -c | sort -rnk1,1 | awk '{ print $1 }' | cmp - <(cut -f 2 "$out")
    word=$(head -c 300000 /dev/zero | tr '\0' w)
    printf '%s x\n%s\n' "$word" "$word" | gzip -c >long.gz
    run_wc 3 --split-size 1000 --block-size 1000 long.gz
    expect_same <(printf '%s\t2\nx\t1\n' "$word") "$out"
    seq 1 20 | gzip -c >tasks.gz
    run_wc 2 --exec 'expr {} \* {}' tasks.gz
    expect_success
    seq 1 20 | awk '{ print $1 * $1 }' | cmp - "$out"
}

@test "damaged, cut short or followed by something else: exit 3, what and where, and the old result" {
    local ranks
    head -c 60000 text.gz >short.gz
    (cat text.gz && echo more) >followed.gz
    (head -c 30000 text.gz && printf 'damaged' && tail -c +30008 text.gz) >changed.gz
    echo old >result
    for ranks in plain 3; do
        run_wc $ranks -o result text short.gz
        expect_failure 3 'short.gz: at byte 60000: damaged gzip data: ends inside a member'
        run_wc $ranks -o result followed.gz
        expect_failure 3 "followed.gz: at byte $(stat -c %s text.gz): damaged gzip data: something else follows the last member"
        run_wc $ranks -o result changed.gz text
        expect_failure 3 'changed.gz: at byte '
        expect_failure 3 ': damaged gzip data: '
    done
    [[ $(<result) == old ]]
}

@test "much that was made very small stays within --memory" {
    head -c 100000000 /dev/zero | tr '\0' ' ' | gzip -1 -c >blanks.gz
    run_wc 2 --memory 16M text.gz blanks.gz
    expect_success
    expect_counts text
    head -c 100000000 /dev/zero | gzip -1 -c >word.gz
    run_wc 2 --memory 16M word.gz
    expect_failure 5
}

@test "--input-format=bytes counts what is stored" {
    run_wc 2 --input-format=bytes text.gz
    expect_success
    expect_counts text.gz
}
