#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Help teaches; misuse is two lines, the second says where help is.
load ../helpers

# misused RANKS ARG...
misused() {
    run_wc "$@"
    expect_misuse ''
}

@test "options that do not exist" {
    echo a >text
    misused plain --tpo 3 text
    misused plain -x text
    misused 3 --tpo 3 text
}

@test "arguments that are missing, superfluous or wrong" {
    echo a >text
    misused plain text -o
    misused plain --top
    misused plain --gather=yes text
    misused plain --memory 64X text
    misused plain --memory 0 text
    misused plain --memory 99999999999999999999 text
    misused plain --memory 99999999999999G text
    misused plain --memory -5M text
    misused plain --split-size 0 text
    misused plain --block-size 0 text
    misused plain --input=both text
    misused plain --verify=perhaps text
    misused plain --progress=never text
    misused plain -o '' text
    misused 2 --input=both text
}

@test "an option that begins several names: all of them are named" {
    echo a >text
    misused plain --to 3 text
    grep -qF "option '--to' is ambiguous: --top, --topology" "$err"
    misused plain --top
    grep -qF "option '--top' needs an argument" "$err"
    run_wc plain --verb text
    ((status == 0)) || wrong 'expected that the beginning of one name will do'
}

@test "standard input is one thing, the list of names or an input" {
    misused plain --files-from - -
    echo - | (misused plain --files-from -)
}

@test "what names the inputs is an input: it is not written over" {
    echo text >list
    echo a >text
    cp list before
    misused plain --files-from list -o list
    misused plain --files-from list -o counts --json ./list
    misused plain -o counts --json ./counts text
    cmp list before
    [[ ! -e counts ]]
}

@test "results in files, but of what" {
    echo a >text
    misused plain --results files text
    misused plain --results files -o file --task squares text
    misused plain --results files --collect=sum --task squares text
    misused plain --results files --top 3 --task squares text
    misused plain --results files --json files --task squares text
    misused 2 --results '' --task squares text
    [[ ! -e files ]]
}

@test "raw results, but of what" {
    echo a >text
    misused plain --raw text
    misused plain --raw --collect=count --task squares text
}

@test "the folder of a service, but what of it" {
    echo a >text
    misused plain --wait=1
    misused plain --list text
    misused plain --spool folder text
    misused plain --spool folder --only
    misused plain --spool folder --top 3
    misused plain --only text
    misused plain --idle 3 text
    misused plain --spool folder --wait
    misused plain --spool folder --list --close
    misused plain --spool folder --list text
    misused plain --spool folder --cancel 0
    misused plain --spool folder --list --top 3
    misused plain --spool folder --submit folder text
    misused plain --submit folder --top 3 text
    misused plain --submit folder --wait=1 text
    misused plain --submit folder --task squares --exec true text
    misused plain --submit folder --range 1..9 text
    misused plain --submit folder --range 9..1
    misused plain --submit folder --exec $'echo \xff' text
    misused 2 --submit folder --top 3 text
    [[ ! -e folder || ! $(ls folder) ]]
}

@test "no input" {
    misused plain
    misused 2
    misused plain -0
}

@test "help is on standard output, 80 columns wide, in groups, and needs no mpirun" {
    run_wc plain --help
    ((status == 0 && $(wc -l <"$out") <= 150)) || wrong "expected at most 150 lines"
    [[ ! -s $err ]] || wrong "expected no error"
    for heading in 'The result' Inputs 'What is counted' 'What a run says' Examples; do
        grep -qx "$heading:" "$out" || wrong "no heading $heading"
    done
    ! grep -nE '^.{81}|[^ -~]' "$out" || wrong 'too wide, or not ASCII'
}

