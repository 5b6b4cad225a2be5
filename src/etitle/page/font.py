"""A chain of fonts -> glyphs (docs/spec clause 9.6).

HarfBuzz reads the fonts, whatever their form (TrueType, CFF, variable, collection).  Each glyph's
outline becomes a path for drawing and a charstring for embedding, kept for the next page.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from etitle.errors import IssueError

# It has neither types nor stubs.
_harfbuzz: Any = importlib.import_module("uharfbuzz")

EM: Final = 1000
"""Units of an em in every outline, advance and embedded font."""

_UNIT: Final = re.compile(r".[\ufe00-\ufe0f\U000e0100-\U000e01ef]?", re.DOTALL)
"""A character with its variation selector, if it has one."""

PathSegment: TypeAlias = tuple[int, ...]
"""2 numbers: a line to that point; 6: a curve; a contour begins with where it starts."""

Contours: TypeAlias = tuple[tuple[PathSegment, ...], ...]
"""Closed outlines of a glyph, in thousandths of an em."""


@dataclass(frozen=True, slots=True)
class FontSource:
    """One font file of a chain.

    Attributes:
        path: TrueType, OpenType or a collection of them.
        index: which font of a collection.
    """

    path: Path
    index: int = 0


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as it is embedded.

    Attributes:
        advance: width of its place in a line, in thousandths of an em.
        charstring: its outline (technical note 5177).
    """

    advance: int
    charstring: bytes


def installed_sources() -> tuple[FontSource, ...]:
    """The font that comes with ``etitle[page]``: Noto Serif SC (SIL Open Font License).

    It has every character of the Basic Multilingual Plane's ideographs and some 440 beyond it; an
    issuer adds fonts for rarer names, such as Noto Serif CJK.

    Raises:
        IssueError: ``page.no_font`` where the package is not installed.
    """
    try:
        package = importlib.import_module("pylopdf_fonts_zh_cn")
    except ImportError:
        raise IssueError("page.no_font") from None
    return (FontSource(Path(package.serif_path())),)


class FontChain:
    """Fonts in the order in which a character is looked for in them.

    One chain serves every page of a run: glyphs are read once.
    """

    def __init__(self, sources: Iterable[FontSource]) -> None:
        """Open the fonts.

        Args:
            sources: the first that has a character gives its glyph.

        Raises:
            IssueError: ``page.no_font`` where there is none, ``page.font_unreadable`` for a file
                that is missing or no font.
        """
        self.sources: Final = tuple(sources)
        if not self.sources:
            raise IssueError("page.no_font")
        self._fonts: Final[tuple[Any, ...]] = tuple(map(_open, self.sources))
        self._glyphs: Final[dict[str, Glyph]] = {}
        extents = self._fonts[0].get_font_extents("ltr")
        self.ascender: Final[int] = round(extents.ascender)
        self.descender: Final[int] = round(extents.descender)

    def glyph(self, unit: str) -> Glyph:
        """The glyph of a character, which may be followed by a variation selector.

        Raises:
            IssueError: ``page.glyph_missing``, naming the character, where no font has it.
        """
        known = self._glyphs.get(unit)
        if known is None:
            font, number = self._find(unit)
            advance = round(font.get_glyph_h_advance(number))
            known = Glyph(advance, charstring(advance, _contours(font, number)))
            self._glyphs[unit] = known
        return known

    def contours(self, unit: str) -> Contours:
        """The outline of a character, for drawing it as a path; read again each time.

        Raises:
            IssueError: ``page.glyph_missing``.
        """
        return _contours(*self._find(unit))

    def _find(self, unit: str) -> tuple[Any, int]:
        for font in self._fonts:
            if len(unit) > 1:
                number = font.get_variation_glyph(ord(unit[0]), ord(unit[1]))
            else:
                number = font.get_nominal_glyph(ord(unit))
            if number:
                return font, number
        points = " ".join(f"U+{ord(character):04X}" for character in unit)
        raise IssueError("page.glyph_missing", character=unit, point=points)

    def width(self, text: str) -> int:
        """Width of a line, in thousandths of its size.

        Raises:
            IssueError: ``page.glyph_missing``.
        """
        known = self._glyphs
        return sum([(known.get(unit) or self.glyph(unit)).advance for unit in units(text)])


def units(text: str) -> list[str]:
    """Characters, each with its variation selector.

    >>> [len(unit) for unit in units("葛\U000e0100洲")]
    [2, 1]
    """
    return _UNIT.findall(text) if not text.isascii() else list(text)


def _open(source: FontSource) -> Any:  # noqa: ANN401  # HarfBuzz's
    try:
        # Mapped, not read: processes of one machine share the pages of a font.
        face = _harfbuzz.Face(_harfbuzz.Blob.from_file_path(str(source.path)), source.index)
    except _harfbuzz.HarfBuzzError:
        face = None
    if face is None or not face.glyph_count or source.index >= face.count:
        raise IssueError("page.font_unreadable", path=source.path, index=source.index)
    font = _harfbuzz.Font(face)
    font.scale = (EM, EM)
    return font


