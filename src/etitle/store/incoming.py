"""What a received file claims, read before anything in it is verified.

Neither the place nor the name of a file counts, only its ``typ`` and its payload.  Its claims put
it in order with others; whether it is believed depends on its signatures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Literal, TypeAlias

from etitle import canon, cose
from etitle.errors import DecodeError, StoreError
from etitle.trust.bundle import MAX_BUNDLE_BYTES
from etitle.trust.delta import DELTA_TYP, MAX_DELTA_BYTES
from etitle.trust.rescue import MAX_RESCUE_BYTES, RESCUE_TYP
from etitle.trust.roots import BUNDLE_TYP
from etitle.trust.statuslist import LIST_TYP, MAX_LIST_BYTES

FileKind: TypeAlias = Literal["bundle", "list", "delta", "rescue"]

MAX_INCOMING_BYTES: Final = 16 + max(
    MAX_BUNDLE_BYTES, MAX_DELTA_BYTES, MAX_LIST_BYTES, MAX_RESCUE_BYTES
)
"""Bytes of the largest signed file there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A received file and what it claims.

    Attributes:
        name: the name that it came with, for messages.
        data: the signed file.
        kind: by its typ.
        authority_id: the authority that it claims to be of.
        list_id: of a list or delta, else 0.
        epoch: of a list or delta, else 0.
        base: base sequence of a delta, else 0.
        end: version of a bundle, sequence that a list or delta leads to, number of a rescue list.
        issued_s: issue time of a list or delta, else 0.
        coverage: of a list or delta, else 0.
        before: base hash of a delta, previous hash of a list, thumbprint of a rescue list.
        after: state hash of a list or delta; hash of the payload of a bundle or rescue list.
        roots: fingerprint of the roots of a bundle, else empty.
    """

    name: str
    data: bytes = field(repr=False)
    kind: FileKind
    authority_id: str
    list_id: int = 0
    epoch: int = 0
    base: int = 0
    end: int
    issued_s: int = 0
    coverage: int = 0
    before: bytes | None = None
    after: bytes
    roots: bytes = b""


def read_incoming(name: str, data: bytes) -> IncomingFile:
    """Read what a file claims.

    Raises:
        StoreError: ``store.not_ours`` for anything but a bundle, list, delta or rescue list,
            ``store.file_too_large``.
        DecodeError: a ``cose`` or ``canon`` code.
    """
    if len(data) > MAX_INCOMING_BYTES:
        raise StoreError("store.file_too_large", name=name, limit=MAX_INCOMING_BYTES)
    if data[:1] == cose.SIGN1_TAG:
        return _read_sign1(name, data)
    return _read_sign(name, data)


def _read_sign1(name: str, data: bytes) -> IncomingFile:
    body = cose.parse_sign1(data, max_bytes=MAX_INCOMING_BYTES)
    payload = canon.decode(body.payload, max_bytes=MAX_INCOMING_BYTES)
    match body.typ, payload:
        case (
            typ,
            {
                6: int() as issued_s,
                -70001: {
                    1: str() as authority_id,
                    2: int() as list_id,
                    3: int() as epoch,
                    4: int() as sequence,
                    5: int() as coverage,
                    6: bytes() | None as previous,
                    7: bytes() as state_hash,
                },
            },
        ) if typ == LIST_TYP and _are_integers(issued_s, list_id, epoch, sequence, coverage):
            return IncomingFile(
                name=name, data=data, kind="list", authority_id=authority_id, list_id=list_id,
                epoch=epoch, end=sequence, issued_s=issued_s, coverage=coverage, before=previous,
                after=state_hash,
            )  # fmt: skip
        case (
            typ,
            {
                1: str() as authority_id,
                2: int() as list_id,
                3: int() as epoch,
                4: int() as base,
                5: int() as sequence,
                6: bytes() as base_hash,
                7: bytes() as new_hash,
                8: int() as coverage,
                9: int() as issued_s,
            },
        ) if typ == DELTA_TYP and _are_integers(issued_s, list_id, epoch, base, sequence, coverage):
            return IncomingFile(
                name=name, data=data, kind="delta", authority_id=authority_id, list_id=list_id,
                epoch=epoch, base=base, end=sequence, issued_s=issued_s, coverage=coverage,
                before=base_hash, after=new_hash,
            )  # fmt: skip
        case _:
            raise StoreError("store.not_ours", name=name)


def _are_integers(*numbers: int) -> bool:
    return all(type(number) is int for number in numbers)


def _read_sign(name: str, data: bytes) -> IncomingFile:
    try:
        body = cose.parse_sign(data, max_bytes=MAX_INCOMING_BYTES)
    except DecodeError:
        raise StoreError("store.not_ours", name=name) from None
    payload = canon.decode(body.payload, max_bytes=MAX_INCOMING_BYTES)
    content = sha256(body.payload).digest()
    match body.typ, payload:
        case (
            typ,
            {1: {1: str() as authority_id}, 2: int() as version, **rest},
        ) if typ == BUNDLE_TYP:
            return IncomingFile(
                name=name, data=data, kind="bundle", authority_id=authority_id,
                end=version, after=content,
                roots=sha256(canon.encode(rest.get(6))).digest(),
            )  # fmt: skip
        case (
            typ,
            {1: str() as authority_id, 2: bytes() as thumbprint, 5: int() as number},
        ) if typ == RESCUE_TYP:
            return IncomingFile(
                name=name, data=data, kind="rescue", authority_id=authority_id,
                end=number, before=thumbprint, after=content,
            )  # fmt: skip
        case _:
            raise StoreError("store.not_ours", name=name)
