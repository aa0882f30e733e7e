# SPDX-License-Identifier: BSD-3-Clause
# usage: gnuplot -c tests/bench/words.gnuplot FOLDER OUTPUT.svg TITLE bench|goals
# Draws what tests/bench/words.awk left in FOLDER.
set encoding utf8
set terminal svg size 1100,900 font 'sans-serif,14' background 'white' noenhanced
set output ARG2
set multiplot layout 2,1 title ARG3 font ',18'
set style fill solid 0.9 border rgb 'white'
set grid ytics lc rgb '#cccccc'
set border 3
set tics nomirror
set xtics scale 0
set key outside right top vertical Left reverse
set datafile missing '?'
set linetype 1 lc rgb '#999999'
set linetype 2 lc rgb '#08519c'
set linetype 3 lc rgb '#4292c6'
set linetype 4 lc rgb '#e6550d'
set linetype 5 lc rgb '#fdae6b'
set linetype 6 lc rgb '#31a354'
set linetype 7 lc rgb '#756bb1'

# Speeds are hundreds of times apart, so they are points on a logarithmic axis. Bars would have a length that says nothing: such
# an axis has no zero to stand on.
speed = ARG1.'/speed'
commands = system("awk 'NR == 1 { print NF - 1 }' ".speed) + 0
commands_named = system("awk 'NR == 1 { $1 = \"\"; print }' ".speed)
lowest = system("awk 'NR > 1 { for (i = 2; i <= NF; i++) if ($i + 0 > 0 && (!m || $i < m)) m = $i } END { print m }' ".speed) + 0
corpora = system("awk 'END { print NR - 1 }' ".speed) + 0
set xrange [-0.6 : corpora - 0.4]
set title (ARG4 eq 'goals' ? 'MB/s of work, more is better' : 'MB/s of the whole process, more is better')
set logscale y 10
set yrange [10 ** floor(log10(lowest * 0.9)) : *]
beside(column) = (column - 2 - (commands - 1) / 2.0) / (commands + 1)
set for [k = 1:corpora - 1] arrow k from k - 0.5, graph 0 to k - 0.5, graph 1 nohead linetype 1 linecolor rgb '#cccccc'
plot speed every ::1 using 0:(NaN):xtic(1) notitle, \
     for [i = 2:commands + 1] speed every ::1 using ($0 + beside(i)):i with points linetype i - 1 pointtype 7 pointsize 1.2 \
         title word(commands_named, i - 1), \
     for [i = 2:commands + 1] speed every ::1 using ($0 + beside(i)):i:(sprintf('%.0f', column(i))) \
         with labels offset 0,0.9 font ',10' notitle

unset arrow
set xrange [*:*]
set title 'Seconds of our runs by phase (corpus-ranks), less is better'
set style data histograms
set style histogram rowstacked
set boxwidth 0.7
unset logscale y
set yrange [0:*]
set linetype 1 lc rgb '#bbbbbb'
set linetype 2 lc rgb '#08519c'
set linetype 3 lc rgb '#4292c6'
set linetype 4 lc rgb '#31a354'
set linetype 5 lc rgb '#e6550d'
set linetype 6 lc rgb '#fdae6b'
set linetype 7 lc rgb '#555555'
plot for [i = 2:8] ARG1.'/phases' using i:xtic(1) title columnheader(i) linetype i - 1
unset multiplot
