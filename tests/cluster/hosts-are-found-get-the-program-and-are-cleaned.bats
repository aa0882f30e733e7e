#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# discover, deploy and clean on hosts that answer, do not answer, share a folder or nothing.
load ../helpers
load bed

setup_file() {
    start_bed || true
}

setup() {
    begin
    bed_or_skip
}

teardown_file() {
    end_bed
}

@test "discover finds four hosts and writes their hostfile" {
    run_on 0 hostfiles/discover -o found 4 h3 h2 h1 h0
    ((status == 0)) || wrong 'expected exit 0'
    on 0 grep -v '^#' found >found
    [[ $(head -n 1 found) == 'h0 slots='* ]] || wrong 'expected the host itself to be the first'
    [[ $(sed 's/ slots=[1-9][0-9]* # .*//' found | sort | xargs) == 'h0 h1 h2 h3' ]] || wrong "found: $(<found)"
    run_on 0 hostfiles/run found true
    ((status == 0)) || wrong 'expected mpirun to take the hostfile'
}

@test "discover rejects a host whose cable is out, one without the key, an unknown name and a bad one" {
    "$lab" cut 3
    on 2 mv .ssh/authorized_keys .ssh/away
    run_on 0 hostfiles/discover -t 4 -o less 4 h0 h1 h2 h3 nobody -h4
    on 2 mv .ssh/away .ssh/authorized_keys
    "$lab" heal 3
    ((status == 1)) || wrong 'expected exit 1'
    grep -qE '^discover: h3: (time-out|unreachable)' "$err" || wrong 'expected h3 to be out of reach'
    grep -q '^discover: h2: permission denied' "$err" || wrong 'expected h2 to refuse'
    grep -q '^discover: nobody: unreachable: nobody knows this name' "$err" || wrong 'expected no such host'
    grep -qx 'discover: -h4: not the name of a host' "$err" || wrong 'expected a bad name'
    grep -qx 'discover: only 2 of 4 hosts will do: h0 h1' "$err" || wrong 'expected what was found'
    ! on 0 test -e less || wrong 'expected no hostfile'
}

@test "discover names a host whose key is not known, and an address that is a host named before" {
    LAB_USER=root on 0 sed -i 's/h1,10.77.0.11,//' /etc/ssh/ssh_known_hosts
    run_on 0 hostfiles/discover -o less 2 h0 h1 h2 10.77.0.12
    LAB_USER=root on 0 tee /etc/ssh/ssh_known_hosts <"$LAB/known-hosts" >/dev/null
    ((status == 0)) || wrong 'expected two hosts'
    grep -q '^discover: h1: its host key is not known' "$err" || wrong 'expected the reason for h1'
    grep -qx 'discover: 10.77.0.12: is the same host as h2' "$err" || wrong 'expected the same host'
}

@test "deploy copies where nothing is shared, once" {
    run_on 0 hostfiles/deploy --dry-run lab.hosts
    [[ $status == 0 && $(xargs <"$out") == 'h0: has it h1: would get it h2: would get it h3: would get it' ]] || wrong "$(<"$out")"
    ! on 1 test -e wc || wrong 'expected nothing done'
    run_on 0 hostfiles/deploy lab.hosts
    [[ $status == 0 && $(xargs <"$out") == 'h0: has it h1: copied h2: copied h3: copied' ]] || wrong "$(<"$out")"
    on 3 cat wc | cmp - "$program"
    run_on 0 hostfiles/deploy lab.hosts ./wc
    [[ $status == 0 && $(xargs <"$out") == 'h0: has it h1: has it h2: has it h3: has it' ]] || wrong "$(<"$out")"
    [[ $(on 1 ls -A | xargs) == '.ssh wc' ]] || wrong "more than the program is there: $(on 1 ls -A)"
}

@test "deploy leaves a shared folder alone" {
    on 0 cp wc /shared/wc
    run_on 0 hostfiles/deploy lab.hosts /shared/wc
    [[ $status == 0 && $(xargs <"$out") == 'h0: has it h1: has it h2: has it h3: has it' ]] || wrong "$(<"$out")"
}

@test "deploy brings plug-ins and other files, and runs none of them" {
    printf '#include <stdlib.h>\n#include <unistd.h>\n__attribute__((constructor)) static void run(void) { if (access("ran", F_OK)) abort(); }\n' >mine.c
    cc -shared -fPIC -o mine.so mine.c
    printf '#!/bin/sh\ntouch started\n' >prepare
    echo 'a list' >list.txt
    put mine.so 0
    put prepare 0
    put list.txt 0
    on 0 chmod 755 mine.so prepare
    on 0 hostfiles/deploy lab.hosts >&2
    run_on 0 hostfiles/deploy lab.hosts mine.so
    [[ $status == 0 && $(xargs <"$out") == 'h0: has it h1: copied h2: copied h3: copied' ]] || wrong "$(<"$out")"
    run_on 0 hostfiles/deploy lab.hosts ./wc mine.so ./prepare list.txt
    [[ $status == 0 && $(grep -c ': has it$' "$out") == 10 && $(grep -cE '^h[123]: (./prepare|list.txt): copied$' "$out") == 6 ]] || wrong "$(<"$out")"
    [[ $(on 2 cat list.txt) == 'a list' && $(on 2 stat -c %a mine.so prepare list.txt | xargs) == '755 755 644' ]] || wrong "h2: $(on 2 ls -l)"
    on 2 cat mine.so | cmp - mine.so
    ! on 0 test -e started && ! on 2 test -e started || wrong 'expected that no file was run'
    run_on 0 hostfiles/deploy lab.hosts ./wc missing.so
    ((status == 2)) || wrong 'expected exit 2'
    for i in 0 1 2 3; do
        on $i rm -f mine.so prepare list.txt
    done
}

