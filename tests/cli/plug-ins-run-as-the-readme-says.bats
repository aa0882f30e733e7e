#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A plug-in is made from a template by the commands of the README, and run on any number of ranks.
load ../helpers

# The README's commands that begin with this, without what is said about them.
commands() {
    sed -nE "s/^    ($1 .*[^ ])( +#.*)?$/\1/p" "$top/README.md"
}

@test "the commands of the README" {
    cp -r "$top/include" "$top/src" "$top/README.md" .
    eval "$(commands 'cp src\/task\/template\/longest.c')"
    eval "$(commands 'cc .*mine.so')"
    [[ -e mine.so ]]
    grep -v '^$' README.md >lines
    for ranks in plain 2 5; do
        run_wc "$ranks" --task ./mine.so README.md
        ((status == 0)) || wrong 'expected exit 0'
        expect_same <(LC_ALL=C mawk '{ n += length($0); if (length($0) > m) m = length($0) } END { print "bytes\t" n "\nlongest\t" m }' <(cat lines)) "$out"
    done
}

@test "what is no plug-in is refused, by name" {
    echo 'int x;' >empty.c
    cc -shared -fPIC -o empty.so empty.c
    echo text >text.so
    for file in ./nothere.so ./text.so ./empty.so; do
        run_wc plain --task "$file" text.so
        expect_failure 3 "${file#./}"
    done
    run_wc 3 --task ./empty.so text.so
    expect_failure 3 empty.so
}

@test "a plug-in gets its arguments, and may refuse them" {
    cc -O2 -shared -fPIC -I"$top/include" -o columns.so "$top/src/task/template/columns.c"
    printf '1 2\n3 4\n' >numbers
    run_wc 2 --task ./columns.so --task-arguments nonsense numbers
    ((status != 0)) || wrong 'expected a failure'
    grep -q columns.so "$err" || wrong 'expected the name of the plug-in'
}

@test "a task may run for longer than --timeout: it moves" {
    limit=$((60 * slow))
    run_wc 2 --timeout "$(awk "BEGIN { print $slow / 2 }")" --exec "sleep $((2 * slow)); echo {}" - < <(seq 2)
    ((status == 0)) || wrong 'expected exit 0'
    expect_same <(seq 2) "$out"
}
