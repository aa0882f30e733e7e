#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What people type by mistake, or by the habits of other programs, and what is answered: common-mistakes.tsv.
# bats file_tags=own
load ../helpers

rows() {
    grep -v '^#' "$top/tests/cli/common-mistakes.tsv"
}

prepare() {
    echo 'a b' >text
    mkdir folder
}

@test "fifty and more of them are answered as the table says, and nothing is done" {
    prepare
    local command code answer n=0
    while IFS=$'\t' read -r command code answer; do
        eval "set -- $command"
        status=0
        timeout "$limit" "$program" "$@" >"$out" 2>"$err" || status=$?
        [[ $status == "$code" && $(head -n 1 "$err") == "$answer" && ! -s $out ]] || wrong "$command: expected $code, $answer"
        (($(wc -l <"$err") == 1 + (code == 2))) || wrong "$command: expected $((1 + (code == 2))) lines"
        ((++n))
    done < <(rows)
    ((n >= 50)) || wrong "only $n"
    [[ $(ls -A) == $'err\nfolder\nout\ntext' && $(<text) == 'a b' ]] || wrong "left behind: $(ls -A)"
}

@test "by several ranks they are answered once, and the same" {
    prepare
    local line command answer
    for line in "$(rows | sed -n '1p')" "$(rows | grep -- '^-w')" "$(rows | grep -- '^--memory=120%')"; do
        IFS=$'\t' read -r command _ answer <<<"$line"
        eval "set -- $command"
        run_wc 3 "$@"
        expect_misuse "${answer#wc: }"
    done
}

@test "-h and -V are --help and --version" {
    for pair in -h:--help -V:--version; do
        run_wc plain "${pair%:*}"
        ((status == 0)) && mv "$out" short
        run_wc plain "${pair#*:}"
        expect_same "$out" short
    done
}

@test "every option that an answer to a habit names is there" {
    local option
    for option in $(sed -n '/habits\[\] = {/,/^};/p' "$top/src/cli/options_hint.c" | sed -E 's/^    \{"[^"]*"//' | grep -oE -- '--[a-z-]+' | sort -u); do
        "$program" --help | grep -qE -- "(^|[ ,])$option\b" || wrong "no $option in the help"
    done
}

@test "sizes as other programs write them, and shares of the memory" {
    prepare
    for size in 64M 64MiB 64MB 64mb 2% 100%; do
        run_wc plain --memory="$size" text
        expect_success
    done
    memory_of() { run_wc "$1" -q --memory="$2" --json record text && jq .memory_bytes record; }
    command -v jq >/dev/null || skip 'no jq'
    [[ $(memory_of plain 64MB) == 64000000 && $(memory_of plain 64MiB) == 67108864 ]]
    local all half shared
    all=$(memory_of plain 80%) half=$(memory_of plain 40%) shared=$(memory_of 2 80%)
    ((all / 2 - half < 100 && half - all / 2 < 100)) || wrong "80% is $all, 40% is $half"
    ((all / 2 - shared < 100 && shared - all / 2 < 100)) || wrong "80% is $all for one, $shared for each of two"
}
