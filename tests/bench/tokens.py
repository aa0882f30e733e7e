# SPDX-License-Identifier: BSD-3-Clause
"""usage: python3 tests/bench/tokens.py re|icu FILE
What tests/bench/rules compares with, a word at a time: the matches of \\w+ in small letters, or the words of ICU, as they are.
Prints WORD<TAB>COUNT, the most frequent word first, then in byte order."""
import collections
import re
import sys


def by_pattern(lines):
    word = re.compile(r"\w+")
    counts = collections.Counter()
    for line in lines:
        counts.update(word.findall(line.lower()))
    return counts


def by_icu(lines):
    import icu
    breaks = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    counts = collections.Counter()
    for line in lines:
        breaks.setText(line)
        units = line.encode("utf-16-le")  # in which ICU counts
        start = 0
        for end in breaks:
            counts[units[2 * start:2 * end]] += 1
            start = end
    texts = ((word.decode("utf-16-le"), count) for word, count in counts.items())
    return {word: count for word, count in texts if any(character.isalnum() for character in word)}


with open(sys.argv[2], encoding="utf-8", newline="\n") as lines:
    counts = {"re": by_pattern, "icu": by_icu}[sys.argv[1]](lines)
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    sys.stdout.buffer.write(b"%s\t%d\n" % (word.encode(), count))