# A row of the table that is in no group, or behind one that is, would not be shown.
@test "each option of the table is in the help, with a line of its own" {
    local option options
    mapfile -t options < <(sed -nE "s/^    \\{('.'|0), \"([a-z-]+)\".*/\\2/p" "$top/src/cli/options.c")
    ((${#options[@]} > 100)) || wrong "found ${#options[@]} options in the table"
    run_wc plain --help
    for option in "${options[@]}"; do
        (($(grep -cE "^  (-., |    )--$option( |\[|\$)" "$out") == 1)) || wrong "expected one line for --$option"
    done
}

@test "the examples of the help run as they stand" {
    local line example n=0
    ln -s "$program" wc
    mkdir texts
    for line in book.txt a.log autumn.txt texts/one texts/two; do
        printf 'The cat and the dog, %s\n' "$line" >"$line"
    done
    gzip -k book.txt
    echo '{"text": "to be"}' >a.jsonl
    "$program" -q -o spring.mwc book.txt
    ls book.txt.gz book.txt.gz >list.txt
    mkdir bin
    printf '#!/bin/bash\nexec %s "$@"\n' "$(printf '%q ' "$(command -v mpirun)" "${mpirun[@]:1}")" >bin/mpirun
    chmod +x bin/mpirun
    ./wc --help | sed -n '/^Examples:$/,/^Exit status/s/^  //p' >examples
    (($(grep -c '' examples) >= 4)) || wrong "$(<examples)"
    while IFS= read -r line; do
        example=${line%%  *}
        status=0
        PATH=$PWD/bin:$PATH timeout "$limit" bash -c "$example" </dev/null >"$out" 2>"$err" || status=$?
        ((status == 0)) || wrong "$example"
        ((++n))
    done <examples
    ((n == $(grep -c '' examples))) || wrong "ran $n"
    [[ -s counts.tsv && -s a.tsv && -s year.mwc ]] || wrong 'expected what the examples write'
}

@test "help is printed once by several ranks" {
    run_wc plain --help
    mv "$out" help
    run_wc 3 --help
    ((status == 0))
    expect_same help "$out"
}

@test "help wins over other arguments" {
    run_wc plain --top 3 absent --help
    ((status == 0)) && grep -q Usage "$out"
}

@test "--version names the program, the MPI library and hwloc" {
    run_wc plain --version
    ((status == 0)) || wrong "expected exit 0"
    grep -q '^mpiwc ' "$out" && grep -q 'Open MPI' "$out" && grep -q hwloc "$out" || wrong "$(<"$out")"
    mv "$out" version
    run_wc 2 --version
    ((status == 0))
    expect_same version "$out"
}

@test "each launcher's ranks but the first say nothing" {
    for name in OMPI_COMM_WORLD_RANK PMIX_RANK PMI_RANK; do
        (export "$name=1" && run_wc plain --version && ((status == 0))) || wrong "$name: expected exit 0"
        [[ ! -s $out ]] || wrong "$name: expected nothing on standard output"
        (export "$name=0" && run_wc plain --version)
        (($(wc -l <"$out") == 3)) || wrong "$name: expected three lines, of rank 0"
    done
}

@test "the messages begin with the name that the program was called by" {
    ln -s "$program" mpiwc
    status=0
    ./mpiwc absent >"$out" 2>"$err" || status=$?
    ((status == 3)) || wrong "expected exit 3"
    [[ $(<"$err") == 'mpiwc: absent: No such file or directory' ]] || wrong "expected mpiwc:"
    ./mpiwc --tpo >"$out" 2>"$err" || status=$?
    [[ $(tail -n 1 "$err") == 'try: mpiwc --help' ]] || wrong "expected mpiwc --help"
}

@test "-- ends the options, and options may follow files" {
    echo a >-x
    run_wc plain -- -x
    expect_success
    echo a >text
    run_wc plain text -o counts
    expect_success
    [[ -f counts ]]
}

@test "the argument of workers is for ranks alone" {
    run_wc plain --worker 1000 0 task primes
    ((status == 2)) || wrong "expected exit 2"
    [[ $(messages) == 'wc: --worker is for ranks alone' && ! -s $out ]] || wrong "expected to be refused"
}
