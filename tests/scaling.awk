# usage: mawk -F, -v work=FOLDER -v ... -f tests/scaling.awk FILE.csv
# Prints the report of tests/scaling, and writes what tests/scaling.gnuplot draws to FOLDER. Columns of the CSV: kind,
# ranks, repeat, hosts, input_bytes, seconds, map, shuffle, reduce, sort, gather, other, balance, moved, between hosts.

function median(kind, p, column,   i, k, held, sorted, many) {
    many = runs[kind, p]
    for (i = 1; i <= many; i++) {
        held = value[kind, p, column, i] + 0
        for (k = i; k > 1 && sorted[k - 1] > held; k--)
            sorted[k] = sorted[k - 1]
        sorted[k] = held
    }
    return many ? (sorted[int((many + 1) / 2)] + sorted[int(many / 2) + 1]) / 2 : 0
}

# Solves the normal equations of y = c1 f1 + c2 f2 (+ c3 f3) for `many` points; fit[1..terms].
function solve(terms, many,   i, j, k, a, pivot, factor) {
    for (i = 1; i <= terms; i++)
        for (j = 1; j <= terms + 1; j++)
            for (k = 1; k <= many; k++)
                a[i, j] += term[i, k] * (j <= terms ? term[j, k] : y[k]) / y[k] / y[k] # relative errors
    for (i = 1; i <= terms; i++) {
        pivot = a[i, i]
        if (pivot == 0)
            return 0
        for (j = i; j <= terms + 1; j++)
            a[i, j] /= pivot
        for (k = 1; k <= terms; k++)
            if (k != i) {
                factor = a[k, i]
                for (j = i; j <= terms + 1; j++)
                    a[k, j] -= factor * a[i, j]
            }
    }
    for (i = 1; i <= terms; i++)
        fit[i] = a[i, terms + 1]
    return 1
}

function rate(bytes, seconds) { return seconds > 0 ? bytes / seconds : 0 }
function clamp(x) { return x < 0 ? 0 : x }
function human(bytes) {
    return bytes <= 0 ? "-" : bytes < 1e4 ? sprintf("%d B", bytes) : bytes < 1e6 ? sprintf("%.0f KB", bytes / 1e3) : bytes < 1e9 ? sprintf("%.1f MB", bytes / 1e6) \
        : sprintf("%.2f GB", bytes / 1e9)
}
function marked(p) { return p (cores && p > cores * hosts[p] ? " *" : "") }
function percent(part, whole) { return whole > 0 ? sprintf("%.0f %%", 100 * part / whole) : "-" }

NR > 1 {
    n = ++runs[$1, $2]
    for (i = 4; i <= NF; i++)
        value[$1, $2, i, n] = $i
    hosts[$2] = $4
    if (!(($1, $2) in seen)) {
        seen[$1, $2] = 1
        if ($1 == "strong")
            ranks[++many] = $2
    }
}

