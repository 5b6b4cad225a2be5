"""The pass over a workbook before any value is read: what there is, and whether it is bearable.

Every member of the zip is inflated in pieces and counted, whatever its name; then styles and
strings are read, and every sheet is walked by expat without making values.  What is refused is
refused here, before a row is handed out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from etitle.errors import DecodeError
from etitle.table.book import Book, SheetPart, State, open_book, parsed
from etitle.table.cells import Columns
from etitle.table.limits import (
    MAX_CELL_ELEMENTS,
    MAX_DEPTH,
    MAX_EMPTY_CELLS,
    MAX_EMPTY_ROWS,
    MAX_OTHER_ELEMENTS,
    MAX_SHEET_BYTES,
    MAX_SHEET_COLUMNS,
    MAX_SHEET_ROWS,
    MAX_TAGS,
)
from etitle.table.markup import TRUE, Attributes, parse
from etitle.table.package import Package, open_package
from etitle.table.strings import MAX_RAW_CHARS, is_blank, read_strings
from etitle.table.styles import PLAIN, Style, read_styles

_PLACE: Final = re.compile("[0-9]{1,5}")

ROW_DEPTH: Final = 3
CELL_DEPTH: Final = 4
VALUE_DEPTH: Final = 5
INLINE_DEPTH: Final = 6
RUN_DEPTH: Final = 7
"""Depths in a sheet: worksheet, sheetData, row, c, then v, f or is, then t or r, then t."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as measured.

    Attributes:
        name: on its tab; "" for CSV.
        state: whether a spreadsheet program shows its tab.
        rows: rows that hold something.
        last_row: number of the last of them.
        columns: columns up to the last that holds something.
        cells: cells that hold something.
        largest_chars: characters of the longest value that stands in the sheet itself; shared
            strings have a limit of their own.
        hidden_rows: of the rows that hold something, those that are not shown.
        filtered: whether a filter with conditions is set, which hides rows.
        hidden_columns: columns that are not shown, from 0.
        struck_rows: of the rows that hold something, those that are struck out in every cell.
        error_cells: cells that hold an error value such as ``#N/A``.
        formula_cells: cells that hold a formula.
    """

    name: str
    state: State = "visible"
    rows: int = 0
    last_row: int = 0
    columns: int = 0
    cells: int = 0
    largest_chars: int = 0
    hidden_rows: int = 0
    filtered: bool = False
    hidden_columns: frozenset[int] = frozenset()
    struck_rows: int = 0
    error_cells: int = 0
    formula_cells: int = 0


@dataclass(frozen=True, slots=True)
class Scan:
    """A workbook that may be read.

    Attributes:
        package: its zip.
        book: which part is what.
        strings: shared strings.
        styles: styles of cells.
        sheets: in the order of their tabs.
    """

    package: Package
    book: Book
    strings: tuple[str, ...]
    styles: tuple[Style, ...]
    sheets: tuple[Sheet, ...]

    def style(self, number: str | None) -> Style:
        """The style that a cell names.

        Raises:
            DecodeError: ``table.workbook_malformed``.
        """
        return style_at(self.styles, number)


def style_at(styles: tuple[Style, ...], number: str | None) -> Style:
    """The style of a number as a cell spells it; a workbook without styles has the plain one.

    Raises:
        DecodeError: ``table.workbook_malformed``.
    """
    if number is None or not styles:
        return styles[0] if styles else PLAIN
    if not (number.isascii() and number.isdigit() and len(number) <= 9):  # noqa: PLR2004  # digits
        raise DecodeError("table.workbook_malformed", what="styles")
    place = int(number)
    return styles[place] if place < len(styles) else PLAIN


def scan(data: bytes) -> Scan:
    """Measure a workbook.

    Raises:
        DecodeError: ``table.workbook_malformed``, ``table.workbook_bomb``, or the codes of
            ``open_book``.
    """
    package = open_package(data)
    book = open_book(package)
    _check_tags(package, book)
    namespace = book.namespace
    styles: tuple[Style, ...] = ()
    strings: tuple[str, ...] = ()
    if book.styles is not None:
        styles = read_styles(parsed(package, book.styles, "styles"), namespace)
    if book.strings is not None:
        pieces = parsed(package, book.strings, "shared strings", most=MAX_SHEET_BYTES)
        strings = read_strings(pieces, namespace)
    blank = frozenset(str(place) for place, text in enumerate(strings) if is_blank(text))
    sheets = tuple(_measure(package, each, namespace, styles, blank) for each in book.sheets)
    return Scan(package, book, strings, styles, sheets)


def _check_tags(package: Package, book: Book) -> None:
    """All that is parsed together, or many sheets would each be just bearable."""
    names = {book.strings, book.styles, *(sheet.part for sheet in book.sheets)}
    parts = [part for name, part in package.parts.items() if name in names]
    if sum(part.tags for part in parts) > MAX_TAGS:
        raise DecodeError("table.workbook_bomb", part="workbook")


def _measure(
    package: Package,
    sheet: SheetPart,
    namespace: str,
    styles: tuple[Style, ...],
    blank: frozenset[str],
) -> Sheet:
    walk = _Walk(namespace, styles, blank)
    pieces = parsed(package, sheet.part, "sheet", most=MAX_SHEET_BYTES)
    parse(pieces, "sheet", start=walk.start, end=walk.end, text=walk.text)
    return Sheet(
        name=sheet.name,
        state=sheet.state,
        rows=walk.rows,
        last_row=walk.last_row,
        columns=walk.columns,
        cells=walk.cells,
        largest_chars=walk.largest,
        hidden_rows=walk.hidden_rows,
        filtered=walk.filtered,
        hidden_columns=frozenset(walk.hidden_columns),
        struck_rows=walk.struck_rows,
        error_cells=walk.error_cells,
        formula_cells=walk.formula_cells,
    )


class Numbering:
    """Numbers of rows and columns as a sheet counts them: ascending, given or left out."""

    __slots__ = ("column", "columns", "row", "row_text")

    def __init__(self) -> None:
        self.row = 0
        self.row_text = "0"
        self.column = -1
        self.columns = Columns()

    def next_row(self, said: Attributes) -> int:
        """The number of a row that begins.

        Raises:
            DecodeError: ``table.workbook_malformed`` for one that doesn't ascend or is no number,
                ``table.too_many_rows`` beyond the last row of a sheet.
        """
        text = said.get("r")
        if text is None:
            text = str(self.row + 1)
        try:
            number = int(text)
        except ValueError:
            raise DecodeError("table.workbook_malformed", what="row number") from None
        if str(number) != text:
            raise DecodeError("table.workbook_malformed", what="row number")
        if number > MAX_SHEET_ROWS:
            raise DecodeError("table.too_many_rows", limit=MAX_SHEET_ROWS)
        if number <= self.row:
            raise DecodeError("table.workbook_malformed", what="row number")
        self.row, self.row_text, self.column = number, text, -1
        return number

    def next_column(self, said: Attributes) -> int:
        """The column of a cell that begins, from 0.

        Raises:
            DecodeError: ``table.workbook_malformed``.
        """
        reference = said.get("r")
        if reference is None:
            column = self.column + 1
            if column >= MAX_SHEET_COLUMNS:
                raise DecodeError("table.workbook_malformed", what="column")
        else:
            column = self.columns.at(reference, self.row_text)
            if column <= self.column:
                raise DecodeError("table.workbook_malformed", what="cell reference")
        self.column = column
        return column


def is_hidden(said: Attributes) -> bool:
    """Whether a row is not shown: hidden, filtered out, or of no height."""
    return said.get("hidden") in TRUE or said.get("ht") == "0"


class _Walk:
    """The handlers of one sheet; no value is made, but whether there is one is known."""

    def __init__(self, namespace: str, styles: tuple[Style, ...], blank: frozenset[str]) -> None:
        names = ("row", "c", "v", "f", "is", "t", "r", "col", "filterColumn")
        tags = [f"{namespace} {name}" for name in names]
        self._row, self._c, self._v, self._f, self._is, self._t, self._r, *self._rare = tags
        self._root = f"{namespace} worksheet"
        self._styles, self._blank = styles, blank
        self._at = Numbering()
        self._depth = 0
        self._in_row = self._in_cell = False
        self._taking = self._in_run = self._filled = False
        self._kind = ""
        self._chars = self._past = self._inner = self._others = self._empty = 0
        self._empty_rows = 0
        self._struck = True
        self._row_said: Attributes = {}
        self._row_cells = 0
        self._style: str | None = None
        self.rows = self.last_row = self.columns = self.cells = self.largest = 0
        self.hidden_rows = self.struck_rows = self.error_cells = self.formula_cells = 0
        self.filtered = False
        self.hidden_columns: set[int] = set()

    def start(self, tag: str, said: Attributes) -> None:
        depth = self._depth = self._depth + 1
        self._taking = False
        if depth == CELL_DEPTH and tag == self._c and self._in_row:
            self._at.next_column(said)
            self._in_cell, self._filled = True, False
            self._kind, self._style = said.get("t", "n"), said.get("s")
            self._chars = self._inner = 0
        elif self._in_cell:
            self._begin_inner(tag)
        elif depth == ROW_DEPTH and tag == self._row:
            self._at.next_row(said)
            self._in_row, self._struck, self._row_cells = True, True, 0
            self._row_said = said
        else:
            self._begin_other(tag, said)

    def _begin_inner(self, tag: str) -> None:
        """An element within a cell: its value, its formula, or text with its runs."""
        depth = self._depth
        self._inner += 1
        if self._inner > MAX_CELL_ELEMENTS:
            self._count_other()
        if depth == VALUE_DEPTH:
            self._in_run, self._taking = False, tag == self._v
            if tag == self._f:
                self._filled = True
                self.formula_cells += 1
        elif self._kind == "inlineStr" and depth == INLINE_DEPTH:
            self._in_run, self._taking = tag == self._r, tag == self._t
        elif self._kind == "inlineStr" and depth == RUN_DEPTH:
            self._taking = self._in_run and tag == self._t

    def _count_other(self) -> None:
        self._others += 1
        if self._others > MAX_OTHER_ELEMENTS or self._depth > MAX_DEPTH:
            raise DecodeError("table.workbook_bomb", part="sheet")

    def _begin_other(self, tag: str, said: Attributes) -> None:
        self._count_other()
        if self._depth == 1 and tag != self._root:
            raise DecodeError("table.workbook_malformed", what="sheet")
        if tag in self._rare:
            self._begin_rare(tag, said)

    def _begin_rare(self, tag: str, said: Attributes) -> None:
        if tag == self._rare[1]:
            self.filtered = True
        elif said.get("hidden") in TRUE or said.get("width") == "0":
            first, last = said.get("min", ""), said.get("max", "")
            if not (_PLACE.fullmatch(first) and _PLACE.fullmatch(last)):
                raise DecodeError("table.workbook_malformed", what="columns")
            # Ranges ascend; others are passed over, or few tags could name each column often.
            reached = range(max(int(first) - 1, self._past), min(int(last), MAX_SHEET_COLUMNS))
            self.hidden_columns.update(reached)
            self._past = max(self._past, reached.stop)

    def text(self, data: str) -> None:
        if self._taking:
            self._chars += len(data)
            if self._chars > MAX_RAW_CHARS:
                raise DecodeError("table.workbook_bomb", part="cell")
            if not self._filled:
                # A shared string is blank or not by its number, other text by its characters.
                self._filled = data not in self._blank if self._kind == "s" else not data.isspace()

    def end(self, _: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        self._taking = False
        if depth == CELL_DEPTH:
            if self._in_cell:
                self._end_cell()
            self._in_cell = False
        elif depth == ROW_DEPTH and self._in_row:
            self._in_row = False
            if self._row_cells:
                self.rows += 1
                self.last_row = self._at.row
                self.hidden_rows += is_hidden(self._row_said)
                self.struck_rows += self._struck
            else:
                self._empty_rows += 1
                if self._empty_rows > MAX_EMPTY_ROWS:
                    raise DecodeError("table.workbook_bomb", part="empty rows")

    def _end_cell(self) -> None:
        if not self._filled:
            self._empty += 1
            if self._empty > MAX_EMPTY_CELLS:
                raise DecodeError("table.workbook_bomb", part="empty cells")
            return
        self.cells += 1
        self._row_cells += 1
        self.columns = max(self.columns, self._at.column + 1)
        self.largest = max(self.largest, self._chars)
        if self._kind == "e":
            self.error_cells += 1
        if self._struck and not style_at(self._styles, self._style).struck:
            self._struck = False
