#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A UTF-8 byte order mark at the very beginning of a file is part of no word, line, field or task, however the file is cut,
# read or compressed; anywhere else it is bytes like others.
load ../helpers

setup() {
    begin
    printf '\xef\xbb\xbfone two\n\xef\xbb\xbfthree one\n' >marked
    printf '\xef\xbb\xbf\xef\xbb\xbfone\n' >twice
    printf '\xef\xbb\xbf' >bare
    printf '\xef\xbb\xbf\n one' >empty-line
    printf '\xef\xbb' >half
}

# counted RANKS COUNT ARG...: of all those files; the expected counts are in the file COUNT.
counted() {
    run_wc "$1" --count="$2" "${@:3}" marked twice bare empty-line half
    expect_success
    expect_same "$2" "$out"
}

@test "cut at each of the first bytes, on any number of ranks, read by all and by one" {
    local count size
    printf '%b\t%d\n' one 3 two 1 '\xef\xbb' 1 '\xef\xbb\xbfone' 1 '\xef\xbb\xbfthree' 1 >words
    printf '%b\t%d\n' '' 1 ' one' 1 'one two' 1 '\xef\xbb' 1 '\xef\xbb\xbfone' 1 '\xef\xbb\xbfthree one' 1 >lines
    printf '%b\t%d\n' one 2 '\xef\xbb' 1 '\xef\xbb\xbfone' 1 '\xef\xbb\xbfthree' 1 >field:1
    for count in words lines field:1; do
        counted plain $count --block-size 1
        counted 3 $count --split-size 1 --block-size 1
    done
    for size in 2 3 4; do
        counted 2 words --split-size $size --block-size 2 --schedule=dynamic
    done
    counted 2 lines --input=root
}

@test "streams and compressed files, in members of one byte too" {
    printf 'one\t2\ntwo\t1\n\xef\xbb\xbfthree\t1\n' >expected
    run_wc plain - <marked
    expect_success
    expect_same expected "$out"
    split -b 1 --filter='zstd -qc' marked >marked.zst
    gzip -k marked
    run_wc 3 --split-size 1 marked.zst marked.gz
    expect_success
    expect_same <(sed 's/2$/4/; s/1$/2/' expected) "$out"
}

@test "no task begins with it" {
    printf '\xef\xbb\xbf{"n": 6}\n' >tasks
    run_wc plain -q --task squares tasks
    ((status == 0)) || wrong 'expected a result'
    expect_same <(echo '{"n": 6, "result": 36}') "$out"
}

@test "--input-format=bytes counts it" {
    run_wc 2 --input-format=bytes --split-size 1 twice bare
    expect_success
    printf '\xef\xbb\xbf\t1\n\xef\xbb\xbf\xef\xbb\xbfone\t1\n' | cmp - "$out"
}
