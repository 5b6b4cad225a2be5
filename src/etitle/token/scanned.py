"""The pictures in a scanned PDF, as picture files, without rendering a page.

Scanners put one picture on a page.  Picture streams are readable in every PDF that is not
encrypted, whatever its cross-references say; so the file is searched for them, not parsed.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Final

from etitle.token.read import MAX_PIXELS, MAX_TOTAL_PIXELS

MAX_IMAGES: Final = 4
"""Pictures that are looked at, the largest: a certificate has one page or two."""

MAX_STREAMS: Final = 100_000
"""Streams that the search skips at most."""

MAX_SAMPLE_BYTES: Final = 3 * MAX_PIXELS
"""Bytes of a picture's samples: the largest in colour; with 16 bits a sample half of that."""

MIN_SCAN_SIDE_PX: Final = 64
"""Pixels; smaller pictures are ornaments, not scans."""

MAX_DICTIONARY_BYTES: Final = 2048

_STREAM: Final = re.compile(rb"stream\r?\n")
_FILTERS: Final = re.compile(rb"/Filter\s*(?:(/\w+)|\[((?:\s*/\w+)*)\s*\])")
_INTEGERS: Final = re.compile(
    rb"/(Width|Height|BitsPerComponent|Predictor|K|Length)\s+(-?\d{1,9})(?!\d)(?!\s+\d+\s+R)"
)
_SPACE: Final = re.compile(rb"/ColorSpace\s*/(Device(?:Gray|RGB)|CalGray|CalRGB)")
_BLACK_IS_1: Final = re.compile(rb"/BlackIs1\s+true")


@dataclass(frozen=True, slots=True)
class Images:
    """Pictures found in a PDF.

    Attributes:
        files: picture files (JPEG, PNG, TIFF), the largest first.
        unread: why pictures were passed over, such as a filter's name; empty if none was.
    """

    files: tuple[bytes, ...]
    unread: str


@dataclass(frozen=True, slots=True)
class _Picture:
    width: int
    height: int
    numbers: dict[bytes, int]
    head: bytes
    start: int
    end: int
    filter: bytes


def page_images(pdf: bytes) -> Images:
    """The largest pictures of a PDF as files of their own; never raises.

    >>> page_images(b"%PDF-1.4 nothing")
    Images(files=(), unread='')
    """
    if b"/Encrypt" in pdf[-4096:]:
        return Images((), "encrypted")
    pictures: list[_Picture] = []
    unread = ""
    for picture in _find(pdf):
        if picture.filter not in _MAKERS:
            unread = unread or picture.filter.decode("ascii", "replace")
        else:
            pictures.append(picture)
    pictures.sort(key=lambda one: one.width * one.height, reverse=True)
    files: list[bytes] = []
    total = 0
    for picture in pictures[:MAX_IMAGES]:
        total += picture.width * picture.height
        if total > MAX_TOTAL_PIXELS:
            unread = unread or "too many pixels"
            break
        made = _MAKERS[picture.filter](pdf[picture.start : picture.end], picture)
        if made is None:
            unread = unread or "a damaged picture"
        else:
            files.append(made)
    return Images(tuple(files), unread)


def _find(pdf: bytes) -> list[_Picture]:
    found: list[_Picture] = []
    at = 0
    for _ in range(MAX_STREAMS):
        begin = _STREAM.search(pdf, at)
        if begin is None:
            break
        start = begin.end()
        head = pdf[max(at, begin.start() - MAX_DICTIONARY_BYTES) : begin.start()]
        head = head[head.rfind(b" obj") + 1 :]
        numbers = {name: int(value) for name, value in _INTEGERS.findall(head)}
        end = start + max(0, numbers.get(b"Length", 0))
        if pdf[end : end + 16].lstrip()[:9] != b"endstream":
            end = pdf.find(b"endstream", start)
            if end < 0:
                break
        at = end + len(b"endstream")
        picture = _picture(head, numbers, start, end)
        if picture is not None:
            found.append(picture)
    return found


def _picture(head: bytes, numbers: dict[bytes, int], start: int, end: int) -> _Picture | None:
    width, height = numbers.get(b"Width", 0), numbers.get(b"Height", 0)
    if (
        b"/Image" not in head
        or min(width, height) < MIN_SCAN_SIDE_PX
        or width * height > MAX_PIXELS
    ):
        return None
    filters = _FILTERS.search(head)
    names = b" ".join((filters[1] or filters[2]).split()) if filters else b""
    return _Picture(width, height, numbers, head, start, end, names)


def _jpeg(data: bytes, _picture: _Picture) -> bytes:
    return data


def _png(data: bytes, picture: _Picture) -> bytes | None:
    """Samples as a PNG: rows as they are, each after its filter byte."""
    bits = picture.numbers.get(b"BitsPerComponent", 1)
    grey = _SPACE.search(picture.head)
    # A palette's indices are taken as greys, which keeps black and white apart; for a colour
    # space that stands elsewhere the amount of data tells how many components there are.
    counts = (1, 3) if grey is None else ((3,) if b"RGB" in grey[1] else (1,))
    predictor = picture.numbers.get(b"Predictor", 1)
    filtered = predictor >= 10  # noqa: PLR2004  # PNG's own (ISO 32000-1 table 8)
    if bits not in (1, 2, 4, 8, 16) or not (filtered or predictor == 1):
        return None
    for count in reversed(counts):
        if count > 1 and bits < 8:  # noqa: PLR2004  # PNG has no such colours
            continue
        row = (picture.width * count * bits + 7) // 8
        size = (row + filtered) * picture.height
        rows = _inflate(data, size) if size <= MAX_SAMPLE_BYTES else None
        if rows is None:
            continue
        if not filtered:
            rows = b"".join(b"\0" + rows[at : at + row] for at in range(0, size, row))
        kind = 0 if count == 1 else 2
        header = struct.pack(">IIBBBBB", picture.width, picture.height, bits, kind, 0, 0, 0)
        chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
            for name, body in chunks
        )
    return None


def _inflate(data: bytes, size: int) -> bytes | None:
    """That many bytes of a zlib stream; None where there are fewer."""
    try:
        rows = zlib.decompressobj().decompress(data, size)
    except zlib.error:
        return None
    return rows if len(rows) == size else None


def _fax(data: bytes, picture: _Picture) -> bytes | None:
    """CCITT group 4 as a TIFF of one strip (TIFF 6.0 section 11)."""
    if picture.numbers.get(b"K", 0) >= 0:
        return None
    photometric = 1 if _BLACK_IS_1.search(picture.head) else 0
    tags = (
        (256, picture.width), (257, picture.height), (258, 1), (259, 4), (262, photometric),
        (273, 8), (277, 1), (278, picture.height), (279, len(data)),
    )  # fmt: skip
    directory = struct.pack("<H", len(tags)) + b"".join(
        struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags
    )
    padded = data + b"\0" * (len(data) % 2)
    return b"II*\0" + struct.pack("<I", 8 + len(padded)) + padded + directory + b"\0\0\0\0"


_MAKERS: Final = {
    b"/DCTDecode": _jpeg,
    b"/FlateDecode": _png,
    b"/CCITTFaxDecode": _fax,
}
