#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A vocabulary that is larger than the memory goes to the disk and comes back: the same bytes, nothing left there, and
# a disk that is full, missing, or no disk is said.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    folder_on_disk
    export OUR_DISK=$disk
    corpus uniq 30000000 5 >uniq
    corpus zipf 40000000 4000000 6 >zipf
    # Long keys, and some very long ones.
    awk 'BEGIN { for (i = 0; i < 200000; i++) print "a-key-of-many-bytes-" i "-and-so-on-" i % 977
                 for (i = 0; i < 40; i++) { s = "long" i; while (length(s) < 60000) s = s s; print s } }' >long
    # Nothing but long keys; and such that agree as far as a place in the order looks, and far beyond that.
    awk 'BEGIN { for (i = 0; i < 330; i++) s = s "/"; for (i = 0; i < 80000; i++) print i * 7919 % 60013 s }' >paths
    awk 'BEGIN { for (i = 0; i < 330; i++) s = s "/"
                 for (i = 0; i < 80000; i++) {
                     at = i * 7919 % 60013
                     print "https://www.example.org" s at % 3 s at % 7 "/page-" at ".html"
                 }
                 print s "aaa\nhttps://www.example.org" s "0" s "0\nhttps://www.example.org" s s s "\nzzz" s }' >urls
    for text in uniq zipf long paths urls; do
        "$program" -q -o "$text.all" "$text"
    done
}

teardown_file() {
    rm -rf "$OUR_DISK" "$OUR_DISK.named"
}

teardown() {
    [[ -z $(ls -A "$OUR_DISK") ]] || wrong "left: $(ls "$OUR_DISK")"
}

# is_same TEXT RANKS MEMORY [OPTION...]: it goes to the disk, and has the bytes of the run with enough memory.
is_same() {
    local text=$1 ranks=$2 memory=$3
    shift 3
    run_wc "$ranks" --memory "$memory" --scratch "$OUR_DISK" --json record -o counts "$@" "$BATS_FILE_TMPDIR/$text"
    expect_success
    (($(jq '[.by_rank[].scratch_written_bytes] | add' record) > 0)) || wrong "nothing was on the disk"
    (($(jq '[.by_rank[].peak_bytes] | max' record) <= ${memory%M} << 20)) || wrong "expected at most $memory"
}

@test "the bytes are those of a run with enough memory" {
    local text
    for text in uniq zipf; do
        is_same "$text" plain 16M
        cmp counts "$BATS_FILE_TMPDIR/$text.all"
        is_same "$text" plain 5M
        cmp counts "$BATS_FILE_TMPDIR/$text.all"
        is_same "$text" 2 8M
        cmp counts "$BATS_FILE_TMPDIR/$text.all"
        is_same "$text" 3 4M --schedule dynamic
        cmp counts "$BATS_FILE_TMPDIR/$text.all"
        is_same "$text" 5 4M --gather
        cmp counts "$BATS_FILE_TMPDIR/$text.all"
    done
}

@test "long keys, too" {
    is_same long plain 8M
    cmp counts "$BATS_FILE_TMPDIR/long.all"
    is_same long 3 5M
    cmp counts "$BATS_FILE_TMPDIR/long.all"
    is_same paths plain 4M
    cmp counts "$BATS_FILE_TMPDIR/paths.all"
    is_same paths 3 4M
    cmp counts "$BATS_FILE_TMPDIR/paths.all"
}

@test "keys that agree further than a place in the order looks" {
    local ranks
    "$program" -q --sort key -o in-order "$BATS_FILE_TMPDIR/urls"
    "$program" -q -o all.mwc "$BATS_FILE_TMPDIR/urls"
    for ranks in plain 3; do
        is_same urls $ranks 4M
        cmp counts "$BATS_FILE_TMPDIR/urls.all"
        is_same urls $ranks 4M --sort key
        cmp counts in-order
        is_same urls $ranks 4M --format=counts
        cmp counts all.mwc
        is_same urls $ranks 4M --top 30000
        head -n 30000 "$BATS_FILE_TMPDIR/urls.all" | cmp - counts
    done
    # What is divided is read and written a few times, not as often as it has parts.
    is_same urls plain 4M
    (($(jq '.by_rank[0].scratch_written_bytes' record) < 6 * $(stat -c %s "$BATS_FILE_TMPDIR/urls"))) ||
        wrong "expected less on the disk"
}

