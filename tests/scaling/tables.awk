# SPDX-License-Identifier: BSD-3-Clause
# What tests/scaling/study.awk found, in tables of Markdown, with what explains them.

function columns(text, left,   i, n, part, line) {
    n = split(text, part, "|")
    for (i = 1; i <= n; i++)
        line = line (i <= left ? "---|" : "--:|")
    print "|" text "|\n|" line
}

function phase_row(kind, p,   k, row) {
    row = "| " p (shared_core[kind, p] ? "*" : "") " |"
    for (k = 1; k <= phases; k++)
        row = row " " seconds(spent(kind, p, phase[k])) " |"
    return row " **" seconds(took[kind, p]) "** | " range_of(kind, p, "seconds") " |"
}

function shares_text(p,   k, i, t, done, text, most) {
    for (i = 1; i <= phases; i++) {
        most = 0
        for (k = 1; k <= phases; k++) {
            t = spent("strong", p, phase[k])
            if (!(k in done) && (!most || t > spent("strong", p, phase[most]))) most = k
        }
        done[most] = 1
        text = text (i == 1 ? "" : i == phases ? " and " : ", ") phase[most] " " \
            percent(spent("strong", p, phase[most]) / took["strong", p])
    }
    return "With " ranks_of(p) " the time goes into " text "."
}

# The trend of the Karp-Flatt fraction over the counts with a core for each rank.
function karp_flatt_text(   i, p, e, begin, least, most, n, falls) {
    for (i = 2; i <= many["strong"]; i++) {
        p = counts["strong", i]
        if (shared_core["strong", p] || shared_core["strong", first])
            continue
        falls += n && karp_flatt(p) < e
        e = karp_flatt(p)
        if (!n++) begin = least = most = e
        if (e < least) least = e
        if (e > most) most = e
    }
    if (n < 2)
        return ""
    if (most - least <= 0.01)
        return sprintf("The Karp-Flatt fraction stays near %.3f: what is lost behaves like a fixed serial part.", e)
    if (!falls)
        return sprintf("The Karp-Flatt fraction rises from %.3f to %.3f: what is lost grows with the number of ranks,\n" \
            "more than a fixed serial part would make it.", begin, e)
    if (falls == n - 1)
        return sprintf("The Karp-Flatt fraction falls from %.3f to %.3f: what is lost grows less than a fixed serial\n" \
            "part would make it.", begin, e)
    return sprintf("The Karp-Flatt fraction lies between %.3f and %.3f, without a trend.", least, most)
}

function strong_section(   i, p, row) {
    print "## Strong scaling: the whole input for any number of ranks\n"
    print "Seconds of each phase, of all of them, and the least and most of all" (repeats() == 1 ? "" : "; the phases" \
        " are those of the run in the middle") ".\n"
    columns(" ranks | map | shuffle | reduce | sort | gather | other | total | min–max ", 0)
    for (i = 1; i <= many["strong"]; i++)
        print phase_row("strong", counts["strong", i])
    print "\n" shares_text(first) (top == first ? "" : " " shares_text(top)) "\n"
    print "![Seconds by phase](scaling-phases.svg)\n"
    columns(" ranks | hosts | speed-up | efficiency | Karp-Flatt | balance | MB between ranks | between hosts | MB/s ", 0)
    for (i = 1; i <= many["strong"]; i++) {
        p = counts["strong", i]
        row = sprintf("| %s | %d | %.2f |", p (shared_core["strong", p] ? "*" : ""), mid("strong", p, "hosts"), \
            speed_up("strong", p))
        row = row " " percent(speed_up("strong", p) / p) " | " (p > first ? sprintf("%.3f", karp_flatt(p)) : "") " |"
        row = row sprintf(" %.2f |", mid("strong", p, "balance"))
        row = row " " mega(mid("strong", p, "moved_bytes")) " | " mega(mid("strong", p, "between_hosts_bytes")) " |"
        print row sprintf(" %.0f |", bytes / 1e6 / took["strong", p])
    }
    print ""
    if (first > 1)
        print "No run with one rank was made: " ranks_of(first) " count as a speed-up of " first ", and Karp-Flatt is\n" \
            "relative to them.\n"
    if (karp_flatt_text() != "")
        print karp_flatt_text() "\n"
    print "![Speed-up](scaling-speedup.svg)\n\n![Efficiency](scaling-efficiency.svg)\n"
}

function weak_section(   i, p) {
    print "## Weak scaling: as much input for each rank\n"
    columns(" ranks | MB | map | shuffle | reduce | sort | gather | other | total | min–max | speed-up | efficiency ", 0)
    for (i = 1; i <= many["weak"]; i++) {
        p = counts["weak", i]
        printf "%s %.2f | %s |\n", weak_row(p), speed_up("weak", p), percent(speed_up("weak", p) / p)
    }
    print ""
    if (many["weak"] > 1) {
        print "The speed-up, called scaled, compares bytes a second. A larger text has more different words, so the work for"
        print "each rank is not quite the same.\n"
    }
    print "![Weak scaling](scaling-weak.svg)\n"
}

function weak_row(p,   row) {
    row = phase_row("weak", p)
    sub(/\|[^|]*\|/, "&" " " mega(mid("weak", p, "input_bytes")) " |", row)
    return row
}

