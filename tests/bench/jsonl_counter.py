# SPDX-License-Identifier: BSD-3-Clause
"""usage: zstdcat FILE... | python3 jsonl_counter.py
What tests/bench/peers compares with: the words of the texts of JSON Lines, WORD<TAB>COUNT."""
import collections
import json
import sys

counts = collections.Counter()
for line in sys.stdin.buffer:
    counts.update(json.loads(line)["text"].encode().split())
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    sys.stdout.buffer.write(b"%s\t%d\n" % (word, count))
