"""The state of every index of a status list, exact and compact (docs/spec clauses 6.2 to 6.5).

Two bits an index say valid or not; three columns hold kind and day of those that are not valid.
The column position of an index is its rank: how many indices before it are not valid.  Ranks are
counted once per block of 64 bytes when a table is made, and within a block at each look-up.

The bit arithmetic is for speed.  Its reference is a plain dict of entries by index: property tests
compare every look-up, change and difference with it (``tests/property/test_delta.py``), and the
second verifier reads the same lists in its own way (``tests/second/listing.py``).
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from itertools import accumulate
from typing import Final, NamedTuple

from etitle import canon
from etitle.certificate.decode import MAX_INDEX, MAX_LIST_ID
from etitle.errors import FieldError, TrustError
from etitle.trust import successors
from etitle.trust.mapreader import MAX_UINT

MAX_COVERAGE: Final = MAX_INDEX + 1
"""Indices of one list (docs/spec clause 6.6)."""

FIRST_STATUS_DAY: Final = 18_262
LAST_STATUS_DAY: Final = FIRST_STATUS_DAY + (1 << 16) - 1
"""Day numbers of 2020-01-01 and of the last day that two bytes reach (docs/spec clause 6.3)."""

_from_bytes = int.from_bytes
_new: Callable[[type[StatusEntry], tuple[StatusKind, int, str | None]], StatusEntry] = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
"""Found once: a look-up has a microsecond for it all."""

_BLOCK: Final = 64
"""Bytes of one block of ranks: 256 indices."""
_CHUNK: Final = 1 << 20
_PRESENT: Final = bytes(sum(1 << s for s in range(4) if b >> 2 * s & 3) for b in range(256))
_LANES: Final = tuple(bytes(b >> 2 * s & 3 for b in range(256)) for s in range(4))
_LOW_BITS: Final = int.from_bytes(b"\x55" * _BLOCK, "little")
_BEFORE: Final = tuple(_LOW_BITS & (1 << 2 * at) - 1 for at in range(4 * _BLOCK))


class StatusKind(IntEnum):
    """State of a certificate; the numbers are those of docs/spec clause 6.3."""

    VALID = 0
    VOIDED = 1
    WITHDRAWN = 2
    CANCELLED = 3
    OTHER = 4
    SUSPENDED = 5
    SUPERSEDED = 6


class StatusEntry(NamedTuple):
    """The state of one index; a tuple because making a dataclass takes twice as long.

    Attributes:
        kind: the certificate's state.
        day: day number of the change; None exactly when valid.
        successor: 证号 of the certificate that replaces a superseded one, where published.
    """

    kind: StatusKind
    day: int | None = None
    successor: str | None = None


_FINAL: Final = frozenset(StatusKind) - {StatusKind.VALID, StatusKind.SUSPENDED}
VALID: Final = StatusEntry(StatusKind.VALID)
KINDS: Final = tuple(StatusKind)
_KIND_SUPERSEDED: Final = int(StatusKind.SUPERSEDED)
_SUPERSEDED: Final = 3
"""The status of kind 6."""
_STATUS_OF_KIND: Final = bytes((0, 1, 1, 1, 1, 2, 3)).ljust(256, b"\xff")


@dataclass(frozen=True, slots=True)
class StatusTable:
    """The states of all indices of one list; every table that exists is consistent.

    Attributes:
        list_id: the list, 0 to 65535.
        epoch: epoch of the list.
        coverage: how many indices, from 0, were issued.
        bits: two status bits an index, least significant first (docs/spec clause 6.2).
        kinds: kinds of the indices that are not valid, ascending by index.
        lows: low bytes of their days.
        highs: high bytes of their days.
        successors: canonical bytes of the successors (docs/spec clause 6.4).

    Raises:
        TrustError: ``list.malformed`` where these do not agree.

    >>> table = StatusTable.from_entries(
    ...     list_id=7, epoch=0, coverage=100, entries={3: StatusEntry(StatusKind.SUSPENDED, 20454)}
    ... )
    >>> table.look_up(3).kind.name, table.look_up(4).kind.name
    ('SUSPENDED', 'VALID')
    """

    list_id: int
    epoch: int
    coverage: int
    bits: bytes = field(repr=False)
    kinds: bytes = field(repr=False)
    lows: bytes = field(repr=False)
    highs: bytes = field(repr=False)
    successors: bytes = field(repr=False)
    _ranks: array[int] = field(init=False, repr=False, compare=False)
    _named: array[int] = field(init=False, repr=False, compare=False)
    _starts: array[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        bits, coverage = self.bits, self.coverage
        if not (0 <= self.list_id <= MAX_LIST_ID and 0 <= self.epoch <= MAX_UINT):
            raise TrustError("list.malformed", what="list id or epoch")
        if not 0 <= coverage <= MAX_COVERAGE or len(bits) != bits_size(coverage):
            raise TrustError("list.malformed", what="coverage")
        if coverage & 3 and bits[-1] >> 2 * (coverage & 3):
            raise TrustError("list.malformed", what="status bits beyond the coverage")
        statuses = present_statuses(bits)
        if not len(statuses) == len(self.kinds) == len(self.lows) == len(self.highs):
            raise TrustError("list.malformed", what="length of the columns")
        if self.kinds.translate(_STATUS_OF_KIND) != statuses:
            raise TrustError("list.malformed", what="a kind that is not of its status")
        named, starts = successors.read(self.successors)
        if named and named[-1] >= coverage:
            raise TrustError("list.malformed", what="a successor beyond the coverage")
        if not all(bits[index >> 2] >> ((index & 3) << 1) & 3 == _SUPERSEDED for index in named):
            raise TrustError("list.malformed", what="a successor of what is not superseded")
        object.__setattr__(self, "_ranks", _count(bits))
        object.__setattr__(self, "_named", named)
        object.__setattr__(self, "_starts", starts)

    @classmethod
    def from_entries(
        cls, *, list_id: int, epoch: int, coverage: int, entries: Mapping[int, StatusEntry]
    ) -> StatusTable:
        """Make a table; an index without an entry is valid.

        Raises:
            FieldError: ``list.entry_refused`` for an entry that has no place in a list.
            TrustError: ``list.malformed`` for a list id, epoch or coverage out of range.
        """
        if not 0 <= coverage <= MAX_COVERAGE:
            raise TrustError("list.malformed", what="coverage")
        zeros = bytes(bits_size(coverage))
        empty = cls(list_id, epoch, coverage, zeros, b"", b"", b"", successors.NONE)
        return empty.changed(entries, coverage=coverage)

    def look_up(self, index: int) -> StatusEntry:
        """The state of an index.

        Raises:
            TrustError: ``list.beyond_coverage`` for an index that the list does not cover.
        """
        if not 0 <= index < self.coverage:
            raise TrustError("list.beyond_coverage", index=index, coverage=self.coverage)
        bits = self.bits
        if not bits[index >> 2] >> ((index & 3) << 1) & 3:
            return VALID
        # As _rank does: a call would take a tenth of the time.
        block = index >> 8
        word = _from_bytes(bits[block << 6 : (index >> 2) + 1], "little")
        rank = self._ranks[block] + ((word | word >> 1) & _BEFORE[index & 0xFF]).bit_count()
        kind = self.kinds[rank]
        successor = None
        if kind == _KIND_SUPERSEDED and self._named:
            at = bisect_left(self._named, index)
            if at < len(self._named) and self._named[at] == index:
                successor = successors.number_at(self.successors, self._starts[at], index)
        day = FIRST_STATUS_DAY + self.lows[rank] + (self.highs[rank] << 8)
        return _new(StatusEntry, (KINDS[kind], day, successor))

    def state_hash(self) -> bytes:
        """SHA-256 over the whole table (docs/spec clause 6.5), 32 bytes."""
        state = sha256(canon.encode((self.list_id, self.epoch, self.coverage)))
        for part in (self.bits, self.kinds, self.lows, self.highs, self.successors):
            state.update(part)
        return state.digest()

    def changed(self, changes: Mapping[int, StatusEntry], *, coverage: int) -> StatusTable:
        """The table with some entries replaced; unchanged stretches are copied as they are.

        Args:
            changes: new entries by index; ``VALID`` makes an index valid again.
            coverage: the new coverage, not smaller than before.

        Raises:
            FieldError: ``list.entry_refused`` for an entry that has no place in a list.
            TrustError: ``list.malformed`` for a coverage out of range.
        """
        if not self.coverage <= coverage <= MAX_COVERAGE:
            raise TrustError("list.malformed", what="coverage")
        bits = bytearray(self.bits).ljust(bits_size(coverage), b"\0")
        kinds, lows, highs = bytearray(), bytearray(), bytearray()
        named, starts, count = self._named, self._starts, len(self._named)
        parts: list[bytes] = []
        done = done_named = 0
        for index in sorted(changes):
            if not 0 <= index < coverage:
                raise FieldError("list.entry_refused", field="index", index=index)
            kind, low, high, number = entry_bytes(index, changes[index])
            rank, status = self._place(index)
            shift = (index & 3) << 1
            kinds += self.kinds[done:rank]
            lows += self.lows[done:rank]
            highs += self.highs[done:rank]
            if kind:
                kinds.append(kind)
                lows.append(low)
                highs.append(high)
            done = rank + bool(status)
            bits[index >> 2] = bits[index >> 2] & ~(3 << shift) | _STATUS_OF_KIND[kind] << shift
            at = bisect_left(named, index)
            had = at < len(named) and named[at] == index
            if had or number:
                parts += (self.successors[starts[done_named] : starts[at]], number)
                done_named = at + had
                count += bool(number) - had
        return StatusTable(
            self.list_id,
            self.epoch,
            coverage,
            bytes(bits),
            bytes(kinds + self.kinds[done:]),
            bytes(lows + self.lows[done:]),
            bytes(highs + self.highs[done:]),
            b"".join((canon.head(4, count), *parts, self.successors[starts[done_named] :])),
        )

    def difference(self, new: StatusTable) -> dict[int, StatusEntry]:
        """The entries of a newer table that differ from this one's, ascending by index.

        The tables are compared as a whole where they are alike: first the status bits, then the
        columns of each stretch between changed bits, then the successors.
        """
        differing: set[int] = set()
        old_done = new_done = 0
        size = len(new.bits)
        apart = int.from_bytes(self.bits, "little") ^ int.from_bytes(new.bits, "little")
        octets = apart.to_bytes(max(size, len(self.bits)), "little")
        changed_bits = [
            (match.start() << 2) + lane
            for match in re.finditer(rb"[^\x00]", octets)
            for lane in range(4)
            if match[0][0] >> 2 * lane & 3
        ]
        columns = ((self.kinds, new.kinds), (self.lows, new.lows), (self.highs, new.highs))
        for index in (*changed_bits, new.coverage):
            old_rank, old_status = self._place(index)
            new_rank, new_status = new._place(index)
            for ours, theirs in columns:
                before, after = ours[old_done:old_rank], theirs[new_done:new_rank]
                if before != after:
                    differing.update(
                        new._select(new_done + at)
                        for at, (a, b) in enumerate(zip(before, after, strict=True))
                        if a != b
                    )
            old_done, new_done = old_rank + bool(old_status), new_rank + bool(new_status)
        differing.update(changed_bits)
        if self.successors != new.successors:
            differing.update(index for index, _ in self._spelled() ^ new._spelled())
        return {index: new.look_up(index) for index in sorted(differing)}

    def taken_back(self, new: StatusTable) -> int | None:
        """The first index whose final state a later table takes back; None where there is none.

        What is voided, withdrawn, cancelled, superseded or otherwise not in force for good never
        becomes valid or suspended again within an epoch (docs/spec clause 6.7).
        """
        for index, entry in self.difference(new).items():
            is_lifted = entry.kind in (StatusKind.VALID, StatusKind.SUSPENDED)
            if is_lifted and index < self.coverage and self.look_up(index).kind in _FINAL:
                return index
        return None

    def _place(self, index: int) -> tuple[int, int]:
        """Rank and status; what is beyond the coverage is valid and comes after all."""
        if index >= self.coverage:
            return len(self.kinds), 0
        return self._rank(index), self.bits[index >> 2] >> ((index & 3) << 1) & 3

    def _rank(self, index: int) -> int:
        block = index >> 8
        word = int.from_bytes(self.bits[block << 6 : (index >> 2) + 1], "little")
        return self._ranks[block] + ((word | word >> 1) & _BEFORE[index & 0xFF]).bit_count()

    def _select(self, rank: int) -> int:
        block = bisect_right(self._ranks, rank) - 1
        word = int.from_bytes(self.bits[block << 6 : (block + 1) << 6], "little")
        word = (word | word >> 1) & _LOW_BITS
        for _ in range(rank - self._ranks[block]):
            word &= word - 1
        return (block << 8) + ((word & -word).bit_length() >> 1)

    def _spelled(self) -> set[tuple[int, bytes]]:
        raw, starts = self.successors, self._starts
        return {(index, raw[starts[at] : starts[at + 1]]) for at, index in enumerate(self._named)}


def bits_size(coverage: int) -> int:
    """Bytes of the status bits for a coverage."""
    return (coverage + 3) >> 2


def present_statuses(bits: bytes) -> bytes:
    """The statuses that are not 0, one byte each, ascending by index."""
    found: list[bytes] = []
    for start in range(0, len(bits), _CHUNK):
        packed = bits[start : start + _CHUNK].translate(None, b"\0")
        spread = bytearray(4 * len(packed))
        for lane, table in enumerate(_LANES):
            spread[lane::4] = packed.translate(table)
        found.append(bytes(spread.translate(None, b"\0")))
    return b"".join(found)


def _count(bits: bytes) -> array[int]:
    present = bits.translate(_PRESENT)
    counts = [
        int.from_bytes(present[start : start + _BLOCK], "little").bit_count()
        for start in range(0, len(present), _BLOCK)
    ]
    return array("I", accumulate(counts, initial=0))


def entry_bytes(index: int, entry: StatusEntry) -> tuple[int, int, int, bytes]:
    """Kind, low and high byte of the day, and the canonical [index, number] or nothing.

    Raises:
        FieldError: ``list.entry_refused``.
    """
    kind, day, successor = entry
    if kind == StatusKind.VALID:
        if day is not None or successor is not None:
            raise FieldError("list.entry_refused", field="kind", index=index)
        return 0, 0, 0, b""
    if day is None or not FIRST_STATUS_DAY <= day <= LAST_STATUS_DAY:
        raise FieldError("list.entry_refused", field="day", index=index)
    offset = day - FIRST_STATUS_DAY
    if successor is None:
        return int(kind), offset & 0xFF, offset >> 8, b""
    if kind != StatusKind.SUPERSEDED:
        raise FieldError("list.entry_refused", field="successor", index=index)
    spelled = successors.spell(index, successor)
    if spelled is None:
        raise FieldError("list.entry_refused", field="successor", index=index)
    return int(kind), offset & 0xFF, offset >> 8, spelled
