"""A file -> the signed document in it and the archival revisions after it (docs/spec clause 9.10).

This module proves the shape only, by building each revision again; it does not verify seal or
time-stamps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from etitle.errors import DecodeError
from etitle.pades.byterange import RANGE, ByteRange, find_byte_range, read_byte_range
from etitle.pades.dss import ValidationData
from etitle.pades.lexer import PdfValue, Ref, parse
from etitle.pades.objects import ENTRY_BYTES, MAX_OBJECTS, TABLE
from etitle.pades.revision import (
    DSS_KEYS,
    MAX_REVISIONS,
    OBJECT_END,
    AugmentationBase,
    DssObjects,
    build_revision,
)

_TAIL: Final = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\n")
_ITEM: Final = re.compile(rb"(\d{1,6}) 0 obj\n<< /Length (\d{1,8}) >>\nstream\n")
_ITEM_END: Final = b"\nendstream\nendobj\n"


@dataclass(frozen=True, slots=True)
class ArchivalRevision:
    """One archival revision of a file, its shape proved; its time-stamp not yet judged.

    Attributes:
        byte_range: of the document time-stamp.
        end: length of the file up to and with this revision.
        x509s: the certificates among its validation data, DER.
    """

    byte_range: ByteRange
    end: int
    x509s: tuple[bytes, ...]

    def covered(self, pdf: bytes) -> bytes:
        """What the time-stamp covers: the file up to here without the gap."""
        return pdf[: self.byte_range.gap_start] + pdf[self.byte_range.gap_end : self.end]


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """A signed document and the archival revisions after it.

    Attributes:
        original: the document as it was sealed, byte for byte.
        byte_range: of its seal's signature.
        revisions: at least one, in their order.
        base: the whole file, for one more.
    """

    original: bytes
    byte_range: ByteRange
    revisions: tuple[ArchivalRevision, ...]
    base: AugmentationBase


def base_of(pdf: bytes) -> AugmentationBase:
    """A document of one revision as the base of the first archival one.

    Raises:
        DecodeError: ``document.malformed``.
    """
    tail = _TAIL.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
    table = None if tail is None else TABLE.match(pdf, int(tail[1]))
    if tail is None or table is None:
        raise DecodeError("document.malformed", what="the end of the original")
    size = len(table[2]) // ENTRY_BYTES
    trailer = parse(pdf[table.end() : tail.start()])
    if not isinstance(trailer, dict) or trailer.get("Size") != size or size > MAX_OBJECTS:
        raise DecodeError("document.malformed", what="the trailer of the original")

    def text(value: PdfValue) -> bytes:
        if not isinstance(value, Ref) or value.number >= size:
            raise DecodeError("document.malformed", what="a reference of the original")
        at = int(table[2][ENTRY_BYTES * value.number :][:10])
        head = b"%d 0 obj\n" % value.number
        end = pdf.find(OBJECT_END, at)
        if end < 0 or not pdf.startswith(head, at):
            raise DecodeError("document.malformed", what="an object of the original")
        return pdf[at + len(head) : end]

    root, info, identifiers = trailer.get("Root"), trailer.get("Info"), trailer.get("ID")
    catalog = text(root)
    entries = parse(catalog)
    if not isinstance(root, Ref) or not isinstance(entries, dict):
        raise DecodeError("document.malformed", what="the catalog of the original")
    first = identifiers[0] if isinstance(identifiers, list) and identifiers else b""
    return AugmentationBase(
        length=len(pdf),
        size=size,
        table=table.start(),
        root=root.number,
        catalog=catalog,
        dss=_read_dss(parse(text(entries["DSS"]))) if "DSS" in entries else ((), (), ()),
        info=b"/Info %d 0 R " % info.number if isinstance(info, Ref) else b"",
        identifier=first.hex().encode() if isinstance(first, bytes) else b"",
    )


def _read_dss(value: PdfValue) -> DssObjects:
    """The object numbers that a DSS names."""
    if not isinstance(value, dict) or not value.keys() <= {"Type", *DSS_KEYS}:
        raise DecodeError("document.malformed", what="the evidence")
    numbers: list[tuple[int, ...]] = []
    for key in DSS_KEYS:
        listed = value.get(key, [])
        if not isinstance(listed, list):
            raise DecodeError("document.malformed", what="the evidence")
        named = tuple(item.number for item in listed if isinstance(item, Ref))
        if len(named) != len(listed):
            raise DecodeError("document.malformed", what="the evidence")
        numbers.append(named)
    return numbers[0], numbers[1], numbers[2]


def read_archived(pdf: bytes) -> ArchivedDocument | None:
    """The document and its archival revisions, where a file is that and nothing else.

    Returns:
        None for any other file.  That time-stamps and seal are right is not asked here.
    """
    try:
        return _read(pdf)
    except DecodeError:
        return None


def _read(pdf: bytes) -> ArchivedDocument:
    places = _places(pdf)
    _, end = places[0]
    original = pdf[:end]
    byte_range = find_byte_range(original)
    base = base_of(original)
    revisions: list[ArchivalRevision] = []
    for place, end in places[1:]:
        stamped = read_byte_range(pdf, place, end)
        gap = slice(stamped.gap_start, stamped.gap_end)
        if pdf[gap] != b"<%b>" % stamped.contents.hex().encode():
            raise DecodeError("document.malformed", what="a second spelling")
        validation_data = _validation_data(pdf, base)
        prepared = build_revision(base, validation_data, 2 * len(stamped.contents))
        if (pdf[base.length : gap.start], pdf[gap.stop : end]) != (prepared.before, prepared.after):
            raise DecodeError("document.malformed", what="a revision")
        base = prepared.base
        revisions.append(ArchivalRevision(stamped, end, validation_data.x509s))
    return ArchivedDocument(original, byte_range, tuple(revisions), base)


def _places(pdf: bytes) -> list[tuple[int, int]]:
    """Where each /ByteRange stands, and where what it covers ends; the last ends with the file."""
    places: list[tuple[int, int]] = []
    end = 0
    while end < len(pdf):
        at = pdf.find(b"/ByteRange", end)
        written = None if at < 0 else RANGE.match(pdf, at)
        if written is None or len(places) > MAX_REVISIONS:
            raise DecodeError("document.malformed", what="byte ranges")
        stop = int(written[2]) + int(written[3])
        if not at < stop <= len(pdf):
            raise DecodeError("document.malformed", what="byte ranges")
        end = stop
        places.append((at, end))
    if len(places) < 2:  # noqa: PLR2004  # the seal's and a time-stamp's
        raise DecodeError("document.malformed", what="byte ranges")
    return places


def _validation_data(pdf: bytes, base: AugmentationBase) -> ValidationData:
    """The validation data of the revision that begins where the file so far ends."""
    at = pdf.find(OBJECT_END, base.length) + len(OBJECT_END)
    items: list[bytes] = []
    while head := _ITEM.match(pdf, at):
        data = head.end()
        at = data + int(head[2])
        if int(head[1]) != base.size + len(items) or not pdf.startswith(_ITEM_END, at):
            raise DecodeError("document.malformed", what="the evidence")
        items.append(pdf[data:at])
        at += len(_ITEM_END)
    named = b"%d 0 obj\n" % (base.size + len(items))
    end = pdf.find(OBJECT_END, at)
    if end < 0 or not pdf.startswith(named, at):
        raise DecodeError("document.malformed", what="the evidence")
    # This reads how many there are of each kind; the builder proves which.
    dss = _read_dss(parse(pdf[at + len(named) : end]))
    x509s, crls, _ = (max(0, len(new) - len(old)) for new, old in zip(dss, base.dss, strict=True))
    return ValidationData(
        tuple(items[:x509s]), tuple(items[x509s : x509s + crls]), tuple(items[x509s + crls :])
    )
