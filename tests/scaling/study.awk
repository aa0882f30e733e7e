# SPDX-License-Identifier: BSD-3-Clause
# usage: mawk -v plot=FOLDER -f tests/bench/median.awk -f tests/scaling/fit.awk -f tests/scaling/text.awk
#             -f tests/scaling/tables.awk -f tests/scaling/study.awk
#             part=about FS='\t' ABOUT part=limits LIMITS part=runs FS=, FILE.csv
# Prints the tables of tests/scaling/study and what they say, and leaves what tests/scaling/study.gnuplot draws in FOLDER. Here are the
# numbers; scaling-text.awk says what they mean, scaling-tables.awk shows them.

function stop(text) {
    print "tests/scaling/study: " text >"/dev/stderr"
    failed = 1
    exit 1
}

function key(kind, p) { return kind SUBSEP p }
function mid(kind, p, column) { return median(key(kind, p), column) }

# Sets lower and upper to the run whose seconds are the median, or the two beside it.
function middle(run,   i, k, at) {
    for (i = 1; i <= runs[run]; i++) {
        at = 1
        for (k = 1; k <= runs[run]; k++)
            at += value[run, "seconds", k] + 0 < value[run, "seconds", i] + 0 || \
                (value[run, "seconds", k] + 0 == value[run, "seconds", i] + 0 && k < i)
        if (at == int((runs[run] + 1) / 2)) lower = i
        if (at == int(runs[run] / 2) + 1) upper = i
    }
}

# Seconds of a phase in that run: those of all phases are the median of the whole, which medians of each need not be.
function spent(kind, p, phase) {
    middle(key(kind, p))
    return (value[key(kind, p), phase, lower] + value[key(kind, p), phase, upper]) / 2
}

# --- What is measured

# Time of one piece of work on the fewest ranks beside that on p, as if those few were as many ranks of a linear speed-up.
function speed_up(kind, p,   first) {
    first = counts[kind, 1]
    return first * (mid(kind, p, "input_bytes") / took[kind, p]) / (mid(kind, first, "input_bytes") / took[kind, first])
}

# The serial part that one measured speed-up would need (Karp and Flatt, 1990).
function karp_flatt(p,   q, s) {
    q = p / counts["strong", 1]
    s = took["strong", counts["strong", 1]] / took["strong", p]
    return (1 / s - 1 / q) / (1 - 1 / q)
}

# Points to which a law is fitted: those with a core for each rank, or all where these are fewer than two. Sets x and y, and
# crowded to 1 for all.
function points(kind,   i, p, n, free) {
    for (i = 1; i <= many[kind]; i++)
        free += !shared_core[kind, counts[kind, i]]
    crowded = free < 2
    for (i = 1; i <= many[kind]; i++) {
        p = counts[kind, i]
        if (crowded || !shared_core[kind, p]) {
            x[++n] = p
            y[n] = took[kind, p]
        }
    }
    return n
}

# Bytes that a phase at least moves, and the column of the limits that it is held against; 0 where nothing says.
function moved_in(phase, p,   sent) {
    if (phase == "map")
        return mid("strong", p, "input_bytes")
    if (phase == "shuffle" || phase == "sort")
        return mid("strong", p, phase "_bytes")
    if (phase == "gather")
        return mid("strong", p, "output_bytes")
    sent = p > 1 ? mid("strong", p, "shuffle_bytes") * p / (p - 1) : 0 # with what a rank kept for itself
    return sent > mid("strong", p, "output_bytes") ? sent : mid("strong", p, "output_bytes")
}
function limit_of(phase) { return phase == "map" ? "read" : phase == "shuffle" || phase == "sort" ? "network" : "copy" }

# The part of the limit that a phase reaches, -1 where one of the two is not known.
function reached(phase, p,   time, top) {
    time = spent("strong", p, phase)
    top = limit[limit_of(phase), p]
    return phase == "other" || time <= 0 || top <= 0 || moved_in(phase, p) <= 0 ? -1 : moved_in(phase, p) / time / top
}

# --- Reading

BEGIN {
    phases = split("map shuffle reduce sort gather other", phase, " ")
    published_counts = split("1 4 8 16 32", published_ranks, " ")
    published[1] = "50.99 28.50 19.43 ?"
    published[4] = "15.69 195.55 13.41 16.60"
    published[8] = "6.55 48.77 4.92 16.70"
    published[16] = "4.16 32.84 1.93 15.79"
    published[32] = "2.28 12.88 0.71 18.56"
}

