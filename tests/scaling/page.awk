# SPDX-License-Identifier: BSD-3-Clause
# usage: mawk -v folder=FOLDER -f tests/scaling/page.awk FILE.md
# One page of HTML with all that it shows, from the Markdown that tests/scaling/study writes: headings, paragraphs, lists, tables,
# **bold**, `code`, links, and plots ![what](FILE.svg) in FOLDER, which become part of the page.

function escaped(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    gsub(/>/, "\\&gt;", text)
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
        print (what == "table" ? "<div class=\"wide\">" : "") "<" what ">"
    inside = what
}

# The plot without what makes it a document of its own; its names must not be those of another plot.
function plot(file, what,   line, began, mark) {
    mark = file
    gsub(/[^a-z]/, "-", mark)
    print "<figure role=\"img\" aria-label=\"" escaped(what) "\">"
    while ((getline line < (folder "/" file)) > 0) {
        if (line ~ /<svg/) {
            began = 1
            sub(/^.*<svg/, "<svg", line)
        }
        if (!began)
            continue
        sub(/ id="gnuplot_canvas"/, "", line)
        gsub(/(id=["']|href=["']#|url\(#)(gp|textbox|greybox)/, "&" mark, line)
        print line
    }
    close(folder "/" file)
    print "<figcaption>" escaped(what) "</figcaption>\n</figure>"
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
    print "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"
    print "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>mpiwc: scaling</title>\n<style>"
    print "body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color:" \
        " #222; }"
    print "h1, h2 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ddd; padding-bottom: 0.3rem; }"
    print "li { margin: 0.4rem 0; } code { background: #f3f3f3; padding: 0 0.2rem; } .wide { overflow-x: auto; }"
    print "table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }"
    print "th, td { padding: 0.25rem 0.7rem; border-bottom: 1px solid #ddd; text-align: right; white-space: nowrap; }"
    print "th { white-space: normal; vertical-align: bottom; } .left { text-align: left; }"
    print "figure { margin: 1.5rem 0; } figure svg { width: 100%; height: auto; } figcaption { color: #666;" \
        " font-size: 0.9rem; }"
    print "</style>\n</head>\n<body>"
}

/^#+ / {
    enter("")
    level = index($0, " ") - 1
    print "<h" level ">" inline(substr($0, level + 2)) "</h" level ">"
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
    enter("")
    print "</body>\n</html>"
}
