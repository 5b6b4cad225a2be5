"""The places of everything on a page, at the largest size of text that fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from etitle.errors import IssueError
from etitle.page.font import EM, FontChain
from etitle.page.paper import MM, SHEETS, Sheet
from etitle.page.template import FieldRow, Template
from etitle.page.wording import Wording
from etitle.page.wrap import wrap

LEADING: Final = 1.4
"""Of the size of a text."""
LABEL_EM: Final = 6.0
"""Width to which the labels of a column are spread, of the size of a text: six characters."""
PAD_EM: Final = 0.65
"""Room on both sides of a label or value, of the size of a text."""
SHORT_LABEL_EM: Final = 4.0
"""Width of the label of a row's second field."""
PHOTO_PAD: Final = 8.0
NOTE_PT: Final = 8.0
CODE_PT: Final = 10.0
OPENING_ROOM: Final = 165.0
"""Width kept for the 核验码; of the widest letters it is set smaller."""
CORNER_PT: Final = 12.0
SHRINK: Final = 0.85
"""A value that lacks a little room is made smaller down to this before it takes another line."""
TITLE_SHRINK: Final = 0.6
"""A title that would become smaller than this takes two lines."""
TITLE_LEAST: Final = 0.75
"""Where texts are made smaller, the title is too, down to this."""
GROW: Final = 0.45
"""Part of the rows' own height by which they grow at most where the page has room."""
FOOT_PAD: Final = 12.0
"""Right of the rows of the foot."""
GAP: Final = 10.0
"""Least distance between the parts of a page."""
TITLE_LEADING: Final = 1.25
SUBTITLE: Final = 0.52
"""Size of the subtitle, of the title's."""
SEAL_HIGH: Final = 0.85
"""Of a seal's radius: how far a seal without words below stands above the date's middle."""


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
class Lines:
    """A text as it is set."""

    lines: Sequence[str]
    size: float

    @property
    def height(self) -> float:
        """Of its lines, in points."""
        return LEADING * self.size * len(self.lines)


@dataclass(frozen=True, slots=True)
class Cell:
    """Label and value of one field; ``x`` is where the label's room begins, ``right`` the end."""

    field: str
    x: float
    label_width: float
    right: float
    value: Lines


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One or two fields side by side."""

    cells: tuple[Cell, ...]
    height: float


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Sizes and places of one page, in points.

    Attributes:
        sheet: the paper.
        size: of texts.
        corner: height of the corner's text where it stands above the title, else 0.
        title: in its lines.
        subtitle: None where there is none.
        statement: None where there is none.
        beside: rows beside the photo.
        below: rows below it.
        foot: rows beside the code; each has one field.
        code_side: of the QR code without its quiet zone.
        quiet: width of the quiet zone.
        seal_side: diameter of the seal.
        foot_left: where the rows of the foot begin.
        foot_height: of the part with the code and the seal.
        gap: between the parts, beyond the least.
        notes: height of the notes.
        photo: width and height of the photo's box.
    """

    sheet: Sheet
    size: float
    corner: float
    title: Lines
    subtitle: Lines | None
    statement: Lines | None
    beside: tuple[LayoutRow, ...]
    below: tuple[LayoutRow, ...]
    foot: tuple[LayoutRow, ...]
    code_side: float
    quiet: float
    seal_side: float
    seal_high: bool
    foot_left: float
    foot_height: float
    notes: float
    photo: tuple[float, float]
    gap: float = 0.0

    @property
    def code_whole(self) -> float:
        """Side of the QR code with its quiet zone."""
        return self.code_side + 2 * self.quiet

    @property
    def beside_height(self) -> float:
        """Height of the photo's cell and the rows beside it."""
        return max(self.photo[1] + 2 * PHOTO_PAD, sum(row.height for row in self.beside))

    @property
    def table_height(self) -> float:
        """Of all rows."""
        return self.beside_height + sum(row.height for row in self.below)

    @property
    def head_height(self) -> float:
        """Of title and subtitle, and of the corner where it would touch the title."""
        height = self.title.size * TITLE_LEADING * len(self.title.lines) + self.corner
        return height + (self.subtitle.height if self.subtitle else 0.0)

    @property
    def height(self) -> float:
        """Of the parts with the least distance between them."""
        statement = self.statement.height + GAP if self.statement else 0.0
        parts = (self.head_height, statement, self.table_height, self.foot_height, self.notes)
        return sum(parts) + 3 * GAP


