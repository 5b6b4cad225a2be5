"""The archival revision: what may follow a signed document, byte for byte (docs/spec clause 9.10).

One builder serves writing and reading.  Everything follows from the file before, except validation
data, the width of the gap and the time-stamp in the gap.  So the reader (``etitle.pades.archived``)
takes those three, builds the revision again, and compares every byte.  Anything else is no
archival revision.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeAlias

from etitle import der
from etitle.errors import DecodeError
from etitle.pades.dss import EXTENSIONS, ValidationData
from etitle.pades.lexer import PdfValue, Ref, parse
from etitle.pades.objects import MAX_OBJECTS

MAX_REVISIONS: Final = 10
"""Archival revisions of one file: a working life of 50 years, augmented every five."""

OBJECT_END: Final = b"\nendobj\n"
DSS_KEYS: Final = ("Certs", "CRLs", "OCSPs")
_ONE_FIELD: Final = re.compile(rb"/Fields \[([1-9]\d{0,6} 0 R(?: [1-9]\d{0,6} 0 R)*)\]")
_ONE_DSS: Final = re.compile(rb"/DSS [1-9]\d{0,6} 0 R")

DssObjects: TypeAlias = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]
"""Object numbers of certificates, CRLs and OCSP responses."""


@dataclass(frozen=True, slots=True)
class AugmentationBase:
    """The file so far, which a revision continues.

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


class _Writer:
    """The objects of a revision, with where each begins in the whole file."""

    def __init__(self, length: int) -> None:
        self.parts: list[bytes] = []
        self.offsets: list[int] = []
        self.size = length

    def write(self, number: int, body: bytes, end: bytes = OBJECT_END) -> None:
        text = b"%d 0 obj\n%b%b" % (number, body, end)
        self.offsets.append(self.size)
        self.parts.append(text)
        self.size += len(text)


def build_revision(
    base: AugmentationBase, validation_data: ValidationData, digits: int
) -> PreparedRevision:
    """One archival revision after a file (clause 9.10).

    Args:
        base: the file so far.
        validation_data: at least one item, each one DER element.
        digits: hex digits of the gap, even.

    Raises:
        DecodeError: ``document.malformed`` where the file so far has no catalog of this shape, or
            there is no validation data.
    """
    items = [*validation_data.x509s, *validation_data.crls, *validation_data.ocsps]
    dss_number = base.size + len(items)
    field_number, timestamp_number = dss_number + 1, dss_number + 2
    if not items or timestamp_number >= MAX_OBJECTS or base.revisions >= MAX_REVISIONS:
        raise DecodeError("document.malformed", what="the evidence")
    for item in items:
        _check_element(item)
    dss = _continued(base, validation_data)
    catalog = _amended(base.catalog, field=field_number, dss=dss_number)
    writer = _Writer(base.length)
    writer.write(base.root, catalog)
    for number, item in enumerate(items, base.size):
        writer.write(number, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(item), item))
    writer.write(dss_number, _dss_text(dss))
    writer.write(
        field_number,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (archive-%d) /F 132 /Rect [0 0 0 0]"
        b" /V %d 0 R >>" % (base.revisions + 1, timestamp_number),
    )
    identifier = sha256(b"".join(writer.parts)).hexdigest()[:32].encode()
    writer.write(timestamp_number, _DOC_TIMESTAMP, b"")
    gap_start, gap_end = writer.size, writer.size + digits + 2
    table = gap_end + len(_SIGNATURE_END)
    after = _end(base, writer.offsets, table, identifier)
    before = b"".join(writer.parts)
    ranged = b"[0 %10d %10d %10d]" % (gap_start, gap_end, len(after))
    new = AugmentationBase(
        length=gap_end + len(after),
        size=timestamp_number + 1,
        table=table,
        root=base.root,
        catalog=catalog,
        dss=dss,
        info=base.info,
        identifier=base.identifier,
        revisions=base.revisions + 1,
    )
    head = before.removesuffix(_DOC_TIMESTAMP)
    return PreparedRevision(head + _DOC_TIMESTAMP.replace(_UNKNOWN, ranged), after, new)


