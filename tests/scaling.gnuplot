# usage: gnuplot -c tests/scaling.gnuplot FOLDER
# Draws what tests/scaling.awk left in FOLDER: speedup.svg and times.svg.
set encoding utf8
set terminal svg size 900,520 font 'sans-serif,14' background 'white' noenhanced
set border 3
set tics nomirror
set grid lc rgb '#cccccc'
set key left top Left reverse
folder = ARG1
stats folder.'/strong' using 1 nooutput
most = STATS_max
set output folder.'/speedup.svg'
set title 'Times as fast as one rank'
set xlabel 'ranks'
set xrange [1:most * 1.05 + 0.1]
set yrange [0:*]
has_fit = system('test -s '.folder.'/fit && echo 1 || echo 0') + 0
has_weak = system('test -s '.folder.'/weak && echo 1 || echo 0') + 0
plot x title 'perfect' with lines lc rgb '#bbbbbb' dashtype 2, \
     (has_fit ? folder.'/fit' : '/dev/null') using 1:2 title 'fitted' with lines lc rgb '#4292c6', \
     folder.'/strong' using 1:3 title 'the same input for all' with linespoints lc rgb '#08519c' pt 7, \
     (has_weak ? folder.'/weak' : '/dev/null') using 1:2 title 'a share for each rank' with linespoints lc rgb '#e6550d' pt 5
set output folder.'/times.svg'
set title 'Seconds by phase, the same input for all'
set key outside right top vertical Left reverse
set style data histograms
set style histogram rowstacked
set style fill solid 0.9 border rgb 'white'
set boxwidth 0.7
set xrange [*:*]
set yrange [0:*]
set linetype 1 lc rgb '#08519c'
set linetype 2 lc rgb '#4292c6'
set linetype 3 lc rgb '#31a354'
set linetype 4 lc rgb '#e6550d'
set linetype 5 lc rgb '#fdae6b'
set linetype 6 lc rgb '#999999'
names = 'map shuffle reduce sort gather other'
plot for [i = 4:9] folder.'/strong' using i:xtic(1) title word(names, i - 3) linetype i - 3
