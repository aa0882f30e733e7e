# SPDX-License-Identifier: BSD-3-Clause
# usage: mawk -F, -v mode=bench|goals -v folder=FOLDER -f tests/bench/median.awk -f tests/bench/words.awk FILE.csv
# Prints the tables of tests/bench/words, and writes what tests/bench/words.gnuplot draws to FOLDER/speed and FOLDER/phases.

# Small texts may take no measurable time: time(1) knows hundredths of a second.
function ratio(a, b) { return b > 0 ? a / b : 0 }
function shown(number, format) { return number > 0 ? sprintf(format, number) : "?" }

# A number beside its goal: at least, or at most where `most` is 1. Nothing where there is no goal.
function against(number, goal, format, most) {
    if (goal == "")
        return sprintf(format " | ", number)
    return sprintf(format " | %s %s", number, goal, (most ? number <= goal : number >= goal) ? "met" : "missed")
}

function is_ours(command) { return command ~ /^mpiwc-/ }

BEGIN {
    phases = split("start map shuffle reduce sort gather sync", phase, " ")
    # Goals: MB/s and times wc -w for one rank, times one rank for two, MiB of a rank beyond an empty MPI program.
    split("kjv mixed zipf uniq", name, " ")
    split("1500 350 500 160", speed, " ")
    split("6.5 1.0 2.0 0.5", beside_wc, " ")
    split("1.85 1.8 1.8 1.8", beside_one, " ")
    split("16 1536 717 2048", memory, " ")
    for (i = 1; i <= 4; i++) {
        goal[name[i], "speed"] = speed[i]
        goal[name[i], "wc"] = beside_wc[i]
        goal[name[i], "one"] = beside_one[i]
        goal[name[i], "memory"] = memory[i]
    }
}

NR == 1 { for (i = 1; i <= NF; i++) column[i] = $i; next }
$1 == "none" { empty[$4] = $NF; next } # an empty MPI program of that many ranks
{
    key = $1 "," $3
    if (!known[$1]++) corpus[++corpora] = $1
    if (!known[$3]++) command[++commands] = $3
    bytes[$1] = $2
    runs[key]++
    for (i = 4; i <= NF; i++)
        value[key, column[i], runs[key]] = $i
}

END {
    if (mode == "goals") {
        print "Seconds are those of the work: of ours from the first byte read to the last byte handed to the system, without the"
        print "start of MPI and the way to the disk; of wc the whole process. Memory is the most that a rank had in main memory"
        print "beyond a program that only starts MPI, in powers of 1024; MB are millions.\n"
        print "| corpus | MB | command | s | min–max | MB/s | goal | times wc -w | goal | times 1 rank | goal | MiB of a rank | goal |"
        print "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    } else {
        print "Seconds are those of the whole process, the start of MPI included; work is what remains of ours without that start and"
        print "without waiting for the disk at the end. Peak memory is that of the largest process, in powers of 1024; MB are millions.\n"
        print "| corpus | MB | command | s | min–max | work s | MB/s | times wc -w | peak MiB |"
        print "|---|--:|---|--:|--:|--:|--:|--:|--:|"
    }
    printf "corpus" >(folder "/speed")
    for (k = 1; k <= commands; k++)
        printf " %s", command[k] >(folder "/speed")
    for (c = 1; c <= corpora; c++) {
        text = corpus[c]
        printf "\n%s", text >(folder "/speed")
        for (k = 1; k <= commands; k++) {
            which = command[k]
            key = text "," which
            work = median(key, "work_seconds")
            took[key] = median(key, mode == "goals" && is_ours(which) ? "work_seconds" : "seconds")
            least = low
            most = high
            rate = ratio(bytes[text] / 1e6, took[key])
            wc = ratio(took[text ",wc-w"], took[key])
            one = ratio(took[text ",mpiwc-1"], took[key])
            printf " %s", (rate > 0 ? rate : "?") >(folder "/speed")
            printf "| %s | %.0f | %s | ", text, bytes[text] / 1e6, which
            printf (is_ours(which) && mode == "goals" ? "%.3f | %.3f–%.3f | " : "%.2f | %.2f–%.2f | "), took[key], least, most
            if (mode == "goals") {
                first = which == "mpiwc-1"
                second = which == "mpiwc-2"
                median(key, "resident_bytes")
                beyond = (high - empty[value[key, "ranks", 1]]) / 1048576
                print against(rate, first ? goal[text, "speed"] : "", "%.0f") " | " \
                    against(wc, first ? goal[text, "wc"] : "", "%.2f") " | " \
                    (second ? against(one, goal[text, "one"], "%.2f") : " | ") " | " \
                    (is_ours(which) ? against(beyond, goal[text, "memory"], "%.1f", 1) : " | ") " |"
            } else {
                median(key, "peak_kb")
                printf "%s | %s | %s | %.0f |\n", is_ours(which) ? sprintf("%.2f", work) : "", shown(rate, "%.0f"),
                    shown(wc, "%.2f"), high / 1024
            }
        }
    }
    print "\nWhere our time goes, in percent: medians of each phase on its slowest rank, as parts of their sum. Finding the inputs and"
    print "handing them out are left out.\n"
    head = "| corpus | command | sum s |"
    line = "|---|---|--:|"
    names = "run"
    for (p = 1; p <= phases; p++) {
        head = head " " phase[p] " |"
        line = line "--:|"
        names = names " " phase[p]
    }
    print head "\n" line
    print names >(folder "/phases")
    for (c = 1; c <= corpora; c++)
        for (k = 1; k <= commands; k++) {
            key = corpus[c] "," command[k]
            if (!is_ours(command[k]))
                continue
            sum = 0
            for (p = 1; p <= phases; p++)
                sum += spent[p] = median(key, phase[p])
            printf "| %s | %s | %.2f |", corpus[c], command[k], sum
            printf "%s-%s", corpus[c], value[key, "ranks", 1] >(folder "/phases")
            for (p = 1; p <= phases; p++) {
                printf " %.0f |", 100 * ratio(spent[p], sum)
                printf " %.6f", spent[p] >(folder "/phases")
            }
            print ""
            print "" >(folder "/phases")
        }
}
