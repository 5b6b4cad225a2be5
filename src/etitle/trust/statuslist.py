"""The signed status list: a Token Status List in CWT form (docs/spec clause 6).

An ordinary status-list reader reads it; the private claim adds kinds, days and successors.
Nothing is inflated before the signature was found good, and nothing beyond its bound.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from etitle import canon, cose
from etitle.certificate.dates import DAY_S
from etitle.certificate.decode import FORBIDDEN
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.keys.signer import Signer
from etitle.trust.mapreader import MAX_UINT, MapReader, is_critical
from etitle.trust.published import ListKey
from etitle.trust.status import (
    MAX_COVERAGE,
    StatusKind,
    StatusTable,
    bits_size,
    present_statuses,
)
from etitle.trust.successors import MAX_SUCCESSOR_BYTES, MAX_SUCCESSORS_BYTES

KeyFinder: TypeAlias = Callable[[bytes], Sequence[ListKey]]
"""From a kid to the authority's keys with the use *list* that are not compromised."""

LIST_TYP: Final = "application/statuslist+cwt"
MAX_LIST_BYTES: Final = 1 << 26
"""Bytes of a signed list; 2^27 indices with one in ten not valid take about 45 MB."""
HASH_BYTES: Final = 32
MAX_SEQUENCE: Final = (1 << 31) - 1
MAX_TIME_S: Final = 253_370_764_799
"""The last second of the year 9998: in every time zone it lies in a year of four digits."""
MAX_LIFETIME_S: Final = 400 * DAY_S
"""Seconds between a list and the next one that it promises."""
MAX_URI: Final = 200
"""Characters of a list's URI."""

