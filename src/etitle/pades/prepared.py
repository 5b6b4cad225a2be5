"""A page -> the bytes of one PDF revision, ready for a signature (docs/spec clause 9.2).

The signature is the last object, so that everything before it can be prepared before signing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from etitle.errors import IssueError
from etitle.pades.byterange import MAX_CONTENTS_DIGITS
from etitle.pades.dss import EXTENSIONS, ValidationData
from etitle.pdf import (
    CATALOG,
    SIGNATURE,
    Unsigned,
    date_string,
    references,
    stream,
    text_string,
)

_RANGE: Final = b"[0 %s %s %s]" % ((b"*" * 10,) * 3)
"""Stands for /ByteRange until the lengths are known; as wide as what takes its place."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole file except the hex digits of its signature.

    The file is ``before + b"<" + hex + b">" + after``; /ByteRange says so already, and the bytes to
    be signed are ``before + after``.

    Attributes:
        before: everything before the gap.
        after: everything after it.
        digits: hex digits that the gap holds.
    """

    before: bytes
    after: bytes
    digits: int

    def file(self, cms: bytes) -> bytes:
        """The file with a CMS in its gap, padded with zeros to the gap's width.

        Raises:
            IssueError: ``page.signature_too_long`` where the gap is too small.

        >>> Prepared(b"a", b"z", 8).file(bytes([0xAB]))
        b'a<ab000000>z'
        """
        digits = cms.hex().encode()
        if len(digits) > self.digits:
            raise IssueError("page.signature_too_long", count=len(cms), limit=self.digits // 2)
        return b"".join((self.before, b"<", digits.ljust(self.digits, b"0"), b">", self.after))


def prepare(  # noqa: PLR0913  # what a signature says, each by name
    unsigned: Unsigned,
    contents_hex_length: int,
    *,
    name: str,
    reason: str | None,
    signing_time_s: int,
    validation_data: ValidationData | None = None,
) -> Prepared:
    """A document without its signature's hex digits (docs/spec clause 9.2).

    Args:
        unsigned: the page and all that belongs to it.
        contents_hex_length: hex digits to reserve, even.
        name: who signs, as viewers show it.
        reason: why, or None.
        signing_time_s: /M, seconds since 1970 UTC.
        validation_data: for B-LT, written as /DSS into this same revision.

    Raises:
        IssueError: ``page.contents_length`` for an odd or senseless length.
    """
    if contents_hex_length % 2 or not 0 < contents_hex_length <= MAX_CONTENTS_DIGITS:
        raise IssueError("page.contents_length", count=contents_hex_length)
    objects = _Objects(unsigned)
    catalog = unsigned.catalog
    if validation_data is not None:
        for number, body in _dss_objects(objects.next_number, validation_data):
            objects.write(number, body)
        dss = objects.next_number - 1
        catalog += b"\n%b\n/DSS %d 0 R" % (EXTENSIONS, dss)
    objects.write(CATALOG, b"<< %b >>" % catalog)

    offsets = objects.offsets
    offsets[SIGNATURE - 1] = objects.size
    start = b"%d 0 obj\n%b" % (SIGNATURE, _signature(name, reason, signing_time_s))
    gap_start = objects.size + len(start)
    gap_end = gap_start + contents_hex_length + 2
    after = _end(unsigned, offsets, gap_end)
    objects.parts.append(
        start.replace(_RANGE, b"[0 %10d %10d %10d]" % (gap_start, gap_end, len(after)))
    )
    return Prepared(b"".join(objects.parts), after, contents_hex_length)


class _Objects:
    """The objects of a document, with where each begins."""

    def __init__(self, unsigned: Unsigned) -> None:
        self.parts = [unsigned.body]
        self.offsets = [0, 0, *unsigned.offsets]
        self.size = len(unsigned.body)

    @property
    def next_number(self) -> int:
        return len(self.offsets) + 1

    def write(self, number: int, body: bytes) -> None:
        whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        if number > len(self.offsets):
            self.offsets.append(self.size)
        else:
            self.offsets[number - 1] = self.size
        self.parts.append(whole)
        self.size += len(whole)


def _dss_objects(first: int, validation_data: ValidationData) -> Iterator[tuple[int, bytes]]:
    """The streams of validation data, and last the DSS that names them; each with its number."""
    number = first
    names: list[bytes] = []
    for key, items in (
        (b"Certs", validation_data.x509s),
        (b"CRLs", validation_data.crls),
        (b"OCSPs", validation_data.ocsps),
    ):
        if items:
            names.append(b"/%b [%b]" % (key, references(number, len(items))))
        for item in items:
            yield number, stream(b"", item)
            number += 1
    yield number, b"<< /Type /DSS %b >>" % b" ".join(names)


def _end(unsigned: Unsigned, offsets: list[int], gap_end: int) -> bytes:
    """What follows the signature's digits: the end of its object, the table, the trailer."""
    table = [b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)]
    table += [b"%010d 00000 n \n" % offset for offset in offsets]
    tail = b"\n>>\nendobj\n"
    identifier = hashlib.sha256(unsigned.body).hexdigest()[:32].encode()
    end = b"%b%btrailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\n" % (
        tail,
        b"".join(table),
        len(offsets) + 1,
        CATALOG,
        unsigned.info,
        identifier,
        identifier,
    )
    return end + b"startxref\n%d\n%%%%EOF\n" % (gap_end + len(tail))


def _signature(name: str, reason: str | None, signing_time_s: int) -> bytes:
    lines = [
        b"<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached",
        b"/ByteRange " + _RANGE,
        b"/Name " + text_string(name),
    ]
    if reason is not None:
        lines.append(b"/Reason " + text_string(reason))
    lines += [
        b"/M " + date_string(signing_time_s),
        b"/Reference [<< /Type /SigRef /TransformMethod /DocMDP",
        b"/TransformParams << /Type /TransformParams /P 1 /V /1.2 >> >>]",
        b"/Contents ",
    ]
    return b"\n".join(lines)
