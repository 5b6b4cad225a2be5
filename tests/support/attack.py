"""What the demonstration does to a document: a forger's incremental save, and an honest scan."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Final

from PIL import Image

_PAGE: Final = re.compile(rb"(\d+) 0 obj\n(<< /Type /Page /Parent .*?>>)\nendobj\n", re.DOTALL)
_A4_PX: Final = (1240, 1754)
"""Pixels of an A4 page at 150 dpi."""


def overwrite(pdf: bytes, words: str) -> bytes:
    """Append a revision that covers part of the page and writes other words there.

    Nothing that was signed is touched; a viewer shows the new page.
    """
    page = _PAGE.search(pdf)
    size = re.search(rb"/Size (\d+) /Root (\d+) 0 R", pdf)
    if page is None or size is None:
        sys.exit("demo: the document is not of the shape expected")
    count = int(size[1])
    drawn = f"q 1 1 1 rg 164 489 250 26 re f BT 0 0 0 rg /Fx 15 Tf 168 497 Td ({words}) Tj ET Q"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    changed = re.sub(rb"/Contents (\d+ 0 R)", b"/Contents [\\1 %d 0 R]" % count, page[2])
    changed = changed.replace(b"/Font <<", b"/Font << /Fx %b" % font, 1)
    out = bytearray(pdf)
    entries = []
    for number, body in (
        (int(page[1]), changed),
        (count, b"<< /Length %d >>\nstream\n%b\nendstream" % (len(drawn), drawn.encode())),
    ):
        entries.append(b"%d 1\n%010d 00000 n \n" % (number, len(out)))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    before = int(pdf[pdf.rindex(b"startxref") :].split()[1])
    out += b"xref\n" + b"".join(entries)
    out += b"trailer\n<< /Size %d /Root %b 0 R /Prev %d >>\n" % (count + 1, size[2], before)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def scan(code: Path) -> bytes:
    """A page with a QR code on it, as a scanner saves it: a picture in a PDF, unsigned."""
    page = Image.new("L", _A4_PX, 255)
    with Image.open(code) as picture:
        small = picture.convert("L").resize((300, 300))
    page.paste(small, (140, 1300))
    out = io.BytesIO()
    page.save(out, "PDF", resolution=150)
    return out.getvalue()