_SUB, _EXP, _IAT, _STATUS_LIST, _TTL, _ETITLE = 2, 4, 6, 65533, 65534, -70001
_CLAIMS: Final = (_SUB, _EXP, _IAT, _STATUS_LIST, _TTL, _ETITLE)
_PRIVATE: Final = tuple(range(1, 10))
_CHECKPOINT: Final = 10
_BITS: Final = 2
_STRATEGIES: Final = (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How far a register's audit log had come (docs/spec clause 6.12).

    Attributes:
        log_id: names the log.
        tree_size: how many entries it had.
        root_hash: root of its Merkle tree as of RFC 9162 §2.1, 32 bytes.

    Raises:
        FieldError: ``list.field_refused`` for a value out of range.
    """

    log_id: str
    tree_size: int
    root_hash: bytes

    def __post_init__(self) -> None:
        check_text("checkpoint", self.log_id)
        check_range("checkpoint", self.tree_size, 0, MAX_UINT)
        check_range("checkpoint", len(self.root_hash), HASH_BYTES, HASH_BYTES)

    def value(self) -> dict[int, object]:
        """As it stands in a list or delta."""
        return {1: self.log_id, 2: self.tree_size, 3: self.root_hash}

    @classmethod
    def read(cls, entry: MapReader) -> Checkpoint:
        """Read it from its map.

        Raises:
            DecodeError: with the code of the map.
            FieldError: ``list.field_refused``.
        """
        return cls(entry.string(1), entry.integer(2), entry.octets(3))


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """One list of one authority, at one sequence.

    Attributes:
        authority_id: whose list it is.
        table: the state of every index.
        sequence: number of the list within its epoch, from 1.
        previous: state hash of the list before, 32 bytes; None exactly for sequence 1.
        issued_s: when it was made, seconds since 1970 UTC.
        expires_s: when the next one is due, seconds since 1970 UTC, not before ``issued_s`` and
            at most 400 days after it.
        ttl_s: how long a reader may keep it before asking again, in seconds.
        uri: where it is published.
        checkpoint: how far the register's audit log had come; None where the list has none.

    Raises:
        FieldError: ``list.field_refused`` for a value out of range.
    """

    authority_id: str
    table: StatusTable
    sequence: int
    previous: bytes | None
    issued_s: int
    expires_s: int
    ttl_s: int
    uri: str
    checkpoint: Checkpoint | None = None

    def __post_init__(self) -> None:
        check_range("sequence", self.sequence, 1, MAX_SEQUENCE)
        check_times(self.issued_s, self.expires_s)
        check_range("ttl_s", self.ttl_s, 0, MAX_LIFETIME_S)
        check_text("uri", self.uri)
        size = 0 if self.previous is None else len(self.previous)
        if size != (HASH_BYTES if self.sequence > 1 else 0):
            raise FieldError("list.field_refused", field="previous")


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Refuse a number out of range with FieldError ``list.field_refused``."""
    if not least <= value <= most:
        raise FieldError("list.field_refused", field=name)


def check_times(issued_s: int, expires_s: int) -> None:
    """Refuse times out of range with FieldError ``list.field_refused``."""
    check_range("issued_s", issued_s, 0, MAX_TIME_S)
    check_range("expires_s", expires_s, issued_s, min(issued_s + MAX_LIFETIME_S, MAX_TIME_S))


def check_text(name: str, value: str) -> None:
    """Refuse a text that breaks docs/spec clause 2.2.1 with FieldError ``list.field_refused``."""
    if not 1 <= len(value) <= MAX_URI or value != value.strip() or FORBIDDEN.search(value):
        raise FieldError("list.field_refused", field=name)


def sign_list(status_list: StatusList, *, signer: Signer) -> bytes:
    """Sign a list by a key with the use *list*.

    Returns:
        The tagged COSE_Sign1.

    Raises:
        DecodeError: ``canon.value_refused`` for text that is not NFC.

    >>> from etitle.keys.signer import generate
    >>> from etitle.keys.suite import ES256
    >>> from etitle.trust.published import ListKey
    >>> from etitle.trust.status import StatusEntry
    >>> table = StatusTable.from_entries(
    ...     list_id=7, epoch=0, coverage=100, entries={3: StatusEntry(StatusKind.VOIDED, 20454)}
    ... )
    >>> made = StatusList(
    ...     authority_id="sample", table=table, sequence=1, previous=None, issued_s=1767225600,
    ...     expires_s=1767830400, ttl_s=86400, uri="https://sample.example/lists/7",
    ... )
    >>> key = generate(ES256)
    >>> data = sign_list(made, signer=key)
    >>> open_list(data, authority_id="sample", keys=lambda kid: [ListKey(key.public)]) == made
    True
    """
    table = status_list.table
    claims = {
        _SUB: status_list.uri,
        _EXP: status_list.expires_s,
        _IAT: status_list.issued_s,
        _STATUS_LIST: {"bits": _BITS, "lst": deflate(table.bits)},
        _TTL: status_list.ttl_s,
        _ETITLE: {
            1: status_list.authority_id,
            2: table.list_id,
            3: table.epoch,
            4: status_list.sequence,
            5: table.coverage,
            6: status_list.previous,
            7: table.state_hash(),
            8: deflate(table.kinds, table.lows, table.highs),
            9: deflate(table.successors),
            **checkpoint_entry(_CHECKPOINT, status_list.checkpoint),
        },
    }
    return cose.sign1(canon.encode(claims), signer=signer, typ=LIST_TYP).to_bytes()


def open_list(data: bytes, *, authority_id: str, keys: KeyFinder) -> StatusList:
    """Open a signed list and check everything that docs/spec clause 6 says of it alone.

    Args:
        data: the tagged COSE_Sign1.
        authority_id: the authority whose list is expected.
        keys: finds the authority's keys by kid.

    Raises:
        TrustError: ``list.malformed``, ``list.signer_unknown``, ``list.suite_mismatch``,
            ``list.signature_second_form``, ``list.signature_bad``, ``list.version_unknown``,
            ``list.wrong_authority``, ``list.outside_window``, ``list.bomb`` or
            ``list.state_hash``.
    """
    payload, signers = open_signed(data, typ=LIST_TYP, max_bytes=MAX_LIST_BYTES, keys=keys)
    try:
        return _read(canon.decode(payload, max_bytes=MAX_LIST_BYTES), authority_id, signers)
    except (DecodeError, FieldError) as error:
        raise TrustError("list.malformed", what=error.details.get("field", error.code)) from error


def _read(claims: canon.Value, authority_id: str, signers: Sequence[ListKey]) -> StatusList:
    top = MapReader(known_entries(claims, _CLAIMS), _CLAIMS, code="list.malformed")
    expires_s, issued_s, ttl_s = top.integer(_EXP), top.integer(_IAT), top.integer(_TTL)
    uri = top.string(_SUB)
    status = top.map(_STATUS_LIST, ("lst", "bits"))
    status.integer("bits", _BITS, _BITS)
    own = MapReader(
        known_entries(top.any(_ETITLE), (*_PRIVATE, _CHECKPOINT)), _PRIVATE,
        code="list.malformed", path=top.name(_ETITLE), optional=(_CHECKPOINT,),
    )  # fmt: skip
    authority, list_id = own.string(1), own.integer(2)
    epoch, sequence = own.integer(3), own.integer(4)
    coverage = own.integer(5, 0, MAX_COVERAGE)
    previous = None if own.any(6) is None else own.octets(6)
    state_hash = own.octets(7)
    if authority != authority_id:
        raise TrustError("list.wrong_authority", claimed=authority, expected=authority_id)
    demand_window(signers, issued_s)
    bits = inflate(status.octets("lst"), size=bits_size(coverage))
    size = len(present_statuses(bits))
    columns = inflate_columns(own.octets(8), own.octets(9), size=size)
    table = StatusTable(list_id, epoch, coverage, bits, *columns)
    if table.state_hash() != state_hash:
        raise TrustError("list.state_hash", sequence=sequence)
    return StatusList(
        authority_id=authority,
        table=table,
        sequence=sequence,
        previous=previous,
        issued_s=issued_s,
        expires_s=expires_s,
        ttl_s=ttl_s,
        uri=uri,
        checkpoint=read_checkpoint(own, _CHECKPOINT),
    )


def checkpoint_entry(label: int, checkpoint: Checkpoint | None) -> dict[int, object]:
    """The entry of a checkpoint; nothing where there is none."""
    return {} if checkpoint is None else {label: checkpoint.value()}


def read_checkpoint(own: MapReader, label: int) -> Checkpoint | None:
    """The checkpoint of a list or delta; None where it has none."""
    if not own.has(label):
        return None
    known = MapReader(
        known_entries(own.any(label), (1, 2, 3)), (1, 2, 3), code="list.malformed",
        path=own.name(label),
    )  # fmt: skip
    return Checkpoint.read(known)


def known_entries(value: canon.Value, known: Collection[int]) -> dict[int | str, canon.Value]:
    """A map without the entries that this program does not know and may ignore (clause 6.13).

    Raises:
        TrustError: ``list.version_unknown`` for an unknown entry that must not be ignored.
        DecodeError: ``list.malformed`` for anything but a map.
    """
    if not isinstance(value, dict):
        raise DecodeError("list.malformed", field="map")
    entries: dict[int | str, canon.Value] = {}
    for label, entry in value.items():
        if label in known:
            entries[label] = entry
        elif is_critical(label):
            raise TrustError("list.version_unknown", what=str(label))
    return entries


def demand_window(signers: Sequence[ListKey], issued_s: int) -> None:
    """Refuse a list or delta that no signer of it may have made at that time (clause 6.11).

    Raises:
        TrustError: ``list.outside_window``.
    """
    if not any(signer.lists_at(issued_s) for signer in signers):
        raise TrustError("list.outside_window", kid=signers[0].public.kid.hex())


def open_signed(
    data: bytes, *, typ: str, max_bytes: int, keys: KeyFinder
) -> tuple[bytes, list[ListKey]]:
    """The payload of a COSE_Sign1 of that typ, and the keys that signed it (docs/spec clause 3).

    Raises:
        TrustError: ``list.malformed``, ``list.signer_unknown``, ``list.suite_mismatch``,
            ``list.signature_second_form`` or ``list.signature_bad``.
    """
    try:
        signed = cose.parse_sign1(data, max_bytes=max_bytes)
    except DecodeError as error:
        raise TrustError("list.malformed", what=error.code) from error
    if signed.typ != typ:
        raise TrustError("list.malformed", what="typ")
    if len(signed.signature) != signed.suite.signature_bytes:
        raise TrustError("list.malformed", what="signature")
    found = keys(signed.kid)
    if not found:
        raise TrustError("list.signer_unknown", kid=signed.kid.hex())
    fitting = [key for key in found if key.public.suite is signed.suite]
    if not fitting:
        raise TrustError("list.suite_mismatch", kid=signed.kid.hex(), suite=signed.suite.name)
    if not signed.suite.is_canonical(signed.signature):
        raise TrustError("list.signature_second_form", kid=signed.kid.hex())
    to_be_signed = signed.to_be_signed()
    signers = [key for key in fitting if key.public.verify(signed.signature, to_be_signed)]
    if not signers:
        raise TrustError("list.signature_bad", kid=signed.kid.hex())
    return signed.payload, signers


def deflate(*parts: bytes) -> bytes:
    """Compress the parts as one zlib stream: the shortest of some ways.

    A block boundary between parts gives each its own code; what is inflated is the same.
    """
    ends = ([b"".join(parts)], parts) if len(parts) > 1 else (parts,)
    return min((_deflate(blocks, way) for way in _STRATEGIES for blocks in ends), key=len)


def _deflate(blocks: Sequence[bytes], strategy: int) -> bytes:
    writer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, strategy)
    pieces = [writer.compress(blocks[0])]
    for block in blocks[1:]:
        pieces += (writer.flush(zlib.Z_PARTIAL_FLUSH), writer.compress(block))
    return b"".join((*pieces, writer.flush()))


