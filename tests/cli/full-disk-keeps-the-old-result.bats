#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A disk that is full at any moment: exit 4, no half of a result, no temporary file, the old result as it was.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus uniq 300000 1 >text # a result of 350 KB
    oracle text >expected
}

# on_disk KILOBYTES RANKS ARG...: counts to a tmpfs with an old result, which vanishes with the process that mounted it. Leaves
# the result there in `after`, the names there in `names`.
on_disk() {
    mounts_or_skip
    mkdir -p disk
    status=0
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m bash -c '
        . "$1/tests/helpers.bash" && setup && mount -t tmpfs -o "size=$2k" tmpfs disk || exit 99
        echo old >disk/counts
        run_wc "${@:3}" -o disk/counts
        cp disk/counts after
        ls -A disk >names
        exit "$status"' bash "$top" "$@" || status=$?
}

too_small() {
    on_disk "$@" "$BATS_FILE_TMPDIR/text"
    expect_failure 4 'disk/counts: No space left on device'
    [[ $(<after) == old && $(<names) == counts ]] || wrong "on the disk: $(<names)"
}

@test "three ranks that write their ranges, six sizes" {
    local kilobytes
    for kilobytes in 4 8 64 150 250 340; do
        too_small $kilobytes 3
    done
}

@test "rank 0 that writes all" {
    too_small 4 3 --gather
    too_small 300 3 --gather
}

@test "one process" {
    too_small 4 plain
    too_small 120 plain
    too_small 300 plain
}

@test "a count file that is counted on" {
    local kilobytes
    "$program" -q -o counted.mwc "$BATS_FILE_TMPDIR/text"
    for kilobytes in 4 100 250; do
        on_disk $kilobytes 3 --format=counts counted.mwc "$BATS_FILE_TMPDIR/text"
        expect_failure 4 'disk/counts: No space left on device'
        [[ $(<after) == old && $(<names) == counts ]] || wrong "on the disk: $(<names)"
    done
}

@test "the record of the run does not fit" {
    on_disk 372 2 --json disk/record --top 10 "$BATS_FILE_TMPDIR/text"
    ((status == 0)) || wrong "expected room"
    on_disk 4 plain --json disk/record --top 1 "$BATS_FILE_TMPDIR/text"
    ((status == 4)) || wrong "expected exit 4"
    [[ $(<after) == old && $(<names) == counts ]] || wrong "on the disk: $(<names)"
}

@test "a disk that is just large enough" {
    on_disk 380 3 "$BATS_FILE_TMPDIR/text"
    expect_success
    cmp "$BATS_FILE_TMPDIR/expected" after
    [[ $(<names) == counts ]]
}