function limits_section(   i, p, k, r, row) {
    if (!limits)
        return
    print "## Beside the limits of the machine\n"
    print "What the machine gives to so many ranks at the same time, and the part of it that each phase reaches.\n"
    row = " ranks | read GB/s | copy GB/s | network GB/s |"
    columns(row " map of read | shuffle of network | reduce of copy | sort of network | gather of copy ", 0)
    for (i = 1; i <= many["strong"]; i++) {
        p = counts["strong", i]
        row = "| " p (shared_core["strong", p] ? "*" : "") " | " giga(limit["read", p]) " | " giga(limit["copy", p])
        row = row " | " giga(limit["network", p]) " |"
        for (k = 1; k < phases; k++) {
            r = reached(phase[k], p)
            row = row " " (r < 0 ? "" : percent(r)) " |"
        }
        print row
    }
    print "\nRead is read(2) of the input in blocks of 256 KB from the page cache, as in map, but without looking at the"
    print "bytes; copy is memcpy between large arrays; network is `MPI_Alltoallv` of large blocks between the ranks, which"
    print "on one host goes through its memory. Map is held against reading the input; shuffle and sort against sending the"
    print "records that they send to other ranks; reduce against copying the records that it takes in, or the result where"
    print "nothing is sent; gather against copying the result. A phase does more than move these bytes once: a small part"
    print "says that this more takes the time, and not that the phase is slow.\n"
}

function serial_section(   i, n, p, command) {
    print "## Beside serial commands\n"
    print "Seconds of the whole process, the start of MPI and the way to the disk included.\n"
    columns(" command | runs | s | min–max | MB/s | times wc -w ", 1)
    n = split("wc-w mawk+sort", command, " ")
    for (i = 1; i <= n; i++)
        if (many[command[i]])
            serial_row(command[i] == "wc-w" ? "wc -w (totals only)" : "mawk and sort", command[i], 1)
    for (i = 1; i <= many["strong"]; i++) {
        p = counts["strong", i]
        if (mid("strong", p, "process_seconds") > 0)
            serial_row("./wc, " p " rank" (p == 1 ? "" : "s") (shared_core["strong", p] ? "*" : ""), "strong", p)
    }
    print ""
}

function serial_row(title, kind, p,   whole) {
    whole = mid(kind, p, "process_seconds")
    printf "| %s | %d | %s | %s | %.0f | %s |\n", title, runs[key(kind, p)], seconds(whole), \
        range_of(kind, p, "process_seconds"), bytes / 1e6 / whole, \
        many["wc-w"] ? sprintf("%.2f", took["wc-w", 1] / whole) : ""
}

# A master and servers that send word by word over TCP, published for an input of that size.
function published_section(   i, k, p, t, sum, one, row) {
    print "## Beside a published run\n"
    print "The published seconds of a master and servers that send word by word over TCP, on 750 MB. Its machines are not ours, so"
    print "how the times change says more than the times. With one server its sort was not reported.\n"
    columns(" | ranks or servers | map | shuffle | reduce | sort | sum | times as fast as one ", 1)
    for (i = 1; i <= published_counts; i++) {
        p = published_ranks[i]
        split(published[p], t, " ")
        sum = t[1] + t[2] + t[3]
        if (i == 1) one = sum
        row = ""
        for (k = 1; k <= 4; k++)
            row = row " " (t[k] == "?" ? "" : t[k]) " |"
        # One server is only known without its sort, so the others are compared without theirs.
        printf "| published | %d |%s %.2f | %.2f |\n", p, row, sum + t[4], one / sum
    }
    for (i = 1; i <= many["strong"]; i++) {
        p = counts["strong", i]
        sum = 0
        printf "| ours | %s |", p (shared_core["strong", p] ? "*" : "")
        for (k = 1; k <= 4; k++) {
            t[k] = spent("strong", p, phase[k])
            sum += t[k]
            printf " %s |", seconds(t[k])
        }
        if (i == 1) one = sum - t[4]
        printf " %s | %s |\n", seconds(sum), (first == 1 && sum > t[4] ? sprintf("%.2f", one / (sum - t[4])) : "")
    }
    print "\nTimes as fast is of map, shuffle and reduce. The published sort is sequential: it takes about 16 to 19 s on any"
    print "number of servers. Ours is shared by the ranks: " seconds(spent("strong", first, "sort")) " s with " ranks_of(first) \
        (top == first ? "" : ", " seconds(spent("strong", top, "sort")) " s with " top) ".\n"
}

function method_section() {
    print "## What the numbers mean\n"
    print "- **Total** is the time of the program's closing line: from the first look at the input to the last byte of the"
    print "  result handed to the system, without the start of MPI and the way to the disk at the end."
    print "- **A phase** is the mean over the ranks. A rank is always in one phase, so these add up to the total. Of several runs"
    print "  they are those of the run with the median total, or the mean of the two beside it; medians of each phase would not"
    print "  add up. **Other** is the rest: finding the inputs (plan) and handing them out (scatter)."
    print "- **Speed-up** is the time with one rank divided by that with p; **efficiency** is speed-up / p; **Karp-Flatt** is"
    print "  the serial fraction that this one speed-up would need, (1/speed-up − 1/p) / (1 − 1/p): below 0 where it is above p."
    print "- **Balance** is the mean of the ranks' times in map, in which no rank waits for another, divided by the largest."
    print "- **MB between ranks** is what ranks sent to others; **between hosts** is what of it left a host, 0 where a record"
    print "  does not say."
    print "- **Laws** are fitted to the medians by least squares of relative errors, without negative constants. Runs with more"
    print "  ranks than processors on some host, by the bindings in their records, are oversubscribed, and fitted only where"
    print "  fewer than two numbers of ranks are left without them."
    if (many["weak"]) {
        print "- **Weak scaling** gives p ranks the first p parts of the input, cut anywhere. Gustafson's serial part a is that"
        print "  of speed-up = p − a (p − 1)."
    }
}
