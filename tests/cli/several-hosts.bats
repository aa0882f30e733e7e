#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Hosts that share all files, some, or none: the same bytes, or a refusal that names the hosts.
load ../helpers

setup_file() {
    corpus words 200000 1 >"$BATS_FILE_TMPDIR/text"
    oracle "$BATS_FILE_TMPDIR/text" >"$BATS_FILE_TMPDIR/expected"
}

setup() {
    begin
    # What tests/bed/other-host does.
    reason=$(unshare --uts --ipc --mount --propagation private bash -c 'hostname ha && mount -t tmpfs shm /dev/shm' 2>&1) ||
        skip "no hosts can be made: ${reason##*$'\n'}"
    mkdir shared own
    export OTHER_HOSTS=$PWD/own OTHER_HOSTS_AT=$PWD/shared
    cp "$BATS_FILE_TMPDIR/text" shared
    cp "$BATS_FILE_TMPDIR/expected" .
    mpirun=(mpirun --mca pml ob1 --mca btl_tcp_if_include lo)
    case $WC_LAUNCHER in
    openmpi4)
        mpirun+=(-q --oversubscribe --mca plm_rsh_agent "$top/tests/bed/other-host" --mca oob_tcp_if_include lo
            --mca btl 'self,vader,tcp')
        ;;
    *) # which would fill the first host with all ranks, if told to oversubscribe, and knows no loopback by name
        mpirun+=(--prtemca plm_ssh_agent "$top/tests/bed/other-host" --mca btl 'self,sm,tcp')
        ;;
    esac
    mpirun+=(--host 'ha:2,hb:1,hc:2')
}

# refused CODE TEXT: mpirun's launcher may have something to say beside the one line from wc.
refused() {
    ((status == $1)) || wrong "expected exit $1"
    [[ $(grep -a '^wc: ' "$err" | grep -v warning) == "wc: $2" ]] || wrong "expected: wc: $2"
    expect_no_temporary .
}

@test "files that all hosts share are read by each" {
    run_wc 5 --json record shared/text
    expect_same expected "$out"
    grep -q '"input": "shared"' record
    grep -q '"hosts": 3' record
}

@test "either shuffle gives the same bytes; by way of the host fewer cross the network" {
    local shuffle combine hosts combines='on off'
    local -A sent
    corpus zipf 1000000 5000 1 >shared/frequent # so few words that each host is sure to find adding up worth its time
    oracle shared/frequent >expected
    for hosts in ha:2,hb:2,hc:2 ha:1,hb:3,hc:2 ha:4,hb:1; do
        mpirun[-1]=$hosts
        sent=()
        for shuffle in flat host; do
            for combine in $combines; do
                run_wc 5 --shuffle "$shuffle" --combine "$combine" --memory 16M --json record shared/frequent
                expect_same expected "$out"
                grep -q "\"shuffle\": \"$shuffle\"" record
                sent[$shuffle-$combine]=$(jq '[.by_rank[].between_hosts_bytes.shuffle] | add' record)
            done
        done
        echo "$hosts: flat ${sent[flat-on]}, host ${sent[host-on]}; every word ${sent[flat-off]-}, ${sent[host-off]-}"
        ((sent[host-on] * 10 < sent[flat-on] * 9)) || wrong 'not as few bytes as expected'
        [[ ! ${sent[flat-off]-} ]] || ((sent[flat-on] * 2 < sent[flat-off])) || wrong 'combined words are not half as many bytes'
        [[ ${WC_TEST_LONG-} ]] || combines=on # where the ranks are does not matter to --combine=off
    done
}

@test "with a dynamic schedule each rank asks for what it reads, also where ranks of a host add up first" {
    local shuffle
    corpus zipf 3000000 20000 1 >shared/frequent
    oracle shared/frequent >expected
    for shuffle in flat host; do
        run_wc 5 --schedule dynamic --shuffle "$shuffle" --memory 6M --json record shared/frequent
        expect_same expected "$out"
        grep -q '"input": "shared"' record
        [[ $(jq '[.by_rank[].mapped_bytes] | add' record) == 3000000 ]] || wrong 'not every byte is some rank'\''s'
    done
}

@test "with a dynamic schedule too, rank 0 reads what one host lacks" {
    mkdir own/hb
    run_wc 5 --schedule dynamic -v --json record shared/text
    expect_same expected "$out"
    grep -q '"input": "root"' record
    grep -q 'a host lacks some of the files, .*: --schedule=dynamic changes nothing$' "$err" || wrong 'expected a word about it'
}

@test "every host writes its range of a shared file" {
    run_wc 5 --json record -o shared/counts shared/text
    ((status == 0)) || wrong 'it failed'
    cmp shared/counts expected
    grep -q '"gathered_by": "each rank"' record
}

