"""PDFs without a seal, as scanners, printers and forgers make them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image

from etitle.token.draw import draw_png, draw_symbol


@dataclass(frozen=True)
class Page:
    """A page: its content stream, the streams that it names, and its size in points."""

    content: bytes
    named: Mapping[bytes, bytes] = field(default_factory=dict[bytes, bytes])
    size: tuple[int, int] = (595, 842)


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (entries, len(data), data)


def pdf_of(*pages: Page, loose: tuple[bytes, ...] = (), trailer: bytes = b"") -> bytes:
    """A whole PDF: catalog, pages, cross-references; ``loose`` objects nobody refers to."""
    bodies: dict[int, bytes] = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    kids: list[bytes] = []
    number = 3
    for page in pages:
        kids.append(b"%d 0 R" % number)
        names = list(page.named)
        links = b" ".join(b"/%b %d 0 R" % (name, number + 2 + at) for at, name in enumerate(names))
        bodies[number] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents %d 0 R"
            b" /Resources << /XObject << %b >> >> >>" % (*page.size, number + 1, links)
        )
        bodies[number + 1] = stream(b"", page.content)
        bodies |= {number + 2 + at: page.named[name] for at, name in enumerate(names)}
        number += 2 + len(names)
    bodies[2] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(pages), b" ".join(kids))
    bodies |= {number + at: body for at, body in enumerate(loose)}
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    offsets: list[int] = []
    for at in sorted(bodies):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%b\nendobj\n" % (at, bodies[at]))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % one for one in offsets))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (len(offsets) + 1, trailer))
    out.write(b"startxref\n%d\n%%%%EOF\n" % table)
    return out.getvalue()


def picture(entries: bytes, width: int, height: int, data: bytes) -> bytes:
    """A picture as a stream."""
    size = b"/Type /XObject /Subtype /Image /Width %d /Height %d " % (width, height)
    return stream(size + entries, data)


def shown(body: bytes, *, at: tuple[int, int] = (200, 200), side: int = 85) -> Page:
    """A page that paints one picture, a square of ``side`` points."""
    return Page(b"q %d 0 0 %d %d %d cm /I Do Q" % (side, side, *at), {b"I": body})


def grey(code: str, module_px: int = 6) -> Image.Image:
    return Image.open(io.BytesIO(draw_png(code, module_px=module_px))).convert("L")


def as_jpeg(image: Image.Image) -> bytes:
    """A picture as a JPEG stream."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    space = {"L": b"DeviceGray", "RGB": b"DeviceRGB", "CMYK": b"DeviceCMYK"}[image.mode]
    return picture(
        b"/ColorSpace /%b /BitsPerComponent 8 /Filter /DCTDecode" % space,
        *image.size,
        out.getvalue(),
    )


def scan(*codes: str) -> bytes:
    """A PDF with a page for each code."""
    return pdf_of(*(shown(as_jpeg(grey(code))) for code in codes))


def drawn(code: str, *, at: tuple[int, int] = (200, 200), side: float = 85.0) -> bytes:
    """A content stream that draws a code as rectangles, as printing to a PDF does."""
    symbol = draw_symbol(code)
    step = side / symbol.size
    squares = [
        b"%.3f %.3f %.3f %.3f re"
        % (at[0] + x * step, at[1] + (symbol.size - 1 - y) * step, step, step)
        for y, row in enumerate(symbol.rows)
        for x, dark in enumerate(row)
        if dark
    ]
    return b"0 g\n" + b"\n".join(squares) + b"\nf\n"