END {
    split("map shuffle reduce sort gather other", phase, " ")
    while ((getline line < (work "/limits")) > 0) {
        split(line, l, "\t")
        read_limit[l[1]] = l[2]; memory_limit[l[1]] = l[3]; network_limit[l[1]] = l[4]
    }
    bytes = median("strong", ranks[1], 5)
    first = ranks[1]
    t1 = median("strong", first, 6) * first # of one rank, or as if the smallest number were perfect
    printf "# Scaling of %s\n\n", name
    printf "%s, %s cores. %s. Commit %s.\nInput %s; medians of %d runs", machine ? machine : "unknown machine", \
        cores ? cores : "?", kernel, commit, human(bytes), runs["strong", first]
    print "; seconds of work, from the first look at the input to the"
    print "last byte handed to the system, without the start of MPI. Of each phase the slowest rank; other is finding the input,"
    print "handing it out, and what ranks wait beside the phases."
    over = 0
    for (i = 1; i <= many; i++)
        over += cores && ranks[i] > cores * hosts[ranks[i]]
    if (over)
        print "**Rows with * have more ranks than cores**: ranks take turns, which says nothing about more cores."
    if (first > 1)
        printf "There is no run with one rank: the speed-up assumes that %d ranks were perfect.\n", first

    print "\n## The same input for all\n"
    printf "![](%s-speedup.svg)\n![](%s-times.svg)\n\n", plot, plot
    print "| ranks | hosts | map | shuffle | reduce | sort | gather | other | total s | MB/s | speed-up | efficiency | Karp–Flatt | balance | moved | between hosts |"
    print "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    points = 0
    for (i = 1; i <= many; i++) {
        p = ranks[i]
        t = median("strong", p, 6)
        speedup = t1 / t
        printf "| %s | %d |", marked(p), hosts[p]
        for (k = 1; k <= 6; k++) {
            part[k, p] = median("strong", p, 6 + k)
            printf " %.3f |", part[k, p]
        }
        karp = p > 1 ? sprintf("%.3f", (1 / speedup - 1 / p) / (1 - 1 / p)) : "-"
        printf " %.3f | %.0f | %.2f | %.2f | %s | %.2f | %s | %s |\n", t, bytes / 1e6 / t, speedup, speedup / p, karp, \
            median("strong", p, 13), human(median("strong", p, 14)), human(median("strong", p, 15))
        print p, t, speedup, part[1, p], part[2, p], part[3, p], part[4, p], part[5, p], part[6, p] > (work "/strong")
        better = better || speedup > 1.05 * p
        if (!over || over > many - 2 || !(cores && p > cores * hosts[p])) {
            points++
            px[points] = p; y[points] = t
            term[1, points] = 1; term[2, points] = 1 / p; term[3, points] = p
            total[p] = t
            last = p
        }
    }
    close(work "/strong")

    print "\nKarp–Flatt is the serial fraction that a row alone would show; balance is the mean input of a rank over the largest."
    if (better) {
        print "An efficiency above 1 is no mistake: each of more ranks has fewer words, which stay nearer to its core, and less fresh"
        print "memory to touch. Amdahl's law, which knows a fixed amount of work, does not describe such rows."
    }
    if (points >= 2 && solve(2, points)) {
        if (fit[1] < 0) { # better than perfect: nothing serial, the best c / p
            up = down = 0
            for (k = 1; k <= points; k++) {
                up += 1 / px[k] / y[k]
                down += 1 / px[k] / px[k] / y[k] / y[k]
            }
            fit[1] = 0
            fit[2] = up / down
        }
        serial = clamp(fit[1]) / (clamp(fit[1]) + fit[2])
        printf "\n**Amdahl**, least squares over %d rows%s: T(p) = %.3f s + %.3f s / p, a serial fraction of %.3f", points, \
            over && over <= many - 2 ? " without *" : "", fit[1], fit[2], serial
        if (fit[1] > 0)
            printf ":\nno number of ranks would be more than %.0f times as fast.\n", 1 / serial
        else
            print ":\nnone that can be seen in these runs."
        a = fit[1]; b = fit[2]; c = 0
        if (points >= 4 && solve(3, points) && fit[3] > 0 && fit[2] > 0) {
            printf "With a cost for each rank, T(p) = %.3f + %.3f / p + %.5f p: adding ranks stops paying at %.0f.\n", fit[1], \
                fit[2], fit[3], sqrt(fit[2] / fit[3])
            a = fit[1]; b = fit[2]; c = fit[3]
        } else if (points >= 4) {
            print "These rows show no cost that grows with the ranks."
        }
        for (p = 1; p <= ranks[many] * 2; p *= 1.1)
            print p, t1 / (a + b / p + c * p) > (work "/fit")
        close(work "/fit")
    }

    weak = 0
    for (i = 1; i <= many; i++)
        weak += runs["weak", ranks[i]] > 0
    if (weak >= 2) {
        print "\n## A share of the input for each rank\n"
        print "| ranks | input | map | shuffle | reduce | sort | gather | other | total s | MB/s | scaled speed-up | efficiency |"
        print "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
        w1 = median("weak", first, 5) / median("weak", first, 6) / first # bytes a second of a rank
        up = down = 0
        for (i = 1; i <= many; i++) {
            p = ranks[i]
            t = median("weak", p, 6)
            if (!t)
                continue
            scaled = median("weak", p, 5) / t / w1
            printf "| %s | %s |", marked(p), human(median("weak", p, 5))
            for (k = 1; k <= 6; k++)
                printf " %.3f |", median("weak", p, 6 + k)
            printf " %.3f | %.0f | %.2f | %.2f |\n", t, median("weak", p, 5) / 1e6 / t, scaled, scaled / p
            print p, scaled > (work "/weak")
            if (!(cores && p > cores * hosts[p]) || over > many - 2) { # S = p - alpha (p - 1)
                up += (p - scaled) * (p - 1)
                down += (p - 1) * (p - 1)
            }
        }
        close(work "/weak")
        if (down > 0)
            printf "\n**Gustafson**: S(p) = p − α (p − 1) with α = %.3f.\n", up / down
    }

    worst = 0
    for (k = 1; k <= 6; k++)
        if (part[k, last] - part[k, first] * first / last > lost) {
            lost = part[k, last] - part[k, first] * first / last
            worst = k
        }
    print "\n## What limits\n"
    if (last == first)
        print "One number of ranks says nothing about scaling."
    else if (worst && lost > 0.02 * total[last])
        printf "With %d ranks **%s** limits: it takes %.3f s where a perfect division of the %.3f s of %d rank%s would take %.3f; the\n" \
            "whole run loses %.3f s of %.3f in this way.\n", last, phase[worst], part[worst, last], part[worst, first], first, \
            (first > 1 ? "s" : ""), part[worst, first] * first / last, lost, total[last]
    else
        printf "Up to %d ranks no phase limits: none takes 2 %% of the run longer than a perfect division of the work of %d.\n", last, first
    big = 1
    for (k = 2; k <= 6; k++)
        if (part[k, last] > part[big, last])
            big = k
    printf "Most of the time, %s, is spent in %s.\n", percent(part[big, last], total[last]), phase[big]
    if (read_limit[first]) {
        print "\nWhat the machine allows, all ranks at once (GB/s), and how much of it is used: mapping beside reading the file in"
        print "blocks (the kernel copies it out of its cache), reduce beside copying memory (the records are read once, and the"
        print "counts written), and the shuffle beside an exchange of large blocks."
        print "\n| ranks | read | of it in map | memory | network | of it in shuffle |"
        print "|--:|--:|--:|--:|--:|--:|"
        for (i = 1; i <= many; i++) {
            p = ranks[i]
            printf "| %s | %.1f | %s | %.1f | %s | %s |\n", marked(p), read_limit[p] / 1e9, \
                percent(rate(bytes, part[1, p]), read_limit[p]), memory_limit[p] / 1e9, \
                (network_limit[p] > 0 ? sprintf("%.1f", network_limit[p] / 1e9) : "-"), \
                percent(rate(median("strong", p, 14), part[2, p]), network_limit[p])
        }
    }
    beside = 0
    while ((getline line < (work "/serial")) > 0) {
        split(line, l, "\t")
        if (!beside++) {
            print "\n## Beside one process of other tools\n"
            print "| tool | result | s | our fastest is |"
            print "|---|---|--:|--:|"
            fastest = t1
            for (i = 1; i <= many; i++)
                if (median("strong", ranks[i], 6) < fastest)
                    fastest = median("strong", ranks[i], 6)
        }
        printf "| %s | %s | %.2f | %.1f times as fast |\n", l[1], l[2], l[3] / 1e6, l[3] / 1e6 / fastest
    }
    if (bytes > 700e6 && bytes < 800e6) {
        print "\n## Beside a system of sockets, on 750 MB\n"
        print "Published seconds of a master and servers that send word by word over TCP; its sort is not divided. Ours, of the"
        print "same size of text, are in the table above.\n"
        print "| servers | map | shuffle | reduce | sort | sum |"
        print "|--:|--:|--:|--:|--:|--:|"
        print "| 1 | 50.99 | 28.50 | 19.43 | ? | 98.92 |"
        print "| 4 | 15.69 | 195.55 | 13.41 | 16.60 | 241.25 |"
        print "| 8 | 6.55 | 48.77 | 4.92 | 16.70 | 76.94 |"
        print "| 16 | 4.16 | 32.84 | 1.93 | 15.79 | 54.72 |"
        print "| 32 | 2.28 | 12.88 | 0.71 | 18.56 | 34.43 |"
        printf "\nOne rank of ours takes %.2f s, which is %.0f times as fast as its 32 servers.\n", t1, 34.43 / t1
    }
}
