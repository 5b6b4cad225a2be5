"""A status list in slices: a signed head, and slices that are fetched one by one (clause 6.14).

Whoever asks about one certificate fetches the head and one slice, not the whole list.  This reads
them; nothing makes them yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from etitle import canon
from etitle.certificate.decode import MAX_LIST_ID
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.trust.mapreader import MAX_UINT, MapReader
from etitle.trust.status import MAX_COVERAGE, StatusEntry, StatusTable, bits_size, present_statuses
from etitle.trust.statuslist import (
    HASH_BYTES,
    MAX_LIST_BYTES,
    MAX_SEQUENCE,
    Checkpoint,
    KeyFinder,
    check_times,
    demand_window,
    inflate,
    inflate_columns,
    known_entries,
    open_signed,
    read_checkpoint,
)

SCHEMA: Final = 1
SLICED_TYP: Final = "application/vnd.etitle.sliced-list+cbor"
MIN_SLICE: Final = 1 << 10
"""Indices of the smallest slice."""
_LABELS: Final = tuple(range(11))
_CHECKPOINT: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicedList:
    """The head of a list in slices.

    Attributes:
        authority_id: whose list it is.
        list_id: the list, 0 to 65535.
        epoch: its epoch.
        sequence: its number within the epoch, that of the whole list of the same content.
        coverage: how many indices, from 0, were issued.
        state_hash: of the whole list, 32 bytes.
        issued_s: when it was made, seconds since 1970 UTC.
        expires_s: when the next one is due, seconds since 1970 UTC.
        slice_size: indices of each slice but the last; a power of two, at least 1024.
        hashes: SHA-256 of each slice, one after the other.
        checkpoint: how far the register's audit log had come; None where it has none.
    """

    authority_id: str
    list_id: int
    epoch: int
    sequence: int
    coverage: int
    state_hash: bytes
    issued_s: int
    expires_s: int
    slice_size: int
    hashes: bytes = field(repr=False)
    checkpoint: Checkpoint | None = None

    def slice_of(self, index: int) -> int:
        """The number of the slice that holds an index.

        Raises:
            TrustError: ``list.beyond_coverage``.
        """
        if not 0 <= index < self.coverage:
            raise TrustError("list.beyond_coverage", index=index, coverage=self.coverage)
        return index // self.slice_size

    def look_up(self, index: int, data: bytes) -> StatusEntry:
        """The state of an index, from the bytes of its slice.

        Raises:
            TrustError: ``list.beyond_coverage``, ``list.slice_mismatch`` for bytes that are not
                that slice of this list, ``list.malformed`` or ``list.bomb``.
        """
        number = self.slice_of(index)
        hashed = self.hashes[number * HASH_BYTES : (number + 1) * HASH_BYTES]
        if sha256(data).digest() != hashed:
            raise TrustError("list.slice_mismatch", number=number)
        return self._table(number, data).look_up(index % self.slice_size)

    def _table(self, number: int, data: bytes) -> StatusTable:
        try:
            value = canon.decode(data, max_bytes=MAX_LIST_BYTES)
        except DecodeError as error:
            raise TrustError("list.malformed", what=error.code) from error
        match value:
            case (list_id, epoch, sequence, which, bytes() as bits, bytes() as columns,
                  bytes() as names):  # fmt: skip
                named = (list_id, epoch, sequence, which)
            case _:
                raise TrustError("list.malformed", what="slice")
        held = (self.list_id, self.epoch, self.sequence, number)
        if named != held or any(type(one) is not int for one in named):
            raise TrustError("list.slice_mismatch", number=number)
        covered = min(self.slice_size, self.coverage - number * self.slice_size)
        statuses = inflate(bits, size=bits_size(covered))
        size = len(present_statuses(statuses))
        parts = inflate_columns(columns, names, size=size)
        return StatusTable(self.list_id, self.epoch, covered, statuses, *parts)


def open_sliced(data: bytes, *, authority_id: str, keys: KeyFinder) -> SlicedList:
    """Open the head of a list in slices and check everything that clause 6.14 says of it.

    Args:
        data: the tagged COSE_Sign1.
        authority_id: the authority whose list is expected.
        keys: finds the authority's keys by kid.

    Raises:
        TrustError: as ``open_list``, but ``list.bomb`` and ``list.state_hash``.
    """
    payload, signers = open_signed(data, typ=SLICED_TYP, max_bytes=MAX_LIST_BYTES, keys=keys)
    try:
        head = _read(canon.decode(payload, max_bytes=MAX_LIST_BYTES))
    except (DecodeError, FieldError) as error:
        raise TrustError("list.malformed", what=error.details.get("field", error.code)) from error
    if head.authority_id != authority_id:
        raise TrustError("list.wrong_authority", claimed=head.authority_id, expected=authority_id)
    demand_window(signers, head.issued_s)
    return head


def _read(value: canon.Value) -> SlicedList:
    schema = value.get(0) if isinstance(value, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise TrustError("list.version_unknown", what=schema)
    entries = known_entries(value, (*_LABELS, _CHECKPOINT))
    top = MapReader(entries, _LABELS, code="list.malformed", optional=(_CHECKPOINT,))
    top.integer(0, SCHEMA, SCHEMA)
    issued_s, expires_s = top.integer(7), top.integer(8)
    check_times(issued_s, expires_s)
    coverage, slice_size = top.integer(5, 0, MAX_COVERAGE), top.integer(9, MIN_SLICE, MAX_COVERAGE)
    state_hash, hashes = top.octets(6), top.octets(10)
    slices = -(-coverage // slice_size)
    if slice_size & (slice_size - 1):
        raise DecodeError("list.malformed", field="9")
    if len(state_hash) != HASH_BYTES or len(hashes) != slices * HASH_BYTES:
        raise DecodeError("list.malformed", field="hashes")
    return SlicedList(
        authority_id=top.string(1),
        list_id=top.integer(2, 0, MAX_LIST_ID),
        epoch=top.integer(3, 0, MAX_UINT),
        sequence=top.integer(4, 1, MAX_SEQUENCE),
        coverage=coverage,
        state_hash=state_hash,
        issued_s=issued_s,
        expires_s=expires_s,
        slice_size=slice_size,
        hashes=hashes,
        checkpoint=read_checkpoint(top, _CHECKPOINT),
    )
