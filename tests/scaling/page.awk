# SPDX-License-Identifier: BSD-3-Clause
# usage: mawk -v folder=FOLDER -v style=FILE.css -v colours=FILE -f tests/scaling/page.awk FILE.md
# One page of HTML with all that it shows, from the Markdown that tests/scaling/study writes: headings, paragraphs, lists, tables,
# **bold**, `code`, links, and plots ![what](FILE.svg) in FOLDER, which become part of the page. The style sheet becomes part of
# it, too, and the colours of a plot become those of the style sheet, which has them for a light and a dark page; the file of
# colours has those of a light one.

function stop(text) {
    print "tests/scaling/page.awk: " text >"/dev/stderr"
    failed = 1
    exit 1
}

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
    gsub(/"/, "\\&quot;", text)
    return text
}

# Every other MARK opens, the others close.
function paired(text, mark, tag,   part, n, i, out) {
    n = split(text, part, mark)
    for (i = 1; i <= n; i++)
        out = out (i == 1 ? "" : i % 2 ? "</" tag ">" : "<" tag ">") part[i]
    return out
}

function linked(text,   at, len, whole, middle, link) {
    while (match(text, /\[[^]]*\]\([^)]*\)/)) {
        at = RSTART; len = RLENGTH
        whole = substr(text, at, len)
        middle = index(whole, "](")
        link = "<a href=\"" substr(whole, middle + 2, len - middle - 2) "\">" substr(whole, 2, middle - 2) "</a>"
        text = substr(text, 1, at - 1) link substr(text, at + len)
    }
    return text
}

function inline(text) { return linked(paired(paired(escaped(text), "[*][*]", "strong"), "`", "code")) }

# Opens and closes what needs it: p, ul, table.
function enter(what) {
    if (inside == what)
        return
    if (inside != "")
        print "</" inside ">" (inside == "table" ? "</div>" : "")
    if (what != "")
        print (what == "table" ? scrolled(heading) : "") "<" what ">"
    inside = what
}

# What may be wider than the window, by a name: the keyboard reaches it, too.
function scrolled(what) { return "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"" escaped(what) "\">" }

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
            line = "<svg role=\"img\" aria-label=\"" escaped(what) "\"" substr(line, index(line, "<svg") + 4)
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

function cells(line, tag,   part, n, i) {
    sub(/^\| ?/, "", line)
    sub(/ ?\|$/, "", line)
    n = split(line, part, / *\| */)
    printf "<tr>"
    for (i = 1; i <= n; i++)
        printf "<%s%s>%s</%s>", tag, i <= left ? " class=\"left\"" : "", inline(part[i]), tag
    print "</tr>"
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
    print "table { margin: 1rem 0; } th { white-space: normal; } code { background: var(--faint); padding: 0 0.2rem; }"
    print "figure svg { min-width: 36rem; max-width: 48rem; }" # where this is too wide it is scrolled, and not made too small
    print "</style>\n</head>\n<body>"
}

/^#+ / {
    enter("")
    level = index($0, " ") - 1
    heading = substr($0, level + 2)
    print "<h" level ">" inline(heading) "</h" level ">"
    next
}
/^!\[/ {
    enter("")
    what = file = $0
    sub(/^!\[/, "", what)
    sub(/\].*/, "", what)
    sub(/^[^(]*\(/, "", file)
    sub(/\).*/, "", file)
    plot(file, what)
    next
}
/^- / { enter("ul"); print "<li>" inline(substr($0, 3)); next }
/^  / && inside == "ul" { print inline($0); next }
/^\|[-:|]+$/ { # the line below the head of a table says which columns are text
    left = gsub(/\|---/, "&")
    cells(head, "th")
    next
}
/^\|/ {
    if (inside != "table") {
        enter("table")
        head = $0
        next
    }
    cells($0, "td")
    next
}
/^$/ { enter(""); next }
{ enter("p"); print inline($0) }

END {
    if (failed)
        exit 1
    enter("")
    print "</body>\n</html>"
}
