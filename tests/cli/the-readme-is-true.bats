#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The numbers of the README are those of results/, and its samples are what its commands print.
load ../helpers

setup() {
    begin
    ln -s "$program" wc
    cp -r "$top/include" "$top/src" .
}

mpirun() {
    command "${mpirun[@]}" "$@"
}

# example START: the command of the README that begins so, without what is said about it.
example() {
    awk -v start="    $1" 'index($0, start) == 1 { sub(/ +# .*/, ""); print substr($0, 5) }' "$top/README.md"
}

# sample START: the lines of the README from `$ START` to the end of the block.
sample() {
    awk -v start="    \$ $1" '
        index($0, start) == 1 { inside = 1 }
        inside && !/^    / { exit }
        inside { print substr($0, 5) }' "$top/README.md"
}

# Seconds differ, and whether ranks have to share a core.
same_everywhere() {
    sed -E 's/ in [0-9.]+ s \([0-9,]+ MB\/s\)/ in some seconds/' | grep -v '^wc: warning: '
}

# answer TEXT: the command with that text in it that is part of a sentence.
answer() {
    sed -n '/^## Questions/,/^## Tasks/p' "$top/README.md" | grep -oE '`[^`]+`' | tr -d '`' | grep -m 1 -F -- "$1"
}

# expect_sample SAMPLE: it is in $out; … in a line of its own stands for any lines.
expect_sample() {
    local pattern
    pattern=$(same_everywhere <"$1" | sed '/^\$ /d; s/[][*?\\]/\\&/g; s/^…$/*/')
    [[ $pattern ]] || wrong 'the README has no such sample'
    # shellcheck disable=SC2053 # a pattern
    [[ $(same_everywhere <"$out") == $pattern ]] || wrong "expected $(<"$1"), not $(tail -n 30 "$out")"
}

# run_sample SAMPLE: its commands, as a reader would.
run_sample() {
    eval "$(sed -n 's/^\$ //p' "$1")" >"$out" 2>"$err"
}

@test "numbers are those of results/" {
    "$top/tests/readme" --check
}

@test "what the first count takes is as measured" {
    local s12 mb12 disk12 s13 mb13 disk13
    read -r s12 mb12 disk12 < <(awk -F ' *[|] *' '/^[|] Debian 12 [|] root/ { print $4, $6, $7 }' "$top/results/newcomer.md")
    read -r s13 mb13 disk13 < <(awk -F ' *[|] *' '/^[|] Debian 13 [|] root/ { print $4, $6, $7 }' "$top/results/newcomer.md")
    tr '\n' ' ' <"$top/README.md" | grep -qF \
        "took $s12 s ($s13), $mb12 MB of packages ($mb13), and $disk12 MB of disk for them ($disk13;" || wrong 'the README has other numbers'
    read -r mb12 disk12 < <(sed -nE '/^`make check` wants/,/^$/s/.*12, ([0-9]+) MB to download and ([0-9]+) MB .*/\1 \2/p' "$top/results/newcomer.md")
    grep -qF "\`make check\` takes longer, and on 12 $mb12 MB and $disk12 MB more." "$top/README.md" || wrong 'the README has other numbers'
}

@test "a number that results/ does not have is noticed" {
    cp -r "$top/results" other
    sed -i '/^| mixed | 100 | mpiwc-1 /s/0\.20/0.31/' other/bench.md
    ! RESULTS=$PWD/other "$top/tests/readme" --check || wrong 'expected a difference'
    sed -i 's/| min–max |/| others |/; s/| µs a task |/| x |/' other/tasks.md
    ! RESULTS=$PWD/other "$top/tests/readme" --check 2>"$err" || wrong 'expected a failure'
    grep -q "tasks.md: no 'µs a task'" "$err" || wrong 'expected the name of the number'
}

# What the samples of counts are made of.
licences_are_those() {
    local bytes
    bytes=$(find /usr/share/common-licenses -type f -exec cat {} + | wc -c)
    grep -q " $(sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<<"$bytes") bytes " <(sample 'make run') ||
        skip 'the licences of this system are others'
}

