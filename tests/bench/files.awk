# SPDX-License-Identifier: BSD-3-Clause
# The tables of tests/bench/files. First reads TEXT,FORM,BYTES of all that was stored, then TEXT,FORM:BY,SECONDS of all runs.
# part is compressed, or the form of the first way of records that belong together.

NR == FNR {
    stored[$1, $2] = $3 / 1e6
    next
}
{
    split($2, way, ":")
    form = way[1]
    if (part_of(form) != part) next
    if (!known[$1]++) text[++texts] = $1
    if (!known[form]++) forms[++many] = form
    if (!known[$2]++) by[form, ++ways[form]] = way[2]
    key = $1 "," $2
    value[key, "s", ++runs[key]] = $3
}

function part_of(form) {
    return form ~ /^(text|jsonl|shards|csv)$/ ? "text" : form ~ /^(words|wet)$/ ? "words" : "compressed"
}

# Sets took, and returns it with its range.
function cells(name, way) {
    took = median(name "," way, "s")
    return sprintf(" %.3f | %.3f–%.3f |", took, low, high)
}

function compressed(name, form,   line, pipe, one) {
    line = sprintf("| %s | %s | %.0f | %.1f |", name, form, stored[name, "plain"], stored[name, form])
    line = line cells(name, form ":pipe")
    pipe = took
    line = line cells(name, form ":1")
    one = took
    line = line cells(name, form ":2")
    printf "%s %.2f | %.2f |\n", line, pipe / one, pipe / took
}

function record(name, form,   i, line) {
    for (i = 1; i <= ways[form]; i++) {
        line = cells(name, form ":" by[form, i])
        if (form == part) plain = took
        printf "| %s | %s | %s | %.1f |%s %.0f | %.2f |\n", name, form,
            by[form, i] ~ /^[0-9]/ ? "mpiwc, ranks: " by[form, i] : by[form, i], stored[name, form], line, stored[name, "text"] / took, plain / took
    }
}

END {
    if (part == "compressed") {
        print "| text | form | MB | MB stored | pipe, s | min–max | 1 rank, s | min–max | 2 ranks, s | min–max | 1 rank, times pipe | 2 ranks, times pipe |"
        print "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    } else {
        print "| text | form | by | MB stored | s | min–max | MB/s of text | times " part " |"
        print "|---|---|---|--:|--:|--:|--:|--:|"
    }
    for (t = 1; t <= texts; t++)
        for (f = 1; f <= many; f++)
            if (!runs[text[t] "," forms[f] ":1"]) continue
            else if (part == "compressed") compressed(text[t], forms[f])
            else record(text[t], forms[f])
}
