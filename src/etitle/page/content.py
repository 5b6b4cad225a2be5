"""The content of a page, drawn and tagged in reading order (docs/spec clause 9.6)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from etitle.certificate.photo import Photo
from etitle.page.background import Background, note_lines
from etitle.page.fields import EXAMPLE_NOTE, NO_PHOTO, NO_PHOTO_WHY, OPENING_LABEL
from etitle.page.font import EM, FontChain, units
from etitle.page.layout import (
    CODE_PT,
    CORNER_PT,
    GAP,
    LEADING,
    NOTE_PT,
    PAD_EM,
    TITLE_LEADING,
    Cell,
    LayoutRow,
    Lines,
    Modules,
    PageLayout,
    seal_reach,
    split_foot,
)
from etitle.page.sealimage import paint
from etitle.page.structtree import StructureElement, StructureTree
from etitle.page.subset import Subset
from etitle.page.template import Colour, Template
from etitle.page.wording import Wording
from etitle.pdf import number, text_string

_BASE: Final = 0.36
"""Of a text's size: from the middle of a line down to its base line."""
_LINE_DROP: Final = 0.68
"""Of a text's size: from the middle of the last line down to the line under a value."""


class PageContent:
    """The page's content, from the top down, with its tags."""

    def __init__(  # noqa: PLR0913  # what a page is made of
        self,
        background: Background,
        template: Template,
        fonts: FontChain,
        tree: StructureTree,
        *,
        layout: PageLayout,
        wording: Wording,
    ) -> None:
        self.parts: list[bytes] = []
        self.tree = tree
        self.values = Subset(fonts)
        self._background = background
        self._template = template
        self._fonts = fonts
        self._colours = template.colours
        self._layout = layout
        self.sheet = layout.sheet
        self._wording = wording
        head = layout.sheet.top - layout.gap * 0.75
        self._head_top = head
        below = head - layout.head_height - layout.gap - GAP
        self._statement_top = below
        if layout.statement:
            below -= layout.statement.height + layout.gap * 0.75 + GAP
        self._table_top = below
        self._foot_top = below - layout.table_height - layout.gap - GAP

    def begin(self) -> None:
        """Grounds, border and watermark, and the head of the page."""
        layout = self._layout
        # The watermark stands on the grounds: none of them tears it.
        self.parts.append(b"/Artifact BMC\n%b/G Do\nEMC" % self._grounds())
        heading = self.tree.open(b"H1", self.tree.document)
        size, middle = layout.title.size, self.sheet.middle
        y = self._head_top - size - layout.corner
        texts = [
            self._middle(line, middle, y - at * size * TITLE_LEADING, size)
            for at, line in enumerate(layout.title.lines)
        ]
        thick = b"2 Tr %b w\n%b\n0 Tr" % (number(size / 60), b"\n".join(texts))
        self._mark(heading, paint(self._colours.title), thick)
        y -= size * TITLE_LEADING * (len(layout.title.lines) - 1) + size * 0.3
        if layout.subtitle:
            self._paragraph(layout.subtitle, y, self._colours.title)
        if self._wording.corner:
            corner = self.tree.open(b"P", self.tree.document)
            wide = self._width(self._wording.corner) * CORNER_PT
            x, top = self.sheet.right - wide - 4, self._head_top - CORNER_PT
            text = self._lines([self._wording.corner], x, top, CORNER_PT)
            self._mark(corner, paint(self._colours.label), text)
        if layout.statement:
            self._paragraph(layout.statement, self._statement_top, self._colours.text)

    def _paragraph(self, text: Lines, top: float, colour: Colour) -> None:
        """A line around the middle of the page; more than one begin at the margin."""
        paragraph = self.tree.open(b"P", self.tree.document)
        y = top - text.size * 1.06
        if len(text.lines) == 1:
            lines = self._middle(text.lines[0], self.sheet.middle, y, text.size)
        else:
            lines = self._lines(text.lines, self.sheet.left, y, text.size)
        self._mark(paragraph, paint(colour), lines)

    def _grounds(self) -> bytes:
        """The ground of every column of labels."""
        if self._template.layout.rules == "lines":
            return b""
        boxes = [
            _box(cell.x, bottom, cell.label_width, height)
            for bottom, height, row in self._table_rows()
            for cell in row.cells
        ]
        return b"%b\n%b f\n" % (paint(self._colours.ground), b" ".join(boxes))

    def _table_rows(self) -> list[tuple[float, float, LayoutRow]]:
        """Bottom and height of each row of the table."""
        top = self._table_top
        found: list[tuple[float, float, LayoutRow]] = []
        for row in (*self._layout.beside, *self._layout.below):
            top -= row.height
            found.append((top, row.height, row))
        return found

    def photo(self, photo: Photo | None) -> None:
        """The photo, or the note that there is none, in the middle of its cell."""
        layout, sheet = self._layout, self.sheet
        box_width, box_height = layout.photo
        cells = [cell for row in layout.beside for cell in row.cells]
        edges = (
            (sheet.left, min(cell.x for cell in cells))
            if self._template.layout.photo_side == "left"
            else (max(cell.right for cell in cells), sheet.right)
        )
        middle_x = sum(edges) / 2
        middle_y = self._table_top - layout.beside_height / 2
        rule = paint(self._colours.rule)
        if photo is None:
            box = _box(middle_x - box_width / 2, middle_y - box_height / 2, box_width, box_height)
            self.parts.append(b"/Artifact BMC\n%b 0.6 w %b S\nEMC" % (rule, box))
            missing = self.tree.open(b"P", self.tree.document)
            first = self._middle(NO_PHOTO, middle_x, middle_y + 2, 14)
            second = self._middle(NO_PHOTO_WHY, middle_x, middle_y - 14, NOTE_PT)
            self._mark(missing, paint(self._colours.note), first, second)
            return
        # As large as the box lets it be; never stretched.
        scale = min(box_width / photo.width_px, box_height / photo.height_px)
        width, height = photo.width_px * scale, photo.height_px * scale
        x, y = middle_x - width / 2, middle_y - height / 2
        corners = b" ".join(map(number, (x, y, x + width, y + height)))
        figure = self.tree.open(b"Figure", self.tree.document, _figure("持证人照片", corners))
        matrix = b" ".join(map(number, (width, 0, 0, height, x, y)))
        self._mark(figure, b"q %b cm /P Do Q" % matrix)
        self.parts.append(b"/Artifact BMC\n%b 0.6 w %b S\nEMC" % (rule, _box(x, y, width, height)))

    def table(self) -> None:
        """Labels and values."""
        table = self.tree.open(b"Table", self.tree.document)
        texts: list[bytes] = []
        for bottom, height, row in self._table_rows():
            line = self.tree.open(b"TR", table)
            for cell in row.cells:
                head = self.tree.open(b"TH", line, b" /A << /O /Table /Scope /Row >>")
                data = self.tree.open(b"TD", line)
                texts += self._cell(cell, bottom + height / 2, head, data)
        rule = paint(self._colours.rule)
        self.parts += [b"/Artifact BMC\n%b 0.6 w" % rule, self._rules(), b"S\nEMC", *texts]

    def _rules(self) -> bytes:
        """Boxes around cells, and around the whole; or a line under each value."""
        layout, left, right = self._layout, self.sheet.left, self.sheet.right
        rows = self._table_rows()
        if self._template.layout.rules == "lines":
            pad = layout.size * PAD_EM
            return b" ".join(
                _line(cell.x + cell.label_width, y, cell.right - pad, y)
                for bottom, height, row in rows
                for cell in row.cells
                for y in (bottom + height / 2 - self._underline(cell),)
            )
        lines = [
            _box(left, self._table_top - layout.table_height, right - left, layout.table_height)
        ]
        for at, (bottom, height, row) in enumerate(rows):
            beside = at < len(layout.beside)
            first, last = row.cells[0].x, row.cells[-1].right
            if at + 1 < len(rows):
                whole = at + 1 == len(layout.beside)
                lines.append(
                    _line(left if whole else first, bottom, right if whole else last, bottom)
                )
            for cell in row.cells:
                x = cell.x + cell.label_width
                lines.append(_line(x, bottom, x, bottom + height))
                if cell.x > left + 1:
                    lines.append(_line(cell.x, bottom, cell.x, bottom + height))
                if beside and cell.right < right - 1 and cell is row.cells[-1]:
                    lines.append(_line(cell.right, bottom, cell.right, bottom + height))
        return b" ".join(lines)

    def _underline(self, cell: Cell) -> float:
        value = cell.value
        return value.size * (LEADING * (len(value.lines) - 1) / 2 + _LINE_DROP)

    def _cell(
        self, cell: Cell, middle: float, head: StructureElement, data: StructureElement
    ) -> list[bytes]:
        """Label and value around the middle of their row."""
        size, value = self._layout.size, cell.value
        pad = size * PAD_EM
        words = self._wording.labels[cell.field]
        label = self._label(words, cell.x + pad, middle - size * _BASE, cell.label_width - 2 * pad)
        first = middle + value.size * (LEADING * (len(value.lines) - 1) / 2 - _BASE)
        text = self._lines(value.lines, cell.x + cell.label_width + pad, first, value.size)
        colours = self._colours
        return [
            self.tree.mark(head, b"%b\n%b" % (paint(colours.label), label), actual=words),
            self.tree.mark(data, b"%b\n%b" % (paint(colours.text), text)),
        ]

    def foot(self) -> tuple[float, float, float, float]:
        """Issuing body and day, right; the place of the seal over them."""
        layout = self._layout
        above, _ = split_foot(layout.foot)
        radius = layout.seal_side / 2
        up, down = seal_reach(radius, high=layout.seal_high)
        top_reach = max(above - layout.size / 2, up)
        # The middle of the day's line, where what stands over and under it has its room.
        spare = layout.foot_height - top_reach - max(split_foot(layout.foot)[1], down)
        day = self._foot_top - top_reach - max(0.0, spare) / 2
        top, centre = day + above, self.sheet.right - radius
        colours, size = self._colours, layout.size
        for row in layout.foot:
            (cell,) = row.cells
            value = cell.value
            paragraph = self.tree.open(b"P", self.tree.document)
            y = top - row.height / 2 + value.size * (LEADING * (len(value.lines) - 1) / 2 - _BASE)
            words = self._wording.labels[cell.field]
            label = self._label(words, cell.x, y, size * 4, colon=True)
            x = cell.x + cell.label_width
            text = self._lines(value.lines, x, y, value.size)
            self.parts += [
                self.tree.mark(
                    paragraph, b"%b\n%b" % (paint(colours.label), label), actual=f"{words}："
                ),
                self.tree.mark(paragraph, b"%b\n%b" % (paint(colours.text), text)),
            ]
            if cell.field == "issued":
                centre = x + self._width(value.lines[0]) * value.size / 2
            top -= row.height
        x = min(max(centre - radius, layout.foot_left), self.sheet.right - layout.seal_side)
        y = day + up - layout.seal_side
        return (x, y, x + layout.seal_side, y + layout.seal_side)

    def code(self, symbol: Modules, printed: str | None) -> None:
        """The QR code with its quiet zone, left; the 核验码 beneath."""
        layout, left = self._layout, self.sheet.left
        count, whole = len(symbol.rows), layout.code_whole
        lines = CODE_PT * 1.3 * (printed is not None) + NOTE_PT * 1.5 * bool(self._template.scan)
        y = self._foot_top - layout.foot_height + (layout.foot_height - whole - lines) / 2 + lines
        corners = b" ".join(map(number, (left, y, left + whole, y + whole)))
        figure = self.tree.open(b"Figure", self.tree.document, _figure("核验二维码", corners))
        runs = " ".join(
            [
                _NUMBERS[start] + at + _WIDTHS[end - start]
                for row, modules in enumerate(symbol.rows)
                for at in (_NUMBERS[row],)
                for start, end in map(re.Match[bytes].span, _DARK.finditer(modules))
            ]
        )
        module = f"{layout.code_side / count:.6f}".encode()
        start = b"%b %b" % (number(left + layout.quiet), number(y + whole - layout.quiet))
        self._mark(
            figure,
            b"1 g %b f" % _box(left, y, whole, whole),
            b"q %b 0 0 -%b %b cm 0 g" % (module, module, start),
            runs.encode(),
            b"f Q",
        )
        middle = left + whole / 2
        if printed is not None:
            y -= CODE_PT
            paragraph = self.tree.open(b"P", self.tree.document)
            label = self._width(OPENING_LABEL) + 0.5
            wide = label + self._width(printed)
            size = min(CODE_PT, (layout.foot_left - left - GAP) / wide)
            x = max(left, middle - wide * size / 2)
            self._mark(
                paragraph,
                paint(self._colours.label),
                self._lines([OPENING_LABEL], x, y, size),
                paint(self._colours.text),
                self._lines([printed], x + label * size, y, size),
            )
            y -= CODE_PT * 0.3
        if self._template.scan:
            paragraph = self.tree.open(b"P", self.tree.document)
            wide = self._width(self._template.scan) * NOTE_PT
            text = self._lines(
                [self._template.scan], max(left, middle - wide / 2), y - NOTE_PT * 1.3, NOTE_PT
            )
            self._mark(paragraph, paint(self._colours.note), text)

    def end(self, *, example: bool) -> None:
        """Notes at the foot."""
        lines = note_lines(self._template, self._fonts)
        y = self.sheet.bottom + NOTE_PT * 0.3 + LEADING * NOTE_PT * (len(lines) - 1)
        if example:
            paragraph = self.tree.open(b"P", self.tree.document)
            text = self._middle(EXAMPLE_NOTE, self.sheet.middle, y + NOTE_PT * 1.6, 9)
            self._mark(paragraph, paint(self._colours.seal), text)
        if lines:
            paragraph = self.tree.open(b"P", self.tree.document)
            texts = [
                self._middle(line, self.sheet.middle, y - at * LEADING * NOTE_PT, NOTE_PT)
                for at, line in enumerate(lines)
            ]
            self._mark(paragraph, paint(self._colours.note), *texts)

    def _mark(self, element: StructureElement, *content: bytes) -> None:
        self.parts.append(self.tree.mark(element, b"\n".join(content)))

    def _label(self, words: str, x: float, y: float, width: float, *, colon: bool = False) -> bytes:
        """A label spread to a width, made smaller where it is wider; its colon stands behind."""
        size = self._layout.size
        count, natural = len(units(words)), self._width(words)
        size = min(size, width / natural)
        space = (width - natural * size) / (count - 1) if count > 1 else 0.0
        spread = b"BT %b Tc %b %b Td %b 0 Tc ET" % (
            *map(number, (space, x, y)),
            self._runs(words, number(size)),
        )
        if not colon:
            return spread
        return b"%b\n%b" % (spread, self._lines(["："], x + width, y, size))

    def _middle(self, text: str, x: float, y: float, size: float) -> bytes:
        """One line around a place."""
        return self._lines([text], x - self._width(text) * size / 2, y, size)

    def _lines(self, lines: Sequence[str], x: float, y: float, size: float) -> bytes:
        """A text; its lines go down from the first base line."""
        points = number(size)
        shown = b" T* ".join(self._runs(line, points) for line in lines)
        place = tuple(map(number, (size * LEADING, x, y)))
        return b"BT %b TL %b %b Td %b ET" % (*place, shown)

    def _width(self, line: str) -> float:
        """Of a line, in its size."""
        known = self._background.shown.get(line)
        return known[1] if known else self._fonts.width(line) / EM

    def _runs(self, line: str, points: bytes) -> bytes:
        """A line, by the labels' font where that has its characters: each is embedded once."""
        known = self._background.shown.get(line)
        if known:
            return b"/L %b Tf %b Tj" % (points, known[0])
        parts: list[bytes] = []
        shared = self._background.labels
        for common, run in groupby(units(line), shared.has):
            subset, font = (shared, b"L") if common else (self.values, b"V")
            parts.append(b"/%b %b Tf %b Tj" % (font, points, subset.show("".join(run))))
        return b" ".join(parts)


_DARK: Final = re.compile(b"\x01+")
_MODULES: Final = 178
_NUMBERS: Final = [f"{place} " for place in range(_MODULES)]
_WIDTHS: Final = [f"{width} 1 re" for width in range(_MODULES)]
"""Parts of a symbol's runs: a page has a thousand of them."""


def _box(x: float, y: float, width: float, height: float) -> bytes:
    return b"%b %b %b %b re" % tuple(map(number, (x, y, width, height)))


def _line(x: float, y: float, to_x: float, to_y: float) -> bytes:
    return b"%b %b m %b %b l" % tuple(map(number, (x, y, to_x, to_y)))


def _figure(words: str, corners: bytes) -> bytes:
    return b" /Alt %b /A << /O /Layout /Placement /Block /BBox [%b] >>" % (
        text_string(words),
        corners,
    )
