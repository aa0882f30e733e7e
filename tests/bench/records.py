# SPDX-License-Identifier: BSD-3-Clause
"""usage: python3 tests/bench/records.py TEXT NAME
Writes the lines of a text as records, for tests/bench/files: NAME.jsonl and NAME.csv have 20 lines in each, NAME.warc.wet.gz some
kilobytes, and each of its records is a gzip member, as in the archives of Common Crawl."""
import csv
import gzip
import itertools
import json
import sys
import uuid

text, name = sys.argv[1:]
with open(text, encoding="utf-8", newline="\n") as lines, open(name + ".jsonl", "w", encoding="utf-8", newline="") as jsonl, \
        open(name + ".csv", "w", encoding="utf-8", newline="") as table:
    rows = csv.writer(table)
    rows.writerow(["id", "text"])
    for number in itertools.count():
        record = "".join(itertools.islice(lines, 20))
        if not record:
            break
        print(json.dumps({"text": record}, ensure_ascii=False), file=jsonl)
        rows.writerow([number, record])


def member(kind, content_type, number, block):
    fields = {"WARC-Type": kind, "WARC-Target-URI": "https://example.org/%d" % number, "WARC-Date": "2026-01-01T00:00:00Z",
              "WARC-Record-ID": "<urn:uuid:%s>" % uuid.UUID(int=number), "Content-Type": content_type, "Content-Length": len(block)}
    head = "WARC/1.0\r\n" + "".join("%s: %s\r\n" % field for field in fields.items()) + "\r\n"
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 6, mtime=0)


with open(text, "rb") as lines, open(name + ".warc.wet.gz", "wb") as archive:
    archive.write(member("warcinfo", "application/warc-fields", 0, b"software: tests/bench/records.py\r\n"))
    for number in itertools.count(1):
        block = b"".join(lines.readlines(4000 + 1000 * (number % 7)))  # whole lines
        if not block:
            break
        archive.write(member("conversion", "text/plain", number, block))
