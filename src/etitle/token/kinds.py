"""What a file is, by its content; a light file, for every program that verifies reads it."""

from __future__ import annotations

import re
from typing import Final

PDF: Final = b"%PDF-"

HEADER_BYTES: Final = 1024
"""Within these a viewer looks for a PDF's header (docs/spec clause 9.9)."""


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF to any viewer, whatever else it is.

    >>> is_pdf(b"%PDF-1.7"), is_pdf(bytes(1019) + b"%PDF-"), is_pdf(bytes(1020) + b"%PDF-")
    (True, True, False)
    """
    return data.find(PDF, 0, HEADER_BYTES) >= 0


def is_blank(data: bytes) -> bool:
    r"""Whether a file holds nothing: no bytes, or nothing but white space and NULs.

    >>> is_blank(b""), is_blank(b" \0\r\n"), is_blank(b"x")
    (True, True, False)
    """
    return not data.strip(b"\0\t\n\v\f\r ")


_FORMATTED: Final = {
    "HTML": (b"<!doctype", b"<html", b"<head", b"<body", b"<!--"),
    "XML": (b"<?xml",),
    "SVG": (b"<svg",),
    "RTF": (b"{\\rtf",),
    "ZIP": (b"pk\x03\x04", b"pk\x05\x06"),
    "DOC": (b"\xd0\xcf\x11\xe0",),
}
"""How files begin that a program must lay out before a person sees them, in small letters."""

_BLANK: Final = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff|[\0\s])+")
_LEAD_BYTES: Final = 1024


def formatted_kind(data: bytes) -> str:
    """The kind of a file that is no plain text: its bytes hold more than it shows (clause 8.6).

    >>> formatted_kind(b"  <!DOCTYPE html><!-- hidden -->"), formatted_kind(b"ZC1:ABC")
    ('HTML', '')
    """
    blank = _BLANK.match(data[:_LEAD_BYTES])
    at = blank.end() if blank else 0
    lead = data[at : at + _LEAD_BYTES].replace(b"\0", b"").lower()
    return next((kind for kind, heads in _FORMATTED.items() if lead.startswith(heads)), "")
