# SPDX-License-Identifier: BSD-3-Clause
# usage: cmark-gfm --extension table FILE.md | mawk -v folder=FOLDER -v style=FILE.css -v colours=FILE -f tests/scaling/page.awk
# One page of HTML with all that it shows: the plots ![what](FILE.svg) in FOLDER become part of it, and so does the style sheet.
# The colours of a plot become those of the style sheet, which has them for a light and a dark page; the file of colours has
# those of a light one.

function stop(text) {
    print "tests/scaling/page.awk: " text >"/dev/stderr"
    failed = 1
    exit 1
}

# What may be wider than the window, by a name: the keyboard reaches it, too.
function scrolled(what) { return "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" what "\">" }

# Sets name[COLOUR], by lines such as paper = '#fdfdfc'.
function read_colours(   line, part) {
    while ((getline line < colours) > 0) {
        split(line, part, /[ ='"]+/)
        name[part[2]] = part[1]
    }
    close(colours)
    name["black"] = name["#000000"] = "ink" # what gnuplot takes by itself
    name["white"] = name["#ffffff"] = "paper"
}

# rgb( 47,  99, 144) as #2f6390.
function hexadecimal(colour,   part) {
    if (colour !~ /^rgb/)
        return tolower(colour)
    split(colour, part, /[(,)]/)
    return sprintf("#%02x%02x%02x", part[2], part[3], part[4])
}

# A line of a plot in colours of the style sheet. One that it does not have would be the same on a dark page.
function coloured(line, file,   out, found, mark, colour) {
    while (match(line, /(fill|stroke|color) *= *("[^"]*"|'[^']*')/)) {
        found = substr(line, RSTART, RLENGTH)
        out = out substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        mark = substr(found, length(found))
        colour = substr(found, index(found, mark) + 1)
        colour = hexadecimal(substr(colour, 1, length(colour) - 1))
        if (colour in name)
            found = substr(found, 1, index(found, mark)) "var(--" name[colour] ")" mark
        else if (colour != "none" && colour != "currentcolor")
            stop(file ": the style sheet has no " colour)
        out = out found
    }
    return out line
}

# The plot without what makes it a document of its own; its names must not be those of another plot.
function plot(file, what,   line, began, mark, filter) {
    mark = file
    gsub(/[^a-z]/, "-", mark)
    print "<figure>\n" scrolled(what)
    while ((getline line < (folder "/" file)) > 0) {
        if (line ~ /<svg/) {
            began = 1
            line = "<svg role=\"img\" aria-label=\"" what "\"" substr(line, index(line, "<svg") + 4)
        }
        if (line ~ /<filter/)
            filter = 1
        if (line ~ /<\/filter/ || !began || filter || line ~ /^<rect x="0" y="0"/) { # the last is the background
            filter = filter && line !~ /<\/filter/ # they have colours of their own, and no plot uses them
            continue
        }
        sub(/ id="gnuplot_canvas"/, "", line)
        gsub(/ font-family="[^"]*"|<title>[^<]*<\/title>/, "", line) # a title like phases_plot_1 would show under the mouse
        gsub(/(id=["']|href=["']#|url\(#)(gp|textbox|greybox)/, "&" mark, line)
        print coloured(line, file)
    }
    close(folder "/" file)
    print "</div>\n</figure>" # no caption: a plot has its title
}

BEGIN {
    read_colours()
    print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>mpiwc: scaling</title>\n<style>"
    while ((getline line < style) > 0)
        print line
    close(style)
    # Of this page alone: more words and longer heads of columns than in that of a run.
    print "h2 { font-size: 1.3rem; } li { margin: 0.4rem 0; } p { margin: 0.8rem 0; } a { color: var(--blue); }"
    print "th:not([align]), td:not([align]) { text-align: left; }"
    print "table { margin: 1rem 0; } th { white-space: normal; } code { background: var(--faint); padding: 0 0.2rem; }"
    print "figure svg { min-width: 36rem; max-width: 48rem; }" # where this is too wide it is scrolled, and not made too small
    print "</style>\n</head>\n<body>"
}

/^<h2>/ {
    heading = $0
    gsub(/<[^>]*>/, "", heading)
}
sub(/^<p><img src="/, "") {
    file = what = $0
    sub(/".*/, "", file)
    sub(/.* alt="/, "", what)
    sub(/".*/, "", what)
    plot(file, what)
    next
}
{
    sub(/^<table>/, scrolled(heading) "&")
    sub(/^<\/table>/, "&</div>")
    print
}

END {
    if (!failed)
        print "</body>\n</html>"
    exit failed
}