@test "the memory is full is said once, with what is to come" {
    run_wc 2 --memory 8M --scratch "$OUR_DISK" -o counts "$BATS_FILE_TMPDIR/uniq"
    expect_success
    [[ $(grep -c 'memory is full at [0-9]* % of the input: about .* a rank go to scratch, .* are free' err) == 1 ]] ||
        wrong 'expected one line'
    run_wc 2 -q --memory 8M --scratch "$OUR_DISK" -o counts "$BATS_FILE_TMPDIR/uniq"
    ((status == 0)) || wrong 'expected success'
    [[ -z $(messages) ]] && ! grep -q 'memory is full' err || wrong 'expected silence'
}

@test "orders, parts and columns of the result" {
    local file=$BATS_FILE_TMPDIR/zipf
    is_same zipf 2 5M --sort key
    LC_ALL=C sort -t$'\t' -k1,1 "$file.all" | cmp - counts
    is_same zipf 2 5M --sort key --top 100000
    head -n 100000 "$file.all" | LC_ALL=C sort -t$'\t' -k1,1 | cmp - counts
    is_same zipf 3 5M --top 500
    head -n 500 "$file.all" | cmp - counts
    is_same zipf 2 5M --top 300000 --columns word,count,rank,cumulative
    head -n 300000 "$file.all" | awk -F'\t' '{ sum += $2; printf "%s\t%s\t%d\t%d\n", $1, $2, NR, sum }' | cmp - counts
    is_same zipf 2 5M --min-count 3
    awk -F'\t' '$2 >= 3' "$file.all" | cmp - counts
    is_same zipf 2 5M --count-of-counts spectrum
    awk -F'\t' '{ keys[$2]++ } END { for (count in keys) print count "\t" keys[count] }' "$file.all" | sort -n | cmp - spectrum
}

@test "words that rules make of chunks: both passes" {
    tr 'a-m' 'A-M' <"$BATS_FILE_TMPDIR/uniq" | head -c 10000000 | sed 's/ /, /g' >text
    "$program" -q --words unicode --lower -o all text
    run_wc 2 --memory 6M --scratch "$OUR_DISK" --json record --words unicode --lower -o counts text
    expect_success
    (($(jq '[.by_rank[].scratch_written_bytes] | add' record) > 0)) || wrong 'nothing was on the disk'
    cmp counts all
}

@test "without a folder it is exit 5, which names the option; TMPDIR is one" {
    run_wc plain --memory 5M -o counts "$BATS_FILE_TMPDIR/uniq"
    expect_failure 5 '--scratch DIR would let it use the disk'
    temporary=$OUR_DISK.named # Open MPI leaves a folder there
    mkdir "$temporary"
    run_wc plain --memory 5M -o counts "$BATS_FILE_TMPDIR/uniq"
    temporary=''
    expect_success
    cmp counts "$BATS_FILE_TMPDIR/uniq.all"
}

@test "what is no disk is refused, a folder that will do is found among others" {
    run_wc plain --scratch none -o counts "$BATS_FILE_TMPDIR/long"
    expect_failure 4 '--scratch: none: No such file or directory'
    if [[ $(stat -f -c %T /dev/shm) == tmpfs ]]; then
        run_wc 2 --scratch /dev/shm -o counts "$BATS_FILE_TMPDIR/long"
        expect_failure 4 '--scratch: /dev/shm: lies in memory (tmpfs)'
    fi
    run_wc plain --memory 5M --scratch "none,$OUR_DISK" -o counts "$BATS_FILE_TMPDIR/uniq"
    expect_success
    cmp counts "$BATS_FILE_TMPDIR/uniq.all"
}

