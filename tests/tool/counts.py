#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""usage: counts.py FILE
Prints WORD<TAB>COUNT of a count file, which it reads as mpiwc-counts(5) describes it and by no code of the program.
Whatever in the file is not as that page says ends it: exit 1, with the reason."""
import struct
import sys

import xxhash

MAGIC = b"\x89MWC\r\n\x1a\n"
INDEX_BYTES = 4096


def must(good, what):
    if not good:
        raise ValueError(what)


def varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            must(number < 1 << 64 and (byte or shift == 7), "varint")
            return number, at


def block(data, place, what):
    """Part, rows, sum, first, payload of the block at (offset, bytes, checksum)."""
    offset, size, checksum = place
    whole = data[offset : offset + size]
    must(len(whole) == size >= 48, "place of a block")
    kind, rows, length, total, first, part, zero = struct.unpack_from("<4sIQQQII", whole)
    must(struct.unpack("<Q", whole[-8:])[0] == checksum == xxhash.xxh3_64_intdigest(whole[:-8]), "checksum")
    must((kind, length, zero) == (what, size - 48, 0), "head of a block")
    return part, rows, total, first, whole[40:-8]


def rows_of(payload, rows, restarts, restart):
    must(restarts == -(-rows // restart), "restarts")
    end = len(payload) - 4 * restarts
    places = struct.unpack_from("<%dI" % restarts, payload, end)
    at, last = 0, None
    for row in range(rows):
        place, tag = at, payload[at]
        shared, fresh, at = tag >> 4, tag & 15, at + 1
        if shared == 15:
            more, at = varint(payload, at)
            shared += more
        if fresh == 15:
            more, at = varint(payload, at)
            fresh += more
        if row % restart == 0:
            must(shared == 0 and places[row // restart] == place, "restart")
        else:
            must(shared <= len(last) and (shared == len(last) or last[shared] != payload[at]), "shared")
        key = (last or b"")[:shared] + payload[at : at + fresh]
        count, at = varint(payload, at + fresh)
        must(last is None or key > last, "order")
        last = key
        yield key, count, at
    must(at == end, "rows")


def entries_of(payload, rows):
    """Separator, bytes, records, sum, checksum of each entry, and where it begins in the payload."""
    entries, at = [], 0
    for _ in range(rows):
        begin = at
        length, at = varint(payload, at)
        separator, at = payload[at : at + length], at + length
        size, at = varint(payload, at)
        records, at = varint(payload, at)
        total, at = varint(payload, at)
        entries.append((separator, size, records, total, struct.unpack_from("<Q", payload, at)[0], begin))
        at += 8
    must(at == len(payload), "entries")
    return entries


class Counts:
    def __init__(self, path):
        self.data = data = open(path, "rb").read()
        must(data[:8] == MAGIC == data[-8:] and len(data) >= 320, "magic")
        must(struct.unpack_from("<Q", data, 56)[0] == xxhash.xxh3_64_intdigest(data[:56]), "checksum of the header")
        major, _, codes, self.target, self.restart = struct.unpack_from("<HHIII", data, 8)
        must(major == 1 and codes == 0 and self.target and self.restart and not any(data[24:56]), "header")
        footer = data[-256:]
        must(footer[:6] == b"MWCf\1\0" and not any(footer[192:240]), "footer")
        must(struct.unpack_from("<Q", footer, 240)[0] == xxhash.xxh3_64_intdigest(footer[:240]), "checksum of the footer")
        self.root, self.meta = struct.unpack_from("<3Q", footer, 8), struct.unpack_from("<3Q", footer, 32)
        keys, low, high = struct.unpack_from("<3Q", footer, 56)
        self.totals = (keys, low | high << 64, *struct.unpack_from("<12Q", footer, 80))
        self.levels, size = struct.unpack_from("<2Q", footer, 176)
        must(size == len(data) == sum(self.meta[:2]) + 256 and sum(self.root[:2]) == self.meta[0], "ends")

    def rules(self):
        part, lines, total, first, payload = block(self.data, self.meta, b"MWCm")
        names = [line.split(b"=", 1)[0] for line in payload.splitlines()]
        must((part, total, first, lines) == (0, 0, 0, len(names)) and names == sorted(set(names)), "meta")
        return payload.decode()

    def blocks(self):
        """Separator, place, records and sum of each data block, by way of all index blocks."""
        level = [(None, self.root, self.totals[0], self.totals[1] % (1 << 64))]
        for number in range(self.levels, 0, -1):
            below, end = [], None
            for i, (separator, place, records, total) in enumerate(level):
                part, rows, its_sum, at, payload = block(self.data, place, b"MWCi")
                entries = entries_of(payload, rows)
                must((part, its_sum, end or at) == (number, total, at), "head of the index")
                must(not entries or separator in (None, entries[0][0]), "separator of an index block")
                must(rows <= 2 or entries[-1][5] < INDEX_BYTES, "an index block that goes on")
                must(i == len(level) - 1 or (rows >= 2 and len(payload) >= INDEX_BYTES), "a short index block")
                for key, size, its_records, sub, checksum, _ in entries:
                    below.append((key, (at, size, checksum), its_records, sub))
                    at, records, total = at + size, records - its_records, total - sub
                must(records == 0 and total % (1 << 64) == 0, "sums of the index")
                end = at
            must(end == level[0][1][0], "place of a level")
            level = below
        must(not level or level[0][1][0] == 64, "place of the data")
        return level

    def __iter__(self):
        keys = total = key_bytes = longest = largest = blocks = 0
        of, last, chapter = [0] * 8, None, True
        for separator, place, records, its_sum in self.blocks():
            restarts, rows, head_sum, first, payload = block(self.data, place, b"MWCb")
            must((rows, head_sum, first) == (records, its_sum, 0) and rows > 0, "head of data")
            begins, sums, blocks = True, 0, blocks + 1
            for key, count, behind in rows_of(payload, rows, restarts, self.restart):
                must(last is None or key > last, "order of blocks")
                if begins:
                    same = 0
                    while not chapter and same < min(len(last), len(key)) and last[same] == key[same]:
                        same += 1
                    must(separator == (key if chapter else key[: same + 1]), "separator")
                else:
                    must(not chapter and before < self.target, "a block that goes on")
                begins, last, before = False, key, behind
                chapter = xxhash.xxh3_64_intdigest(key) & 0xFFFF == 0
                sums, keys, key_bytes = sums + count, keys + 1, key_bytes + len(key)
                longest, largest = max(longest, len(key)), max(largest, count)
                if 1 <= count <= 8:
                    of[count - 1] += 1
                yield key, count
            must(sums % (1 << 64) == its_sum, "sum of a block")
            total += sums
            must(chapter or before >= self.target or keys == self.totals[0], "a short block")
        must(self.totals == (keys, total, key_bytes, longest, largest, blocks, *of), "totals")


def entries_of_one(payload, end):
    """The entries that end at `end` or before."""
    ends, at = [], 0
    while at < end:
        length, at = varint(payload, at)
        at += length
        for _ in range(3):
            _, at = varint(payload, at)
        at += 8
        ends.append(at)
    return ends


def main():
    try:
        counts = Counts(sys.argv[1])
        counts.rules()
        for key, count in counts:
            sys.stdout.buffer.write(b"%s\t%d\n" % (key, count))
    except (ValueError, IndexError, struct.error) as error:
        sys.exit("counts.py: %s: %s" % (sys.argv[1], error))


main()
