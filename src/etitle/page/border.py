"""The border of a page, drawn as vectors."""

from __future__ import annotations

from typing import Final

from etitle.page.sealimage import paint
from etitle.page.template import Border, Colour
from etitle.pdf import number

EDGE: Final = 30.0
"""Points from the paper's edge to the outer line: printers leave out less."""
INNER: Final = 42.0
"""Points from the paper's edge to the inner line: text stays inside."""

_FRET_LINE: Final = b"0 0 m 0 5 l 5 5 l 5 1 l 2 1 l 2 3 l 3.5 3 l"
"""One turn of the 回纹 in sixths of its pitch, from the outer to the inner side."""


def draw_border(kind: Border, width: float, height: float, line: Colour, rule: Colour) -> bytes:
    """The border of a page of that size in points.

    Args:
        kind: ``fret`` (回纹), ``line`` or ``none``.
        width: of the page.
        height: of the page.
        line: colour of the outer lines.
        rule: colour of the inner line and the fret.
    """
    if kind == "none":
        return b""
    parts = [paint(line), _frame(EDGE, width, height, 1.5)]
    if kind == "line":
        return b"\n".join((*parts, _frame(EDGE + 4, width, height, 0.5)))
    parts += [_frame(INNER, width, height, 0.6), paint(rule), b"0.8 w 2 J 0 j"]
    band = INNER - EDGE
    for side in range(4):
        # Each side is the lower one of the page turned so that it lies below.
        length = height if side % 2 else width
        room = length - 2 * INNER
        count = round(room / band)
        pitch = room / count
        turn = (b"1 0 0 1 0 0", b"0 1 -1 0 %b 0", b"-1 0 0 -1 %b %b", b"0 -1 1 0 0 %b")[side]
        moved = ((), (number(width),), (number(width), number(height)), (number(height),))[side]
        scale = b"%b 0 0 %b %b %b" % (
            f"{pitch / 6:.5f}".encode(),
            number(band / 6),
            number(INNER + pitch * 0.08),
            number(EDGE + band / 12),
        )
        parts.append(b"q %b cm %b cm 0.4 w" % (turn % moved, scale))
        # The same words for every turn: they take next to no room when compressed.
        parts += [_FRET_LINE + b" S 1 0 0 1 6 0 cm"] * count
        parts.append(b"Q")
    for x in (EDGE, width - INNER):
        for y in (EDGE, height - INNER):
            inset = band * 0.28
            corner = (x + inset, y + inset, band - 2 * inset, band - 2 * inset)
            parts.append(b"%b %b %b %b re f" % tuple(map(number, corner)))
    return b"\n".join(parts)


def _frame(inset: float, width: float, height: float, thick: float) -> bytes:
    sides = (inset, inset, width - 2 * inset, height - 2 * inset)
    return b"%b w %b %b %b %b re S" % (number(thick), *map(number, sides))
