# SPDX-License-Identifier: BSD-3-Clause
# usage: gnuplot -c tests/scaling/study.gnuplot FOLDER OUTPUT_FOLDER
# Draws what tests/scaling/study.awk left in FOLDER, in the colours of FOLDER/colours. A plot has its own background, so that it
# can be read on a light page and on a dark one, by what knows no style sheets too; tests/scaling/page.awk takes other colours.
set encoding utf8
load ARG1.'/settings'
load ARG1.'/colours'
strong = ARG1.'/strong'
bars = ARG1.'/strong-phases'
weak_points = ARG1.'/weak'
weak_bars = ARG1.'/weak-phases'
phases = 6

set border 3 lc rgb soft
set tics nomirror textcolor rgb soft
set grid ytics lt 1 lw 1 lc rgb rule
set key left top Left reverse samplen 2 spacing 1.2 textcolor rgb ink
set style fill solid border rgb paper
set title textcolor rgb ink
set xlabel textcolor rgb ink
set ylabel textcolor rgb ink
picture(name) = \
    sprintf("set terminal svg name '%s' size 760,440 font 'sans-serif,14' background '%s' noenhanced; ", \
        name, paper). \
    sprintf("set output '%s/scaling-%s.svg'", ARG2, name)

# Rank counts that grow by doubling are as far from each other as they look in the table.
ticks = system("awk '{ printf \"%s\\\"%s\\\" %d\", (NR > 1 ? \", \" : \"\"), $7, $1 }' ".strong)
eval('set xtics ('.ticks.')')
set logscale x 2
set xrange [first / 1.2 : most * 1.2]
set xlabel 'ranks'.(system("awk '$6 { print \" (* more than cores)\"; exit }' ".strong))
free(shared, y) = int(shared) ? NaN : y
crowd(shared, y) = int(shared) ? y : NaN
oversubscribed = system("awk '$6 { n++ } END { print n + 0 }' ".strong) + 0

# --- Speed-up. A * or a hollow point: ranks that share cores
eval(picture('speedup'))
set logscale y 2
least = system("awk 'NR == 1 || $3 < m { m = $3 } END { print m }' ".strong) + 0
set yrange [least / 1.3 : most * 1.3]
eval('set ytics ('.system("awk '{ printf \"%s%d\", (NR > 1 ? \", \" : \"\"), $1 }' ".strong).')')
set ylabel 'times as fast as one rank'
measured(p) = p >= first * 0.999 && p <= most * 1.001
law(p) = fitted > 1 && measured(p) ? first * first_s / (serial + shared / p) : NaN
cost(p) = growing && measured(p) ? first * first_s / (cost_s + cost_w / p + cost_o * p) : NaN
tested(p) = p <= fitted_most * 1.001 # beyond it a law was not fitted
set samples 300
set title 'Speed-up on the whole input: medians, least and most'
plot (measured(x) ? x : NaN) with lines lc rgb soft dt 2 lw 1.5 title 'ideal', \
     (tested(x) ? law(x) : NaN) with lines lc rgb blue lw 2 title (fitted > 1 ? "Amdahl's law" : ''), \
     (tested(x) ? NaN : law(x)) with lines lc rgb blue lw 2 dt 3 notitle, \
     (tested(x) ? cost(x) : NaN) with lines lc rgb gold lw 2 title (growing ? 'with a cost for each rank' : ''), \
     (tested(x) ? NaN : cost(x)) with lines lc rgb gold lw 2 dt 3 notitle, \
     strong using 1:(free($6, $2)):3:4 with yerrorbars lc rgb blue lw 1.5 pt 7 ps 0.9 title 'measured', \
     strong using 1:(crowd($6, $2)):3:4 with yerrorbars lc rgb soft lw 1.5 pt 6 ps 0.9 \
         title (oversubscribed ? 'measured, oversubscribed' : '')

# --- Efficiency
eval(picture('efficiency'))
unset logscale y
set yrange [0:*]
set ytics autofreq format '%g %%'
set ylabel 'of the ideal speed-up'
set key left bottom
set title 'Efficiency: speed-up divided by the number of ranks'
hidden = weak ? weak_points : strong
plot (measured(x) ? 100 : NaN) with lines lc rgb soft dt 2 lw 1.5 title 'ideal', \
     100 * law(x) / x with lines lc rgb soft lw 1.5 dt 3 title (fitted > 1 ? "Amdahl's law, strong" : ''), \
     strong using 1:(100 * $5) with lines lc rgb blue lw 2 notitle, \
     hidden using 1:(weak ? 100 * $5 : NaN) with lines lc rgb gold lw 2 notitle, \
     strong using 1:(100 * $5) with points lc rgb paper pt 7 ps 1.2 notitle, \
     hidden using 1:(weak ? 100 * $5 : NaN) with points lc rgb paper pt 7 ps 1.2 notitle, \
     strong using 1:(free($6, 100 * $5)) with points lc rgb blue pt 7 title 'strong: the whole input', \
     strong using 1:(crowd($6, 100 * $5)) with points lc rgb blue pt 6 notitle, \
     hidden using 1:(weak ? free($6, 100 * $5) : NaN) with points lc rgb gold pt 7 \
         title (weak ? 'weak: as much for each rank' : ''), \
     hidden using 1:(weak ? crowd($6, 100 * $5) : NaN) with points lc rgb gold pt 6 notitle

# --- Seconds by phase, in the colours that phases have in the page of a run; the rest is plan and scatter
set linetype 1 lc rgb blue
set linetype 2 lc rgb gold
set linetype 3 lc rgb green
set linetype 4 lc rgb plum
set linetype 5 lc rgb red
set linetype 6 lc rgb teal
unset logscale x
set xtics autofreq scale 0
set ytics format '%g'
set ylabel 'seconds'
set style data histograms
set style histogram rowstacked
set boxwidth 0.6
bars_of(file) = system("awk 'END { print NR - 1 }' ".file) + 0
highest(file) = system("awk 'NR > 1 && $2 > m { m = $2 } END { print m }' ".file) + 0
set key outside right top Left reverse invert
eval(picture('phases'))
set title 'Seconds of each phase, the whole input'
set xrange [-0.6 : bars_of(bars) - 0.4]
set yrange [0 : 1.1 * highest(bars)] # room for the labels
plot for [i = 3:2 + phases] bars using i:xtic(1) title columnheader(i) linetype i - 2, \
     bars using ($0 - 1):2:(sprintf('%.3g s', $2)) with labels offset 0,0.6 textcolor rgb ink notitle

if (weak) {
    eval(picture('weak'))
    set title 'Seconds of each phase, as much input for each rank'
    set xrange [-0.6 : bars_of(weak_bars) - 0.4]
    set yrange [0 : 1.1 * highest(weak_bars)]
    level = system("awk 'NR == 2 { print $2 }' ".weak_bars) + 0
    plot for [i = 3:2 + phases] weak_bars using i:xtic(1) title columnheader(i) linetype i - 2, \
         level with lines lc rgb ink dt 2 lw 1.5 title 'ideal', \
         weak_bars using ($0 - 1):2:(sprintf('%.3g s', $2)) with labels offset 0,0.6 textcolor rgb ink notitle
}
