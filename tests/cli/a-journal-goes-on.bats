#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --journal: it is read while it is written, and goes on with a list that has grown, under another name, and with
# --mended another command.
load ../helpers

setup() {
    begin
    seq 200 >list
}

# Each task leaves a line in runs, and fails where it is named in the file bad.
task='echo {} >>runs; ! grep -qsx {} bad || exit 1; echo "result of {}"'

expect_done() { # ALL BEFORE: and the results of a list of so many tasks
    ((status == 0)) || wrong "expected exit 0"
    messages | grep -qF "$1 done, $2 of them before" || wrong "expected $2 of $1 from the journal"
    expect_same <(seq "$1" | sed 's/^/result of /') "$out"
    (($(wc -l <runs) == $1 - $2)) || wrong "not only what was missing was run"
    rm runs
}

@test "a grown list: what is behind is run and nothing else, at any number of ranks" {
    run_wc 2 --journal state.db --exec "$task" list
    rm runs
    seq 201 250 >>list
    run_wc 4 --journal state.db --exec "$task" list
    expect_done 250 200
    seq 251 260 >more
    run_wc 2 --journal state.db --exec "$task" list more
    expect_done 260 250
    seq 261 270 >>more
    seq 271 280 >last
    run_wc plain --journal state.db --exec "$task" list more last
    expect_done 280 260
    [[ $(sqlite3 state.db "select group_concat(value, '; ') from run where name like 'input-%'") == \
        'list, 892 bytes; more, 80 bytes; last, 40 bytes' ]] || wrong "expected the inputs of the last start"
    run_wc 2 --journal state.db -o together --exec "$task" list more
    expect_misuse 'has the results of 10 tasks that are not in the inputs'
    [[ ! -e together ]] || wrong 'expected no result'
}

@test "another name, and standard input" {
    run_wc 2 --journal state.db --exec "$task" list
    rm runs
    mv list $'another\nname'
    seq 201 210 >>$'another\nname'
    run_wc 4 --journal state.db --exec "$task" $'another\nname'
    expect_done 210 200
    run_wc 2 --journal state.db --exec "$task" - < <(seq 220)
    expect_done 220 210
    seq 230 | gzip >list.gz
    run_wc 2 --journal state.db --exec "$task" list.gz
    expect_done 230 220
}

@test "a journal of the version before, whose inputs had to be the same" {
    run_wc 2 --journal state.db --exec "$task" list
    rm runs
    sqlite3 state.db "update run set value = 'elsewhere, 7 bytes' where name = 'input-1';
        insert into run values ('input-2', 'gone, 0 bytes')"
    seq 201 203 >>list
    run_wc 2 --journal state.db --exec "$task" list
    expect_done 203 200
}

@test "what has changed, instead of grown, is refused by its bytes" {
    printf 'x\nab' >few
    run_wc 2 --journal state.db --exec 'echo {}' few
    printf 'x\nab\nc' >few
    run_wc 2 --journal state.db --exec 'echo {}' few
    ((status == 0)) || wrong "expected exit 0: the line is the same"
    expect_same <(printf 'x\nab\nc\n') "$out"
    printf 'x\nab\ncd' >few
    for ranks in plain 2 4; do
        run_wc "$ranks" --journal state.db -o together --exec 'echo {}' few
        expect_misuse 'state.db: the task at byte 5 of input 1 is not the one of the journal'
        [[ ! -e together ]] || wrong 'expected no result'
    done
    printf 'x\nab\nc\n' >few
    run_wc 2 --journal state.db --exec 'echo {}' few
    expect_same few "$out"
    run_wc 2 --journal state.db --exec 'echo {}' list few
    expect_misuse 'state.db: the task at byte'
}

@test "a mended command: what is done stays done" {
    seq 10 10 200 >bad
    run_wc 2 --journal state.db --retries 0 --exec "$task" list
    ((status == 9)) || wrong "expected exit 9"
    mended='echo {} >>runs; echo "result of {}"'
    rm runs
    seq 201 220 >>list
    run_wc 2 --journal state.db --exec "$mended" list
    expect_misuse '--mended'
    run_wc 2 --journal state.db --mended --collect count --exec "$mended" list
    expect_misuse 'there collect=order, here collect=count'
    [[ ! -e runs ]] || wrong "expected nothing to be run"
    run_wc 4 --journal state.db --mended --exec "$mended" list
    expect_done 220 180
    touch runs
    run_wc 2 --journal state.db --exec "$mended" list # without: it is the command of the journal
    expect_done 220 220
    run_wc 2 --journal state.db --exec "$task" list
    expect_misuse '--mended'
    run_wc 2 --mended --exec "$task" list
    expect_misuse '--mended needs --journal'
}

