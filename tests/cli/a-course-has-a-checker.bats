#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The checker of jobs/course finds what a student's program gets wrong, and names it.
load ../helpers

setup() {
    begin
    printf 'the cat and the dog\n' >book.txt
    export MPIWC=$program MPIRUN="${mpirun[*]}" RANKS='1 3' LIMIT=$((30 * slow))
}

# student BODY: a program of one; $rank is its rank.
student() {
    printf '#!/bin/bash\nrank=${OMPI_COMM_WORLD_RANK:-${PMI_RANK:-0}}\n%s\n' "$1" >student
    chmod +x student
}

check() {
    status=0
    "$top/jobs/course/check" "$@" >"$out" 2>"$err" || status=$?
}

# says RANKS TEXT: the verdict on that many ranks.
says() {
    [[ $(awk -F '\t' -v ranks="$1" '$1 == ranks { print $4 }' "$out") == "$2" ]] || wrong "expected '$2' of $1 ranks: $(<"$out")"
}

@test "a right program is exact on any number of ranks" {
    printf '#!/bin/bash\nexec "$MPIWC" -q --sort key "$@"\n' >student # in another order
    chmod +x student
    REPEATS=2 check ./student book.txt "$top/README.md"
    ((status == 0)) || wrong 'expected exit 0'
    says 1 exact
    says 3 exact
    [[ $(awk -F '\t' '$1 == 1 { print $3 }' "$out") == 1.00 ]] || wrong 'expected the speed-up of one rank'
}

@test "the first wrong word is named, in byte order" {
    student '((rank)) || printf "the\t2\nand\t7\ncow\t1\ndog\t1\n"'
    check ./student book.txt
    ((status == 1)) || wrong 'expected exit 1'
    says 3 "the word 'and' is counted 7 times, not 1; 2 more differ"
}

@test "every rank that prints is found, and a line that is none" {
    student 'printf "the\t2\nand\t1\ncat\t1\ndog\t1\n"'
    check ./student book.txt
    says 1 exact
    says 3 "the word 'and' is there more than once"
    student '((rank)) || echo "the 2"'
    check ./student book.txt
    says 1 'line 1 is not WORD<TAB>COUNT: the 2'
}

@test "what is long is named by its beginning" {
    local long beginning
    long=$(printf '%070d' 0) beginning=$(printf '%060d...' 0)
    "$program" -q -o mine book.txt
    echo " $long" >>book.txt
    check --result mine book.txt
    [[ $(<"$out") == "the word '$beginning' is counted 0 times, not 1" ]] || wrong 'expected its beginning'
    printf '%s\t1\n' "$long" "$long" >mine
    check --result mine book.txt
    [[ $(<"$out") == "the word '$beginning' is there more than once" ]] || wrong 'expected its beginning'
    echo "$long" >mine
    check --result mine book.txt
    [[ $(<"$out") == "line 1 is not WORD<TAB>COUNT: $beginning" ]] || wrong 'expected its beginning'
}

@test "a crash and a program that waits for ever are told apart" {
    student 'echo "lost my way" >&2; exit 3'
    RANKS=1 check ./student book.txt
    says 1 'exit 3: lost my way'
    student 'sleep 1000'
    RANKS=1 LIMIT=1 check ./student book.txt
    says 1 'does not end within 1 s'
    ((status == 1)) || wrong 'expected exit 1'
}

@test "a result that is there already is compared" {
    "$program" -q -o mine book.txt
    check --result mine book.txt
    [[ $status:$(<"$out") == 0:exact ]] || wrong 'expected exact'
    sed -i 's/^the/The/' mine
    check --result mine book.txt
    [[ $status:$(<"$out") == "1:the word 'The' is counted 2 times, not 0; 1 more differ" ]] || wrong 'expected the word'
    : >mine
    : >empty
    check --result mine empty
    [[ $status:$(<"$out") == 0:exact ]] || wrong 'nothing is exact of nothing'
}

