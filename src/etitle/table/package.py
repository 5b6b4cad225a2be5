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
_LOCATOR: Final = struct.Struct("<4sLQL")
_END64: Final = struct.Struct("<4sQ2H2L4Q")
_END64_HEAD_BYTES: Final = 12
"""Locator and record of ZIP64 (APPNOTE 4.3.15, 4.3.14), whose length leaves out its first 12."""
_UNSAID: Final = (0xFFFF, 0xFFFF, 0xFFFF_FFFF, 0xFFFF_FFFF)
"""What stands in place of a number that ZIP64 has."""
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
class PackagePart:
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
    parts: Mapping[str, PackagePart]

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
    parts: dict[str, PackagePart] = {}
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
    _, disk, start_disk, *said, comment = _END.unpack_from(data, at)
    if disk or start_disk or at + _END.size + comment != len(data):
        raise DecodeError("table.workbook_malformed", what="zip: end")
    end = at
    if data[max(0, at - _LOCATOR.size) : at].startswith(b"PK\x06\x07"):
        end, said = _end64(data, at - _LOCATOR.size, said)
    here, entries, size, offset = said
    if size > MAX_DIRECTORY_BYTES:
        raise DecodeError("table.workbook_bomb", part="zip")
    if here != entries or offset + size != end:
        raise DecodeError("table.workbook_malformed", what="zip: directory")


def _end64(data: bytes, at: int, said: list[int]) -> tuple[int, list[int]]:
    """Where the directory ends and what the ZIP64 record says, which must be what the other says.

    The file is far too small to need one; some programs always write it.
    """
    _, disk, place, disks = _LOCATOR.unpack_from(data, at)
    if disk or disks != 1 or place + _END64.size != at:
        raise DecodeError("table.workbook_malformed", what="zip64")
    mark, length, _, _, disk, start_disk, *said64 = _END64.unpack_from(data, place)
    if mark != b"PK\x06\x06" or length != _END64.size - _END64_HEAD_BYTES or disk or start_disk:
        raise DecodeError("table.workbook_malformed", what="zip64")
    for short, long, unsaid in zip(said, said64, _UNSAID, strict=True):
        if short not in {long, unsaid}:
            raise DecodeError("table.workbook_malformed", what="zip64")
    return place, said64


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


def _counted(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> PackagePart:
    size = tags = 0
    for piece in _pieces(archive, info):
        size += len(piece)
        tags += piece.count(b"<")
        if size > most:
            raise DecodeError("table.workbook_bomb", part="zip")
    if size != info.file_size:
        raise DecodeError("table.workbook_malformed", what="zip: size")
    return PackagePart(info, info.compress_size, size, tags)


def _pieces(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        # zipfile checks the name in the local header and, at the end, the CRC.
        with archive.open(info) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except _BROKEN:
        raise DecodeError("table.workbook_malformed", what="zip: content") from None