def fit_layout(
    template: Template, fonts: FontChain, wording: Wording, symbol: Modules, notes: float
) -> PageLayout:
    """The layout with the largest size of text at which everything fits.

    Args:
        template: bounds of the sizes, and the order of the fields.
        fonts: widths of the characters.
        wording: the words of the page.
        symbol: the QR code.
        notes: height of the notes at the foot.

    Raises:
        IssueError: ``page.too_long``.
    """
    settings = template.layout
    sheet = SHEETS[settings.paper]
    size = settings.text_pt
    while size >= settings.least_pt:
        layout = _Setter(template, fonts, wording, size).layout(symbol, notes)
        spare = sheet.top - sheet.bottom - layout.height
        if spare >= 0:
            return _grown(layout, spare)
        size -= 0.5
    raise IssueError("page.too_long", least=settings.least_pt)


def _grown(layout: PageLayout, spare: float) -> PageLayout:
    """The same with the page's room used: rows grow, then the distances between the parts."""
    beside, below = layout.beside_height, sum(row.height for row in layout.below)
    room = min(spare * 0.6, layout.table_height * GROW)
    # First the rows below the photo, to the height of those beside it; then all of them.
    alike = beside / max(1, len(layout.beside)) * len(layout.below)
    lift = min(room, max(0.0, alike - below))
    factor = 1 + (room - lift) / max(1.0, beside + below + lift)
    parts = 4 if layout.statement else 3
    return replace(
        layout,
        beside=_stretched(layout.beside, beside * factor),
        below=_stretched(layout.below, (below + lift) * factor),
        gap=(spare - room) / (parts + 0.5),
    )


def _stretched(rows: tuple[LayoutRow, ...], height: float) -> tuple[LayoutRow, ...]:
    """Rows that together have a height."""
    factor = height / max(1.0, sum(row.height for row in rows))
    return tuple(replace(row, height=row.height * factor) for row in rows)


