"""The content of a page, drawn and tagged in reading order (docs/spec clause 9.6)."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Final

from etitle.certificate.photo import HEIGHT_MM, WIDTH_MM, Photo
from etitle.page.background import Background, note_lines
from etitle.page.fields import EXAMPLE_NOTE, NO_PHOTO, NO_PHOTO_WHY, OPENING_LABEL, label_of
from etitle.page.font import EM, FontChain, units
from etitle.page.layout import (
    FOOT_Y,
    LABEL_EM,
    LEADING,
    LEFT,
    NOTE_PT,
    NOTE_Y,
    PHOTO_GAP,
    RIGHT,
    TABLE_TOP,
    TITLE_Y,
    WIDTH,
    LayoutRow,
    Modules,
    PageLayout,
)
from etitle.page.sealimage import MM, paint
from etitle.page.structtree import StructureElement, StructureTree
from etitle.page.subset import Subset
from etitle.page.template import Template
from etitle.pdf import number, text_string


class PageContent:
    """The page's content, from the top down, with its tags."""

    def __init__(
        self, background: Background, template: Template, fonts: FontChain, tree: StructureTree
    ) -> None:
        self.parts: list[bytes] = []
        self.tree = tree
        self.values = Subset(fonts)
        self._background = background
        self._template = template
        self._fonts = fonts
        self._colours = template.colours

    def begin(self) -> None:
        """Background and title."""
        template = self._template
        self.parts.append(b"/Artifact BMC\n/G Do\nEMC")
        heading = self.tree.open(b"H1", self.tree.document)
        size = min(
            template.layout.title_pt, (RIGHT - LEFT) / self._background.shown[template.title][1]
        )
        text = self._words(template.title, WIDTH / 2, TITLE_Y, size, middle=True)
        thick = b"2 Tr %b w\n%b\n0 Tr" % (number(size / 60), text)
        self._mark(heading, paint(self._colours.title), thick)
        if template.subtitle:
            below = self.tree.open(b"P", self.tree.document)
            text = self._words(template.subtitle, WIDTH / 2, TITLE_Y - 22, 12, middle=True)
            self._mark(below, paint(self._colours.title), text)

    def photo(self, photo: Photo | None, layout: PageLayout) -> None:
        """The photo, or the note that there is none."""
        width, height = WIDTH_MM * MM, HEIGHT_MM * MM
        x, y = RIGHT - width, TABLE_TOP - (layout.photo_height + height) / 2
        box = b" ".join(map(number, (x, y, width, height)))
        frame = b"/Artifact BMC\n%b 0.6 w %b re S\nEMC" % (paint(self._colours.rule), box)
        if photo is None:
            self.parts.append(frame)
            missing = self.tree.open(b"P", self.tree.document)
            middle = x + width / 2
            first = self._middle(NO_PHOTO, middle, y + height / 2 + 2, 14)
            second = self._middle(NO_PHOTO_WHY, middle, y + height / 2 - 14, NOTE_PT)
            self._mark(missing, paint(self._colours.note), first, second)
            return
        corners = b" ".join(map(number, (x, y, x + width, y + height)))
        figure = self.tree.open(b"Figure", self.tree.document, _figure("持证人照片", corners))
        matrix = b" ".join(map(number, (width, 0, 0, height, x, y)))
        self._mark(figure, b"q %b cm /P Do Q" % matrix)
        self.parts.append(frame)

    def table(self, layout: PageLayout) -> None:
        """Labels and values."""
        narrow = RIGHT - WIDTH_MM * MM - PHOTO_GAP
        boxes: list[bytes] = []
        table = self.tree.open(b"Table", self.tree.document)
        texts: list[bytes] = []
        top = TABLE_TOP
        # Rows beside the photo share its height; one that wraps makes all the room that it needs.
        spare = (layout.photo_height - sum(row.height for row in layout.beside)) / max(
            1, len(layout.beside)
        )
        for row in (*layout.beside, *layout.below):
            beside = row in layout.beside
            right = narrow if beside else RIGHT
            height = row.height + (spare if beside else 0)
            bottom = top - height
            boxes.append(_box(LEFT, bottom, right - LEFT, height))
            texts += self._row(table, row, layout.size, top=top, bottom=bottom)
            top = bottom
        labels = _box(LEFT, top, layout.label_width, TABLE_TOP - top)
        ground, rule = paint(self._colours.ground), paint(self._colours.rule)
        self.parts += [b"/Artifact BMC", ground, labels, b"f", rule, b"0.5 w", labels, *boxes]
        self.parts += [b"S\nEMC", *texts]

    def _row(
        self, table: StructureElement, row: LayoutRow, size: float, *, top: float, bottom: float
    ) -> list[bytes]:
        line = self.tree.open(b"TR", table)
        head = self.tree.open(b"TH", line, b" /A << /O /Table /Scope /Row >>")
        cell = self.tree.open(b"TD", line)
        middle = (top + bottom) / 2
        width = size * LABEL_EM
        base_line = middle - size * 0.36
        label = self._words(label_of(row.field), LEFT + width / 2, base_line, size, middle=True)
        first = middle + size * (LEADING * (len(row.lines) - 1) / 2 - 0.36)
        value = self._lines(row.lines, LEFT + width + size * 0.6, first, size)
        return [
            self.tree.mark(head, b"%b\n%b" % (paint(self._colours.label), label)),
            self.tree.mark(cell, b"%b\n%b" % (paint(self._colours.text), value)),
        ]

    def foot(self, layout: PageLayout) -> tuple[float, float, float, float]:
        """Issuing body and day, right; the place of the seal over them."""
        height = sum(row.height for row in layout.foot)
        diameter = self._template.seal.diameter_mm * MM
        centre_y = max(FOOT_Y + 16 + height / 2, FOOT_Y - 14 + diameter / 2)
        top = centre_y + height / 2
        for row in layout.foot:
            paragraph = self.tree.open(b"P", self.tree.document)
            y = top - layout.size * 1.25
            label = self._words(label_of(row.field), layout.foot_left, y, layout.size)
            value = self._lines(row.lines, layout.foot_left + layout.size * 5.0, y, layout.size)
            colours = self._colours
            self._mark(paragraph, paint(colours.label), label, paint(colours.text), value)
            top -= row.height
        x = RIGHT - diameter - 10
        y = centre_y - diameter / 2
        return (x, y, x + diameter, y + diameter)

    def code(self, symbol: Modules, layout: PageLayout, printed: str | None) -> None:
        """The QR code with its quiet zone, left; the 核验码 beneath."""
        side, quiet = layout.code_side, layout.quiet
        count = len(symbol.rows)
        whole = side + 2 * quiet
        y = FOOT_Y + 24
        box = (LEFT, y, whole, whole)
        corners = b" ".join(map(number, (LEFT, y, LEFT + whole, y + whole)))
        figure = self.tree.open(b"Figure", self.tree.document, _figure("核验二维码", corners))
        runs = " ".join(
            [
                f"{start} {row} {end - start} 1 re"
                for row, modules in enumerate(symbol.rows)
                for start, end in map(re.Match[bytes].span, _DARK.finditer(modules))
            ]
        )
        module = f"{side / count:.6f}".encode()
        start = b"%b %b" % (number(LEFT + quiet), number(y + quiet + side))
        self._mark(
            figure,
            b"1 g %b re f" % b" ".join(map(number, box)),
            b"q %b 0 0 -%b %b cm 0 g" % (module, module, start),
            runs.encode(),
            b"f Q",
        )
        middle = LEFT + whole / 2
        if printed is not None:
            paragraph = self.tree.open(b"P", self.tree.document)
            size = 10.0
            label, width = self._background.shown[OPENING_LABEL]
            wide = (width + 0.5 + self._fonts.width(printed) / EM) * size
            x = max(LEFT, middle - wide / 2)
            self._mark(
                paragraph,
                paint(self._colours.label),
                _text(b"L", label, x, FOOT_Y + 12, size),
                paint(self._colours.text),
                self._lines([printed], x + (width + 0.5) * size, FOOT_Y + 12, size),
            )
        if self._template.scan:
            paragraph = self.tree.open(b"P", self.tree.document)
            wide = self._background.shown[self._template.scan][1] * NOTE_PT
            x = max(LEFT, middle - wide / 2)
            text = self._words(self._template.scan, x, FOOT_Y, NOTE_PT)
            self._mark(paragraph, paint(self._colours.note), text)

    def end(self, *, example: bool) -> None:
        """Notes at the foot."""
        lines = note_lines(self._template, self._fonts)
        y = NOTE_Y + LEADING * NOTE_PT * (len(lines) - 1)
        if example:
            paragraph = self.tree.open(b"P", self.tree.document)
            text = self._words(EXAMPLE_NOTE, WIDTH / 2, y + NOTE_PT * 1.6, 9, middle=True)
            self._mark(paragraph, paint(self._colours.seal), text)
        if lines:
            paragraph = self.tree.open(b"P", self.tree.document)
            texts = [
                self._words(line, WIDTH / 2, y - at * LEADING * NOTE_PT, NOTE_PT, middle=True)
                for at, line in enumerate(lines)
            ]
            self._mark(paragraph, paint(self._colours.note), *texts)

    def _mark(self, element: StructureElement, *content: bytes) -> None:
        self.parts.append(self.tree.mark(element, b"\n".join(content)))

    def _words(self, text: str, x: float, y: float, size: float, *, middle: bool = False) -> bytes:
        """A text of the template."""
        operand, width = self._background.shown[text]
        return _text(b"L", operand, x - width * size / 2 if middle else x, y, size)

    def _middle(self, text: str, x: float, y: float, size: float) -> bytes:
        """One line around a place, by the values' font."""
        return self._lines([text], x - self._fonts.width(text) / EM * size / 2, y, size)

    def _lines(self, lines: list[str], x: float, y: float, size: float) -> bytes:
        """A value; its lines go down from the first base line."""
        points = number(size)
        shown = b" T* ".join(self._runs(line, points) for line in lines)
        place = tuple(map(number, (size * LEADING, x, y)))
        return b"BT %b TL %b %b Td %b ET" % (*place, shown)

    def _runs(self, line: str, points: bytes) -> bytes:
        """A line, by the labels' font where that has its characters: each is embedded once."""
        parts: list[bytes] = []
        shared = self._background.labels
        for common, run in groupby(units(line), shared.has):
            subset, font = (shared, b"L") if common else (self.values, b"V")
            parts.append(b"/%b %b Tf %b Tj" % (font, points, subset.show("".join(run))))
        return b" ".join(parts)


_DARK: Final = re.compile(b"\x01+")


def _text(font: bytes, operand: bytes, x: float, y: float, size: float) -> bytes:
    return b"BT /%b %b Tf %b %b Td %b Tj ET" % (font, *map(number, (size, x, y)), operand)


def _box(x: float, y: float, width: float, height: float) -> bytes:
    return b"%b %b %b %b re" % tuple(map(number, (x, y, width, height)))


def _figure(words: str, corners: bytes) -> bytes:
    return b" /Alt %b /A << /O /Layout /Placement /Block /BBox [%b] >>" % (
        text_string(words),
        corners,
    )
