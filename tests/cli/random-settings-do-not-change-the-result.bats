#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Texts, ranks and sizes that nobody chose, the same in every run of this test. Many more of them are in spmd/test_pipeline;
# here the program is started for each, WC_TEST_LONG=1 for a thousand.
load ../helpers

one_of() {
    local choices=("$@")
    echo "${choices[RANDOM % $#]}"
}

@test "texts counted with settings drawn at random" {
    local i runs=12 ranks kind settings
    [[ ! ${WC_TEST_LONG-} ]] || runs=1000
    RANDOM=7
    for ((i = 0; i < runs; i++)); do
        corpus words $((RANDOM * RANDOM % 300000)) $i >words
        corpus zipf $((RANDOM * 10)) 3000 $i >zipf
        corpus one $((RANDOM * RANDOM % 100000)) >one
        ranks=$(one_of plain 1 2 3 4 5 6 7)
        kind=$(one_of words words lines field:1 field:3 field:2:a)
        settings=(--count="$kind" --input="$(one_of auto shared root)" --memory "$(one_of 32M 64M 256M)"
            --split-size $((1 + RANDOM % 5000)) --block-size $((1 + RANDOM * RANDOM % 100000)))
        ((RANDOM % 3)) || settings+=(--gather)
        ((RANDOM % 3)) || settings+=(-o counts)
        echo "run $i: $ranks ranks, ${settings[*]}"
        run_wc "$ranks" "${settings[@]}" words one zipf words
        [[ ! -e counts ]] || mv counts "$out"
        oracle --count="$kind" words one zipf words >expected
        expect_success
        expect_same expected "$out"
    done
}
