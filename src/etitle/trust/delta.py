"""The change from one status list to a later one, signed (docs/spec clauses 6.8 and 6.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from etitle import canon, cose
from etitle.certificate.decode import MAX_LIST_ID
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.keys.signer import Signer
from etitle.trust import successors
from etitle.trust.mapreader import MAX_UINT, MapReader
from etitle.trust.published import ListKey
from etitle.trust.status import (
    FIRST_STATUS_DAY,
    KINDS,
    MAX_COVERAGE,
    VALID,
    StatusEntry,
    StatusKind,
    entry_bytes,
)
from etitle.trust.statuslist import (
    HASH_BYTES,
    MAX_SEQUENCE,
    Checkpoint,
    KeyFinder,
    StatusList,
    check_range,
    check_times,
    checkpoint_entry,
    deflate,
    demand_window,
    inflate_columns,
    known_entries,
    open_signed,
    read_checkpoint,
)

SCHEMA: Final = 1
DELTA_TYP: Final = "application/vnd.etitle.delta+cbor"
MAX_DELTA_BYTES: Final = 1 << 22
"""Bytes of a signed delta; a greater change is a full list's job."""
MAX_CHANGES: Final = 1 << 20
MAX_RICE: Final = 26
_LABELS: Final = tuple(range(14))
_CHECKPOINT: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What changed from a base list to a later one.

    Attributes:
        authority_id: whose list it is.
        list_id: the list, 0 to 65535.
        epoch: epoch of both lists.
        base_sequence: sequence of the list that it applies to.
        sequence: sequence of the result, greater.
        base_hash: state hash of the list that it applies to, 32 bytes.
        new_hash: state hash of the result, 32 bytes.
        coverage: how many indices the result covers.
        issued_s: when it was made, seconds since 1970 UTC.
        expires_s: when the next one is due, seconds since 1970 UTC, not before ``issued_s`` and
            at most 400 days after it.
        checkpoint: that of the result; None where it has none.
        changes: index and new entry, ascending; ``VALID`` for valid again.

    Raises:
        FieldError: ``list.field_refused`` for a value out of range.
    """

    authority_id: str
    list_id: int
    epoch: int
    base_sequence: int
    sequence: int
    base_hash: bytes
    new_hash: bytes
    coverage: int
    issued_s: int
    expires_s: int
    changes: tuple[tuple[int, StatusEntry], ...]
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        check_range("list_id", self.list_id, 0, MAX_LIST_ID)
        check_range("epoch", self.epoch, 0, MAX_UINT)
        check_range("base_sequence", self.base_sequence, 1, MAX_SEQUENCE)
        check_range("sequence", self.sequence, self.base_sequence + 1, MAX_SEQUENCE)
        check_range("base_hash", len(self.base_hash), HASH_BYTES, HASH_BYTES)
        check_range("new_hash", len(self.new_hash), HASH_BYTES, HASH_BYTES)
        check_range("coverage", self.coverage, 0, MAX_COVERAGE)
        check_times(self.issued_s, self.expires_s)
        check_range("changes", len(self.changes), 0, MAX_CHANGES)
        last = -1
        for index, _ in self.changes:
            check_range("changes", index, last + 1, self.coverage - 1)
            last = index


def make_delta(base: StatusList, new: StatusList) -> Delta:
    """The delta from a list to a later one of the same epoch.

    Raises:
        TrustError: ``list.delta_gap`` where the lists are not of one epoch of one list, or the
            new one is not later, or covers less.
        FieldError: ``list.field_refused`` for more changes than a delta holds.
    """
    before, after = base.table, new.table
    _follows(
        authority_id=base.authority_id == new.authority_id,
        list_id=before.list_id == after.list_id,
        epoch=before.epoch == after.epoch,
        sequence=base.sequence < new.sequence,
        issued_s=base.issued_s <= new.issued_s,
        coverage=before.coverage <= after.coverage,
    )
    return Delta(
        authority_id=base.authority_id,
        list_id=before.list_id,
        epoch=before.epoch,
        base_sequence=base.sequence,
        sequence=new.sequence,
        base_hash=before.state_hash(),
        new_hash=after.state_hash(),
        coverage=after.coverage,
        issued_s=new.issued_s,
        expires_s=new.expires_s,
        changes=tuple(before.difference(after).items()),
        checkpoint=new.checkpoint,
    )


def apply_delta(base: StatusList, delta: Delta) -> StatusList:
    """The list after a delta (docs/spec clause 6.9), as fresh as the delta.

    Its *previous* is the base's hash; time to live and URI stay those of the base.

    Raises:
        TrustError: ``list.delta_gap`` where the delta does not apply to this list,
            ``list.delta_malformed`` for a change that is none, ``list.delta_result`` where the
            result differs from what the delta states.
    """
    table = base.table
    _follows(
        authority_id=base.authority_id == delta.authority_id,
        list_id=table.list_id == delta.list_id,
        epoch=table.epoch == delta.epoch,
        sequence=base.sequence == delta.base_sequence,
        hash=table.state_hash() == delta.base_hash,
        issued_s=base.issued_s <= delta.issued_s,
        coverage=table.coverage <= delta.coverage,
    )
    for index, entry in delta.changes:
        if entry == (table.look_up(index) if index < table.coverage else VALID):
            raise TrustError("list.delta_malformed", what="a change that changes nothing")
    result = table.changed(dict(delta.changes), coverage=delta.coverage)
    if result.state_hash() != delta.new_hash:
        raise TrustError("list.delta_result", sequence=delta.sequence)
    return replace(
        base,
        table=result,
        sequence=delta.sequence,
        previous=delta.base_hash,
        issued_s=delta.issued_s,
        expires_s=delta.expires_s,
        checkpoint=delta.checkpoint,
    )


def _follows(**agreed: bool) -> None:
    for what, agrees in agreed.items():
        if not agrees:
            raise TrustError("list.delta_gap", what=what)


def sign_delta(delta: Delta, *, signer: Signer) -> bytes:
    """Sign a delta by a key with the use *list*.

    Returns:
        The tagged COSE_Sign1; about 800 bytes for 200 changes in ten million.

    Raises:
        FieldError: ``list.entry_refused`` for an entry that has no place in a list.

    >>> from etitle.keys.signer import generate
    >>> from etitle.keys.suite import ES256
    >>> from etitle.trust.published import ListKey
    >>> made = Delta(
    ...     authority_id="sample", list_id=7, epoch=0, base_sequence=1, sequence=2,
    ...     base_hash=bytes(32), new_hash=bytes(32), coverage=100, issued_s=1767225600,
    ...     expires_s=1767830400, changes=((3, StatusEntry(StatusKind.VOIDED, 20454)),),
    ... )
    >>> key = generate(ES256)
    >>> data = sign_delta(made, signer=key)
    >>> open_delta(data, authority_id="sample", keys=lambda kid: [ListKey(key.public)]) == made
    True
    """
    rows = [entry_bytes(index, entry) for index, entry in delta.changes]
    columns = (bytes(r[0] for r in rows), bytes(r[1] for r in rows), bytes(r[2] for r in rows))
    names = [r[3] for r in rows if r[3]]
    k, gaps = encode_gaps([index for index, _ in delta.changes])
    claims = {
        0: SCHEMA,
        1: delta.authority_id,
        2: delta.list_id,
        3: delta.epoch,
        4: delta.base_sequence,
        5: delta.sequence,
        6: delta.base_hash,
        7: delta.new_hash,
        8: delta.coverage,
        9: delta.issued_s,
        10: delta.expires_s,
        11: (len(rows), k, gaps),
        12: deflate(*columns),
        13: deflate(canon.head(4, len(names)) + b"".join(names)),
        **checkpoint_entry(_CHECKPOINT, delta.checkpoint),
    }
    return cose.sign1(canon.encode(claims), signer=signer, typ=DELTA_TYP).to_bytes()


def open_delta(data: bytes, *, authority_id: str, keys: KeyFinder) -> Delta:
    """Open a signed delta and check everything that docs/spec clause 6 says of it alone.

    Args:
        data: the tagged COSE_Sign1.
        authority_id: the authority whose delta is expected.
        keys: finds the authority's keys by kid.

    Raises:
        TrustError: ``list.delta_malformed``, ``list.signer_unknown``, ``list.suite_mismatch``,
            ``list.signature_second_form``, ``list.signature_bad``, ``list.version_unknown``,
            ``list.wrong_authority``, ``list.outside_window`` or ``list.bomb``.
    """
    try:
        payload, signers = open_signed(data, typ=DELTA_TYP, max_bytes=MAX_DELTA_BYTES, keys=keys)
        return _read(canon.decode(payload, max_bytes=MAX_DELTA_BYTES), authority_id, signers)
    except (DecodeError, FieldError) as error:
        what = error.details.get("field", error.code)
        raise TrustError("list.delta_malformed", what=what) from error
    except TrustError as error:
        if error.code != "list.malformed":
            raise
        raise TrustError("list.delta_malformed", what=str(error.details.get("what"))) from error


def _read(claims: canon.Value, authority_id: str, signers: Sequence[ListKey]) -> Delta:
    schema = claims.get(0) if isinstance(claims, dict) else None
    if type(schema) is int and schema > SCHEMA:
        raise TrustError("list.version_unknown", what=schema)
    entries = known_entries(claims, (*_LABELS, _CHECKPOINT))
    top = MapReader(entries, _LABELS, code="list.delta_malformed", optional=(_CHECKPOINT,))
    top.integer(0, SCHEMA, SCHEMA)
    authority, list_id, epoch = top.string(1), top.integer(2), top.integer(3)
    base_sequence, sequence = top.integer(4), top.integer(5)
    base_hash, new_hash = top.octets(6), top.octets(7)
    coverage = top.integer(8, 0, MAX_COVERAGE)
    issued_s, expires_s = top.integer(9), top.integer(10)
    if authority != authority_id:
        raise TrustError("list.wrong_authority", claimed=authority, expected=authority_id)
    demand_window(signers, issued_s)
    indices = _read_gaps(top, coverage)
    return Delta(
        authority_id=authority,
        list_id=list_id,
        epoch=epoch,
        base_sequence=base_sequence,
        sequence=sequence,
        base_hash=base_hash,
        new_hash=new_hash,
        coverage=coverage,
        issued_s=issued_s,
        expires_s=expires_s,
        changes=tuple(_entries(indices, top.octets(12), top.octets(13))),
        checkpoint=read_checkpoint(top, _CHECKPOINT),
    )


def _read_gaps(top: MapReader, coverage: int) -> list[int]:
    match top.items(11):
        case (int() as count, int() as k, bytes() as gaps) if type(count) is type(k) is int:
            pass
        case _:
            raise DecodeError("list.delta_malformed", field=top.name(11))
    if not 0 <= count <= min(coverage, MAX_CHANGES):
        raise DecodeError("list.delta_malformed", field=top.name(11))
    return decode_gaps(gaps, count=count, k=k, coverage=coverage)


def _entries(indices: list[int], columns: bytes, names: bytes) -> Iterable[tuple[int, StatusEntry]]:
    kinds, lows, highs, content = inflate_columns(columns, names, size=len(indices))
    named = {
        index: successors.number_at(content, start, index)
        for index, start in zip(*_all_but_end(content), strict=True)
    }
    for index, kind, low, high in zip(indices, kinds, lows, highs, strict=True):
        if kind >= len(KINDS):
            raise TrustError("list.delta_malformed", what="kind")
        number = named.pop(index, None)
        if kind == StatusKind.VALID:
            if low or high or number is not None:
                raise TrustError("list.delta_malformed", what="a day or successor of what is valid")
            yield index, VALID
        else:
            if number is not None and kind != StatusKind.SUPERSEDED:
                raise TrustError(
                    "list.delta_malformed", what="a successor of what is not superseded"
                )
            yield index, StatusEntry(KINDS[kind], FIRST_STATUS_DAY + low + (high << 8), number)
    if named:
        raise TrustError("list.delta_malformed", what="a successor of what is not changed")


def _all_but_end(content: bytes) -> tuple[Iterable[int], Iterable[int]]:
    indices, starts = successors.read(content)
    return indices, starts[:-1]


def encode_gaps(indices: list[int]) -> tuple[int, bytes]:
    """Rice code of ascending indices, with the parameter that makes it shortest.

    Returns:
        The parameter and the bytes (docs/spec clause 6.8).

    >>> encode_gaps([5, 6, 20])[1].hex()
    '91c8'
    """
    gaps = [after - before - 1 for before, after in pairwise([-1, *indices])]
    k = min(
        range(MAX_RICE + 1),
        key=lambda k: len(gaps) * k + sum(gap >> k for gap in gaps),
    )
    bits = "".join(
        "1" * (gap >> k) + "0" + (f"{gap & (1 << k) - 1:0{k}b}" if k else "") for gap in gaps
    )
    padded = bits + "0" * (-len(bits) % 8)
    return k, int(padded or "0", 2).to_bytes(len(padded) >> 3, "big")


def decode_gaps(gaps: bytes, *, count: int, k: int, coverage: int) -> list[int]:
    """The ascending indices of a Rice code (docs/spec clause 6.8), all within the coverage.

    Raises:
        TrustError: ``list.delta_malformed`` unless it is exactly ``count`` of them, then less
            than a byte of zeros.

    >>> decode_gaps(bytes.fromhex("91c8"), count=3, k=2, coverage=21)
    [5, 6, 20]
    """
    if not 0 <= k <= MAX_RICE:
        raise TrustError("list.delta_malformed", what="k")
    # No more bits than these indices can need: bounds the work before it begins.
    if len(gaps) > (count * (k + 1) + (coverage >> k) + 7) >> 3:
        raise TrustError("list.delta_malformed", what="gaps")
    bits = f"{int.from_bytes(gaps, 'big'):0{8 * len(gaps)}b}" if gaps else ""
    indices: list[int] = []
    at, index = 0, -1
    for _ in range(count):
        zero = bits.find("0", at)
        end = zero + 1 + k
        if zero < 0 or end > len(bits):
            raise TrustError("list.delta_malformed", what="gaps")
        index += ((zero - at) << k) + int(bits[zero:end], 2) + 1
        if index >= coverage:
            raise TrustError("list.delta_malformed", what="an index beyond the coverage")
        indices.append(index)
        at = end
    if len(bits) - at >= 8 or "1" in bits[at:]:  # noqa: PLR2004  # bits of a byte
        raise TrustError("list.delta_malformed", what="padding")
    return indices
