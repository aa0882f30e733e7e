# SPDX-License-Identifier: BSD-3-Clause
# usage: jq -r --rawfile times FILE -f tests/scaling/study.jq FOLDER/KIND-RANKS-REPEAT.json...
#        jq -rn --rawfile times FILE -f tests/scaling/study.jq
# The rows of results/scaling.csv: one for each record of a run. Without input the first rows, the names of the columns and
# the commands that leave no record. FILE has a line `KIND-RANKS-REPEAT SECONDS` for each process that was timed.
#
# The seconds of a phase are the mean over the ranks: a rank is always in exactly one phase, so these means add up to the time.
# Fields that a record lacks count as nothing; what is no record becomes a row `wrong,FILE: WHY`.

def phases: ["start", "plan", "scatter", "map", "shuffle", "reduce", "sort", "gather", "sync"];
def columns: ["kind", "ranks", "repeat", "hosts", "oversubscribed", "input_bytes", "output_bytes", "gathered_by",
    "fingerprint", "seconds", "process_seconds"] + phases + ["other", "balance", "shuffle_bytes", "sort_bytes",
    "moved_bytes", "between_hosts_bytes"];

def parsed: capture("^(?<kind>.*)-(?<ranks>[0-9]+)-(?<repeat>[0-9]+)$") | .ranks |= tonumber | .repeat |= tonumber;
def timed: [$times | split("\n")[] | split(" ") | select(length == 2) | {key: .[0], value: .[1]}] | from_entries;
def rounded: . * 1e6 | round / 1e6;
def mean: if length == 0 then 0 else add / length end;

# "0-3,8" as [0, 1, 2, 3, 8].
def processors: [split(",")[] | split("-") | map(tonumber) | range(.[0]; (.[1] // .[0]) + 1)];

# Has a host more ranks than processors (hardware threads) that they may run on? No where the record does not name them.
def oversubscribed: .by_rank | group_by(.host) | any(
    try (([.[].processors | processors[]] | unique | length) as $there | $there > 0 and length > $there) catch false);

def row:
    (input_filename | split("/")[-1] | rtrimstr(".json")) as $name | ($name | parsed) as $run |
    if .ranks != $run.ranks then error("\(.ranks) ranks") else . end |
    def mean_of(phase): [.by_rank[].seconds[phase] // 0] | mean;
    def moved(phase): [.by_rank[].moved_bytes[phase] // 0] | add;
    . as $record |
    [.by_rank[].seconds.map // 0] as $map |
    [$run.kind, .ranks, $run.repeat, .hosts // 1, (if oversubscribed then 1 else 0 end), .input_bytes, .output_bytes // 0,
        .gathered_by // "", .fingerprint // "", .seconds, timed[$name] // ""] +
    [phases[] as $phase | $record | mean_of($phase) | rounded] +
    [([0, .seconds - ([("map", "shuffle", "reduce", "sort", "gather") as $phase | mean_of($phase)] | add)] | max | rounded),
        (if ($map | max) > 0 then ($map | mean) / ($map | max) | rounded else 1 end),
        moved("shuffle"), moved("sort"), ([phases[] as $phase | $record | moved($phase)] | add),
        .between_hosts_bytes // 0];

def serial_row: . as $name | parsed | select(.kind | IN("strong", "weak") | not) |
    [.kind, .ranks, .repeat, 1, 0] + [range(5) | ""] + [timed[$name]];

if . == null then columns, (timed | keys[] | serial_row) else
    # jq itself would go on with the next record, and succeed.
    try row catch ["wrong", "\(input_filename): \(.)"] end | join(",")
