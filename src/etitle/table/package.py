"""The zip of a workbook: its members, each inflated in bounded pieces and counted.

What the zip says of itself is a claim.  A member is what its bytes inflate to; a name belongs to
one member only, without regard to case; and nothing lies before, between or behind the members
that another program could take for one.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from etitle.errors import DecodeError
from etitle.table.limits import (
    MAX_DIRECTORY_BYTES,
    MAX_INFLATED_BYTES,
    MAX_PARTS,
    PIECE_BYTES,
)

_END: Final = struct.Struct("<4s4H2LH")
"""End of central directory (APPNOTE 4.3.16)."""
_END64: Final = b"PK\x06\x07"
_END64_BYTES: Final = 20
_LOCAL: Final = struct.Struct("<26x2H")
"""Lengths of name and extra field in a local header (APPNOTE 4.3.7)."""
_LOCAL_BYTES: Final = 30
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 0x41
"""Bits 0 and 6 of the flags."""

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError,
    struct.error, ValueError, IndexError, OverflowError,
)  # fmt: skip
"""What ``zipfile`` raises for bytes that are no sound zip."""


@dataclass(frozen=True, slots=True)
class Part:
    """One member.

    Attributes:
        deflated_bytes: its size in the file.
        inflated_bytes: its size as counted, not as claimed.
        tags: how often ``<`` stands in it, which no number of its XML tags exceeds.
    """

    info: zipfile.ZipInfo
    deflated_bytes: int
    inflated_bytes: int
    tags: int


@dataclass(frozen=True, slots=True)
class Package:
    """A zip whose members were all counted.

    Attributes:
        parts: by name in lower case, without a leading slash.
    """

    archive: zipfile.ZipFile
    parts: Mapping[str, Part]

    def pieces(self, name: str) -> Iterator[bytes]:
        """The content of a member, inflated piece by piece.

        Raises:
            DecodeError: ``table.workbook_malformed``.
        """
        yield from _pieces(self.archive, self.parts[name].info)


def open_package(data: bytes) -> Package:
    """Open a zip and count what every member inflates to.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    _check_end(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN:
        raise DecodeError("table.workbook_malformed", what="zip") from None
    infos = archive.infolist()
    if len(infos) > MAX_PARTS:
        raise DecodeError("table.workbook_bomb", part="zip")
    _check_places(data, infos, archive.start_dir)
    total = 0
    parts: dict[str, Part] = {}
    for info in infos:
        name = _name(info)
        if name in parts:
            raise DecodeError("table.workbook_malformed", what="zip: name twice")
        part = _counted(archive, info, MAX_INFLATED_BYTES - total)
        total += part.inflated_bytes
        parts[name] = part
    return Package(archive, MappingProxyType(parts))


def _check_end(data: bytes) -> None:
    """The directory ends where the file ends, and is no larger than its members need."""
    at = data.rfind(b"PK\x05\x06")
    if not data.startswith(b"PK\x03\x04") or at < 0 or at + _END.size > len(data):
        raise DecodeError("table.workbook_malformed", what="zip")
    _, disk, start_disk, here, entries, size, offset, comment = _END.unpack_from(data, at)
    if disk or start_disk or here != entries or at + _END.size + comment != len(data):
        raise DecodeError("table.workbook_malformed", what="zip: end")
    if data[max(0, at - _END64_BYTES) : at].startswith(_END64):
        # It is for files over 4 GB, which this is not.
        raise DecodeError("table.workbook_malformed", what="zip64")
    if size > MAX_DIRECTORY_BYTES:
        raise DecodeError("table.workbook_bomb", part="zip")
    if offset + size != at:
        raise DecodeError("table.workbook_malformed", what="zip: directory")


def _check_places(data: bytes, infos: list[zipfile.ZipInfo], end: int) -> None:
    """No two members share bytes."""
    places: list[tuple[int, int]] = []
    for info in infos:
        at = info.header_offset
        if at + _LOCAL_BYTES > end:
            raise DecodeError("table.workbook_malformed", what="zip: places")
        content = at + _LOCAL_BYTES + sum(_LOCAL.unpack_from(data, at))
        places.append((at, content + info.compress_size))
    places.sort()
    reached = 0
    for start, stop in places:
        if start < reached or stop > end:
            raise DecodeError("table.workbook_malformed", what="zip: places")
        reached = stop


def _name(info: zipfile.ZipInfo) -> str:
    name = info.orig_filename
    steps = name.removesuffix("/").split("/")
    if "\\" in name or "\0" in name or any(step in {"", ".", ".."} for step in steps):
        raise DecodeError("table.workbook_malformed", what="zip: name")
    if info.flag_bits & _ENCRYPTED:
        raise DecodeError("table.file_password")
    if info.compress_type not in _METHODS:
        raise DecodeError("table.workbook_malformed", what="zip: method")
    return name.lower()


def _counted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> Part:
    size = tags = 0
    for piece in _pieces(archive, info):
        size += len(piece)
        tags += piece.count(b"<")
        if size > most:
            raise DecodeError("table.workbook_bomb", part="zip")
    if size != info.file_size:
        raise DecodeError("table.workbook_malformed", what="zip: size")
    return Part(info, info.compress_size, size, tags)


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        # zipfile checks the name in the local header and, at the end, the CRC.
        with archive.open(info) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except _BROKEN:
        raise DecodeError("table.workbook_malformed", what="zip: content") from None
