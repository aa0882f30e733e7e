# SPDX-License-Identifier: BSD-3-Clause
# What tests/scaling/study.awk found, in sentences of Markdown. Each is chosen by the numbers, and must be true of all runs that
# may lead to it.

# --- Numbers as text

function seconds(x) { return sprintf(x < 0.1 ? "%.4f" : x < 10 ? "%.3f" : x < 100 ? "%.2f" : "%.1f", x) }
function mega(bytes) { return sprintf(bytes >= 5e4 && bytes < 1e7 ? "%.1f" : "%.0f", bytes / 1e6) }
function giga(rate) { return rate > 0 ? sprintf("%.1f", rate / 1e9) : "" }
function percent(x) { return sprintf(x > 0 && x < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * x) }
function ranks_of(p) { return p " rank" (p == 1 ? "" : "s") }
function range_of(kind, p, column) { median(key(kind, p), column); return seconds(low) "–" seconds(high) }
function marked(kind, p) { return p (shared_core[kind, p] ? " (oversubscribed)" : "") }

# The rank counts of a kind, all or those that share cores (mark 1) or do not (0): "1, 2 and 4".
function listed(kind, mark,   i, p, text, last) {
    for (i = 1; i <= many[kind]; i++) {
        p = counts[kind, i]
        if (mark != "" && shared_core[kind, p] != mark)
            continue
        if (last != "")
            text = text (text == "" ? "" : ", ") last
        last = p
    }
    return text == "" ? last : text " and " last
}

# How often each command or number of ranks was run: "5" or "3 to 5".
function repeats(   k, least, most) {
    for (k in runs) {
        if (k !~ /^(strong|weak)/)
            continue
        if (!least || runs[k] < least) least = runs[k]
        if (runs[k] > most) most = runs[k]
    }
    return least == most ? most : least " to " most
}

# What comes first: machine and program, as far as they are known.
function head(   i, n, what, text) {
    print "# Scaling\n"
    n = split("date commit version kernel", what, " ")
    text = about["machine"] == "" ? "" : about["machine"] ". "
    for (i = 1; i <= n; i++)
        if (about[what[i]] != "")
            text = text (what[i] == "date" ? "" : what[i] == "version" ? "mpiwc " : what[i] " ") about[what[i]] ", "
    sub(/, $/, ". ", text)
    if (about["system"] != "")
        text = text about["system"] ". "
    if (about["launcher"] != "")
        text = text "Started by `" about["launcher"] "`."
    sub(/ $/, "", text)
    print text
    text = about["input"] == "" ? "The input" : "The input, `" about["input"] "`,"
    text = text " has " mega(bytes) " MB (millions of bytes)."
    text = text (repeats() == 1 ? " One run of each;" : " Medians of " repeats() " runs each;")
    print text " all are in [scaling.csv](scaling.csv)."
    if (listed("strong", 1) != "")
        print "**Oversubscribed**, marked *, are runs with more ranks than cores: their ranks take turns."
    print ""
}

# --- What it comes to

function summary() {
    print "## In short\n"
    print "- " fastest_text()
    print "- " limiting_text()
    if (fitted > 1) {
        print "- " law_text()
        print "- " paying_text()
    }
    if (many["weak"] > 1)
        print "- " weak_text()
    if (many["wc-w"] || many["mawk+sort"])
        print "- " serial_text()
    print ""
}

function fastest_text(   text) {
    if (many["strong"] == 1)
        return "Only " marked("strong", first) " of the numbers of ranks was measured: " \
            seconds(took["strong", first]) " s. How the time changes with the number of ranks is not known."
    if (best == first) {
        text = listed("strong", 1) == "" || shared_core["strong", first] ? "**No" : "**With a core for each rank, no"
        text = text " number of ranks was faster than " first "**, which takes " seconds(took["strong", first]) " s."
    } else {
        text = "**" marked("strong", best) " ranks count " mega(bytes) " MB in " seconds(took["strong", best]) " s, "
        text = text sprintf("%.2f", took["strong", first] / took["strong", best]) " times as fast as " ranks_of(first)
        text = text "** (" seconds(took["strong", first]) " s): an efficiency of "
        text = text percent(speed_up("strong", best) / best) "."
    }
    text = text spread_text(first) (best == first ? "" : spread_text(best))
    if (fastest != best)
        text = text " Oversubscribed, " fastest " ranks take " seconds(took["strong", fastest]) " s."
    return text
}

# A warning where runs that should be the same are not.
function spread_text(p) {
    median(key("strong", p), "seconds")
    return high <= 1.25 * low ? "" : " Runs with " ranks_of(p) " took from " seconds(low) " to " seconds(high) \
        " s, so what builds on their median is uncertain."
}

