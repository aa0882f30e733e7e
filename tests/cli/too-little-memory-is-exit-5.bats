#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Memory ends in a message, not in the kernel's killer.
load ../helpers

setup_file() {
    corpus uniq 40000000 3 >"$BATS_FILE_TMPDIR/uniq"
}

@test "words that do not fit, one process" {
    echo old >counts
    run_wc plain --memory 16M -o counts "$BATS_FILE_TMPDIR/uniq"
    expect_failure 5 memory
    [[ $(<counts) == old ]]
}

@test "words that do not fit, three ranks, both ways of input" {
    local how
    for how in shared root; do
        run_wc 3 --memory 8M --input=$how -o counts "$BATS_FILE_TMPDIR/uniq"
        expect_failure 5 '(rank '
        [[ ! -e counts ]]
    done
}

@test "the message says how much is needed at least, which is more than was allowed" {
    local megabytes needed
    for megabytes in 8 12 16; do
        run_wc plain --memory ${megabytes}M "$BATS_FILE_TMPDIR/uniq"
        expect_failure 5 --memory
        needed=$(sed -nE 's/.*at least ([0-9.]+)M.*/\1/p' "$err")
        awk "BEGIN { exit !($needed > $megabytes) }" || wrong "expected a larger number"
    done
}

@test "memory for nothing at all" {
    echo a >text
    run_wc plain --memory 1 text
    expect_failure 5 memory
    run_wc 3 --memory 1K text
    expect_failure 5 memory
}

@test "a limit of the address space at many sizes: exact, or exit 5" {
    local size good=0
    [[ ${WC_BUILD-} != asan ]] || skip 'the sanitizer needs terabytes of addresses'
    corpus uniq 3000000 4 >text
    oracle text >expected
    for size in $(seq 30000 30000 600000); do
        status=0
        (ulimit -v "$size" && start_wc plain --memory 256M -o counts text) >"$out" 2>"$err" || status=$?
        # MPI itself does not start below some size, and says so in its own words; a little above it does without a part.
        sed -i '/^\[.*\] mca_base_component_repository_open: .* (ignored)$/d' "$err"
        if ((status == 0)); then
            expect_success
            expect_same expected counts
            ((good += 1))
        elif grep -q '^wc: ' "$err"; then
            expect_failure 5 ''
        fi
        expect_no_temporary .
        rm -f counts
    done
    ((good > 0)) || wrong "never enough"
}

@test "names of files that do not fit the memory: it says so" {
    echo word >text
    yes text | head -n 200000 >list
    run_wc plain --memory 5M --files-from list
    expect_failure 5 'for the names of '
}
