"""``state.json``: what a store holds and has seen, in one small file (docs/spec clause 7.2).

It has one spelling and ends in a checksum of its own content, so damage is never mistaken for an
older state.  The checksum protects against accidents.  The signatures of the files that the state
names protect against forgers; they are checked again whenever the store is read.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, cast

from etitle.errors import StoreError
from etitle.trust.bundle import AUTHORITY_ID

SCHEMA: Final = 1
MAX_STATE_BYTES: Final = 1 << 24
"""Bytes; an authority with 40 lists and 35 deltas each takes about 150 KB."""

FILE_NAME: Final = re.compile(r"(?:bundle|list|delta|rescue)-[0-9a-f]{64}\.(?:cose|cwt)")
"""Shape of the name of every signed file of a store."""
_HASH: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class FileName:
    """A signed file in force, named by its kind and the SHA-256 of its content.

    Attributes:
        name: ``<kind>-<64 hexadecimal digits>.<cose or cwt>``.
    """

    name: str

    @classmethod
    def of(cls, kind: str, data: bytes) -> FileName:
        """The name of a content.

        >>> FileName.of("list", b"").name[:25]
        'list-e3b0c44298fc1c149afb'
        """
        suffix = "cwt" if kind == "list" else "cose"
        return cls(f"{kind}-{sha256(data).hexdigest()}.{suffix}")

    def is_of(self, data: bytes) -> bool:
        """Whether the name is that of a content."""
        return self.name.partition("-")[2].partition(".")[0] == sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class HighWaterMark:
    """How far a list has come; kept even after the list itself was given up.

    Attributes:
        list_id: the list.
        epoch: its epoch.
        sequence: its sequence.
        state_hash: its state hash, 32 bytes.
        files: the full list and the deltas that lead to the mark, in order; empty where the list
            was given up.
        issued_s: when the list was made; 0 where it was given up, and so are the others.
        expires_s: when the next one is due.
        coverage: how many indices it covers.
        size: bytes of its files.
    """

    list_id: int
    epoch: int
    sequence: int
    state_hash: bytes
    files: tuple[FileName, ...]
    issued_s: int = 0
    expires_s: int = 0
    coverage: int = 0
    size: int = 0

    @property
    def is_believed(self) -> bool:
        """Whether there is a list at the mark."""
        return bool(self.files)


@dataclass(frozen=True, slots=True)
class RescueMark:
    """How far the rescue lists of one key have come; kept even after the list was given up.

    Attributes:
        thumbprint: of the compromised key, 32 bytes.
        number: of the latest rescue list seen.
        content: SHA-256 of its payload, 32 bytes.
    """

    thumbprint: bytes
    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class AuthorityState:
    """One authority of a store.

    Attributes:
        id: the authority's id, and the name of its folder.
        pin: fingerprint of the root set that an operator pinned, 32 bytes.
        version: of the bundle in force.
        bundles: the chain from the pin to the bundle in force: a first bundle of the pinned roots,
            one for each later change of roots, and the last.
        marks: ascending by list id.
        rescues: rescue lists in force.
        rescue_marks: ascending by thumbprint.
        keys: of the bundle's keys that sign no documents alone, kid and COSE_Key, ascending: whose
            tokens these are.
        seals: SHA-256 of each of its seal certificates, ascending.
    """

    id: str
    pin: bytes
    version: int
    bundles: tuple[FileName, ...]
    marks: tuple[HighWaterMark, ...]
    rescues: tuple[FileName, ...]
    rescue_marks: tuple[RescueMark, ...] = ()
    keys: tuple[bytes, ...] = ()
    seals: tuple[bytes, ...] = ()

    def names(self) -> frozenset[str]:
        """Every file in force."""
        lists = [file for mark in self.marks for file in mark.files]
        return frozenset(file.name for file in (*self.bundles, *lists, *self.rescues))


@dataclass(frozen=True, slots=True)
class StoreState:
    """A whole store.

    Attributes:
        latest_time_s: the latest time seen, seconds since 1970 UTC.
        authorities: ascending by id.
    """

    latest_time_s: int
    authorities: tuple[AuthorityState, ...]

    def authority(self, authority_id: str) -> AuthorityState | None:
        """The authority with that id; None where the store has none."""
        for authority in self.authorities:
            if authority.id == authority_id:
                return authority
        return None

    def files(self) -> frozenset[tuple[str, str]]:
        """Every file in force, as folder and name."""
        return frozenset((item.id, name) for item in self.authorities for name in item.names())


def encode_state(state: StoreState) -> bytes:
    """The one spelling of a state: JSON, its last entry the SHA-256 of what stands before it."""
    body = {
        "schema": SCHEMA,
        "latest_time_s": state.latest_time_s,
        "authorities": [
            {
                "id": item.id,
                "pin": item.pin.hex(),
                "version": item.version,
                "bundles": [file.name for file in item.bundles],
                "lists": [
                    {
                        "list_id": mark.list_id,
                        "epoch": mark.epoch,
                        "sequence": mark.sequence,
                        "state_hash": mark.state_hash.hex(),
                        "files": [file.name for file in mark.files],
                        "issued_s": mark.issued_s,
                        "expires_s": mark.expires_s,
                        "coverage": mark.coverage,
                        "size": mark.size,
                    }
                    for mark in item.marks
                ],
                "rescues": [file.name for file in item.rescues],
                "rescue_marks": [
                    {
                        "thumbprint": rescue.thumbprint.hex(),
                        "number": rescue.number,
                        "content": rescue.content.hex(),
                    }
                    for rescue in item.rescue_marks
                ],
                "keys": _joined(item.keys),
                "seals": _joined(item.seals),
            }
            for item in state.authorities
        ],
    }
    checksum = sha256(json.dumps(body).encode()).hexdigest()
    return (json.dumps({**body, "checksum": checksum}, indent=1) + "\n").encode()


def decode_state(data: bytes) -> StoreState:
    """Read a state; refuse anything that ``encode_state`` would not write.

    Raises:
        StoreError: ``store.state_corrupt``.
    """
    try:
        state = _state(json.loads(data))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise StoreError("store.state_corrupt") from None
    # The spelling is the check: it covers the checksum, the order and every entry too many.
    if encode_state(state) != data:
        raise StoreError("store.state_corrupt")
    return state


def _state(value: dict[str, object]) -> StoreState:
    items = tuple(_authority(item) for item in _list(value["authorities"]))
    if [item.id for item in items] != sorted({item.id for item in items}):
        raise ValueError
    return StoreState(_int(value["latest_time_s"]), items)


def _authority(value: dict[str, object]) -> AuthorityState:
    marks = tuple(_mark(item) for item in _list(value["lists"]))
    if [mark.list_id for mark in marks] != sorted({mark.list_id for mark in marks}):
        raise ValueError
    bundles = _files(value["bundles"])
    if not bundles:
        raise ValueError
    return AuthorityState(
        id=_text(value["id"], AUTHORITY_ID),
        pin=bytes.fromhex(_text(value["pin"], _HASH)),
        version=_int(value["version"]),
        bundles=bundles,
        marks=marks,
        rescues=_files(value["rescues"]),
        rescue_marks=tuple(_rescue_mark(item) for item in _list(value["rescue_marks"])),
        keys=_split(value["keys"]),
        seals=_split(value["seals"]),
    )


def _rescue_mark(value: dict[str, object]) -> RescueMark:
    return RescueMark(
        thumbprint=bytes.fromhex(_text(value["thumbprint"], _HASH)),
        number=_int(value["number"]),
        content=bytes.fromhex(_text(value["content"], _HASH)),
    )


def _joined(items: tuple[bytes, ...]) -> str:
    """Many values as one text, which is read at once: an authority may publish 1,500 keys."""
    return " ".join(item.hex() for item in items)


def _split(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, str):
        raise TypeError
    return tuple(map(bytes.fromhex, value.split()))


def _mark(value: dict[str, object]) -> HighWaterMark:
    return HighWaterMark(
        list_id=_int(value["list_id"]),
        epoch=_int(value["epoch"]),
        sequence=_int(value["sequence"]),
        state_hash=bytes.fromhex(_text(value["state_hash"], _HASH)),
        files=_files(value["files"]),
        issued_s=_int(value["issued_s"]),
        expires_s=_int(value["expires_s"]),
        coverage=_int(value["coverage"]),
        size=_int(value["size"]),
    )


def _files(value: object) -> tuple[FileName, ...]:
    # A name is of the one pattern, so a state can't point out of its folder.
    return tuple(FileName(_text(item, FILE_NAME)) for item in _list(value))


def _list(value: object) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", value)  # what is none is spelled in another way


def _text(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError
    return value


def _int(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value