@test "a limit that is too small, and files that may not grow, are exit 4, and the old result stays" {
    echo old >counts
    run_wc 2 --memory 5M --scratch "$OUR_DISK" --scratch-limit 10M -o counts "$BATS_FILE_TMPDIR/uniq"
    expect_failure 4 'over the limit of 5.0M a rank (--scratch-limit); about '
    grep -q 'a rank will be needed' err || wrong 'expected how much'
    [[ $(<counts) == old ]] || wrong 'the result was touched'
    (ulimit -f 4000 && run_wc plain --memory 5M --scratch "$OUR_DISK" -o counts "$BATS_FILE_TMPDIR/uniq" &&
        expect_failure 4 'File too large')
    [[ $(<counts) == old ]] || wrong 'the result was touched'
}

# on_small_disk MEGABYTES: a run on a file system of that size is right, or says that the disk is full and has left nothing.
on_small_disk() {
    truncate -s "$1"M image
    mkfs.ext4 -q -O ^has_journal image
    echo old >counts
    # shellcheck disable=SC2016 # for that shell
    unshare --mount --propagation private bash -c '
        mount -o loop image disk || exit 99
        before=$(df --output=used disk | tail -n 1)
        timeout "$1" "${@:2}"
        status=$?
        [[ $(df --output=used disk | tail -n 1) == "$before" ]] || exit 98
        umount disk
        exit $status' - "$limit" "$program" --memory 5M --scratch disk -o counts small >"$out" 2>"$err" && status=0 || status=$?
    case $status in
    0) cmp counts small.all ;;
    4) expect_failure 4 'No space left on device' && [[ $(<counts) == old ]] ;;
    *) wrong "on $1 MB: expected exit 0 or 4" ;;
    esac
}

@test "on file systems of many sizes" {
    command -v mkfs.ext4 >/dev/null || skip 'no mkfs.ext4'
    truncate -s 3M image
    mkfs.ext4 -q -O ^has_journal image
    # shellcheck disable=SC2016 # for that shell
    unshare --mount --propagation private sh -c 'mkdir disk && mount -o loop image disk' 2>/dev/null ||
        skip 'no file system can be mounted here'
    local size ended='' sizes=(4 9 14 20 40)
    corpus uniq 7000000 5 >small
    "$program" -q -o small.all small
    [[ ! ${WC_TEST_LONG-} ]] || sizes=({4..53})
    for size in "${sizes[@]}"; do
        on_small_disk "$size"
        ended+=$status
    done
    [[ $ended == *4* && $ended == *0* ]] || wrong "expected both ends: $ended"
}

@test "while a run goes on it says what is on the disk" {
    mkfifo pipe
    (start_wc 2 --memory 6M --scratch "$OUR_DISK" --status folder -o counts pipe) 2>err &
    exec 6>pipe
    cat "$BATS_FILE_TMPDIR/uniq" >&6
    wait_until grep -q "^scratch [0-9.]* MiB of [0-9.]* [GT]iB in " folder/status.txt
    wait_until grep -q 'scratch</dt><dd>[0-9].* of [0-9]' folder/status.html
    wait_until grep -q '^mpiwc_scratch_bytes [1-9]' folder/mpiwc.prom
    [[ $(jq -r .scratch folder/status.json) == "$OUR_DISK" ]] || wrong "$(<folder/status.json)"
    (($(jq '.scratch_limit_bytes - .scratch_used_bytes' folder/status.json) > 0)) || wrong "$(<folder/status.json)"
    exec 6>&-
    wait $!
    (($(jq .scratch_used_bytes folder/status.json) == 0)) || wrong "$(<folder/status.json)"
}

@test "a run that is killed leaves nothing on the disk" {
    "$program" --memory 4M --scratch "$OUR_DISK" --stats -o counts "$BATS_FILE_TMPDIR/uniq" \
        "$BATS_FILE_TMPDIR/zipf" "$BATS_FILE_TMPDIR/uniq" "$BATS_FILE_TMPDIR/zipf" 2>err &
    local pid=$!
    wait_until grep -q 'go to scratch' err
    kill -KILL $pid
    wait $pid || true
}