def inflate(data: bytes, *, size: int, exact: bool = True) -> bytes:
    """Inflate one zlib stream that ends exactly, to at most (or exactly) ``size`` bytes.

    Raises:
        TrustError: ``list.bomb`` for more bytes than that, ``list.malformed`` for fewer where
            the size is exact, or for anything but one whole zlib stream.
    """
    reader = zlib.decompressobj()
    try:
        # One byte more than allowed shows a bomb without inflating it.
        content = reader.decompress(data, size + 1)
    except zlib.error:
        raise TrustError("list.malformed", what="zlib") from None
    if len(content) > size:
        raise TrustError("list.bomb", limit=size)
    if not reader.eof or reader.unused_data or (exact and len(content) != size):
        raise TrustError("list.malformed", what="zlib")
    return content


def inflate_columns(
    columns: bytes, successors: bytes, *, size: int
) -> tuple[bytes, bytes, bytes, bytes]:
    """Kinds, low bytes, high bytes and successors of ``size`` entries (docs/spec clause 6.3)."""
    content = inflate(columns, size=3 * size)
    kinds = content[:size]
    room = 5 + kinds.count(int(StatusKind.SUPERSEDED)) * MAX_SUCCESSOR_BYTES
    names = inflate(successors, size=min(room, MAX_SUCCESSORS_BYTES), exact=False)
    return kinds, content[size : 2 * size], content[2 * size :], names
