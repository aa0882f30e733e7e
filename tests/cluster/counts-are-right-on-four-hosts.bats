#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The bytes of the oracle, wherever the input is, whatever the hosts are like; or a refusal that names the hosts.
load ../helpers
load bed

# Settings of the program that must not change the result.
SHUFFLES=(--shuffle=flat --shuffle=host)

setup_file() {
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
    cd "$BATS_FILE_TMPDIR" || return
    { corpus words 2000000 1 && corpus zipf 4000000 50000 2 && corpus uniq 2000000 3; } >input.txt
    oracle input.txt >expected
    put input.txt 0
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
    expected=$BATS_FILE_TMPDIR/expected
    input=$BATS_FILE_TMPDIR/input.txt
    on 0 rm -f counts record
}

# input_from WHO: counted with all settings; WHO read the input.
input_from() {
    local shuffle
    for shuffle in "${SHUFFLES[@]}"; do
        run_on 0 hostfiles/run lab.hosts ./wc "$shuffle" --json record -o counts input.txt
        expect_counted "$expected"
        on 0 cat record >record
        grep -q "\"input\": \"$1\"" record || wrong "expected input from $1, with $shuffle"
        grep -q '"hosts": 4' record && grep -q '"ranks": 8' record || wrong 'expected 8 ranks on 4 hosts'
    done
}

@test "the input is on the host of rank 0 only" {
    input_from root
}

@test "fewer ranks than slots, and one interface" {
    run_on 0 env MPIWC_INTERFACE=eth0 hostfiles/run lab.hosts -n 5 -- ./wc -o counts input.txt
    expect_counted "$expected"
}

@test "started by root" {
    LAB_USER=root on 0 sh -c 'cp /home/lab/input.txt /home/lab/lab.hosts .'
    LAB_USER=root run_on 0 /home/lab/hostfiles/run lab.hosts /home/lab/wc -o /home/lab/counts input.txt
    LAB_USER=root on 0 chown lab /home/lab/counts
    expect_counted "$expected"
}

@test "one host has a link of 100 Mbit/s" {
    "$lab" rate 1 100 || skip 'no rate limits here (tc)'
    input_from root
    "$lab" rate 1 0
}

@test "one host is slow" {
    "$lab" slow 2
    input_from root
    echo "# one slow host: exit $status after $took s" >&3
}

@test "the input is on all hosts, as copies" {
    put "$input" 1 2 3
    input_from shared
}

@test "more words than the memory of all ranks, on the disks of all hosts" {
    corpus uniq 40000000 7 >large
    LC_ALL=C tr -s '[:space:]' '\n' <large | LC_ALL=C sort -u | sed 's/$/\t1/' >large.expected
    put large 0
    run_on 0 hostfiles/run lab.hosts ./wc --memory 4M --scratch /dev/shm,/var/tmp --json record -o counts large
    expect_counted large.expected
    on 0 cat record >record
    jq -e '[.by_rank[].scratch_written_bytes] | length == 8 and min > 0' record >&2 || wrong 'expected scratch on all ranks'
    on 0 rm large
}

@test "the input is on all hosts, in a shared folder, and so is the result" {
    on 0 cp input.txt /shared/input.txt
    run_on 0 hostfiles/run lab.hosts ./wc -o /shared/counts /shared/input.txt
    on 0 mv /shared/counts counts
    expect_counted "$expected"
}

@test "one host has another file of that name: refused, naming both hosts" {
    put "$input" 1 2 3
    { head -c -1 "$input" && printf '\0'; } | on 2 tee input.txt >/dev/null
    on 0 sh -c 'echo old >counts'
    run_on 0 hostfiles/run lab.hosts ./wc -o counts input.txt
    expect_said 3 'wc: input.txt: is another file on h2 than on h0 (rank 4, h2)'
    [[ $(said) == wc:\ * && $(said | grep -c '') == 1 ]] || wrong 'expected one line'
    [[ $(on 0 cat counts) == old ]] || wrong 'the old result is gone'
}

@test "mpirun's own exit codes are explained" {
    run_on 0 hostfiles/run lab.hosts -n 9 ./wc -o counts input.txt
    ((status == 1)) && grep -q '^run: exit 1: .* slots' "$err" || wrong 'expected too few slots to be named'
    on 2 mv wc away
    run_on 0 hostfiles/run lab.hosts ./wc -o counts input.txt
    on 2 mv away wc
    ((status > 1)) && grep -q "^run: exit $status: .* not on all hosts, not on h2: .*deploy" "$err" || wrong 'expected deploy as the cure'
    on 3 mv .ssh/authorized_keys .ssh/away
    run_on 0 hostfiles/run lab.hosts ./wc -o counts input.txt
    on 3 mv .ssh/away .ssh/authorized_keys
    ((status == 255)) && grep -q '^run: exit 255: .* ssh.*discover' "$err" || wrong 'expected discover as the cure'
    run_on 0 hostfiles/run lab.hosts sh -c '[ $OMPI_COMM_WORLD_RANK != 3 ] || kill -9 $$; sleep 9'
    ((status == 137)) && grep -q '^run: exit 137: a rank was killed' "$err" || wrong 'expected a killed rank'
    expect_idle 0 1 2 3
}
