"""The signed status list: a Token Status List in CWT form (docs/spec clause 6).

An ordinary status-list reader reads it; the private claim adds kinds, days and successors.
Nothing is inflated before the signature was found good, and nothing beyond its bound.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from etitle import canon, cose
from etitle.errors import DecodeError, FieldError, TrustError
from etitle.keys.public import PublicKey
from etitle.keys.signer import Signer
from etitle.trust.mapreader import MAX_UINT, MapReader
from etitle.trust.status import (
    MAX_COVERAGE,
    StatusKind,
    StatusTable,
    bits_size,
    present_statuses,
)
from etitle.trust.successors import MAX_SUCCESSOR_BYTES, MAX_SUCCESSORS_BYTES

KeyFinder: TypeAlias = Callable[[bytes], Sequence[PublicKey]]
"""From a kid to the authority's keys with the use *list* that are not compromised."""

LIST_TYP: Final = "application/statuslist+cwt"
MAX_LIST_BYTES: Final = 1 << 26
"""Bytes of a signed list; 2^27 indices with one in ten not valid take about 45 MB."""
HASH_BYTES: Final = 32

_SUB, _EXP, _IAT, _STATUS_LIST, _TTL, _ETITLE = 2, 4, 6, 65533, 65534, -70001
_CLAIMS: Final = (_SUB, _EXP, _IAT, _STATUS_LIST, _TTL, _ETITLE)
_BITS: Final = 2
_STRATEGIES: Final = (zlib.Z_FILTERED, zlib.Z_HUFFMAN_ONLY, zlib.Z_RLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """One list of one authority, at one sequence.

    Attributes:
        authority_id: whose list it is.
        table: the state of every index.
        sequence: number of the list within its epoch, from 1.
        previous: state hash of the list before, 32 bytes; None for the first of an epoch.
        issued_s: when it was made, seconds since 1970 UTC.
        expires_s: when the next one is due, seconds since 1970 UTC, not before ``issued_s``.
        ttl_s: how long a reader may keep it before asking again, in seconds.
        uri: where it is published.

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

    def __post_init__(self) -> None:
        check_range("sequence", self.sequence, 1, MAX_UINT)
        check_range("issued_s", self.issued_s, 0, MAX_UINT)
        check_range("expires_s", self.expires_s, self.issued_s, MAX_UINT)
        check_range("ttl_s", self.ttl_s, 0, MAX_UINT)
        if self.previous is not None and len(self.previous) != HASH_BYTES:
            raise FieldError("list.field_refused", field="previous")


def check_range(name: str, value: int, least: int, most: int) -> None:
    """Refuse a number out of range with FieldError ``list.field_refused``."""
    if not least <= value <= most:
        raise FieldError("list.field_refused", field=name)


def sign_list(status_list: StatusList, *, signer: Signer) -> bytes:
    """Sign a list by a key with the use *list*.

    Returns:
        The tagged COSE_Sign1.

    Raises:
        DecodeError: ``canon.value_refused`` for text that is not NFC.

    >>> from etitle.keys.signer import generate
    >>> from etitle.keys.suite import ES256
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
    >>> open_list(data, authority_id="sample", keys=lambda kid: [key.public]) == made
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
            ``list.signature_second_form``, ``list.signature_bad``, ``list.wrong_authority``,
            ``list.bomb`` or ``list.state_hash``.
    """
    payload = open_signed(data, typ=LIST_TYP, max_bytes=MAX_LIST_BYTES, keys=keys)
    try:
        return _read(canon.decode(payload, max_bytes=MAX_LIST_BYTES), authority_id)
    except DecodeError as error:
        raise TrustError("list.malformed", what=error.details.get("field", error.code)) from error
    except FieldError as error:
        raise TrustError("list.malformed", what=str(error.details.get("field"))) from error


def _read(claims: canon.Value, authority_id: str) -> StatusList:
    top = MapReader(claims, _CLAIMS, code="list.malformed")
    expires_s, issued_s, ttl_s = top.integer(_EXP), top.integer(_IAT), top.integer(_TTL)
    uri = top.string(_SUB)
    status = top.map(_STATUS_LIST, ("lst", "bits"))
    status.integer("bits", _BITS, _BITS)
    own = top.map(_ETITLE, range(1, 10))
    authority, list_id = own.string(1), own.integer(2)
    epoch, sequence = own.integer(3), own.integer(4)
    coverage = own.integer(5, 0, MAX_COVERAGE)
    previous = None if own.any(6) is None else own.octets(6)
    state_hash = own.octets(7)
    if authority != authority_id:
        raise TrustError("list.wrong_authority", claimed=authority, expected=authority_id)
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
    )


def open_signed(data: bytes, *, typ: str, max_bytes: int, keys: KeyFinder) -> bytes:
    """The payload of a COSE_Sign1 of that typ, signed by one of the keys (docs/spec clause 3).

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
    fitting = [key for key in found if key.suite is signed.suite]
    if not fitting:
        raise TrustError("list.suite_mismatch", kid=signed.kid.hex(), suite=signed.suite.name)
    if not signed.suite.is_canonical(signed.signature):
        raise TrustError("list.signature_second_form", kid=signed.kid.hex())
    to_be_signed = signed.to_be_signed()
    if not any(key.verify(signed.signature, to_be_signed) for key in fitting):
        raise TrustError("list.signature_bad", kid=signed.kid.hex())
    return signed.payload


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
