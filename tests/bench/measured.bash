# SPDX-License-Identifier: BSD-3-Clause
# What the benches share: the texts, the names of commit and machine, the command to compare with, runs and their times.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # variables that are used, or set, where this is sourced

stop() {
    echo "tests/bench/${0##*/}: $*" >&2
    exit 1
}

# needs TOOL...: what is missing shows at once, not after an hour of measuring.
needs() {
    local tool
    for tool; do command -v "$tool" >/dev/null || stop "$tool is missing; make bench installs what is needed"; done
}

# provide NAME MEGABYTES: sets $file, which is in the page cache then; returns 1 where there is no such text.
provide() {
    file=$(tests/texts "$1" "$2") && cat "$file" >/dev/null
}

# provide_valid NAME MEGABYTES: the same, but what is no UTF-8 was dropped, for peers who refuse it.
provide_valid() {
    provide "$@" || return
    [[ -s $file.utf8 ]] || {
        python3 -c 'import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode(errors="ignore").encode())' \
            <"$file" >"$file.new" && mv "$file.new" "$file.utf8"
    } || stop "cannot make valid UTF-8 of $file"
    file+=.utf8
    cat "$file" >/dev/null
}

# Sets $commit and $machine, the latter without commas. Results that an earlier run wrote are no change of the program.
describe() {
    local processor memory
    commit=$(git rev-parse --short HEAD 2>/dev/null) || commit=unknown
    [[ $commit == unknown ]] || git diff --quiet HEAD -- . ':!results' || commit+=-dirty
    processor=$(lscpu | sed -n 's/^Model name: *//p' | sed q)
    memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1024 / 1024 }' /proc/meminfo)
    machine=$(echo "${processor:-$(uname -m)}; $(nproc) cores; $memory GB" | tr -d ',')
}

# The best exact counter that every Debian has: {} is the file.
mawk_sort="mawk '{ for (i = 1; i <= NF; i++) n[\$i]++ } END { for (w in n) print w \"\\t\" n[w] }' {} |
    sort -t '	' -k2,2nr -k1,1"

# versions TOOL...: `NAME VERSION, ...` of these, and `no NAME` of those that are not there.
versions() {
    local tool found list=
    for tool; do
        found="no ${tool##*/}"
        ! command -v "$tool" >/dev/null ||
            found="${tool##*/} $("$tool" --version </dev/null 2>&1 | grep -aoEm 1 '[0-9]+(\.[0-9]+)+' | sed -n 1p)"
        list+="${list:+, }$found"
    done
    echo "$list"
}

# run_way WAY: runs ${command[WAY]}, where {} is $file and OUT the place of the result, $folder/result; sets $seconds.
run_way() {
    local line=${command[$1]//'{}'/"$file"} start end
    line=${line//OUT/"$folder/result"}
    rm -f "$folder/result" "$folder/out" # not while it is measured, and lest their way to the disk slow it down
    start=${EPOCHREALTIME/./}
    bash -o pipefail -c "$line" </dev/null >"$folder/out" 2>"$folder/err" || {
        cat "$folder/err" >&2
        stop "failed: $line"
    }
    end=${EPOCHREALTIME/./}
    printf -v seconds %d.%06d $(((end - start) / 1000000)) $(((end - start) % 1000000))
}

# compare_ways EXPECTED: the result of each of $ways is that in the file EXPECTED, byte for byte. The speed of another one is
# worth nothing.
compare_ways() {
    local way
    for way in "${ways[@]}"; do
        run_way "$way"
        cmp "$folder/result" "$1" || stop "$file: $way: another result than expected"
    done
}

# measure_ways ABOUT: appends a line `ABOUT,WAY,SECONDS` to $folder/csv for each run. Each of the $repeats runs every one of
# $ways once, so that what else the machine does meets all of them.
measure_ways() {
    local i way
    for ((i = 0; i < repeats; i++)); do
        for way in "${ways[@]}"; do
            run_way "$way"
            echo "$1,$way,$seconds" >>"$folder/csv"
        done
    done
    rm -f "$folder/result" "$folder/out"
}