@test "a command of several lines, and a built-in task after a command" {
    seq 3 | sed 's/.*/{"n": &}/' >numbers
    lines=$'n={}\n[ "$n" != \'{"n": 2}\' ] || exit 1\necho "$n"'
    run_wc 2 --journal state.db --retries 0 --exec "$lines" numbers
    ((status == 9)) || wrong "expected exit 9"
    run_wc 2 --journal state.db --retries 0 --exec "$lines" numbers
    ((status == 9)) || wrong "expected exit 9"
    run_wc 2 --journal state.db --exec "${lines/exit/false}" numbers
    expect_misuse '--mended'
    run_wc 2 --journal state.db --mended --task squares numbers
    ((status == 0)) || wrong "expected exit 0"
    expect_same <(printf '{"n": 1}\n{"n": 2, "result": 4}\n{"n": 3}\n') "$out"
}

# A run that ends when the file go is there, once it has begun; and has done 50 tasks.
start_waiting() {
    local waiting='[ {} -le 50 ] || until [ -e go ]; do sleep 0.05; done; echo "result of {}"' i
    (start_wc "$1" --journal state.db --exec "$waiting" list >"$out" 2>"$err") &
    for ((i = 0; i < 600 * slow; i++)); do
        [[ ! -e state.db || $(sqlite3 -readonly state.db 'select count(*) from task' 2>/dev/null) != 50 ]] || return 0
        kill -0 $! || break
        sleep 0.05
    done
    wrong "expected 50 tasks to be done"
}

@test "it is read while it is written, by several, and a second run is refused" {
    local ranks readers i
    for ranks in 2 4; do
        rm -f go state.db
        start_waiting $ranks
        readers=()
        for i in 1 2; do # one within a transaction for long, one again and again
            python3 - $i <<'PYTHON' 3>&- 4>&- &
import sqlite3, sys, time, os
readonly = sys.argv[1] == "2"
database = sqlite3.connect("file:state.db" + ("?mode=ro" if readonly else ""), uri=True, isolation_level=None, timeout=0)
if not readonly:
    database.execute("begin")
def count():
    return database.execute("select count(*) from task where state = 'done'").fetchone()[0]
first = count()
assert first == 50, first
open(f"reading{sys.argv[1]}", "w")
while not os.path.exists("stop"):
    last = count()
    assert (last >= first) if readonly else (last == first), (first, last)
    first = last
    time.sleep(0.01)
database.close()
PYTHON
            readers+=($!)
        done
        until [[ -e reading1 && -e reading2 ]]; do
            kill -0 "${readers[@]}" || wrong "a reader has failed"
            sleep 0.05
        done
        (
            out=second err=second.err
            run_wc 2 --journal state.db --exec 'echo' list
            expect_failure 4 'state.db: is in use by another run'
        )
        rm reading?
        touch go
        for ((i = 0; i < 1000 * slow; i++)); do
            [[ $(sqlite3 state.db 'select count(*) from task') != 200 ]] || break
            sleep 0.02
        done
        touch stop
        wait "${readers[@]}" || wrong "a reader has failed"
        rm stop
        wait
        expect_same <(seq 200 | sed 's/^/result of /') "$out"
        messages | grep -qF '200 done' || wrong "expected all"
        sqlite3 state.db 'select count(*) from task' >second # who may write and ends last removes what a reader has held
        [[ ! -e state.db-wal && ! -e state.db-shm ]] || wrong "expected nothing beside the journal"
    done
}

@test "a run leaves nothing beside the journal, a killed one leaves what the next one needs" {
    start_waiting plain
    pkill -KILL -P $! -x wc
    wait
    [[ -e state.db-wal ]] || wrong "expected a log"
    [[ $(sqlite3 -readonly state.db 'select count(*) from task') == 50 ]] || wrong "expected what was done"
    touch go
    run_wc 2 --journal state.db --mended --exec "$task" list
    expect_done 200 50
    [[ ! -e state.db-wal && ! -e state.db-shm ]] || wrong "expected nothing beside the journal"
}

@test "what is beside the journal is no output" {
    for name in state.db-wal state.db-shm state.db-journal; do
        run_wc plain --journal state.db -o $name --exec "$task" list
        expect_misuse "$name: is a part of the journal, and the result"
        run_wc plain --journal state.db --json $name --exec "$task" list
        expect_misuse "$name: is a part of the journal, and the record of the run"
    done
    run_wc plain --journal state.db --results state.db.d --exec "$task" list
    expect_misuse 'state.db.d: is a part of the journal, and the result'
    [[ ! -e state.db ]] || wrong "expected no journal"
}

@test "a large result of a journal lies in its folder, whatever the journal says" {
    local name
    echo 1 >one
    run_wc plain -q --journal large.db --exec 'head -c 2000000 /dev/zero' -o result one
    [[ $(sqlite3 large.db 'select result_file from task') == 0-0 ]] || wrong 'expected a file'
    cp large.db.d/0-0 copy
    for name in ../copy "$PWD/copy" ./0-0 .. . ''; do
        sqlite3 large.db "update task set result_file = '$name'"
        run_wc plain --journal large.db --exec 'head -c 2000000 /dev/zero' -o result one
        expect_failure 3 "large.db.d: '$name' is no name of a result in it"
    done
}
