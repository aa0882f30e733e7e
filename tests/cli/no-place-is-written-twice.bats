#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a run reads is not written over by it, nor does it write one place twice, by whatever names: exit 2, and nothing is
# touched. `name` is the file, `name.soft` a symbolic link to it, `name.hard` another name of it.
load ../helpers

setup() {
    begin
    seq 100 >text
    seq 3 >tasks
    echo text >list
}

outputs=(-o --json= --report= --plot=rank: --count-of-counts=)

links() {
    local name
    for name in "$@"; do
        ln -sf "$name" "$name.soft"
        ln -f "$name" "$name.hard"
    done
}

# reads NAME ARG...: no output of a count may be what NAME stands for.
reads() {
    local output name
    links "$1"
    cp "$1" before
    for output in "${outputs[@]}"; do
        for name in "$1" "./$1" "$1.soft" "$1.hard"; do
            run_wc plain "$output$name" "${@:2}"
            expect_misuse "$name: is both input and output"
        done
    done
    cmp before "$1"
}

# works NAME ARG...: the same for tasks.
works() {
    local outputs=(-o --json= --report= --log= --journal=)
    reads "$@"
}

@test "of a count: an input, the list of inputs, lists of words" {
    reads text text
    reads text --files-from list
    reads list --files-from list
    cp text stop
    reads stop --stop stop text
    reads stop --vocabulary stop text
}

@test "count files, which are inputs, too" {
    "$program" -q -o one.mwc text
    cp one.mwc two.mwc
    reads one.mwc one.mwc
    reads one.mwc two.mwc one.mwc
    reads one.mwc one.mwc text
    local name
    for name in one.mwc ./one.mwc one.mwc.soft one.mwc.hard; do
        run_wc plain -o "$name" --join one.mwc two.mwc
        expect_misuse "$name: is both input and output"
        run_wc plain -o "$name" --lookup 3 one.mwc
        expect_misuse "$name: is both input and output"
    done
    run_wc plain -o text --lookup-from text one.mwc
    expect_misuse 'text: is both input and output'
    cmp one.mwc two.mwc
}

@test "of tasks: their list, and the plug-in" {
    works tasks --exec 'touch ran' tasks
    cc -shared -fPIC -I"$top/include" -o plug.so "$top/src/task/template/longest.c"
    works plug.so --task ./plug.so tasks
    [[ ! -e ran ]] || wrong 'expected that no task ran'
}

@test "two outputs in one place" {
    local a b name
    touch there
    links there
    for a in "${outputs[@]}"; do
        for b in "${outputs[@]}"; do
            [[ $a != "$b" ]] || continue
            for name in r ./r; do
                run_wc plain "${a}r" "$b$name" text
                expect_misuse 'r: is both the '
            done
            for name in there.soft there.hard; do
                run_wc plain "${a}there" "$b$name" text
                expect_misuse ': is both the '
            done
        done
    done
    [[ ! -e r && ! -s there ]] || wrong 'expected nothing'
}

@test "the journal and what is beside it, the log" {
    local output name
    run_wc plain -q --exec 'echo {}' --journal done.db -o counts tasks
    links done.db
    cp done.db before
    for output in -o --json= --report= --log=; do
        for name in done.db ./done.db done.db.soft done.db.hard; do
            run_wc plain --exec 'touch ran' --journal done.db "$output$name" tasks
            expect_misuse ': is both the '
        done
        for name in done.db-wal ./done.db-journal done.db.d; do
            run_wc plain --exec 'touch ran' --journal done.db "$output$name" tasks
            expect_misuse "$name: is a part of the journal, and the "
        done
        run_wc plain --exec 'touch ran' --journal done.db "${output}log" --log ./log tasks
        [[ $output == --log= ]] || expect_misuse './log: is both the '
        rm -f log ran
    done
    mkdir done.db.d
    run_wc plain --exec 'touch ran' --journal done.db -o done.db.d/0-0 tasks
    expect_misuse 'done.db.d/0-0: is a part of the journal, and the result'
    cmp before done.db
    [[ ! -e ran ]] || wrong 'expected that no task ran'
}

@test "a folder that the run itself fills" {
    mkdir own
    ln -s own link
    local folder
    for folder in own link; do
        run_wc plain --checkpoint own -o $folder/commit text
        expect_misuse "$folder/commit: the result cannot lie in the folder of the checkpoint"
        run_wc plain --status own -o $folder/status.html text
        expect_misuse "$folder/status.html: the result cannot lie in the folder of the status of the run"
        run_wc plain --exec 'touch ran' --results own --json $folder/record tasks
        expect_misuse "$folder/record: the record of the run cannot lie in the folder of the result"
        run_wc plain --checkpoint own --status $folder -o counts text
        [[ $folder == own ]] || expect_misuse ': is both the '
    done
    [[ ! -e counts && ! -e ran && -z $(ls -A own) ]] || wrong 'expected nothing'
}

@test "standard output behind a file is that file" {
    status=0
    "$program" -q --json log text >>log 2>"$err" || status=$?
    : >"$out"
    expect_misuse 'log: is both the result and the record of the run'
    [[ ! -s log ]] || wrong 'expected nothing'
    run_wc plain --json /dev/stdout text
    expect_misuse '/dev/stdout: is both the result and the record of the run'
    run_wc plain -o /dev/fd/1 --report - text
    expect_misuse '-: is both the result and the report'
}

@test "standard input is read for one purpose" {
    local name list
    for name in - /dev/stdin /dev/fd/0 /proc/self/fd/0; do
        for list in - /dev/stdin /proc/self/fd/0; do
            run_wc plain --files-from $list $name
            expect_misuse "$name: standard input is both the list of names and an input"
        done
        run_wc plain --stop /dev/stdin $name
        expect_misuse "$name: standard input is both the list of stop words and an input"
        run_wc plain --compare $name
        expect_misuse '--compare: standard input cannot be read twice'
    done
    run_wc plain --stop /dev/stdin --vocabulary /dev/fd/0 text
    expect_misuse '/dev/fd/0: standard input is both the list of stop words and the vocabulary'
}