@test "deploy keeps the old program on a host where the new one does not start" {
    on 1 sh -c 'echo old >wc'
    on 2 sh -c 'echo old >wc'
    library=$(ldd "$program" | awk '/libhwloc/ { print $3 }')
    LAB_USER=root on 2 mv "$library" "$library.away"
    run_on 0 hostfiles/deploy lab.hosts
    LAB_USER=root on 2 mv "$library.away" "$library"
    ((status == 1)) || wrong 'expected exit 1'
    grep -q '^deploy: h2: /home/lab/wc: does not start there: .*libhwloc' "$err" || wrong 'expected the missing library'
    grep -qx 'h1: copied' "$out" || wrong 'expected h1 to get it'
    [[ $(on 2 cat wc) == old && $(on 2 ls -A | xargs) == '.ssh wc' ]] || wrong "h2: $(on 2 ls -lA)"
    on 2 rm wc
    run_on 0 hostfiles/deploy lab.hosts
    ((status == 0)) || wrong 'expected exit 0'
}

# A run that waits for its input, in the background; the end of the file `hold` ends it.
start_waiting_run() {
    mkfifo hold
    on 0 timeout --foreground "$limit" hostfiles/run lab.hosts ./wc -o counts - <hold >waiting.out 2>waiting.err 3>&- 4>&- &
    waiting=$!
    exec 9>hold
    within 20 has_segments 1
    within 20 has_segments 2
}

# has_segments I: those of two ranks.
has_segments() {
    (($(on "$1" ls /dev/shm | grep -c _segment) >= 2))
}

# ours I: what is there for clean to find.
ours() {
    on "$1" sh -c 'find /tmp/ompi.* /tmp/prte* /dev/shm/*_segment.* -maxdepth 1 -user lab | grep -v "ompi.h[0-9].7700$"' \
        2>/dev/null | wc -l
}

@test "clean removes what a killed run left, and neither what others have nor what is in use" {
    local segment=vader_segment of_daemon=/tmp/ompi.h1.7700/jf of_mpirun=/tmp/ompi.h0.7700/pid kept
    [[ $WC_LAUNCHER != openmpi5 ]] || segment=sm_segment of_daemon=/tmp/prted.h1. of_mpirun=/tmp/prterun.h0.
    on 0 hostfiles/deploy lab.hosts
    start_waiting_run
    crash_run 0 1
    exec 9>&-
    wait "$waiting" || true
    rm hold
    expect_idle 0 1 2 3
    (($(ours 1) >= 2)) || wrong 'expected that a killed run leaves something'

    # Process 1 lives.
    local files='/dev/shm/vader_segment.other.7700.1.0 /dev/shm/sm_segment.other.7700.1.0 /dev/shm/mine'
    local folders='/tmp/ompi.mine /tmp/ompi.h1.7700/other /tmp/prted.mine /tmp/prted.other.9999.7700 /tmp/prted.h1.9999.7701
        /tmp/prted.h1.x.7700 /tmp/prterun.h1.1.7700'
    on 1 touch $files
    on 1 mkdir -p $folders
    LAB_USER=root on 1 sh -c 'mkdir -p /tmp/ompi.h1.0/pid.9999 /tmp/prted.h1.9999.7700
        touch /dev/shm/vader_segment.h1.0.1.0 /dev/shm/sm_segment.h1.7700.root'
    kept="$files $folders"' /tmp/ompi.h1.0/pid.9999 /tmp/prted.h1.9999.7700 /dev/shm/vader_segment.h1.0.1.0 /dev/shm/sm_segment.h1.7700.root'
    start_waiting_run
    in_use=$(on 2 sh -c 'ls /dev/shm/*' | xargs)
    run_on 0 hostfiles/clean --dry-run lab.hosts
    ((status == 0)) || wrong 'expected exit 0'
    grep -q "^h1: would remove /dev/shm/$segment.h1.7700" "$out" || wrong "expected a segment: $(<"$out")"
    grep -q "^h1: would remove $of_daemon" "$out" || wrong "expected a folder: $(<"$out")"
    grep -q "^h0: would remove $of_mpirun" "$out" || wrong "expected the folder of mpirun: $(<"$out")"
    on 1 ls -d $(sed -n 's/^h1: would remove //p' "$out") || wrong 'expected nothing done'

    sed 's/would remove/removed/' "$out" >promised
    run_on 0 hostfiles/clean lab.hosts
    ((status == 0)) || wrong 'expected exit 0'
    expect_same promised "$out"
    on 2 ls $in_use || wrong 'a segment in use is gone'
    run_on 0 hostfiles/clean lab.hosts
    [[ ! -s $out ]] || wrong "expected nothing more to do: $(<"$out")"

    printf 'a b a' >&9
    exec 9>&-
    wait "$waiting" || wrong "the run in progress failed: $(<waiting.err)"
    [[ $(on 0 cat counts) == $'a\t2\nb\t1' ]] || wrong 'its result is wrong'
    on 1 ls -d $kept
}

@test "clean names a host that it cannot reach and cleans the others" {
    "$lab" cut 2
    run_on 0 hostfiles/clean -t 3 lab.hosts
    "$lab" heal 2
    ((status == 1)) || wrong 'expected exit 1'
    grep -q '^clean: h2: ' "$err" || wrong 'expected h2 to be named'
    [[ $(grep -c '^clean: ' "$err") == 1 ]] || wrong 'expected no other host to be named'
}