part == "about" { about[$1] = $2; next }
part == "limits" { limit["read", $1] = $2; limit["copy", $1] = $3; limit["network", $1] = $4; limits++; next }
$1 == "wrong" { stop(substr($0, 7)) }
FNR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
{
    run = key($1, $2)
    if (!runs[run]++)
        counts[$1, ++many[$1]] = $2
    for (i = 3; i <= NF; i++)
        value[run, name[i], runs[run]] = $i
    if ($5)
        shared_core[$1, $2] = 1
    else
        shared_core[$1, $2] += 0
    # The speed of a wrong result is worth nothing: the same input must have given the same counts.
    text = $1 == "weak" ? run : $1
    same = $6 " bytes, fingerprint " $9
    if (text in expected && expected[text] != same)
        stop($1 "-" $2 "-" $3 ": " same "; another run had " expected[text])
    expected[text] = same
}

# --- Writing

END {
    if (failed)
        exit 1
    for (kind in many)
        for (i = 1; i <= many[kind]; i++)
            took[kind, counts[kind, i]] = mid(kind, counts[kind, i], kind ~ /strong|weak/ ? "seconds" : "process_seconds")
    if (!many["strong"])
        stop("no record of strong scaling")
    first = counts["strong", 1]
    for (i = 1; i <= many["strong"]; i++) { # the fastest, and the most, with a core for each rank where there are such
        p = counts["strong", i]
        if (!fastest || took["strong", p] < took["strong", fastest])
            fastest = p
        if (!shared_core["strong", p] && (!best || took["strong", p] < took["strong", best]))
            best = p
        if (!shared_core["strong", p])
            top = p
    }
    if (!best) best = fastest
    if (!top) top = counts["strong", many["strong"]]
    bytes = mid("strong", first, "input_bytes")
    fitted = points("strong")
    if (fitted > 1) {
        fit("sw w s", 0, x, y, fitted, amdahl)
        capped = amdahl["s"] == 0 && speed_up("strong", x[fitted]) > x[fitted]
        growing = fit("swo wo so", 1, x, y, fitted, overhead) && amdahl["error"] > 1e-6 && \
            overhead["o"] > 1e-9 * y[1] && overhead["variance"] < amdahl["variance"]
        strong_crowded = crowded
        fitted_most = x[fitted]
    }

    head()
    summary()
    strong_section()
    if (many["weak"]) weak_section()
    limits_section()
    if (many["wc-w"] || many["mawk+sort"]) serial_section()
    if (bytes > 0.95 * 750e6 && bytes < 1.05 * 750e6) published_section()
    method_section()
    plots(plot)
}

# --- What tests/scaling/study.gnuplot draws

function plots(folder,   i, k, p, kind, file, times) {
    file = folder "/settings"
    printf "first = %d\nfirst_s = %.9f\n", first, took["strong", first] >file
    printf "most = %d\nfitted = %d\nfitted_most = %d\n", counts["strong", many["strong"]], fitted, fitted_most >file
    printf "serial = %.9f\nshared = %.9f\n", amdahl["s"], amdahl["w"] >file
    printf "growing = %d\n", growing >file
    printf "cost_s = %.9f\ncost_w = %.9f\ncost_o = %.9f\n", overhead["s"], overhead["w"], overhead["o"] >file
    printf "weak = %d\n", (many["weak"] > 0) >file
    for (kind in many) {
        if (kind !~ /strong|weak/)
            continue
        # ranks, speed-up with its least and most, its part of the ranks, shares a core, label
        file = folder "/" kind
        for (i = 1; i <= many[kind]; i++) {
            p = counts[kind, i]
            times = speed_up(kind, p)
            median(key(kind, p), "seconds") # sets low and high
            printf "%d %.6f %.6f %.6f %.6f %d %d%s\n", p, times, times * took[kind, p] / high, \
                times * took[kind, p] / low, times / p, shared_core[kind, p], p, shared_core[kind, p] ? "*" : "" >file
        }
        # label, total, phases
        file = folder "/" kind "-phases"
        printf "ranks total" >file
        for (k = 1; k <= phases; k++)
            printf " %s", phase[k] >file
        for (i = 1; i <= many[kind]; i++) {
            p = counts[kind, i]
            printf "\n%d%s %.6f", p, shared_core[kind, p] ? "*" : "", took[kind, p] >file
            for (k = 1; k <= phases; k++)
                printf " %.6f", spent(kind, p, phase[k]) >file
        }
        print "" >file
    }
}
