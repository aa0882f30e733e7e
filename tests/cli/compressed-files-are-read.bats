#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What gzip, zstd, xz, bzip2 and lz4 wrote is known by its first bytes and counted as the text in it, wherever it comes from
# and however many ranks there are; what is damaged is exit 3 and leaves the old result.
load ../helpers

# By the suffix: the command, what messages call what it makes, and what that consists of.
formats=(gz zst xz bz2 lz4)
declare -gA command=([gz]='gzip -c' [zst]='zstd -qc' [xz]='xz -c' [bz2]='bzip2 -c' [lz4]='lz4 -qc')
declare -gA kind=([gz]='gzip data' [zst]='Zstandard data' [xz]='xz data' [bz2]='bzip2 data' [lz4]='LZ4 data')
declare -gA unit=([gz]=member [zst]=frame [xz]=stream [bz2]=stream [lz4]=frame)

# pack SUFFIX [OPTION]: standard input, compressed.
pack() {
    ${command[$1]} ${2-}
}

setup_file() {
    local format
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 300000 20000 7 >text
    for format in "${formats[@]}"; do
        pack "$format" <text >text.$format
    done
}

setup() {
    begin
    cp "$BATS_FILE_TMPDIR"/* .
}

@test "a file counts as its text, on any number of ranks" {
    local format ranks bytes
    run_wc plain text
    bytes=$(grep -oE '[0-9,]+ bytes in ' "$err")
    for format in "${formats[@]}"; do
        for ranks in plain 3; do
            run_wc $ranks text.$format
            expect_success
            expect_counts text
            grep -q " $bytes" "$err"
        done
    done
}

@test "by its bytes, not by its name" {
    local format
    mv text named.gz
    for format in "${formats[@]}"; do
        mv text.$format named-$format.txt
    done
    run_wc 2 named-*.txt named.gz
    expect_success
    expect_counts named.gz named.gz named.gz named.gz named.gz named.gz
}

@test "one after another, empty ones among them" {
    local format part
    split -n 6 text part.
    for format in "${formats[@]}"; do
        for part in part.*; do
            pack $format <"$part"
            pack $format </dev/null
        done >many.$format
        pack $format </dev/null >empty.$format
    done
    run_wc 3 many.*
    expect_success
    expect_counts text text text text text
    run_wc 2 empty.*
    expect_success
    [[ ! -s $out ]]
}

@test "zeros behind gzip data, and in fours behind xz data" {
    (cat text.gz && head -c 511 /dev/zero) >filled.gz
    (cat text.xz && head -c 512 /dev/zero && cat text.xz && head -c 4 /dev/zero) >filled.xz
    cat text text >twice
    run_wc 2 filled.gz filled.xz
    expect_success
    expect_counts text twice
    (cat text.xz && head -c 511 /dev/zero) >filled.xz
    run_wc 2 filled.xz
    expect_failure 3 "damaged xz data: the zeros behind a stream are not a multiple of four"
}

@test "frames that are to be skipped" {
    printf '\x50\x2a\x4d\x18\4\0\0\0abcd' >skipped
    printf '\x5f\x2a\x4d\x18\0\0\0\0' >nothing
    cat skipped text.zst nothing skipped text.zst skipped >skips.zst
    cat text.lz4 skipped nothing text.lz4 skipped >skips.lz4
    cat text text >twice
    run_wc 2 skips.zst skips.lz4
    expect_success
    expect_counts twice twice
    (cat skipped && head -c 6 nothing) >cut.zst
    run_wc 2 cut.zst
    expect_failure 3 'cut.zst: at byte 18: damaged Zstandard data: ends inside a frame'
}

@test "below a folder, in a list, as a pipe and as standard input" {
    local format
    mkdir folder
    cp text text.* folder
    run_wc 3 -r folder
    expect_success
    expect_counts text text text text text text
    find folder -type f >list
    run_wc 2 --files-from list
    expect_success
    expect_counts text text text text text text
    mkfifo pipe
    for format in "${formats[@]}"; do
        cat text.$format >pipe &
        run_wc 3 text pipe
        expect_success
        expect_counts text text
        cat text.$format | run_wc plain -
        expect_counts text
    done
}

@test "a pipe that gives a byte at a time" {
    local format
    for format in "${formats[@]}"; do
        printf 'b a b' | pack $format >small
        (for ((i = 0; i < $(stat -c %s small); i++)); do dd bs=1 count=1 skip=$i status=none <small; done) |
            run_wc plain -
        expect_same <(printf 'b\t2\na\t1\n') "$out"
    done
}

@test "lines, fields, tasks and long words" {
    local format word i=0
    run_wc 3 --count lines text.*
    LC_ALL=C sort text | uniq -c | sort -rnk1,1 | awk '{ print 5 * $1 }' | cmp - <(cut -f 2 "$out")
    word=$(head -c 300000 /dev/zero | tr '\0' w)
    for format in "${formats[@]}"; do
        printf '%s x\n%s\n' "$word" "$word" | pack $format >long.$format
        seq $((20 * i + 1)) $((20 * i + 20)) | pack $format >tasks.$i
        i=$((i + 1))
    done
    run_wc 3 --split-size 1000 --block-size 1000 long.*
    expect_same <(printf '%s\t10\nx\t5\n' "$word") "$out"
    run_wc 2 --exec 'expr {} \* {}' tasks.*
    expect_success
    seq 1 100 | awk '{ print $1 * $1 }' | cmp - "$out"
}

@test "damaged, cut short or followed by something else: exit 3, what and where, and the old result" {
    local format half
    echo old >result
    for format in "${formats[@]}"; do
        half=$(($(stat -c %s text.$format) / 2))
        head -c $half text.$format >short.$format
        (cat text.$format && echo more) >followed.$format
        (head -c $half text.$format && printf 'damaged' && tail -c +$((half + 8)) text.$format) >changed.$format
        run_wc 3 -o result text short.$format
        expect_failure 3 "short.$format: at byte $half: damaged ${kind[$format]}: ends inside a ${unit[$format]}"
        run_wc plain -o result followed.$format
        expect_failure 3 "followed.$format: at byte $(stat -c %s text.$format): damaged ${kind[$format]}: something else follows the last ${unit[$format]}"
        run_wc plain -o result changed.$format text
        expect_failure 3 "changed.$format: at byte "
        expect_failure 3 ": damaged ${kind[$format]}: "
    done
    [[ $(<result) == old ]]
}

@test "much that was made very small stays within --memory" {
    local format
    for format in "${formats[@]}"; do
        head -c 20000000 /dev/zero | tr '\0' ' ' | pack $format -1 >blanks.$format
        head -c 20000000 /dev/zero | pack $format -1 >word.$format
    done
    run_wc 2 --memory 16M text.gz blanks.*
    expect_success
    expect_counts text
    for format in "${formats[@]}"; do
        run_wc plain --memory 16M word.$format
        expect_failure 5
    done
}

@test "more memory than --memory has for decoding is refused before it is in use: exit 5, the file, and what to do" {
    local file how
    echo old >result
    zstd -qc --long=27 <text >window.zst
    xz -c0 --lzma2=preset=0,dict=96MiB <text >dictionary.xz
    cat text.zst window.zst >later.zst
    for file in window.zst dictionary.xz later.zst -; do
        run_wc plain --memory 128M -o result text "$file" <window.zst
        expect_failure 5 "$file: to decode it takes "
        expect_failure 5 'at most half of --memory is for that, which is 128M a rank: allow more, or let a command'
    done
    run_wc 3 --memory 128M -o result text text.gz dictionary.xz
    expect_failure 5 'dictionary.xz: to decode it takes '
    [[ $(<result) == old ]]
    run_wc plain --memory 300M window.zst dictionary.xz later.zst
    expect_success
    cat text text >twice
    expect_counts text text twice
    run_wc plain --memory 300M --stats window.zst
    grep -qE 'peak memory of a rank 1[23][0-9]M of 300M' "$err"
    for how in 'zstd -dcq --long=27' 'xz -dc'; do
        file=window.zst
        [[ $how == zstd* ]] || file=dictionary.xz
        run_wc plain --memory 16M --pre "$how {}" "$file"
        expect_success
        expect_counts text
    done
}

@test "words do not use up the memory that it takes to decode a later file" {
    folder_on_disk
    corpus uniq 20000000 5 >words
    xz -c0 --lzma2=preset=0,dict=12MiB <text >later.xz
    run_wc 2 --memory 26M --scratch "$disk" words later.xz
    expect_success
    grep -q 'memory is full: words go to scratch' "$err"
    expect_counts words text
    rm_disk
}

@test "--input-format=bytes counts what is stored" {
    run_wc 2 --input-format=bytes text.*
    expect_success
    expect_counts text.*
}