_UNKNOWN: Final = b"[0 %s %s %s]" % ((b"*" * 10,) * 3)
"""Stands for /ByteRange until the lengths are known; as wide as what takes its place."""

_DOC_TIMESTAMP: Final = (
    b"<<\n/Type /DocTimeStamp\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.RFC3161\n/ByteRange "
    + _UNKNOWN
    + b"\n/Contents "
)
_SIGNATURE_END: Final = b"\n>>\nendobj\n"


def _check_element(item: bytes) -> None:
    try:
        element = der.node(item, 0, len(item))
    except DecodeError:
        raise DecodeError("document.malformed", what="the evidence") from None
    if element.tag != der.SEQUENCE or element.end != len(item):
        raise DecodeError("document.malformed", what="the evidence")


def _continued(base: AugmentationBase, validation_data: ValidationData) -> DssObjects:
    """What the new DSS names: what the old one names, and the new items, numbered in order."""
    at = base.size
    numbers: list[tuple[int, ...]] = []
    kinds = (validation_data.x509s, validation_data.crls, validation_data.ocsps)
    for kind, old in zip(kinds, base.dss, strict=True):
        numbers.append((*old, *range(at, at + len(kind))))
        at += len(kind)
    return numbers[0], numbers[1], numbers[2]


def _end(base: AugmentationBase, offsets: list[int], table: int, identifier: bytes) -> bytes:
    """What follows the gap: the end of the time-stamp's object, the cross-references, the trailer.

    Args:
        base: the file so far.
        offsets: of the catalog and then of each new object.
        table: offset of the cross-references.
        identifier: hex digits for this revision.
    """
    new = offsets[1:]
    identifiers = b"/ID [<%b> <%b>] " % (base.identifier, identifier) if base.identifier else b""
    return b"".join(
        (
            _SIGNATURE_END,
            b"xref\n%d 1\n%010d 00000 n \n" % (base.root, offsets[0]),
            b"%d %d\n" % (base.size, len(new)),
            *(b"%010d 00000 n \n" % offset for offset in new),
            b"trailer\n<< /Size %d /Root %d 0 R " % (base.size + len(new), base.root),
            base.info,
            identifiers,
            b"/Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (base.table, table),
        )
    )


def _dss_text(dss: DssObjects) -> bytes:
    named = [
        b"/%b [%b]" % (key.encode(), b" ".join(b"%d 0 R" % number for number in numbers))
        for key, numbers in zip(DSS_KEYS, dss, strict=True)
        if numbers
    ]
    return b"<< /Type /DSS %b >>" % b" ".join(named)


def _amended(catalog: bytes, *, field: int, dss: int) -> bytes:
    """The catalog with one more field and its DSS; nothing else changes."""
    expected, extensions = parse(catalog), parse(b"<< %b >>" % EXTENSIONS)
    fields = _ONE_FIELD.findall(catalog)
    if not isinstance(expected, dict) or len(fields) != 1 or not catalog.endswith(b" >>"):
        raise DecodeError("document.malformed", what="the catalog")
    form = expected.get("AcroForm")
    named = form.get("Fields") if isinstance(form, dict) else None
    if not isinstance(form, dict) or not isinstance(named, list):
        raise DecodeError("document.malformed", what="the catalog")
    text = _ONE_FIELD.sub(b"/Fields [%b %d 0 R]" % (fields[0], field), catalog)
    grown: dict[str, PdfValue] = {**form, "Fields": [*named, Ref(field)]}
    changed: dict[str, PdfValue] = {"DSS": Ref(dss), "AcroForm": grown}
    if "DSS" in expected:
        text, count = _ONE_DSS.subn(b"/DSS %d 0 R" % dss, text)
        if count != 1:
            raise DecodeError("document.malformed", what="the catalog")
    else:
        if "Extensions" in expected or not isinstance(extensions, dict):
            raise DecodeError("document.malformed", what="the catalog")
        text = b"%b\n%b\n/DSS %d 0 R >>" % (text[:-3], EXTENSIONS, dss)
        changed |= extensions
    # The text was changed in place; only these entries may have changed.
    if parse(text) != expected | changed:
        raise DecodeError("document.malformed", what="the catalog")
    return text
