"""Clause 6 of docs/spec, read independently: revocation lists and deltas."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from tests.second.encoding import (
    Item,
    Key,
    RefusedError,
    decode,
    encode,
    is_int,
    is_one_form,
    need,
    sign1,
)
from tests.second.payload import is_text, read_number

LIST: Final = "application/statuslist+cwt"
DELTA: Final = "application/vnd.etitle.delta+cbor"
SLICED: Final = "application/vnd.etitle.sliced-list+cbor"
FIRST_DAY: Final = 18_262

Checkpoint = tuple[str, int, bytes]
"""Name of the log, tree size, root hash."""
Entry = tuple[int, int, Any]
"""Kind, day offset, successor as it stands in the file."""


@dataclass(frozen=True)
class StatusList:
    """A list: its claims, and the entries of the indices that are not valid."""

    authority: str
    list_id: int
    epoch: int
    sequence: int
    previous: bytes | None
    coverage: int
    issued_s: int
    expires_s: int
    entries: dict[int, Entry]
    checkpoint: Checkpoint | None
    made: tuple[bytes, ...] = ()
    """The full list and the deltas that led here."""

    def look_up(self, index: int) -> dict[str, Any]:
        """Kind, day number and successor of an index within the coverage."""
        need(index < self.coverage)
        if index not in self.entries:
            return {"index": index, "kind": 0, "day": None, "successor": None}
        kind, offset, successor = self.entries[index]
        named = None if successor is None else str(successor)
        return {"index": index, "kind": kind, "day": FIRST_DAY + offset, "successor": named}

    def state_hash(self) -> bytes:
        """Clause 6.5, from what is known of each index."""
        bits = bytearray((self.coverage + 3) // 4)
        for index, (kind, _, _) in self.entries.items():
            bits[index // 4] |= _status(kind) << index % 4 * 2
        entries = [self.entries[index] for index in sorted(self.entries)]
        named = [[n, self.entries[n][2]] for n in sorted(self.entries) if self.entries[n][2]]
        parts = (
            encode([self.list_id, self.epoch, self.coverage]), bytes(bits),
            bytes(entry[0] for entry in entries), bytes(entry[1] & 255 for entry in entries),
            bytes(entry[1] >> 8 for entry in entries), encode(named),
        )  # fmt: skip
        return sha256(b"".join(parts)).digest()


def _status(kind: int) -> int:
    return {1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 3}[kind]


def _inflate(data: Item) -> bytes:
    """Clause 6.6; how long the content may be follows from what it must be."""
    need(isinstance(data, bytes))
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(data)
    except zlib.error:
        raise RefusedError from None
    need(reader.eof and not reader.unused_data)
    return content


ListKey = tuple[Key, Item, Item, Item]
"""A key that may sign lists: first day, last day or null, history."""


def _signed(data: bytes, typ: str, keys: Sequence[ListKey]) -> tuple[Item, list[ListKey]]:
    """Clauses 3 and 5.6: the claims, and those of the authority's list keys that signed them."""
    header, payload, signature, signed = sign1(data)
    need(header.get(16) == typ and is_one_form(header[1], signature))
    signers = [
        one
        for one in keys
        if one[0].thumbprint[:4] == header[4] and one[0].alg == header[1]
        and one[0].is_signature(signature, signed)
    ]  # fmt: skip
    return decode(payload), signers


def is_by(data: bytes, keys: Sequence[ListKey]) -> bool:
    """Clause 6.11: whether a list or delta is by one of these keys, in its window."""
    try:
        typ = LIST if sign1(data)[0].get(16) == LIST else DELTA
        content, signers = _signed(data, typ, keys)
        return _in_window(content[6] if typ == LIST else content[9], signers)
    except RefusedError:
        return False


def until(data: bytes, keys: Sequence[ListKey]) -> int | None:
    """Clause 7.3.4: from when on the key of a list or delta signs none; null where that is open."""
    typ = LIST if sign1(data)[0].get(16) == LIST else DELTA
    [(_, _, last, history)] = _signed(data, typ, keys)[1]
    ends = [history[-1][1]] if history[-1][0] == 2 else []
    if last is not None:
        ends.append((last + 1) * 86_400 - 28_800)
    return min(ends, default=None)


