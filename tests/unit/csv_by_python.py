# SPDX-License-Identifier: BSD-3-Clause
"""The column of CSV as Python reads it: lines `SEPARATOR COLUMN HEX` in; `RECORDS WITHOUT HEX` out, with a newline behind each
text; `bad`; or `other`, where a carriage return ends a record by itself, which is a matter of taste."""
import csv
import re
import sys

csv.field_size_limit(1 << 30)
BETWEEN_QUOTES = re.compile('"[^"]*"')
BY_ITSELF = re.compile("\r(?!\n)")

for line in sys.stdin:
    separator, column, text = line.rstrip("\n").split(" ")
    text = bytes.fromhex(text).decode("latin-1").removeprefix("\xef\xbb\xbf")
    if BY_ITSELF.search(BETWEEN_QUOTES.sub("", text)):
        print("other")
        continue
    lines = re.findall("[^\n]*\n|[^\n]+", text)
    try:
        rows = [row for row in csv.reader(lines, strict=True, delimiter=bytes.fromhex(separator).decode()) if row]
    except csv.Error:
        print("bad")
        continue
    texts = [row[int(column) - 1] for row in rows if len(row) >= int(column)]
    print(len(rows), len(rows) - len(texts), "".join(text + "\n" for text in texts).encode("latin-1").hex())
