# SPDX-License-Identifier: BSD-3-Clause
"""usage: python3 tests/bench/wet.py FILE.warc.wet.gz
What tests/bench/files compares with: the matches of \\w+, in small letters, in the texts of a WET file, WORD<TAB>COUNT."""
import collections
import gzip
import re
import sys

counts = collections.Counter()
with gzip.open(sys.argv[1]) as archive:
    for line in archive:
        if line.startswith(b"WARC/"):
            fields = (field.split(b":", 1) for field in iter(lambda: archive.readline().strip(), b""))
            head = {name.lower(): value.strip() for name, value in fields}
            block = archive.read(int(head[b"content-length"]))
            if head[b"warc-type"] == b"conversion":
                counts.update(re.findall(r"\w+", block.decode().lower()))
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    sys.stdout.buffer.write(b"%s\t%d\n" % (word.encode(), count))
