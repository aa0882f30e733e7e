# SPDX-License-Identifier: BSD-3-Clause
"""The words that Python makes of texts: lines `RULES HEX` in, the words in hex out, with blanks between them."""
import re
import sys
import unicodedata

import regex

CONTRACTION = "'s|'t|'re|'ve|'m|'ll|'d"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
BLANKS = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = {
    "gpt2": CONTRACTION + r"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    "cl100k": "(?i:" + CONTRACTION + r")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*" + BLANKS,
    "o200k": r"[^\r\n\p{L}\p{N}]?" + UPPER + "*" + LOWER + "+(?i:" + CONTRACTION + ")?"
             r"|[^\r\n\p{L}\p{N}]?" + UPPER + "+" + LOWER + "*(?i:" + CONTRACTION + ")?"
             r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*" + BLANKS,
}
SPLITS = {name: regex.compile(pattern) for name, pattern in PATTERNS.items()}


def strip(word):
    def is_mark(character):
        return unicodedata.category(character)[0] in "PS"
    while word and is_mark(word[0]):
        word = word[1:]
    while word and is_mark(word[-1]):
        word = word[:-1]
    return [word] if word else []


def space(text):
    return [word for word in re.split("[ \t\n\v\f\r]+", text) if word]


def normal(form, text):
    return unicodedata.normalize(form, text)


RULES = {
    "lower": lambda text: [text.lower()],
    "fold": lambda text: [text.casefold()],
    "word": lambda text: re.findall(r"\w+", text.lower()),
    "nfc": lambda text: [normal("NFC", text)],
    "fold-nfc": lambda text: [normal("NFC", text.casefold())],
    "lower-nfc": lambda text: [normal("NFC", text.lower())],
    "nfkc": lambda text: space(normal("NFKC", text)),
    "fold-nfkc": lambda text: space(normal("NFKC", normal("NFKC", text).casefold())),
    "strip": strip,
}
for line in sys.stdin:
    rules, text = line.split()
    text = bytes.fromhex(text).decode()
    words = SPLITS[rules].findall(text) if rules in SPLITS else RULES[rules](text)
    print(" ".join(word.encode().hex() for word in words))
