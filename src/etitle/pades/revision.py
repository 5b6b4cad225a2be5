"""The archival revision: what may follow a signed document, to the byte (docs/spec clause 9.10).

One builder writes it and reads it.  Everything follows from the file before, except validation
data, the width of the gap and the time-stamp in the gap.  So a reader takes those three, builds the
revision again, and compares every byte.  What the builder would not write is no archival revision.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from etitle import der
from etitle.errors import DecodeError
from etitle.pades.byterange import RANGE, ByteRange, find_byte_range, read_byte_range
from etitle.pades.dss import EXTENSIONS, ValidationData
from etitle.pades.lexer import PdfValue, Ref, parse
from etitle.pades.objects import ENTRY_BYTES, MAX_OBJECTS, TABLE

MAX_REVISIONS: Final = 10
"""Archival revisions of one file: a working life of 50 years, augmented every five."""

_TAIL: Final = re.compile(rb"startxref\n(\d{1,10})\n%%EOF\n")
_ITEM: Final = re.compile(rb"(\d{1,6}) 0 obj\n<< /Length (\d{1,8}) >>\nstream\n")
_ITEM_END: Final = b"\nendstream\nendobj\n"
_OBJECT_END: Final = b"\nendobj\n"
_DSS_KEYS: Final = ("Certs", "CRLs", "OCSPs")
_ONE_FIELD: Final = re.compile(rb"/Fields \[([1-9]\d{0,6} 0 R(?: [1-9]\d{0,6} 0 R)*)\]")
_ONE_DSS: Final = re.compile(rb"/DSS [1-9]\d{0,6} 0 R")

DssObjects = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Object numbers of certificates, CRLs and OCSP responses."""


@dataclass(frozen=True, slots=True)
class AugmentationBase:
    """What a revision goes on from: the file so far.

    Attributes:
        length: its bytes.
        size: one more than its highest object number.
        table: offset of its last cross-reference section.
        root: object number of the catalog.
        catalog: the catalog's text.
        dss: what its DSS names; empty where it has none.
        info: the trailer's entry for the information dictionary, or nothing.
        identifier: hex digits of the file's permanent identifier, or nothing.
        revisions: archival revisions so far.
    """

    length: int
    size: int
    table: int
    root: int
    catalog: bytes
    dss: DssObjects
    info: bytes
    identifier: bytes
    revisions: int = 0


@dataclass(frozen=True, slots=True)
class PreparedRevision:
    """A revision but for the hex digits of its time-stamp.

    Attributes:
        before: from the end of the file so far to the gap.
        after: from the gap to the new end.
        base: the file with the revision, for the next one.
    """

    before: bytes
    after: bytes
    base: AugmentationBase


@dataclass(frozen=True, slots=True)
class ArchivalRevision:
    """One archival revision of a file, its shape proved; its time-stamp is still to be judged.

    Attributes:
        byte_range: of the document time-stamp.
        end: length of the file up to and with this revision.
        x509s: the certificates among its evidence, DER.
    """

    byte_range: ByteRange
    end: int
    x509s: tuple[bytes, ...]

    def covered(self, pdf: bytes) -> bytes:
        """What the time-stamp speaks of: the file up to here without the gap."""
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
        end = pdf.find(_OBJECT_END, at)
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
    if not isinstance(value, dict) or not value.keys() <= {"Type", *_DSS_KEYS}:
        raise DecodeError("document.malformed", what="the evidence")
    found: list[tuple[int, ...]] = []
    for key in _DSS_KEYS:
        listed = value.get(key, [])
        if not isinstance(listed, list) or not all(isinstance(one, Ref) for one in listed):
            raise DecodeError("document.malformed", what="the evidence")
        found.append(tuple(one.number for one in listed if isinstance(one, Ref)))
    return found[0], found[1], found[2]


