"""The round seal and the 样例 watermark, drawn as vectors (docs/spec clause 9.6).

The picture of a seal proves nothing: the signature that it stands for does.  So a seal made under
example keys says 样例 in its middle, whatever its template says.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from etitle.page.font import EM, GRID, FontChain, path, units
from etitle.page.paper import MM
from etitle.page.template import EXAMPLE, Colour, SealText
from etitle.pdf import number

WATERMARK: Final[Colour] = (250, 226, 223)

_EM_CENTRE: Final = 380
"""Height of the middle of an ideograph, thousandths of an em above the base line."""

_RING: Final = 0.028
"""Width of the circle, of the diameter: 1.2 mm of 42."""
_ARC_TEXT: Final = 0.122
"""Height of the characters on the arc, of the diameter."""
_ARC_MOST: Final = math.radians(242)
"""Angle that the authority's name takes at most."""
_STAR: Final = 0.155
"""Radius of the star, of the diameter."""
_BOLD: Final = 16
"""Thousandths of an em by which strokes of a seal are thickened."""


def draw_seal(chain: FontChain, seal: SealText, colour: Colour, *, example: bool) -> bytes:
    """Content of a square form of the seal's diameter, its lower left corner at the origin.

    Args:
        chain: fonts.
        seal: what it says.
        colour: of everything.
        example: whether it must say 样例.

    Raises:
        IssueError: ``page.glyph_missing``.
    """
    side = seal.diameter_mm * MM
    centre = side / 2
    ring = side * _RING
    parts = [paint(colour), b"%b w" % number(ring)]
    parts += [_circle(centre, centre, centre - ring / 2), b"S", _star(centre, side), b"f"]
    parts.append(b"%b w 1 j" % number(_BOLD / GRID))
    parts += _arc(chain, seal.authority, side)
    # An example says so where neither the day nor the body's name runs through it.
    last = seal.number + (EXAMPLE if example else "")
    lines = ((seal.name, 0.25, 0.095), (last, 0.36 if seal.name else 0.25, 0.08))
    for words, drop, height in lines:
        shapes = _shapes(chain, words)
        width = sum(advance for advance, _ in shapes) / EM
        radius = centre - 2.2 * ring
        chord = 2 * math.sqrt(max(0.0, radius**2 - ((drop + height / 2) * side) ** 2))
        # Between the feet of the arc.
        size = min(height * side, chord * 0.8 / width) if width else 0
        x = centre - width * size / 2
        y = centre - drop * side - _EM_CENTRE * size / EM
        for advance, outline in shapes:
            parts.append(_placed(outline, size / EM, size / EM, 0, x, y))
            x += advance * size / EM
    return b"\n".join(parts)


def _shapes(chain: FontChain, words: str) -> list[tuple[int, bytes]]:
    """Advance and path of each character."""
    return [(chain.glyph(unit).advance, path(chain.contours(unit))) for unit in units(words)]


def _arc(chain: FontChain, words: str, side: float) -> list[bytes]:
    shapes = _shapes(chain, words)
    height = side * _ARC_TEXT
    radius = side / 2 - side * _RING * 1.9 - height / 2
    natural = height * 1.22 / radius
    step = min(natural, _ARC_MOST / max(1, len(shapes) - 1))
    narrow = min(1.0, step * radius / (height * 1.04))
    parts: list[bytes] = []
    for at, (advance, outline) in enumerate(shapes):
        angle = math.pi / 2 + step * ((len(shapes) - 1) / 2 - at)
        turn = angle - math.pi / 2
        across, up = height * narrow / EM, height / EM
        # The middle of the character onto the arc.
        dx, dy = across * advance / 2, up * _EM_CENTRE
        x = side / 2 + radius * math.cos(angle) - (dx * math.cos(turn) - dy * math.sin(turn))
        y = side / 2 + radius * math.sin(angle) - (dx * math.sin(turn) + dy * math.cos(turn))
        parts.append(_placed(outline, across, up, turn, x, y))
    return parts


def _placed(  # noqa: PLR0913, PLR0917  # a matrix
    outline: bytes, across: float, up: float, turn: float, x: float, y: float
) -> bytes:
    sine, cosine = math.sin(turn), math.cos(turn)
    across, up = across * GRID, up * GRID
    matrix = (across * cosine, across * sine, -up * sine, up * cosine, x, y)
    return b"q %b cm %b B Q" % (" ".join(f"{value:.4f}" for value in matrix).encode(), outline)


def _circle(x: float, y: float, radius: float) -> bytes:
    k = radius * 0.5522847498
    r = radius
    curves = (
        (x + r, y + k, x + k, y + r, x, y + r),
        (x - k, y + r, x - r, y + k, x - r, y),
        (x - r, y - k, x - k, y - r, x, y - r),
        (x + k, y - r, x + r, y - k, x + r, y),
    )
    parts = [b"%b %b m" % (number(x + r), number(y))]
    parts += [b"%b c" % b" ".join(map(number, curve)) for curve in curves]
    return b" ".join((*parts, b"h"))


def _star(centre: float, side: float) -> bytes:
    outer = side * _STAR
    inner = outer * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points: list[tuple[float, float]] = []
    for at in range(10):
        angle = math.pi / 2 + at * math.pi / 5
        reach = inner if at % 2 else outer
        points.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
    lines = [
        b"%b %b %b" % (number(x), number(y), b"l" if at else b"m")
        for at, (x, y) in enumerate(points)
    ]
    return b" ".join((*lines, b"h"))


@lru_cache(maxsize=256)
def paint(colour: Colour) -> bytes:
    """The operators that fill and stroke with a colour.

    >>> paint((255, 0, 51))
    b'1 0 0.2 rg 1 0 0.2 RG'
    """
    values = b" ".join(f"{value / 255:.3f}".rstrip("0").rstrip(".").encode() for value in colour)
    return b"%b rg %b RG" % (values, values)


_MIDDLE: Final = 0.38
"""Height of the middle of a Chinese character above its base line, in its size."""
_PITCH: Final = 190.0
"""Points from one to the next, about."""


def draw_watermark(chain: FontChain, width: float, height: float) -> bytes:
    """样例 across a page of that size in points, to stand under its text.

    None stands where the code is printed, whose white would tear it.
    """
    shapes = _shapes(chain, EXAMPLE)
    turn, size = math.radians(30), 60.0
    scale = size / EM
    # Each stands around the middle of its place in a grid that keeps clear of the border.
    half = sum(advance for advance, _ in shapes) * scale / 2
    down = size * _MIDDLE
    columns, rows = round(width / _PITCH), round(height / _PITCH)
    parts = [paint(WATERMARK), b"0 w"]
    for row in range(rows):
        for column in range(columns):
            if row == column == 0:
                continue
            x = width * (0.09 + 0.82 * (column + 0.5) / columns)
            y = height * (0.05 + 0.90 * (row + 0.5) / rows)
            x += down * math.sin(turn) - half * math.cos(turn)
            y -= half * math.sin(turn) + down * math.cos(turn)
            for advance, outline in shapes:
                parts.append(_placed(outline, scale, scale, turn, x, y))
                x += advance * scale * math.cos(turn)
                y += advance * scale * math.sin(turn)
    return b"\n".join(parts)