# Which phase is furthest from what a linear speed-up would leave it, and what that phase is bound by.
function limiting_text(   k, t, excess, worst, longest, lost, about_longest, text) {
    for (k = 1; k <= phases; k++) {
        t[k] = spent("strong", top, phase[k])
        excess[k] = t[k] - spent("strong", first, phase[k]) * first / top
        if (!worst || excess[k] > excess[worst]) worst = k
        if (!longest || t[k] > t[longest]) longest = k
    }
    about_longest = "The longest phase is " phase[longest] ", " percent(t[longest] / took["strong", top])
    about_longest = about_longest " of the time with " ranks_of(top) "."
    if (top == first || t[longest] <= 0)
        return about_longest " " reason(phase[longest], top)
    if (excess[worst] <= 0) {
        text = "**No phase holds the speed-up back**: with " top " ranks each takes at most its part of the time with "
        return text ranks_of(first) ". " about_longest " " reason(phase[longest], top) crowd_text()
    }
    lost = took["strong", top] - took["strong", first] * first / top
    text = lost > 0 ? "**What limits is " phase[worst] "**" : \
        "**Nothing keeps the run from a linear speed-up**; what gains least is " phase[worst]
    text = text ": with " top " ranks it takes " seconds(t[worst]) " s, " seconds(excess[worst]) " s more than a linear"
    text = text " speed-up would leave it; the whole run takes "
    text = text (lost > 0 ? seconds(lost) " s more." : seconds(-lost) " s less.")
    text = text " " reason(phase[worst], top) (worst == longest ? "" : " " about_longest)
    return text crowd_text()
}

# Where ranks that only read gain little by being more, the machine is at its end, whatever the program does.
function crowd_text(   gain, text) {
    if (top == first || limit["read", first] <= 0 || limit["read", top] <= 0)
        return ""
    gain = limit["read", top] / limit["read", first]
    if (gain > 0.75 * top / first)
        return ""
    text = sprintf(" **The machine itself** gives %d ranks that only read just %.2f times what it gives ", top, gain)
    text = text ranks_of(first) ": they share its cores or its memory, among themselves or with other work, and so"
    return text " does the program."
}

# Why a phase takes the time that it takes.
function reason(name, p,   r, text, sent) {
    if (name == "other")
        return "It is mostly finding the inputs and handing them out, which rank 0 does for all."
    r = reached(name, p)
    sent = mega(moved_in(name, p)) " MB"
    if (name == "map") {
        if (r < 0)
            text = "In it the ranks only read and count; whether reading limits was not measured."
        else {
            text = "In it the ranks read at " percent(r) " of what the machine gives to as many that only read, so it is"
            text = text " bound by " (r < 0.7 ? "the work on the words, in the processor, its caches and memory, not by " : "")
            text = text "reading."
        }
        if (mid("strong", p, "balance") < 0.95)
            text = text " Its slowest rank takes " percent(1 / mid("strong", p, "balance") - 1) \
                " longer than the mean, and the others wait for it."
        return text
    }
    if (name == "reduce") {
        text = "In it each rank counts the records of its part of the words"
        if (r >= 0)
            text = text ", at " percent(r) " of what memory copies, so " (r < 0.5 ? "the work on the records and scattered" \
                " access to memory cost more than moving them once" : "the bandwidth of memory limits")
        return text "."
    }
    if (name == "gather") {
        if (p > 1 && value[key("strong", p), "gathered_by", 1] == "root")
            return "Rank 0 writes the whole result, " sent ", whatever the number of ranks."
        text = p == 1 ? "In it the rank orders and writes the result, " : \
            "In it each rank orders and writes its own range of the result, in all "
        text = text sent
        if (r >= 0)
            text = text ", at " percent(r) " of what memory copies, so " (r < 0.5 ? "ordering the words and the file" \
                " system cost more than copying" : "copying limits")
        return text "."
    }
    if (p == 1)
        return "With one rank nothing is sent in it."
    if (name == "shuffle")
        text = (first == 1 ? "It hardly exists with one rank. " : "") "In it " sent " of records go to other ranks"
    else
        text = "In it the ranks agree on the bounds of their stretches, and " sent " of records go to other ranks"
    if (r >= 0) {
        text = text ", at " percent(r) " of what the network between them gives, so "
        text = text (r >= 0.5 ? "the network limits" : (name == "shuffle" ? "packing records" : "sorting") \
            " and waiting for the slowest rank cost more than the network")
    }
    return text "."
}

# What a law was not fitted to, as a sentence of its own.
function left_out(kind, squeezed) {
    if (listed(kind, 1) == "")
        return ""
    if (squeezed)
        return " Fewer than two numbers of ranks have a core for each rank, so oversubscribed runs are fitted too; they" \
            " show more of taking turns than of the program."
    return " Left out: " listed(kind, 1) " ranks, which are oversubscribed."
}

