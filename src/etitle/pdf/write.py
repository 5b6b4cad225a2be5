"""Objects -> the bytes of one PDF revision, ready for a signature (docs/spec clauses 9.1, 9.2).

Only the shape that clause 9 allows can be written: a header, objects, one classic cross-reference
table, one trailer.  The signature is the last object, so that everything before it can be made
ahead of the time of signing.
"""

from __future__ import annotations

import datetime
import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

from etitle.certificate.dates import CHINA
from etitle.errors import IssueError

HEADER: Final = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"

CATALOG: Final = 1
SIGNATURE: Final = 2
"""Object numbers that every document has at the same place."""

MAX_CONTENTS_DIGITS: Final = 1 << 20
"""Hex digits of a signature; the longest chain with a time-stamp takes some 40,000."""

LEVEL: Final = 6
"""Of DEFLATE."""

EXTENSIONS: Final = b"/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> >>"
"""Part 1 of ISO 32000 does not know DSS and document time-stamps: says whose extension it is."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What lets a signature be validated for long (EN 319 142-1 §5.4.2), each item DER.

    Attributes:
        x509s: X.509 certificates.
        crls: certificate revocation lists.
        ocsps: OCSP responses.
    """

    x509s: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole file but for the hex digits of its signature.

    The file is ``before + b"<" + hex + b">" + after``; /ByteRange says so already, and the bytes to
    be signed are ``before + after``.

    Attributes:
        before: everything before the hole.
        after: everything after it.
        digits: hex digits that the hole holds.
    """

    before: bytes
    after: bytes
    digits: int

    def digest(self) -> bytes:
        """SHA-256 of what the signature covers."""
        state = hashlib.sha256(self.before)
        state.update(self.after)
        return state.digest()

    def file(self, cms: bytes) -> bytes:
        """The file with a CMS in its hole, padded with zeros to the hole's width.

        Raises:
            IssueError: ``page.signature_too_long`` where the hole is too small.

        >>> Prepared(b"a", b"z", 8).file(bytes([0xAB]))
        b'a<ab000000>z'
        """
        digits = cms.hex().encode()
        if len(digits) > self.digits:
            raise IssueError("page.signature_too_long", count=len(cms), limit=self.digits // 2)
        return b"".join((self.before, b"<", digits.ljust(self.digits, b"0"), b">", self.after))


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A document that lacks only its signature.

    Attributes:
        body: the header and every object but the catalog, the signature and evidence.
        offsets: where the objects from number 3 on begin.
        catalog: entries of the catalog without the brackets around them.
        info: number of the information dictionary.
    """

    body: bytes
    offsets: tuple[int, ...]
    catalog: bytes
    info: int

    def with_signature(
        self,
        contents_hex_length: int,
        *,
        name: str,
        reason: str | None,
        signing_time_s: int,
        evidence: Evidence | None = None,
    ) -> Prepared:
        """Everything but the signature's hex digits (docs/spec clause 9.2).

        Args:
            contents_hex_length: hex digits to reserve, even.
            name: who signs, as viewers show it.
            reason: why, or None.
            signing_time_s: /M, seconds since 1970 UTC.
            evidence: for B-LT, written as /DSS into this same revision.

        Raises:
            IssueError: ``page.contents_length`` for an odd or senseless length.
        """
        if contents_hex_length % 2 or not 0 < contents_hex_length <= MAX_CONTENTS_DIGITS:
            raise IssueError("page.contents_length", count=contents_hex_length)
        parts = [self.body]
        offsets = [0, 0, *self.offsets]
        size = len(self.body)

        def write(number: int, body: bytes) -> None:
            nonlocal size
            whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            if number > len(offsets):
                offsets.append(size)
            else:
                offsets[number - 1] = size
            parts.append(whole)
            size += len(whole)

        catalog = self.catalog
        if evidence is not None:
            number = len(offsets) + 1
            names: list[bytes] = []
            for key, items in (
                (b"Certs", evidence.x509s),
                (b"CRLs", evidence.crls),
                (b"OCSPs", evidence.ocsps),
            ):
                if items:
                    names.append(b"/%b [%b]" % (key, references(number, len(items))))
                for item in items:
                    write(number, stream(b"", item))
                    number += 1
            write(number, b"<< /Type /DSS %b >>" % b" ".join(names))
            catalog += b"\n" + EXTENSIONS
            catalog += b"\n/DSS %d 0 R" % number
        write(CATALOG, b"<< %b >>" % catalog)

        offsets[SIGNATURE - 1] = size
        start = b"%d 0 obj\n%b" % (SIGNATURE, _signature(name, reason, signing_time_s))
        table = [b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)]
        table += [b"%010d 00000 n \n" % offset for offset in offsets]
        tail = b"\n>>\nendobj\n"
        a = size + len(start)
        b = a + contents_hex_length + 2
        identifier = hashlib.sha256(self.body).hexdigest()[:32].encode()
        after = b"%b%btrailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\n" % (
            tail,
            b"".join(table),
            len(offsets) + 1,
            CATALOG,
            self.info,
            identifier,
            identifier,
        )
        after += b"startxref\n%d\n%%%%EOF\n" % (b + len(tail))
        parts.append(start.replace(_RANGE, b"[0 %10d %10d %10d]" % (a, b, len(after))))
        return Prepared(b"".join(parts), after, contents_hex_length)