class _Pen:
    """Takes an outline from HarfBuzz, in whole units, quadratic curves as cubic ones."""

    def __init__(self) -> None:
        self.contours: list[list[PathSegment]] = []
        self._at = (0.0, 0.0)

    def move(self, x: float, y: float, _: object) -> None:
        self._at = (x, y)
        self.contours.append([(round(x), round(y))])

    def line(self, x: float, y: float, _: object) -> None:
        self._at = (x, y)
        self.contours[-1].append((round(x), round(y)))

    def cubic(  # noqa: PLR0913, PLR0917  # HarfBuzz's signature
        self, x1: float, y1: float, x2: float, y2: float, x: float, y: float, _: object
    ) -> None:
        self._at = (x, y)
        self.contours[-1].append(tuple(map(round, (x1, y1, x2, y2, x, y))))

    def quadratic(self, qx: float, qy: float, x: float, y: float, _: object) -> None:
        x0, y0 = self._at
        first = x0 + (qx - x0) * 2 / 3, y0 + (qy - y0) * 2 / 3
        self.cubic(*first, x + (qx - x) * 2 / 3, y + (qy - y) * 2 / 3, x, y, None)


def _contours(font: Any, number: int) -> Contours:  # noqa: ANN401  # HarfBuzz's
    pen = _Pen()
    calls = _harfbuzz.DrawFuncs()
    calls.set_move_to_func(pen.move)
    calls.set_line_to_func(pen.line)
    calls.set_cubic_to_func(pen.cubic)
    calls.set_quadratic_to_func(pen.quadratic)
    font.draw_glyph(number, calls, None)
    return tuple(_closed(contour) for contour in pen.contours if len(contour) > 1)


def _closed(contour: list[PathSegment]) -> tuple[PathSegment, ...]:
    """A contour without the line that closes it: both forms draw that of themselves."""
    if len(contour[-1]) == 2 and contour[-1] == contour[0]:  # noqa: PLR2004  # a point
        return tuple(contour[:-1])
    return tuple(contour)


_RMOVETO: Final = b"\x15"
_RLINETO: Final = b"\x05"
_HLINETO: Final = b"\x06"
_VLINETO: Final = b"\x07"
_RRCURVETO: Final = b"\x08"
_LISTS: Final = frozenset({_RLINETO, _RRCURVETO})
"""Operators that draw several segments of their kind at once."""
ENDCHAR: Final = b"\x0e"
_STACK: Final = 48
"""Operands that one operator can take (technical note 5177, appendix B)."""


def charstring(advance: int, contours: Iterable[Iterable[PathSegment]]) -> bytes:
    """A Type 2 charstring (technical note 5177) without hints or subroutines.

    >>> charstring(EM, [[(0, 0), (100, 0)]]).hex(" ")
    '8b 8b 15 ef 06 0e'
    """
    out = bytearray() if advance == EM else bytearray(_integer(advance))
    x = y = 0
    last, waiting = _RMOVETO, 0
    for contour in contours:
        for place, segment in enumerate(contour):
            deltas: list[int] = []
            for at in range(0, len(segment), 2):
                deltas += (segment[at] - x, segment[at + 1] - y)
                x, y = segment[at], segment[at + 1]
            operator, operands = _shortest(deltas) if place else (_RMOVETO, deltas)
            if waiting and (
                operator != last or operator not in _LISTS or waiting + len(operands) > _STACK
            ):
                out += last
                waiting = 0
            for operand in operands:
                out += _integer(operand)
            last, waiting = operator, waiting + len(operands)
    if waiting:
        out += last
    return bytes(out + ENDCHAR)


def _shortest(deltas: list[int]) -> tuple[bytes, list[int]]:
    """The operator of a line or a curve; DEFLATE takes care of a curve's zeros."""
    if len(deltas) > 2:  # noqa: PLR2004  # a curve
        return _RRCURVETO, deltas
    if 0 not in deltas:
        return _RLINETO, deltas
    return (_HLINETO, deltas[:1]) if deltas[1] == 0 else (_VLINETO, deltas[1:])


def _integer(value: int) -> bytes:
    """A number of a charstring (technical note 5177 §3.2)."""
    if -107 <= value <= 107:  # noqa: PLR2004  # the widths of the encoding
        return bytes((value + 139,))
    if 108 <= value <= 1131:  # noqa: PLR2004
        value -= 108
        return bytes((247 + (value >> 8), value & 255))
    if -1131 <= value <= -108:  # noqa: PLR2004
        value = -value - 108
        return bytes((251 + (value >> 8), value & 255))
    return b"\x1c" + max(-0x8000, min(value, 0x7FFF)).to_bytes(2, "big", signed=True)


GRID: Final = 4
"""Units of a path's grid: 0.4 % of an em is 0.02 mm in a seal."""


def path(contours: Contours) -> bytes:
    """Path operators of an outline, in ``GRID`` thousandths of an em from its origin."""
    return b" ".join(
        b"%b h" % b" ".join(_step(at, segment) for at, segment in enumerate(contour))
        for contour in contours
    )


def _step(at: int, segment: PathSegment) -> bytes:
    operator = b"m" if not at else b"l" if len(segment) == 2 else b"c"  # noqa: PLR2004  # a point
    return b" ".join((*(b"%d" % round(value / GRID) for value in segment), operator))
