# usage: mawk -v folder=FOLDER -f tests/html.awk FILE.md
# The report as one page that needs nothing else: headings, paragraphs, tables, bold, and plots, whose SVG goes into it.
function inline(text) {
    gsub(/&/, "\\&amp;", text)
    gsub(/</, "\\&lt;", text)
    while (match(text, /\*\*[^*]+\*\*/))
        text = substr(text, 1, RSTART - 1) "<b>" substr(text, RSTART + 2, RLENGTH - 4) "</b>" substr(text, RSTART + RLENGTH)
    return text
}
function end(what) {
    if (open != "" && open != what) {
        print "</" open ">"
        open = ""
    }
}
BEGIN {
    print "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Scaling of mpiwc</title>\n<style>"
    print "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222 }"
    print "table { border-collapse: collapse; font-size: 13px; margin: 1em 0 } td, th { padding: .2em .6em; text-align: right }"
    print "th { border-bottom: 2px solid #08519c } td { border-bottom: 1px solid #ddd } svg { max-width: 100%; height: auto }"
    print "</style></head><body>"
}
/^#+ / { end(""); level = length($1); print "<h" level ">" inline(substr($0, level + 2)) "</h" level ">"; next }
/^!\[\]/ {
    end("")
    plot = $0
    sub(/^.*-/, "", plot); sub(/\)$/, "", plot)
    inside = 0
    while ((getline line < (folder "/" plot)) > 0) {
        inside = inside || line ~ /<svg/
        if (inside)
            print line
    }
    next
}
/^\|[-:|]+$/ { next }
/^\|/ {
    cell = open == "table" ? "td" : "th"
    if (open != "table") {
        end("")
        print "<table>"
        open = "table"
    }
    line = substr($0, 2, length($0) - 2)
    many = split(line, cells, "|")
    printf "<tr>"
    for (i = 1; i <= many; i++) {
        sub(/^ +/, "", cells[i]); sub(/ +$/, "", cells[i])
        printf "<%s>%s</%s>", cell, inline(cells[i]), cell
    }
    print "</tr>"
    next
}
/^$/ { end(""); next }
{
    end("p")
    if (open == "")
        print "<p>"
    open = "p"
    print inline($0)
}
END { end(""); print "</body></html>" }