def build_revision(
    base: AugmentationBase, validation_data: ValidationData, digits: int
) -> PreparedRevision:
    """One archival revision after a file (clause 9.10).

    Args:
        base: the file so far.
        validation_data: at least one item, each one DER element.
        digits: hex digits of the gap, even.

    Raises:
        DecodeError: ``document.malformed`` where the file so far has no catalog of our shape, or
            the evidence is none.
    """
    kinds = (validation_data.x509s, validation_data.crls, validation_data.ocsps)
    items = [item for kind in kinds for item in kind]
    first = base.size
    dss_number = first + len(items)
    field_number, timestamp_number = dss_number + 1, dss_number + 2
    if not items or timestamp_number >= MAX_OBJECTS or base.revisions >= MAX_REVISIONS:
        raise DecodeError("document.malformed", what="the evidence")
    for item in items:
        _check_element(item)
    numbers: list[tuple[int, ...]] = []
    at = first
    for kind, old in zip(kinds, base.dss, strict=True):
        numbers.append((*old, *range(at, at + len(kind))))
        at += len(kind)
    dss: DssObjects = numbers[0], numbers[1], numbers[2]
    catalog = _amended(base.catalog, field=field_number, dss=dss_number)

    parts: list[bytes] = []
    offsets: list[int] = []
    size = base.length

    def write(number: int, body: bytes, end: bytes = _OBJECT_END) -> None:
        nonlocal size
        whole = b"%d 0 obj\n%b%b" % (number, body, end)
        offsets.append(size)
        parts.append(whole)
        size += len(whole)

    write(base.root, catalog)
    for number, item in enumerate(items, first):
        write(number, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(item), item))
    write(dss_number, _dss_text(dss))
    write(
        field_number,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (archive-%d) /F 132 /Rect [0 0 0 0]"
        b" /V %d 0 R >>" % (base.revisions + 1, timestamp_number),
    )
    written = sha256(b"".join(parts)).hexdigest()[:32].encode()
    write(timestamp_number, _DOC_TIMESTAMP, b"")
    a, b = size, size + digits + 2
    tail = b"\n>>\nendobj\n"
    identifier = b""
    if base.identifier:
        identifier = b"/ID [<%b> <%b>] " % (base.identifier, written)
    after = b"".join(
        (
            tail,
            b"xref\n%d 1\n%010d 00000 n \n" % (base.root, offsets[0]),
            b"%d %d\n" % (first, len(offsets) - 1),
            *(b"%010d 00000 n \n" % offset for offset in offsets[1:]),
            b"trailer\n<< /Size %d /Root %d 0 R " % (timestamp_number + 1, base.root),
            base.info,
            identifier,
            b"/Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (base.table, b + len(tail)),
        )
    )
    parts[-1] = parts[-1].replace(_UNKNOWN, b"[0 %10d %10d %10d]" % (a, b, len(after)))
    new = AugmentationBase(
        length=b + len(after),
        size=timestamp_number + 1,
        table=b + len(tail),
        root=base.root,
        catalog=catalog,
        dss=dss,
        info=base.info,
        identifier=base.identifier,
        revisions=base.revisions + 1,
    )
    return PreparedRevision(b"".join(parts), after, new)


_UNKNOWN: Final = b"[0 %s %s %s]" % ((b"*" * 10,) * 3)
"""Stands for /ByteRange until the lengths are known; as wide as what takes its place."""

_DOC_TIMESTAMP: Final = (
    b"<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/ByteRange "
    + _UNKNOWN
    + b"\n/Contents "
)


def _check_element(item: bytes) -> None:
    try:
        whole = der.node(item, 0, len(item))
    except DecodeError:
        raise DecodeError("document.malformed", what="the evidence") from None
    if whole.tag != der.SEQUENCE or whole.end != len(item):
        raise DecodeError("document.malformed", what="the evidence")


def _dss_text(dss: DssObjects) -> bytes:
    named = [
        b"/%b [%b]" % (key.encode(), b" ".join(b"%d 0 R" % number for number in numbers))
        for key, numbers in zip(_DSS_KEYS, dss, strict=True)
        if numbers
    ]
    return b"<< /Type /DSS %b >>" % b" ".join(named)