@test "an input that one host lacks is scattered by rank 0" {
    mkdir own/hb
    run_wc 5 --json record shared/text
    expect_same expected "$out"
    grep -q '"input": "root"' record
}

# The others have a share of its records, but nothing to read.
@test "a plan is made of what all hosts see, or by the ranks of the first" {
    corpus zipf 6000000 20000 1 >shared/frequent
    run_wc 5 --plan=1M --json plan shared/frequent
    ((status == 0)) || wrong 'it failed'
    mkdir own/hb
    run_wc 5 --plan=1M --json other shared/frequent
    ((status == 0)) || wrong 'it failed'
    [[ $(jq .hosts plan other) == $'3\n3' && $(jq .exact plan other) == $'false\nfalse' ]] || wrong 'not a sample on three hosts'
    oracle shared/frequent >expected
    jq -e --argjson true "$(wc -l <expected)" '.distinct_words_least <= $true and $true <= .distinct_words_most' plan other ||
        wrong 'not within the range'
    run_wc 5 --plan=1M --input=shared shared/frequent
    refused 3 'shared/frequent: No such file or directory (rank 2, hb)'
}

@test "an input that one host lacks, and --input=shared" {
    mkdir own/hb
    run_wc 5 --input=shared shared/text
    refused 3 'shared/text: No such file or directory (rank 2, hb)'
}

@test "commands run on all hosts, also for names of no files; by rank 0, where a host lacks files" {
    mkdir own/hb
    # shellcheck disable=SC2016 # for that shell
    run_wc 5 --json record --pre 'sleep 0.2; echo "$(hostname) {}"' s3://a s3://b s3://c s3://d s3://e s3://f s3://g s3://h
    grep -q '"input": "shared"' record
    [[ $(grep -o '^h[abc]' "$out" | sort) == $'ha\nhb\nhc' ]] || wrong 'expected all hosts'
    (($(grep -c '^s3://[a-h].1$' "$out") == 8)) || wrong 'expected all names'
    run_wc 5 --json record --pre cat shared/text /dev/null
    expect_same expected "$out"
    grep -q '"input": "root"' record
}

@test "an output folder that one host does not share: rank 0 writes" {
    mkdir own/hc
    cp shared/text own/hc/text
    run_wc 5 --json record -o shared/counts shared/text
    ((status == 0)) || wrong 'it failed'
    cmp shared/counts expected
    grep -q '"gathered_by": "root"' record
    grep -q '"input": "shared"' record
    [[ -z $(ls -A own/hc | grep -v text) ]] || wrong 'something was left on the other host'
}

@test "a count file is written by all hosts that share its folder, else by rank 0, and others count on from it" {
    corpus zipf 1000000 50000 1 >shared/more
    "$program" -q -o want.mwc shared/text shared/more
    "$program" -q -o shared/part.mwc shared/more
    run_wc 5 --json record -o shared/result.mwc shared/text shared/more
    expect_same want.mwc shared/result.mwc
    grep -q '"gathered_by": "each rank"' record
    run_wc 5 -o shared/result.mwc shared/part.mwc shared/text
    expect_same want.mwc shared/result.mwc
    mkdir own/hc
    cp shared/text shared/more own/hc
    run_wc 5 --json record -o shared/result.mwc shared/text shared/more
    expect_same want.mwc shared/result.mwc
    grep -q '"gathered_by": "root"' record
    run_wc 5 -o shared/result.mwc shared/part.mwc shared/text
    grep -q '^wc: .*part.mwc: No such file or directory (rank [0-9], hc)$' "$err"
}

@test "another file of that name on one host is refused, naming both hosts" {
    mkdir own/hc
    corpus words 200000 2 >own/hc/text
    echo old >counts
    run_wc 5 -o counts shared/text
    refused 3 'shared/text: is another file on hc than on ha (rank 3, hc)'
    [[ $(<counts) == old ]] || wrong 'the old result is gone'
}

@test "a list of words that one host has otherwise" {
    mkdir own/hb
    echo the >shared/stop
    echo of >own/hb/stop
    run_wc 5 --input=root --stop shared/stop shared/text
    refused 3 'shared/stop: is not the same on all hosts (rank 0, ha)'
    run_wc 5 --input=root --vocabulary shared/stop shared/text
    refused 3 'shared/stop: is not the same on all hosts (rank 0, ha)'
}

@test "the same size, one byte different at the end" {
    mkdir own/hb
    { head -c -1 shared/text; printf '\0'; } >own/hb/text
    run_wc 5 shared/text
    refused 3 'shared/text: is another file on hb than on ha (rank 2, hb)'
}
