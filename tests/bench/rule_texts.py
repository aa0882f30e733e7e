# SPDX-License-Identifier: BSD-3-Clause
"""usage: python3 tests/bench/rule_texts.py han|urls BYTES
Writes a text of about so many bytes, the same one each time, to see what rules cost (tests/bench/rules).

han: lines of 20 to 400 characters without blanks, nearly all of them different. Three of four are Chinese: 3,000 of the frequent
characters of GB 2312, and marks between them. Every fourth is Thai, of syllables. Both are as frequent as Zipf has it.
urls: all http URLs in the documentation of the machine, again and again, each time with another number in the path.
"""
import gzip
import itertools
import os
import random
import re
import sys

DRAW = random.Random(44)


def zipf(population, marks=()):
    """What random.choices is to be given; the first mark is one of twelve, the next half as frequent."""
    weights = [1 / (rank + 5) for rank in range(len(population))]
    total = sum(weights)
    weights += [total / 12 / (rank + 1) for rank in range(len(marks))]
    return [*population, *marks], list(itertools.accumulate(weights))


def han():
    rows, cells = range(0xB0, 0xD8), range(0xA1, 0xFF)
    frequent = [bytes(code).decode("gb2312") for code in itertools.product(rows, cells) if code < (0xD7, 0xFA)]
    chinese = zipf(DRAW.sample(frequent, 3000), "，。")
    consonants, vowels, tones = "กขคงจชดตทนบปผพมยรลวสหอ", ["", "า", "ะ", "ิ", "ี", "ุ", "ู", "ั"], ["", "\u0e48", "\u0e49"]
    syllables = ["".join(parts) for parts in itertools.product(consonants, vowels, tones)]
    DRAW.shuffle(syllables)
    thai = zipf(syllables)
    for number in itertools.count():
        population, weights = chinese if number % 4 else thai
        length = DRAW.randint(20, 400)
        yield ("".join(DRAW.choices(population, cum_weights=weights, k=length))[:length] + "\n").encode()


def urls():
    known = set()
    for place in "/usr/share/doc", "/usr/share/man":
        for folder, _, names in os.walk(place):
            for path in (os.path.join(folder, name) for name in names):
                try:
                    with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                        known.update(re.findall(rb"(https?://[\w.-]+)(/[\w./?=&%#~+-]*)", file.read(), re.ASCII))
                except (OSError, EOFError):  # links to nowhere, and what only looks like gzip
                    pass
    known = sorted(known)
    DRAW.shuffle(known)
    while known:
        for host, path in known:
            yield b"%s/%d%s\n" % (host, DRAW.randrange(1000000), path)


left = int(sys.argv[2])
for text in {"han": han, "urls": urls}[sys.argv[1]]():
    sys.stdout.buffer.write(text)
    left -= len(text)
    if left <= 0:
        break
