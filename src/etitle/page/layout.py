"""Where everything on a page stands: the largest text at which all of it has room."""

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
"""Stock line of the lowest line of the foot, above the note."""

LEADING: Final = 1.4
"""Of the size of a text."""
LABEL_EM: Final = 7.2
"""Width of the column of labels, of the size of a text: six characters and room."""
PHOTO_GAP: Final = 12.0
QUIET_MODULES: Final = 4
NOTE_PT: Final = 8.0


class Modules(Protocol):
    """A QR symbol as ``etitle.token.draw.draw_symbol`` gives it."""

    @property
    def rows(self) -> tuple[bytes, ...]:
        """One byte a module: 1 dark, 0 light; without the quiet zone."""
        ...

    @property
    def side_mm(self) -> float:
        """Millimetres a side at which to print it at least."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One field and its lines; ``height`` in points."""

    field: str
    lines: list[str]
    height: float


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and places of one page, in points."""

    size: float
    beside: list[Row]
    below: list[Row]
    foot: list[Row]
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


def plan_page(
    template: Template, fonts: FontChain, values: Mapping[str, str], symbol: Modules
) -> Plan:
    """The largest size of text at which everything has room."""
    layout = template.layout
    modules = len(symbol.rows)
    side = max(symbol.side_mm, layout.qr_mm) * MM
    quiet = side * QUIET_MODULES / modules
    foot_left = LEFT + max(side + 2 * quiet + 18, 175.0)
    size = layout.text_pt
    while size >= layout.least_pt:
        shrink = size / layout.text_pt
        least = layout.row_mm * MM * shrink

        def rows(
            fields: Sequence[str], width: float, least: float, size: float = size
        ) -> list[Row]:
            made: list[Row] = []
            for field in fields:
                lines = wrap(fonts, values[field], width / size * EM)
                height = max(least, size * (LEADING * len(lines) + 0.7))
                made.append(Row(field, lines, height))
            return made

        room = RIGHT - LEFT - size * (LABEL_EM + 1.2)
        plan = Plan(
            size=size,
            beside=rows(layout.beside, room - WIDTH_MM * MM - PHOTO_GAP, least),
            below=rows(layout.below, room, least),
            foot=rows(layout.foot, RIGHT - foot_left - size * 5.4, size * 2),
            code_side=side,
            quiet=quiet,
            foot_left=foot_left,
        )
        table = plan.photo_height + sum(row.height for row in plan.below)
        foot = max(
            side + 2 * quiet + 26,
            sum(row.height for row in plan.foot) + 16,
            template.seal.diameter_mm * MM,
        )
        if table + foot + 12 <= TABLE_TOP - FOOT_Y:
            return plan
        size -= 0.5
    raise IssueError("page.too_long", least=layout.least_pt)