@test "misuse is exit 2 and one line" {
    check ./nothing book.txt
    [[ $status == 2 && $(<"$err") == 'check: ./nothing: cannot be run' ]] || wrong 'expected the reason'
    student :
    check ./student
    [[ $status == 2 && $(<"$err") == 'check: no INPUT' ]] || wrong 'expected the reason'
    RANKS=many check ./student book.txt
    ((status == 2)) || wrong 'expected exit 2'
    check --result missing book.txt
    ((status == 2)) || wrong 'expected exit 2'
}

@test "what the page says of records is a table and a file for Extra-P" {
    mkdir FOLDER
    for ranks in 1 2; do
        "${mpirun[@]}" -n $ranks "$program" -q --json FOLDER/strong-$ranks-1.json -o counts book.txt
    done
    eval "$(sed -n 's/^    \(jq .*strong.*\)/\1/p' "$top/jobs/course/README.md")" >"$out"
    [[ $(cut -f 1,3 "$out") == $'1\t20\n2\t20' ]] || wrong 'expected ranks and bytes'
    [[ $(wc -l <phases.jsonl) == 10 ]] || wrong 'expected five phases of two runs'
    jq -e -s 'all(.params.ranks > 0 and .metric == "time" and (.value | type) == "number" and (.callpath | length) > 0)' phases.jsonl ||
        wrong 'expected what Extra-P reads'
}

# Those of its numbers and what it puts around them; the largest of all ranks is the slowest.
@test "the patterns for JUBE find in a record what jq finds" {
    local name pattern found n=0
    "${mpirun[@]}" -n 3 "$program" -q --json run.json -o counts book.txt
    while IFS=$'\t' read -r name pattern; do
        pattern=${pattern//'$jube_pat_fp'/([+-]?\\d*\\.?\\d+(?:[eE][-+]?\\d+)?)}
        pattern=${pattern//'$jube_pat_int'/([+-]?\\d+)}
        case $name in
        seconds) found=.seconds ;;
        bytes) found=.input_bytes ;;
        *) found=".by_rank[].seconds.$name" ;;
        esac
        expect_same <(jq -r "$found" run.json) \
            <(perl -0777 -ne 'BEGIN { $pattern = shift } print "$1\n" while /$pattern/g' "$pattern" run.json | jq .)
        ((++n))
    done < <(sed -nE "s/^ +- \\{name: ([a-z]+), type: (float|int), _: '(.*)'\\}$/\\1\t\\3/p" "$top/jobs/course/jube.yaml")
    ((n == 7)) || wrong "found $n patterns"
}

@test "JUBE climbs the ladder of ranks and makes a table of it" {
    command -v jube >/dev/null || skip 'no jube'
    printf 'once more\n' >more.txt
    INPUT='book.txt more.txt' REPEATS=2 jube run -o ladder -e -r --hide-animation "$top/jobs/course/jube.yaml" >"$out" 2>"$err" ||
        wrong "$(<"$out")"
    jube result ladder --style csv >table.csv 2>"$err"
    [[ $(head -n 1 table.csv) == ranks,repeat,bytes,seconds,map,shuffle,reduce,sort,gather ]] || wrong "$(<table.csv)"
    [[ $(sed 1d table.csv | grep . | cut -d , -f 1-3 | tr '\n' ' ') == '1,1,30 1,2,30 3,1,30 3,2,30 ' ]] || wrong "$(<table.csv)"
    expect_same <(jq -r '[.by_rank[].seconds.map] | max' ladder/000000/000002_count/work/run.json) <(grep ^3,1, table.csv | cut -d , -f 5 | jq .)
    jube run -o other -e --hide-animation "$top/jobs/course/jube.yaml" >"$out" 2>"$err" && wrong 'expected to be told that there are no files'
    grep -q 'names the files to count' "$out" "$err" || wrong "$(<"$out")"
}

@test "the options of the page are there" {
    local option
    for option in $(sed -n '/^## The story/,$p' "$top/jobs/course/README.md" | grep -oE -- '--[a-z]+(-[a-z]+)*' | sort -u); do
        "$program" --help | grep -qF -- "$option" || wrong "there is no $option"
    done
}
