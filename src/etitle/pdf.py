"""PDF's syntax as this library writes it: strings, dates, streams, and a page before its seal.

Drawing (``page``) and sealing (``pades``) both write it, and neither imports the other: what the
one hands to the other is the value ``Unsigned`` (docs/spec clauses 9.1, 9.2).
"""

from __future__ import annotations

import datetime
import zlib
from dataclasses import dataclass
from typing import Final

from etitle.certificate.dates import CHINA

CATALOG: Final = 1
SIGNATURE: Final = 2
"""Object numbers that every document has at the same place."""

LEVEL: Final = 6
"""Of DEFLATE."""

TOKEN_NAME: Final = "token.cose"  # noqa: S105  # a file's name
OPENING_NAME: Final = "opening.txt"
"""Names of the attached files (docs/spec clause 9.5)."""


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