function law_text(   f, text) {
    f = amdahl["s"] / (amdahl["s"] + amdahl["w"])
    if (amdahl["w"] <= 0)
        text = "**Amdahl's law finds nothing that ranks share**: more ranks do not make it faster"
    else if (capped)
        text = "**Amdahl's law finds no serial part**: the speed-up is more than the number of ranks, as it may be when a" \
            " smaller part of the words for each rank is kept in faster memory, or needs less of it"
    else if (f < 1e-9)
        text = "**Amdahl's law finds no serial part**: within its error the speed-up is the number of ranks"
    else {
        text = sprintf("**Amdahl's law: %.3f of the time with one rank is serial**, so no number of ranks would be", f)
        text = text sprintf(" more than %.1f times as fast as one", 1 / f)
    }
    text = text " (fitted to " listed("strong", strong_crowded ? "" : 0) " ranks"
    text = text (fitted > 2 ? ", error " percent(amdahl["error"]) : "; two points cannot test it")
    return text ")." left_out("strong", strong_crowded)
}

# From which number of ranks on more of them do not pay.
function paying_text(   least, n, text) {
    if (growing) {
        least = sqrt(overhead["w"] / overhead["o"])
        if (least < 1) least = 1
        n = int(least + 0.5)
        text = "**Adding ranks stops paying at about " ranks_of(n) "**, "
        text = text (n > fitted_most ? "more than were measured" : "within what was measured") ": T(p) = "
        text = text seconds(overhead["s"]) " + " seconds(overhead["w"]) "/p + " seconds(overhead["o"]) "·p seconds"
        text = text " fits better than Amdahl's law, error " percent(overhead["error"]) " instead of "
        text = text percent(amdahl["error"]) sprintf(", and is least at p = %.1f.", least)
        return text (best < top ? " As measured, " top " ranks are slower than " best "." : "")
    }
    if (fitted < 3)
        text = "Whether each further rank adds a cost, and so some number of ranks is the best, cannot be told from two" \
            " points."
    else if (best < top)
        text = "A cost for each rank, T(p) = s + w/p + o·p, does not fit better than Amdahl's law."
    else
        text = "**No number of ranks is seen at which more would be slower**: a cost for each rank, T(p) = s + w/p + o·p," \
            " does not fit better than Amdahl's law."
    if (amdahl["s"] > 0 && amdahl["w"] > 0) {
        n = int(4.5 * amdahl["w"] / amdahl["s"]) + 1 # T(p) / T(2p) < 1 / 0.9
        text = text " By Amdahl's law, doubling " ranks_of(n) " or more saves less than a tenth of the time"
        text = text (n > fitted_most ? "; so many were not measured." : ".")
    }
    return text (best < top ? " As measured, " top " ranks are slower than " best "." : "")
}

# Gustafson's serial part a, by least squares: speed-up = p - a (p - 1).
function weak_text(   i, n, p, last, above, below, text, start) {
    start = counts["weak", 1]
    n = points("weak")
    last = x[n]
    text = "**With " mega(mid("weak", last, "input_bytes") / last) " MB for each rank, " ranks_of(start)
    text = text (start == 1 ? " takes " : " take ") seconds(took["weak", start]) " s, and " marked("weak", last) " "
    text = text seconds(took["weak", last]) " s**: " percent(speed_up("weak", last) / last) " of the ideal."
    for (i = 1; i <= n; i++) {
        p = x[i]
        above += (p - speed_up("weak", p)) * (p - 1)
        below += (p - 1) ^ 2
    }
    if (start == 1 && below > 0)
        text = text " By Gustafson's law " (above / below < 0.0005 ? "nothing" : above / below > 1 ? \
            "all and more" : sprintf("%.3f", above / below)) " of the work is serial."
    return text left_out("weak", crowded)
}

# The fewest ranks whose whole process is faster than a command; 0 where none is.
function overtakes(command,   i, p) {
    for (i = 1; i <= many["strong"]; i++) {
        p = counts["strong", i]
        if (mid("strong", p, "process_seconds") > 0 && mid("strong", p, "process_seconds") < took[command, 1])
            return p
    }
    return 0
}

function serial_text(   p, text) {
    text = "**The whole process takes " seconds(mid("strong", first, "process_seconds")) " s with " ranks_of(first)
    if (many["mawk+sort"])
        text = text ", with mawk and sort, as exact, " seconds(took["mawk+sort", 1]) " s"
    text = text "**."
    if (many["wc-w"]) {
        p = overtakes("wc-w")
        text = text " wc -w, which only totals, takes " seconds(took["wc-w", 1]) " s"
        text = text (p ? "; " marked("strong", p) (p == 1 ? " rank is" : " ranks are") " faster." : \
            ", and is faster than all of them.")
    }
    return text
}
