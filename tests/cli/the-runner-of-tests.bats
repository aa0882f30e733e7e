#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What tests/run says of tests is true, also as XML, and make test leaves out what it has nothing for, and says so.
# bats file_tags=own
load ../helpers

junit() {
    "$top/tests/tool/junit" "$@"
}

attributes() { # of <testsuite>
    sed -nE 's/.*<testsuite (.*)>/\1/p'
}

# without TOOL...: a folder to be the path, with links to all programs but these.
without() {
    mkdir bin
    local folder
    for folder in /usr/local/bin /usr/bin /bin /usr/sbin; do
        find "$folder" -maxdepth 1 -not -type d -exec ln -sft bin {} +
    done
    (cd bin && rm -f -- "$@")
}

@test "XML: what passed, failed, was skipped or did not come" {
    printf '1..4\nok 1 - one\nnot ok 2 - a <b> & "c"\n# why \xff\nok 3 three # skip no reason\nnot ok 4 - # SKIP four\n' |
        junit a/b 15 1 >"$out"
    [[ $(attributes <"$out") == 'name="a/b" tests="4" failures="1" skipped="2" time="1.5"' ]] || wrong "$(<"$out")"
    grep -qF '<testcase classname="a/b" name="a &lt;b&gt; &amp; &quot;c&quot;"><failure' "$out"
    grep -qF '<system-out># why ?' "$out"
    [[ $(printf '1..2\nok 1 - one\n' | junit a 1 0 | attributes) == *'tests="2" failures="1"'* ]]
    [[ $(printf '1..1\nok 1 - one\n' | junit a 1 9 | attributes) == *'tests="2" failures="1"'* ]]
    [[ $(junit a 1 0 </dev/null | attributes) == *'tests="1" failures="1"'* ]]
    [[ $(printf '1..1\nok 1 - one\n' | junit a 1 0 | attributes) == *'tests="1" failures="0"'* ]]
    command -v xmllint >/dev/null || return 0
    xmllint --noout "$out"
}

@test "tests/run writes it for all that it ran" {
    mkdir -p tree/tests/cli
    cp -r "$top"/tests/{run,helpers.bash,tool} tree/tests
    cp -r "$top/hostfiles" tree
    printf '@test "good" {\n true\n}\n@test "bad" {\n false\n}\n' >tree/tests/cli/both.bats
    ! tree/tests/run --junit xml tests/cli/both.bats >"$out" 2>"$err" || wrong 'expected a failure'
    [[ $(tail -n 1 "$out") == '1 passed, 1 failed' ]] || wrong "$(<"$out")"
    [[ $(attributes <tree/xml) == 'name="cli/both" tests="2" failures="1" skipped="0" '* ]] || wrong "$(<tree/xml)"
    [[ $(head -n 1 tree/xml) == '<?xml '* && $(tail -n 1 tree/xml) == '</testsuites>' ]]
}

@test "what wants a tool that is missing is left out and named, where that is wanted" {
    without jq
    mkdir -p tree/tests/cli
    cp -r "$top"/tests/{run,helpers.bash,tool} tree/tests
    cp -r "$top/hostfiles" tree
    printf '@test "good" {\n true\n}\n' >tree/tests/cli/plain.bats
    printf '# zstd is not meant here\n@test "asks" {\n jq -n 1\n}\n' >tree/tests/cli/asks.bats
    (export PATH=$PWD/bin WC_TEST_LACKING=skip && tree/tests/run cli) >"$out" 2>"$err" || wrong "$(<"$out")"
    grep -qE '^cli/asks +left out, for want of: jq$' "$out" || wrong "$(<"$out")"
    [[ $(tail -n 1 "$out") == '1 passed, 0 failed, 1 skipped' ]]
    ! (export PATH=$PWD/bin && tree/tests/run cli) >"$out" 2>"$err" || wrong 'expected that it fails without jq'
}

@test "a header of a test may be what wants the tool" {
    without sqlite3
    mkdir -p tree/tests/unit tree/build/tests/unit
    cp -r "$top"/tests/{run,helpers.bash,tool} tree/tests
    cp -r "$top/hostfiles" tree
    echo '    snprintf(command, n, "sqlite3 %s", path);' >tree/tests/unit/asked.h
    echo '#include "asked.h"' >tree/tests/unit/test_asks.c
    printf '#!/bin/sh\necho 1..1\necho not ok 1\nexit 1\n' >tree/build/tests/unit/test_asks
    printf '#!/bin/sh\necho 1..1\necho ok 1\n' >tree/build/tests/unit/test_plain
    touch tree/tests/unit/test_plain.c
    chmod +x tree/build/tests/unit/test_*
    (export PATH=$PWD/bin WC_TEST_LACKING=skip WC_BUILD='' && tree/tests/run unit) >"$out" 2>"$err" || wrong "$(<"$out")"
    grep -qE '^unit/test_asks +left out, for want of: sqlite3$' "$out" || wrong "$(<"$out")"
}

@test "make test goes on without cmocka, bats or MPI's launcher, and says what it leaves out" {
    without bats
    export COMPILE='false' MAKE=true
    PATH=$PWD/bin "$top/.packaging/test" unit spmd tests/cli/usage.bats >"$out" 2>"$err" || wrong "$(<"$out")"
    grep -qE 'for want of cmocka.h, zlib.h: unit' "$out"
    grep -qE 'for want of bats.*: cli/usage$' "$out"
    grep -q 'no test is left' "$out"
}