def _amended(catalog: bytes, *, field: int, dss: int) -> bytes:
    """The catalog with one more field and its DSS; nothing else of it changes."""
    expected, extensions = parse(catalog), parse(b"<< %b >>" % EXTENSIONS)
    fields = _ONE_FIELD.findall(catalog)
    if not isinstance(expected, dict) or len(fields) != 1 or not catalog.endswith(b" >>"):
        raise DecodeError("document.malformed", what="the catalog")
    form = expected.get("AcroForm")
    named = form.get("Fields") if isinstance(form, dict) else None
    if not isinstance(form, dict) or not isinstance(named, list):
        raise DecodeError("document.malformed", what="the catalog")
    made = _ONE_FIELD.sub(b"/Fields [%b %d 0 R]" % (fields[0], field), catalog)
    grown: dict[str, PdfValue] = {**form, "Fields": [*named, Ref(field)]}
    changed: dict[str, PdfValue] = {"DSS": Ref(dss), "AcroForm": grown}
    if "DSS" in expected:
        made, count = _ONE_DSS.subn(b"/DSS %d 0 R" % dss, made)
        if count != 1:
            raise DecodeError("document.malformed", what="the catalog")
    else:
        if "Extensions" in expected or not isinstance(extensions, dict):
            raise DecodeError("document.malformed", what="the catalog")
        made = b"%b\n%b\n/DSS %d 0 R >>" % (made[:-3], EXTENSIONS, dss)
        changed |= extensions
    # The text was changed in place; what it says must have changed in these entries alone.
    if parse(made) != expected | changed:
        raise DecodeError("document.malformed", what="the catalog")
    return made


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
        stamp_range = read_byte_range(pdf, place, end)
        if (
            pdf[stamp_range.gap_start + 1 : stamp_range.gap_end - 1]
            != stamp_range.contents.hex().encode()
        ):
            raise DecodeError("document.malformed", what="a second spelling")
        validation_data = _validation_data(pdf, base)
        prepared = build_revision(
            base, validation_data, stamp_range.gap_end - stamp_range.gap_start - 2
        )
        if (
            pdf[base.length : stamp_range.gap_start] != prepared.before
            or pdf[stamp_range.gap_end : end] != prepared.after
        ):
            raise DecodeError("document.malformed", what="a revision")
        base = prepared.base
        revisions.append(ArchivalRevision(stamp_range, end, validation_data.x509s))
    return ArchivedDocument(original, byte_range, tuple(revisions), base)


def _places(pdf: bytes) -> list[tuple[int, int]]:
    """Where each /ByteRange stands, and where what it covers ends; the last ends with the file."""
    found: list[tuple[int, int]] = []
    end = 0
    while end < len(pdf):
        at = pdf.find(b"/ByteRange", end)
        written = None if at < 0 else RANGE.match(pdf, at)
        if written is None or len(found) > MAX_REVISIONS:
            raise DecodeError("document.malformed", what="byte ranges")
        stop = int(written[2]) + int(written[3])
        if not at < stop <= len(pdf):
            raise DecodeError("document.malformed", what="byte ranges")
        end = stop
        found.append((at, end))
    if len(found) < 2:  # noqa: PLR2004  # the seal's and a time-stamp's
        raise DecodeError("document.malformed", what="byte ranges")
    return found


def _validation_data(pdf: bytes, base: AugmentationBase) -> ValidationData:
    """The evidence of the revision that begins where the file so far ends."""
    at = pdf.find(_OBJECT_END, base.length) + len(_OBJECT_END)
    items: list[bytes] = []
    while found := _ITEM.match(pdf, at):
        data = found.end()
        at = data + int(found[2])
        if int(found[1]) != base.size + len(items) or not pdf.startswith(_ITEM_END, at):
            raise DecodeError("document.malformed", what="the evidence")
        items.append(pdf[data:at])
        at += len(_ITEM_END)
    head = b"%d 0 obj\n" % (base.size + len(items))
    end = pdf.find(_OBJECT_END, at)
    if end < 0 or not pdf.startswith(head, at):
        raise DecodeError("document.malformed", what="the evidence")
    # How many are of each kind is read here; that they are these very ones, the builder proves.
    dss = _read_dss(parse(pdf[at + len(head) : end]))
    x509s, crls, _ = (max(0, len(new) - len(old)) for new, old in zip(dss, base.dss, strict=True))
    return ValidationData(
        tuple(items[:x509s]), tuple(items[x509s : x509s + crls]), tuple(items[x509s + crls :])
    )
