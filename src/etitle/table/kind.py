"""What a file is, told by its content and never by its name."""

from __future__ import annotations

import re
from typing import Final, Literal, NoReturn, TypeAlias

from etitle.errors import DecodeError

Kind: TypeAlias = Literal["zip", "text"]

_HEAD_BYTES: Final = 4096
"""Bytes at the start that are looked at for marks."""

_OLE2: Final = b"\xd0\xcf\x11\xe0"
_PASSWORD: Final = "EncryptedPackage".encode("utf-16-le")
"""The stream of OLE2 that holds an OOXML file behind a password ([MS-OFFCRYPTO] 2.3.4.4)."""
_STREAMS: Final = tuple(name.encode("utf-16-le") for name in ("Workbook", "Book"))
"""The stream of .xls and of the older .et ([MS-XLS] 2.1.2)."""

_MARKS: Final = (
    (b"%PDF-", "table.file_pdf"),
    (b"\x89PNG\r\n\x1a\n", "table.file_picture"),
    (b"\xff\xd8\xff", "table.file_picture"),
    (b"GIF8", "table.file_picture"),
    (b"BM", "table.file_picture"),
    (b"II*\0", "table.file_picture"),
    (b"MM\0*", "table.file_picture"),
    (b"Rar!", "table.file_archive"),
    (b"7z\xbc\xaf\x27\x1c", "table.file_archive"),
    (b"\x1f\x8b", "table.file_archive"),
    (b"{\\rtf", "table.file_word"),
)
"""First bytes of what is sent by mistake."""
_BIFF: Final = (b"\x09\x08", b"\x09\x04", b"\x09\x02", b"\x09\x00")
"""The first record of .xls before it was wrapped in OLE2."""
_TYPED: Final = re.compile(rb"ftyp(?:heic|heix|mif1|msf1|avif)")
_WEBP: Final = re.compile(rb"RIFF....WEBP", re.DOTALL)
_HTML: Final = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|table|meta|style)[\s>]", re.IGNORECASE
)
_MIME: Final = re.compile(rb"\s*MIME-Version:", re.IGNORECASE)
_XML: Final = re.compile(rb"\s*<\?xml\s")


def kind_of(data: bytes) -> Kind:
    r"""Tell a zip (.xlsx) from text (CSV), and name what is neither.

    Raises:
        DecodeError: ``table.file_ole``, ``table.file_xls``, ``table.file_password``,
            ``table.file_html``, ``table.file_xml``, ``table.file_pdf``, ``table.file_picture``,
            ``table.file_word`` or ``table.file_archive``.

    >>> kind_of(b"number,name"), kind_of(b"PK\x03\x04")
    ('text', 'zip')
    """
    if data.startswith(b"PK"):
        return "zip"
    if data.startswith(_OLE2):
        _name_ole2(data)
    head = data[:_HEAD_BYTES]
    for mark, code in _MARKS:
        if head.startswith(mark) and (mark != b"BM" or b"\0" in head):
            raise DecodeError(code)
    if head[:2] in _BIFF and b"\0" in head:
        raise DecodeError("table.file_xls")
    if _TYPED.match(head, 4) or _WEBP.match(head):
        raise DecodeError("table.file_picture")
    # A table saved by a web page is often named .xls; UTF-16 hides its tags behind zeros.
    plain = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    if plain.lstrip().startswith(b"<") and _HTML.search(plain):
        raise DecodeError("table.file_html")
    if _MIME.match(plain):
        raise DecodeError("table.file_html")
    if _XML.match(plain):
        raise DecodeError("table.file_xml")
    return "text"


def _name_ole2(data: bytes) -> NoReturn:
    if _PASSWORD in data:
        raise DecodeError("table.file_password")
    if any(stream in data for stream in _STREAMS):
        raise DecodeError("table.file_xls")
    raise DecodeError("table.file_ole")
