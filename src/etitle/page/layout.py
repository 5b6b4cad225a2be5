"""The places of everything on a page, at the largest size of text that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from etitle.certificate.photo import HEIGHT_MM, WIDTH_MM
from etitle.errors import IssueError
from etitle.page.font import EM, FontChain
from etitle.page.sealimage import MM
from etitle.page.template import Template
from etitle.page.wrap import wrap

WIDTH: Final = 595.28
HEIGHT: Final = 841.89
"""Points: A4."""

LEFT: Final = 66.0
RIGHT: Final = WIDTH - LEFT
TITLE_Y: Final = 738.0
TABLE_TOP: Final = 694.0
NOTE_Y: Final = 54.0
FOOT_Y: Final = 92.0
"""Base line of the lowest line of the foot, above the note."""

LEADING: Final = 1.4
"""Of the size of a text."""
LABEL_EM: Final = 7.2
"""Width of the column of labels, of the size of a text: six characters and room."""
PHOTO_GAP: Final = 12.0
NOTE_PT: Final = 8.0


class Modules(Protocol):
    """A QR symbol as ``etitle.token.draw.draw_symbol`` gives it."""

    @property
    def rows(self) -> tuple[bytes, ...]:
        """One byte a module: 1 dark, 0 light; without the quiet zone."""
        ...

    @property
    def quiet_modules(self) -> int:
        """Modules of white that belong around it."""
        ...

    @property
    def side_mm(self) -> float:
        """Millimetres a side at which to print it at least."""
        ...


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One field and its lines; ``height`` in points."""

    field: str
    lines: list[str]
    height: float


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Sizes and places of one page, in points."""

    size: float
    beside: list[LayoutRow]
    below: list[LayoutRow]
    foot: list[LayoutRow]
    code_side: float
    quiet: float
    foot_left: float

    @property
    def label_width(self) -> float:
        """Width of the column of labels."""
        return self.size * LABEL_EM

    @property
    def photo_height(self) -> float:
        """Height of the photo and the rows beside it."""
        return max(HEIGHT_MM * MM, sum(row.height for row in self.beside))


def fit_layout(
    template: Template, fonts: FontChain, values: Mapping[str, str], symbol: Modules
) -> PageLayout:
    """The layout with the largest size of text at which everything fits.

    Args:
        template: bounds of the sizes, and the order of the fields.
        fonts: widths of the characters.
        values: the printed fields by their names.
        symbol: the QR code.

    Raises:
        IssueError: ``page.too_long``.
    """
    settings = template.layout
    size = settings.text_pt
    while size >= settings.least_pt:
        layout = _layout_at(size, template, fonts, values, symbol)
        table = layout.photo_height + sum(row.height for row in layout.below)
        foot = max(
            layout.code_side + 2 * layout.quiet + 26,
            sum(row.height for row in layout.foot) + 16,
            template.seal.diameter_mm * MM,
        )
        if table + foot + 12 <= TABLE_TOP - FOOT_Y:
            return layout
        size -= 0.5
    raise IssueError("page.too_long", least=settings.least_pt)


def _layout_at(
    size: float, template: Template, fonts: FontChain, values: Mapping[str, str], symbol: Modules
) -> PageLayout:
    settings = template.layout
    side = max(symbol.side_mm, settings.qr_mm) * MM
    quiet = side * symbol.quiet_modules / len(symbol.rows)
    foot_left = LEFT + max(side + 2 * quiet + 18, 175.0)
    shrink = size / settings.text_pt
    least = settings.row_mm * MM * shrink

    def rows(fields: Sequence[str], width: float, least: float) -> list[LayoutRow]:
        found: list[LayoutRow] = []
        for field in fields:
            lines = wrap(fonts, values[field], width / size * EM)
            height = max(least, size * (LEADING * len(lines) + 0.7))
            found.append(LayoutRow(field, lines, height))
        return found

    room = RIGHT - LEFT - size * (LABEL_EM + 1.2)
    return PageLayout(
        size=size,
        beside=rows(settings.beside, room - WIDTH_MM * MM - PHOTO_GAP, least),
        below=rows(settings.below, room, least),
        foot=rows(settings.foot, RIGHT - foot_left - size * 5.4, size * 2),
        code_side=side,
        quiet=quiet,
        foot_left=foot_left,
    )