def _in_window(issued_s: int, signers: list[ListKey]) -> bool:
    """Clause 6.11."""
    today = (issued_s + 28_800) // 86_400
    for _, first, last, history in signers:
        states = [state for state, since_s in history if since_s <= issued_s]
        retired = states and states[-1] == 2
        if first <= today and (last is None or today <= last) and not retired:
            return True
    return False


def _labels(value: Item, *optional: int) -> set[Item]:
    """Clause 6.13: the labels of a map, but for optional ones and negative ones."""
    need(isinstance(value, dict))
    return {n for n in value if n not in optional and (not isinstance(n, int) or n >= 0)}


def _times(issued: Item, expires: Item) -> bool:
    """Clause 6.1.1."""
    last = 253_370_764_799
    return is_int(issued, 0) and is_int(expires, issued, min(last, issued + 34_560_000))


def _checkpoint(entries: Item, label: int) -> Checkpoint | None:
    """Clause 6.12."""
    if label not in entries:
        return None
    value = entries[label]
    need(_labels(value) == {1, 2, 3})
    need(is_text(value[1], 200) and is_int(value[2], 0))
    need(isinstance(value[3], bytes) and len(value[3]) == 32)
    return value[1], value[2], value[3]


def _columns(
    indices: list[int], columns: Item, successors: Item, *, again: bool
) -> dict[int, Entry]:
    """Clauses 6.3 and 6.4: the entries of ascending indices, which may be valid again."""
    n = len(indices)
    content = _inflate(columns)
    need(len(content) == 3 * n)
    kinds = content[:n]
    need(all(kind <= 6 for kind in kinds) and (again or 0 not in kinds))
    names = _inflate(successors)
    need(len(names) <= 1 << 24)
    named = decode(names)
    need(isinstance(named, list))
    need(all(isinstance(pair, list) and len(pair) == 2 for pair in named))
    need(all(type(pair[0]) is int for pair in named))
    numbers = {pair[0]: pair[1] for pair in named}
    need([pair[0] for pair in named] == sorted(numbers))
    for number in numbers.values():
        read_number(number)
    entries: dict[int, Entry] = {}
    for at, index in enumerate(indices):
        offset = content[n + at] + 256 * content[2 * n + at]
        need(kinds[at] != 0 or offset == 0)
        need(kinds[at] == 6 or index not in numbers)
        entries[index] = (kinds[at], offset, numbers.pop(index, None))
    need(not numbers)
    return entries