@dataclass(frozen=True, slots=True)
class _Setter:
    """Sets the texts of a page at one size."""

    template: Template
    fonts: FontChain
    wording: Wording
    size: float

    def layout(self, symbol: Modules, notes: float) -> PageLayout:
        settings = self.template.layout
        sheet = SHEETS[settings.paper]
        width, height = (side * MM for side in settings.photo_mm)
        side = max(symbol.side_mm, settings.qr_mm) * MM
        quiet = side * symbol.quiet_modules / len(symbol.rows)
        seal = self.template.seal.diameter_mm * MM
        foot_left = sheet.left + max(side + 2 * quiet + 16, OPENING_ROOM)
        cell = width + 2 * PHOTO_PAD
        left, right = sheet.left, sheet.right
        beside = (left + cell, right) if settings.photo_side == "left" else (left, right - cell)
        foot = self._foot(foot_left, sheet.right, seal / 2)
        # A line of the code's own and one of the template's words stand below the code.
        code = side + 2 * quiet + 28
        high = not self.template.seal.name
        title = self._title(sheet.right - sheet.left)
        return PageLayout(
            sheet=sheet,
            size=self.size,
            corner=self._corner(title, sheet),
            title=title,
            subtitle=self._free(self.wording.subtitle, title.size * SUBTITLE, sheet),
            statement=self._free(self.wording.statement, self.size * 1.15, sheet),
            beside=self._rows(settings.beside, *beside),
            below=self._rows(settings.below, left, right),
            foot=foot,
            code_side=side,
            quiet=quiet,
            seal_side=seal,
            seal_high=high,
            foot_left=foot_left,
            foot_height=max(code, _foot_height(foot, seal / 2, self.size, high=high)),
            notes=notes,
            photo=(width, height),
        )

    def _title(self, room: float) -> Lines:
        title, settings = self.template.title, self.template.layout
        most = settings.title_pt * max(TITLE_LEAST, self.size / settings.text_pt)
        wide = self.fonts.width(title) / EM
        size = min(most, room / wide)
        if size >= most * TITLE_SHRINK:
            return Lines([title], size)
        size = min(most * TITLE_SHRINK, room / wide * 1.8)
        halves = wrap(self.fonts, title, (wide / 2 + 1) * EM)
        if len(halves) == 2:  # noqa: PLR2004  # lines of about one length
            return Lines(halves, size)
        return Lines(wrap(self.fonts, title, room / size * EM), size)

    def _corner(self, title: Lines, sheet: Sheet) -> float:
        """Height that the corner takes: none beside a title that leaves it room."""
        corner = self.fonts.width(self.wording.corner) / EM * CORNER_PT
        wide = self.fonts.width(title.lines[0]) / EM * title.size
        free = (sheet.right - sheet.left - wide) / 2 - CORNER_PT
        return CORNER_PT * 1.2 if corner > free else 0.0

    def _free(self, text: str, size: float, sheet: Sheet) -> Lines | None:
        """A text over the whole width."""
        if not text:
            return None
        return self._set(text, sheet.right - sheet.left, size)

    def _set(self, text: str, room: float, size: float) -> Lines:
        """A text in its room: on one line, where it need not become much smaller for that."""
        wide = self.fonts.width(text) / EM
        if wide * size <= room:
            return Lines([text], size)
        if wide * size * SHRINK <= room:
            return Lines([text], room / wide)
        return Lines(wrap(self.fonts, text, room / size * EM), size)

    def _rows(self, rows: Sequence[FieldRow], left: float, right: float) -> tuple[LayoutRow, ...]:
        least = self.template.layout.row_mm * MM * self.size / self.template.layout.text_pt
        found: list[LayoutRow] = []
        for row in rows:
            present = [field for field in row if field in self.wording.values]
            for cells in self._shared(present, left, right):
                lines = max(cell.value.height for cell in cells)
                found.append(LayoutRow(cells, max(least, lines + self.size * 0.7)))
        return tuple(found)

    def _shared(self, fields: Sequence[str], left: float, right: float) -> list[tuple[Cell, ...]]:
        """The cells of a row; two fields that don't fit side by side get a row each."""
        whole: list[tuple[Cell, ...]] = [(self._cell(field, left, right),) for field in fields]
        if len(fields) < 2:  # noqa: PLR2004  # a pair
            return whole
        middle = (left + right) / 2
        pair = (
            self._cell(fields[0], left, middle),
            self._cell(fields[1], middle, right, label_em=SHORT_LABEL_EM),
        )
        return [pair] if all(len(cell.value.lines) == 1 for cell in pair) else whole

    def _cell(self, field: str, left: float, right: float, *, label_em: float = LABEL_EM) -> Cell:
        label = self.size * (label_em + 2 * PAD_EM)
        room = right - left - label - 2 * PAD_EM * self.size
        value = self._set(self.wording.values[field], room, self.size)
        return Cell(field, left, label, right, value)

    def _foot(self, left: float, edge: float, radius: float) -> tuple[LayoutRow, ...]:
        """Rows beside the code, around one axis, as far right as they and the seal let them."""
        right = edge - FOOT_PAD
        label = self.size * (SHORT_LABEL_EM + 1.2)
        fields = [row[0] for row in self.template.layout.foot if row[0] in self.wording.values]
        values = [
            self._set(self.wording.values[field], right - left - label, self.size)
            for field in fields
        ]
        wide = [
            label + max(self.fonts.width(line) for line in value.lines) / EM * value.size
            for value in values
        ]
        # The seal's middle is the day's, half a label right of the axis.
        middle = min(right - max(wide) / 2, edge - radius - label / 2)
        middle = max(middle, left + max(wide) / 2)
        return tuple(
            LayoutRow(
                (Cell(field, middle - width / 2, label, right, value),),
                value.height + self.size * 0.6,
            )
            for field, value, width in zip(fields, values, wide, strict=True)
        )


def _foot_height(foot: Sequence[LayoutRow], radius: float, size: float, *, high: bool) -> float:
    """Of the rows beside the code with the seal over the day."""
    above, below = split_foot(foot)
    up, down = seal_reach(radius, high=high)
    return max(above - size / 2, up) + max(below + size / 2, down)


def split_foot(foot: Sequence[LayoutRow]) -> tuple[float, float]:
    """Heights of the rows from the top to the middle of the day's, and from there down."""
    above = 0.0
    for row in foot:
        if row.cells[0].field == "issued":
            above += row.height / 2
            break
        above += row.height
    return above, sum(row.height for row in foot) - above


def seal_reach(radius: float, *, high: bool) -> tuple[float, float]:
    """How far a seal reaches above and below the day's middle.

    With words in its lower part its centre line lies on the day; else only its arc covers it.
    """
    away = radius * SEAL_HIGH if high else 0.0
    return radius + away, radius - away