_RANGE: Final = b"[0 %s %s %s]" % ((b"*" * 10,) * 3)
"""Stands for /ByteRange until the lengths are known; as wide as what takes its place."""


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


class Writer:
    """Collects the objects of a document; numbers 1 and 2 are the catalog's and the signature's.

    >>> writer = Writer()
    >>> writer.add(b"<< /Title (x) >>")
    3
    """

    def __init__(self) -> None:
        self._bodies: list[bytes | None] = []

    def reserve(self) -> int:
        """A number for an object that is written later."""
        self._bodies.append(None)
        return len(self._bodies) + SIGNATURE

    def put(self, number: int, body: bytes) -> None:
        """Write an object that was reserved."""
        self._bodies[number - SIGNATURE - 1] = body

    def add(self, body: bytes) -> int:
        """Write an object and return its number."""
        self._bodies.append(body)
        return len(self._bodies) + SIGNATURE

    def finish(self, *, catalog: bytes, info: int) -> Unsigned:
        """The document without its signature.

        Args:
            catalog: entries of the catalog without the brackets around them.
            info: number of the information dictionary.
        """
        parts = [HEADER]
        offsets: list[int] = []
        size = len(HEADER)
        for number, body in enumerate(self._bodies, SIGNATURE + 1):
            if body is None:
                raise ValueError(number)
            whole = b"%d 0 obj\n%b\nendobj\n" % (number, body)
            offsets.append(size)
            parts.append(whole)
            size += len(whole)
        return Unsigned(b"".join(parts), tuple(offsets), catalog, info)


def stream(entries: bytes, data: bytes, *, deflate: bool = True, level: int = LEVEL) -> bytes:
    r"""A stream object's body.

    Args:
        entries: of its dictionary, without brackets, /Length and the filter.
        data: the stream before compression.
        deflate: compress it; else it is written as it is.
        level: of DEFLATE.

    >>> stream(b"/Type /Metadata", b"abc", deflate=False)
    b'<< /Type /Metadata /Length 3 >>\nstream\nabc\nendstream'
    """
    if deflate:
        data = zlib.compress(data, level)
        entries += b" /Filter /FlateDecode"
    head = b"<< %b /Length %d >>" % (entries, len(data))
    return b"".join((head, b"\nstream\n", data, b"\nendstream"))


def references(first: int, count: int) -> bytes:
    """References to objects with consecutive numbers.

    >>> references(7, 2)
    b'7 0 R 8 0 R'
    """
    return b" ".join(b"%d 0 R" % number for number in range(first, first + count))


def text_string(text: str) -> bytes:
    """A text string (ISO 32000-1 §7.9.2.2) in hexadecimal: nothing in it needs an escape.

    >>> text_string("证")
    b'<FEFF8BC1>'
    """
    return b"<FEFF%b>" % text.encode("utf-16-be").hex().upper().encode()


def date_string(at_s: int) -> bytes:
    """A date (ISO 32000-1 §7.9.4) in China's time zone.

    >>> date_string(0)
    b"(D:19700101080000+08'00')"
    """
    at = datetime.datetime.fromtimestamp(at_s, CHINA)
    return f"(D:{at:%Y%m%d%H%M%S}+08'00')".encode()


def number(value: float) -> bytes:
    """A number with two decimals at most: 0.01 pt is 3.5 µm.

    >>> number(12.0), number(-0.004), number(7.126)
    (b'12', b'0', b'7.13')
    """
    text = (b"%.2f" % value).rstrip(b"0").rstrip(b".")
    return b"0" if text == b"-0" else text