def _entries(covered: int, deflated: Item, columns: Item, successors: Item) -> dict[int, Entry]:
    """Clauses 6.2 to 6.4: what is not valid of so many indices."""
    bits = _inflate(deflated)
    need(len(bits) == (covered + 3) // 4)
    statuses = {n: bits[n // 4] >> n % 4 * 2 & 3 for n in range(4 * len(bits))}
    indices = [n for n, found in statuses.items() if found]
    need(not indices or indices[-1] < covered)
    entries = _columns(indices, columns, successors, again=False)
    need(all(_status(entry[0]) == statuses[index] for index, entry in entries.items()))
    return entries


def read_list(data: bytes, authority: str, keys: Sequence[ListKey]) -> StatusList:
    """Clauses 6.1 to 6.6."""
    need(len(data) <= 1 << 26)
    c, signers = _signed(data, LIST, keys)
    need(_labels(c) == {2, 4, 6, 65533, 65534})
    status, own = c[65533], c.get(-70001)
    need(
        isinstance(status, dict)
        and status.keys() == {"bits", "lst"}
        and is_int(status["bits"], 2, 2)
    )
    need(_labels(own, 10) == set(range(1, 10)))
    need(is_text(c[2], 200) and _times(c[6], c[4]) and is_int(c[65534], 0, 34_560_000))
    need(_in_window(c[6], signers))
    need(own[1] == authority and is_int(own[2], 0, 65_535) and is_int(own[3], 0))
    need(is_int(own[4], 1, (1 << 31) - 1) and is_int(own[5], 0, 1 << 27))
    need((own[6] is None) == (own[4] == 1))
    need(own[6] is None or (isinstance(own[6], bytes) and len(own[6]) == 32))
    coverage = own[5]
    entries = _entries(coverage, status["lst"], own[8], own[9])
    made = StatusList(
        authority, own[2], own[3], own[4], own[6], coverage, c[6], c[4], entries,
        _checkpoint(own, 10), (data,),
    )  # fmt: skip
    need(made.state_hash() == own[7])
    return made


def gaps(count: int, k: int, data: bytes) -> list[int]:
    """Clause 6.8: the ascending indices of a Rice code."""
    bits = "".join(f"{octet:08b}" for octet in data)
    indices: list[int] = []
    at, index = 0, -1
    for _ in range(count):
        end = bits.find("0", at)
        need(end >= 0 and end + 1 + k <= len(bits))
        index += 1 + ((end - at) << k) + int(bits[end : end + 1 + k], 2)
        indices.append(index)
        at = end + 1 + k
    need(len(bits) - at < 8 and "1" not in bits[at:])
    return indices


def read_delta(
    data: bytes, authority: str, keys: Sequence[ListKey]
) -> tuple[Item, dict[int, Entry]]:
    """Clauses 6.8 and 6.11: what a delta says, whatever it applies to, and its changes."""
    need(len(data) <= 1 << 22)
    d, signers = _signed(data, DELTA, keys)
    need(_labels(d, 14) == set(range(14)) and is_int(d[0], 1, 1))
    need(d[1] == authority and is_int(d[4], 1))
    need(all(isinstance(d[n], bytes) and len(d[n]) == 32 for n in (6, 7)))
    need(is_int(d[5], d[4] + 1, (1 << 31) - 1) and is_int(d[8], 0, 1 << 27))
    need(_times(d[9], d[10]) and _in_window(d[9], signers))
    need(isinstance(d[11], list) and len(d[11]) == 3)
    count, k, code = d[11]
    need(is_int(count, 0, 1 << 20) and is_int(k, 0, 26) and isinstance(code, bytes))
    indices = gaps(count, k, code)
    need(not indices or indices[-1] < d[8])
    _checkpoint(d, 14)
    return d, _columns(indices, d[12], d[13], again=True)


def apply_delta(
    base: StatusList, data: bytes, authority: str, keys: Sequence[ListKey]
) -> StatusList:
    """Clause 6.9."""
    d, changes = read_delta(data, authority, keys)
    held = [base.list_id, base.epoch, base.sequence, base.state_hash()]
    need(encode([d[2], d[3], d[4], d[6]]) == encode(held))
    need(d[8] >= base.coverage and d[9] >= base.issued_s)
    for index, entry in changes.items():
        need(base.entries.get(index, (0, 0, None)) != entry)
    entries = {n: entry for n, entry in (base.entries | changes).items() if entry[0]}
    made = replace(
        base, made=(*base.made, data), sequence=d[5], previous=d[6], coverage=d[8],
        issued_s=d[9], expires_s=d[10],
        entries=entries, checkpoint=_checkpoint(d, 14),
    )  # fmt: skip
    need(made.state_hash() == d[7])
    return made


def look_up_in_slice(
    data: bytes, index: int, part: bytes, authority: str, keys: Sequence[ListKey]
) -> dict[str, Any]:
    """Clause 6.14."""
    h, signers = _signed(data, SLICED, keys)
    need(_labels(h, 11) == set(range(11)) and is_int(h[0], 1, 1))
    need(h[1] == authority and is_int(h[2], 0, 65_535) and is_int(h[3], 0))
    need(is_int(h[4], 1, (1 << 31) - 1) and is_int(h[5], index, 1 << 27) and _times(h[7], h[8]))
    need(_in_window(h[7], signers) and is_int(h[9], 1 << 10, 1 << 27) and h[9].bit_count() == 1)
    need(isinstance(h[6], bytes) and len(h[6]) == 32 and isinstance(h[10], bytes))
    need(len(h[10]) == 32 * -(-h[5] // h[9]) and (11 not in h or _checkpoint(h, 11)))
    number = index // h[9]
    need(sha256(part).digest() == h[10][32 * number : 32 * number + 32])
    s = decode(part)
    need(isinstance(s, list) and len(s) == 7)
    need(encode(s[:4]) == encode([h[2], h[3], h[4], number]))
    covered = min(h[9], h[5] - number * h[9])
    entries = _entries(covered, s[4], s[5], s[6])
    made = StatusList(h[1], h[2], h[3], h[4], None, covered, h[7], h[8], entries, None)
    return {**made.look_up(index % h[9]), "index": index}
