"""The border of a page, drawn as vectors."""

from __future__ import annotations

from typing import Final

from etitle.page.sealimage import paint
from etitle.page.template import Border, Colour
from etitle.pdf import number

EDGE: Final = 26.0
"""Points from the paper's edge to the outer line: printers leave out less."""
BAND: Final = 13.0
"""Width of the ornament between the outer and the inner line."""
INNER: Final = EDGE + BAND
HAIR: Final = 5.0
"""From the inner line to the hairline; text stays inside that."""
NOTCH: Final = 11.0
"""Side of the hairline's turned-in corners."""

_FRET_LINE: Final = b"0 0 m 0 5 l 5 5 l 5 1 l 2 1 l 2 3 l 3.5 3 l"
"""One turn of the 回纹 in sixths of its pitch, from the outer to the inner side."""

_CORNER: Final = (
    b"0 0 10 10 re 2 2 6 6 re S 4 0 m 4 4 l 0 4 l S 6 10 m 6 6 l 10 6 l S"
    b" 6 0 m 6 4 l 10 4 l S 0 6 m 4 6 l 4 10 l S"
)
"""A corner's knot in tenths of the band."""


def draw_border(kind: Border, width: float, height: float, line: Colour, rule: Colour) -> bytes:
    """The border of a page of that size in points.

    Args:
        kind: ``fret`` (回纹), ``line`` or ``none``.
        width: of the page.
        height: of the page.
        line: colour of the outer lines.
        rule: colour of the inner lines and the fret.
    """
    if kind == "none":
        return b""
    parts = [paint(line), _frame(EDGE, width, height, 1.8)]
    if kind == "line":
        parts.append(_frame(EDGE + 5, width, height, 0.5))
        return b"\n".join(parts)
    parts += [_frame(INNER, width, height, 1.0), paint(rule), b"2 J 0 j"]
    for side in range(4):
        parts += _fret(side, width, height)
    for x in (EDGE, width - INNER):
        for y in (EDGE, height - INNER):
            scale = number(BAND * 0.72 / 10)
            place = (x + BAND * 0.14, y + BAND * 0.14)
            knot = b"q %b 0 0 %b %b %b cm 0.9 w %b Q"
            parts.append(knot % (scale, scale, *map(number, place), _CORNER))
    parts.append(_hairline(width, height))
    return b"\n".join(parts)


def _fret(side: int, width: float, height: float) -> list[bytes]:
    """One side: the lower one of the page turned so that it lies below."""
    length = height if side % 2 else width
    room = length - 2 * INNER
    count = round(room / BAND)
    pitch = room / count
    turn = (b"1 0 0 1 0 0", b"0 1 -1 0 %b 0", b"-1 0 0 -1 %b %b", b"0 -1 1 0 0 %b")[side]
    moved = ((), (number(width),), (number(width), number(height)), (number(height),))[side]
    scale = b"%b 0 0 %b %b %b" % (
        f"{pitch / 6:.5f}".encode(),
        number(BAND / 6),
        number(INNER + pitch * 0.08),
        number(EDGE + BAND / 12),
    )
    # The same words for every turn: they take next to no room when compressed.
    turns = [_FRET_LINE + b" S 1 0 0 1 6 0 cm"] * count
    return [b"q %b cm %b cm 0.42 w" % (turn % moved, scale), *turns, b"Q"]


def _hairline(width: float, height: float) -> bytes:
    """A thin line whose corners turn inward."""
    near, far_x, far_y = INNER + HAIR, width - INNER - HAIR, height - INNER - HAIR
    corners = (
        (near + NOTCH, near), (far_x - NOTCH, near), (far_x - NOTCH, near + NOTCH),
        (far_x, near + NOTCH), (far_x, far_y - NOTCH), (far_x - NOTCH, far_y - NOTCH),
        (far_x - NOTCH, far_y), (near + NOTCH, far_y), (near + NOTCH, far_y - NOTCH),
        (near, far_y - NOTCH), (near, near + NOTCH), (near + NOTCH, near + NOTCH),
    )  # fmt: skip
    steps = [
        b"%b %b %b" % (number(x), number(y), b"l" if at else b"m")
        for at, (x, y) in enumerate(corners)
    ]
    return b"0.5 w 0 J %b h S" % b" ".join(steps)


def _frame(inset: float, width: float, height: float, thick: float) -> bytes:
    sides = (inset, inset, width - 2 * inset, height - 2 * inset)
    return b"%b w %b %b %b %b re S" % (number(thick), *map(number, sides))
