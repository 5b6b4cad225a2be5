"""The rows of a sheet, one after the other, in memory that doesn't grow with the sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from etitle.errors import DecodeError
from etitle.table.book import SheetPart, parsed
from etitle.table.cells import Value, date_of, number_of, written_date
from etitle.table.limits import EXACT_DIGITS, MAX_DEPTH, MAX_SHEET_BYTES
from etitle.table.markup import TRUE, Attributes, feed
from etitle.table.prescan import (
    CELL_DEPTH,
    INLINE_DEPTH,
    ROW_DEPTH,
    RUN_DEPTH,
    VALUE_DEPTH,
    Numbering,
    Scan,
    is_hidden,
)
from etitle.table.strings import MAX_RAW_CHARS, is_blank, string_at, unescaped
from etitle.table.styles import PLAIN, Precision, Style

_NONE: Final[frozenset[int]] = frozenset()
_DAYS: Final[Mapping[int, Precision]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that holds something.

    Attributes:
        number: as a spreadsheet program counts, from 1.
        values: by column from 0, up to the last that holds something; text of white space only is
            None.  A formula has the value that was last computed, an error cell its text.
        hidden: whether it is not shown.
        struck: whether every value is struck out.
        formulas: columns that hold a formula.
        errors: columns that hold an error value.
        partial: columns with a date of which only the year, or year and month, are shown.
        beyond: the first column beyond the read limit that holds something; None if none does.
    """

    number: int
    values: tuple[Value, ...]
    hidden: bool = False
    struck: bool = False
    formulas: frozenset[int] = _NONE
    errors: frozenset[int] = _NONE
    partial: Mapping[int, Precision] = field(default_factory=lambda: _DAYS)
    beyond: int | None = None

    @property
    def inexact(self) -> frozenset[int]:
        """Columns with a number of more digits than a spreadsheet keeps: a ruined code.

        >>> TableRow(2, ("450099199001010072", 450099199001010000)).inexact
        frozenset({1})
        """
        return frozenset(
            column
            for column, value in enumerate(self.values)
            if isinstance(value, (int, float)) and abs(value) >= 10**EXACT_DIGITS
        )


def sheet_rows(scan: Scan, sheet: SheetPart, *, columns: int) -> Iterator[TableRow]:
    """The rows of a sheet that hold something, in order.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    walk = _Reading(scan, columns)
    pieces = parsed(scan.package, sheet.part, "sheet", most=MAX_SHEET_BYTES)
    for _ in feed(pieces, "sheet", start=walk.start, end=walk.end, text=walk.text):
        yield from walk.rows
        walk.rows.clear()


class _Reading:
    """The handlers of one sheet; ``rows`` is emptied by whoever feeds it."""

    def __init__(self, scan: Scan, columns: int) -> None:
        names = ("row", "c", "v", "f", "is", "t", "r")
        tags = (f"{scan.book.namespace} {name}" for name in names)
        self._row, self._c, self._v, self._f, self._is, self._t, self._r = tags
        self._scan, self._most = scan, columns
        self._at = Numbering()
        self._depth = 0
        self._in_row = self._in_cell = self._inline = self._in_run = self._taking = False
        self._kind, self._chars = "n", 0
        self._style: Style = PLAIN
        self._texts: list[str] = []
        self._formula = False
        self._clear(hidden=False)
        self.rows: list[TableRow] = []

    def _clear(self, *, hidden: bool) -> None:
        self._hidden, self._struck = hidden, True
        self._values: list[Value] = []
        self._formulas: list[int] = []
        self._errors: list[int] = []
        self._partial: dict[int, Precision] = {}
        self._beyond: int | None = None

    def start(self, tag: str, said: Attributes) -> None:
        depth = self._depth = self._depth + 1
        self._taking = False
        if depth == CELL_DEPTH and tag == self._c and self._in_row:
            self._at.next_column(said)
            self._in_cell, self._formula, self._chars = True, False, 0
            self._kind = said.get("t", "n")
            self._style = self._scan.style(said.get("s"))
        elif depth == VALUE_DEPTH and self._in_cell:
            self._taking = tag == self._v and self._kind != "inlineStr"
            self._inline = tag == self._is and self._kind == "inlineStr"
            self._in_run = False
            self._formula = self._formula or tag == self._f
        elif depth == ROW_DEPTH and tag == self._row:
            self._at.next_row(said)
            self._in_row = True
            self._clear(hidden=is_hidden(said))
        elif depth == INLINE_DEPTH and self._in_cell and self._inline:
            self._in_run, self._taking = tag == self._r, tag == self._t
        elif depth == RUN_DEPTH and self._in_cell and self._inline:
            self._taking = self._in_run and tag == self._t
        elif depth > MAX_DEPTH:
            raise DecodeError("table.workbook_bomb", part="sheet")

    def text(self, data: str) -> None:
        if self._taking:
            self._chars += len(data)
            if self._chars > MAX_RAW_CHARS:
                raise DecodeError("table.workbook_bomb", part="cell")
            self._texts.append(data)

    def end(self, _: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        self._taking = False
        if depth == CELL_DEPTH and self._in_cell:
            self._in_cell = False
            if self._texts or self._formula:
                self._end_cell()
                self._texts.clear()
        elif depth == ROW_DEPTH and self._in_row:
            self._in_row = False
            if self._values or self._beyond is not None:
                self._end_row()

    def _end_cell(self) -> None:
        column = self._at.column
        value = self._value("".join(self._texts), column)
        if value is None and not self._formula:
            return
        self._struck = self._struck and self._style.struck
        if column >= self._most:
            self._beyond = column if self._beyond is None else self._beyond
            self._partial.pop(column, None)
            return
        self._values.extend([None] * (column - len(self._values)))
        self._values.append(value)
        if self._formula:
            self._formulas.append(column)
        if self._kind == "e":
            self._errors.append(column)

    def _value(self, raw: str, column: int) -> Value:
        """The value of a cell by its type (ECMA-376 part 1, 18.18.11)."""
        value: Value
        match self._kind:
            case "s":
                value = string_at(self._scan.strings, raw) if raw else None
            case "str" | "inlineStr" | "e":
                value = unescaped(raw)
            case "n":
                value = self._number(raw, column) if not is_blank(raw) else None
            case "b":
                value = raw.strip() in TRUE if raw else None
            case "d":
                value = written_date(raw)
            case _:
                raise DecodeError("table.workbook_malformed", what="cell type")
        return None if isinstance(value, str) and is_blank(value) else value

    def _number(self, raw: str, column: int) -> Value:
        number = number_of(raw.strip())
        if self._style.date is None:
            return number
        date = date_of(number, epoch_1904=self._scan.book.epoch_1904)
        if date is None:
            return number
        if self._style.date != "day":
            self._partial[column] = self._style.date
        return date

    def _end_row(self) -> None:
        self.rows.append(
            TableRow(
                number=self._at.row,
                values=tuple(self._values),
                hidden=self._hidden,
                struck=self._struck,
                formulas=frozenset(self._formulas) if self._formulas else _NONE,
                errors=frozenset(self._errors) if self._errors else _NONE,
                partial=MappingProxyType(self._partial) if self._partial else _DAYS,
                beyond=self._beyond,
            )
        )