@test "the first example, on shards made as the README says" {
    sample 'mpirun -n 2 ./wc --jsonl' >first
    licences_are_those
    eval "$(awk '/^    mkdir shards/, /- shards\//' "$top/README.md")"
    [[ $(echo shards/*.jsonl.zst | wc -w) == 4 ]] || wrong 'expected four shards'
    eval "$(sed -n 's/^\$ //p' first)" >"$out" 2>&1
    expect_sample first
}

@test "the answers to questions" {
    printf 'The "cat, the CAT.\n' >book.txt
    eval "$(answer '--lower --strip')" >"$out" 2>"$err"
    expect_same <(printf 'cat\t2\nthe\t2\n') "$out"
    mkdir logs corpus
    gzip -c book.txt >logs/a.gz
    eval "$(answer 'logs/*.gz')" >"$out" 2>"$err"
    expect_same <(printf '"cat,\t1\nCAT.\t1\nThe\t1\nthe\t1\n') "$out"
    tar -cf a.tar book.txt
    eval "$(answer 'tar -xOf')" >"$out" 2>"$err"
    grep -q '^CAT' "$out" || wrong 'expected the words of the archive'
    cp book.txt corpus
    eval "$(answer '--plan')" >"$out" 2>&1
    grep -q 'distinct words' "$out" || wrong 'expected what the count takes'
    for month in 1 2; do ./wc -q -o month-$month.mwc book.txt; done
    eval "$(answer 'year.mwc month')" 2>"$err"
    ./wc -q year.mwc >"$out"
    grep -qx $'the\t2' "$out" || wrong 'expected the sum of two months'
    ./wc -q -o words.tsv book.txt
    expect_same <(./wc -q --input-format=counts-tsv words.tsv) words.tsv
    printf 'a\na\nb\n' | uniq -c >uniq
    expect_same <(printf 'a\t2\nb\t1\n') <(./wc -q --input-format=counts-tsv --count-first uniq)
    grep -q -- '--count-first' "$top/README.md" || wrong 'expected the answer'
}

@test "a plug-in from the template" {
    eval "$(example 'cp src/task/template/longest.c')"
    eval "$(example 'cc -O2')"
    sample "printf 'one" >plugin
    run_sample plugin
    expect_sample plugin
}

@test "make run" {
    [[ ! ${WC_BUILD-} ]] || skip 'it runs another build'
    sample 'make run' >run
    licences_are_those
    (cd "$top" && env -u MAKEFLAGS -u MAKELEVEL -u INPUT -u RANKS make run) >"$out" 2>&1
    expect_sample run
}

@test "results of tasks" {
    eval "$(example 'mpirun -n 8 ./wc --task sum-squares')" >"$out" 2>"$err"
    expect_same <(awk '/^    mpirun -n 8 .*sum-squares/ { print $NF }' "$top/README.md") "$out"
    [[ $(grep -F -- '--task squares tasks.txt' "$top/README.md") =~ \#\ (.*)\ becomes\ (.*)$ ]]
    echo "${BASH_REMATCH[1]}" >tasks.txt
    eval "$(example 'mpirun -n 2 ./wc --task squares tasks.txt')" >"$out" 2>"$err"
    expect_same <(echo "${BASH_REMATCH[2]}") "$out"
}

@test "the version and the manual follow the list of changes" {
    local version date
    read -r version date < <(sed -nE 's/^## ([0-9.]+) \(([0-9-]+)\)$/\1 \2/p' "$top/src/CHANGES.md")
    run_wc plain --version
    [[ $(head -n 1 "$out") == "mpiwc $version" ]] || wrong "expected $version"
    grep -q "^\.TH MPIWC 1 $date mpiwc" "$top/src/mpiwc.1" || wrong "the manual is not of $date"
}

@test "what the texts of the tree point at is there" {
    local text target
    for text in README.md results/README.md src/README.md tests/README.md .github/CONTRIBUTING.md; do
        while read -r target; do
            [[ -e $top/$(dirname "$text")/$target ]] || wrong "$text: there is no $target"
        done < <(grep -oE '\]\([^):#]+\)' "$top/$text" | sed 's/^](//; s/)$//')
    done
}

@test "the README stays short: the rest is in the manual and the guides" {
    (($(wc -l <"$top/README.md") <= 250)) || wrong 'more than 250 lines'
}
