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

# make_increment: old.mwc, new text, and new.mwc of both, as one rank makes it.
make_increment() {
    corpus zipf 1500000 60000 5 >old
    corpus zipf 500000 60000 6 >text
    "$program" -q -o old.mwc old
    "$program" -q -o new.mwc old.mwc text
}

# expect_increment: the result on host 0, or where it is named.
expect_increment() {
    ((status == 0)) || wrong 'expected exit 0'
    on 0 cat "${1:-counts.mwc}" >result.mwc
    expect_same new.mwc result.mwc
    "$program" --check -q result.mwc
    "$program" -q --sort key result.mwc >result
    { cat old && echo && cat text; } | oracle - | LC_ALL=C sort >both
    expect_same both result
    on 0 rm "${1:-counts.mwc}"
}

@test "text is added to a count file on all hosts, as copies and in a shared folder" {
    local folder ranks
    make_increment
    put old.mwc 0 1 2 3
    put text 0
    for ranks in 1 3 8; do
        run_on 0 hostfiles/run lab.hosts -n "$ranks" -- ./wc -o counts.mwc old.mwc text
        expect_increment
    done
    put text 1 2 3
    run_on 0 hostfiles/run lab.hosts ./wc --json record -o counts.mwc old.mwc text
    expect_increment
    on 0 cat record >record
    grep -q '"hosts": 4' record || wrong 'expected 4 hosts'
    on 0 cp old.mwc text /shared/
    for folder in . /shared; do
        run_on 0 hostfiles/run lab.hosts ./wc -o "$folder/counts.mwc" /shared/old.mwc /shared/text
        expect_increment "$folder/counts.mwc"
        run_on 0 hostfiles/run lab.hosts ./wc --memory 5M --scratch /var/tmp -o "$folder/counts.mwc" /shared/old.mwc /shared/text
        expect_increment "$folder/counts.mwc"
    done
    on 0 rm /shared/old.mwc /shared/text
}

@test "a count file that is on the first host only, or another on one: refused, naming file and host" {
    make_increment
    put old.mwc 0
    put text 0
    for i in 1 2 3; do
        on $i rm -f old.mwc
    done
    on 0 sh -c 'echo old >counts.mwc'
    run_on 0 hostfiles/run lab.hosts ./wc -o counts.mwc old.mwc text
    [[ $status == 3 && $(said) =~ ^wc:\ old.mwc:.*\ \(rank\ [2-7],\ h[1-3]\)$ ]] || wrong 'expected the file and a host'
    put old.mwc 1 2 3
    "$program" -q -o other.mwc text
    on 2 tee old.mwc <other.mwc >/dev/null
    run_on 0 hostfiles/run lab.hosts ./wc -o counts.mwc old.mwc text
    [[ $status == 3 && $(said) =~ ^wc:\ .*\ count\ file.*\ \(rank\ [45],\ h2\)$ ]] || wrong 'expected the host'
    [[ $(on 0 cat counts.mwc) == old ]] || wrong 'the old result is gone'
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
    ((status == 1)) && grep -q '^run: exit 1: .* not on all hosts, not on h2: .*deploy' "$err" || wrong 'expected deploy as the cure'
    run_on 0 hostfiles/run lab.hosts -n 4 ./wc -o counts input.txt
    ((status == 0)) || wrong 'expected that h0 and h1 do without h2'
    on 2 mv away wc
    on 3 mv .ssh/authorized_keys .ssh/away
    run_on 0 hostfiles/run lab.hosts ./wc -o counts input.txt
    on 3 mv .ssh/away .ssh/authorized_keys
    ((status == 255)) && grep -q '^run: exit 255: .* ssh.*discover' "$err" || wrong 'expected discover as the cure'
    run_on 0 hostfiles/run lab.hosts sh -c '[ $OMPI_COMM_WORLD_RANK != 3 ] || kill -9 $$; sleep 9'
    ((status == 137)) && grep -q '^run: exit 137: a rank was killed' "$err" || wrong 'expected a killed rank'
    expect_idle 0 1 2 3
}
