# SPDX-License-Identifier: BSD-3-Clause
# What the benches share: the texts, the names of commit and machine, the command to compare with.
# shellcheck shell=bash
# shellcheck disable=SC2034 # variables that are used where this is sourced

# provide NAME MEGABYTES: sets $file, which is in the page cache then; returns 1 where there is no such text.
provide() {
    file=$(tests/texts "$1" "$2") && cat "$file" >/dev/null
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
