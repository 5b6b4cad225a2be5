"""Tables for spreadsheet programs: .xlsx and CSV in which no text is taken for a formula."""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from etitle.table.cells import Value, column_letters
from etitle.table.limits import MAX_CELL_CHARS, MAX_SHEET_ROWS
from etitle.table.strings import escaped

MAX_LIST_CHARS: Final = 255
"""Characters of a drop-down list within its cell's rule (Excel); longer ones stand on a sheet."""

MAX_TITLE_CHARS: Final = 31
"""Characters of a sheet's name (Excel)."""

LIST_SHEET: Final = "lists"
"""The hidden sheet of longer drop-down lists."""

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make a spreadsheet program read CSV text as a formula (OWASP)."""
_WIDTH: Final = 16
"""Characters of a column's width unless it says otherwise."""
_FILL: Final = "FFF2CC"
"""Light amber, which prints as a light grey."""
_TEXT_FORMAT: Final = "@"
_DATE_FORMAT: Final = "yyyy-mm-dd"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table that is written.

    Attributes:
        heading: what stands in the first row.
        width: in characters of Latin text.
        choices: what may be chosen from a drop-down list; empty for no list.
    """

    heading: str
    width: int = _WIDTH
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A value whose cell is filled with a colour and carries a comment; CSV has the value alone.

    Attributes:
        value: what stands in the cell.
        comment: what a spreadsheet program shows beside it.
    """

    value: Value
    comment: str


Written: TypeAlias = Value | Marked


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet looks; CSV has no looks.

    Attributes:
        title: the sheet's name.
        frozen: whether the headings stay in sight.
        blank_rows: rows below the last that are prepared for typing: as text, with their lists.
    """

    title: str = "Sheet1"
    frozen: bool = True
    blank_rows: int = 0


_PLAIN: Final = Layout()


@dataclass(slots=True)
class _Lists:
    """Where the drop-down lists stand that are too long for a rule."""

    columns: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])

    def rule(self, choices: tuple[str, ...]) -> str:
        inside = ",".join(choices)
        # A comma within a choice would part it, a quotation mark end the rule.
        if len(inside) <= MAX_LIST_CHARS and not any(
            "," in each or '"' in each for each in choices
        ):
            return f'"{inside}"'
        if choices not in self.columns:
            self.columns.append(choices)
        letters = column_letters(self.columns.index(choices))
        return f"{LIST_SHEET}!${letters}$1:${letters}${len(choices)}"


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula when it opens CSV.

    >>> harmless("=1+1"), harmless("样例")
    ("'=1+1", '样例')
    """
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def write_csv(path: Path, columns: Sequence[Column], rows: Iterable[Sequence[Written]]) -> int:
    """Write CSV in UTF-8 with a byte-order mark, by which spreadsheet programs know it.

    Returns:
        How many rows were written below the headings.
    """
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="", errors="replace") as file:
        out = csv.writer(file)
        out.writerow([harmless(column.heading) for column in columns])
        for row in rows:
            out.writerow([_csv_value(value) for value in row])
            count += 1
    return count


def _csv_value(value: Written) -> object:
    plain = value.value if isinstance(value, Marked) else value
    if isinstance(plain, datetime.date):
        return plain.isoformat()
    return harmless(plain) if isinstance(plain, str) else plain


def write_xlsx(
    path: Path,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Written]],
    *,
    layout: Layout = _PLAIN,
) -> int:
    """Write an .xlsx workbook with one sheet; text is always written as text.

    Args:
        path: where.
        columns: headings, widths, lists.
        rows: values below the headings, taken one at a time.
        layout: how the sheet looks.

    Returns:
        How many rows were written below the headings.
    """
    import openpyxl  # noqa: PLC0415  # half of the start-up time of a command that writes none
    from openpyxl.styles import Font  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(escaped(layout.title)[:MAX_TITLE_CHARS])
    if layout.frozen:
        sheet.freeze_panes = "A2"
    for place, column in enumerate(columns):
        look = sheet.column_dimensions[column_letters(place)]
        look.width = column.width
        look.number_format = _TEXT_FORMAT
    make = _Cells(sheet)
    sheet.append([make.cell(column.heading, font=Font(bold=True)) for column in columns])
    count = 0
    for row in rows:
        sheet.append([make.cell(value) for value in row])
        count += 1
    lists = _Lists()
    _add_lists(sheet, columns, lists, min(count + layout.blank_rows + 1, MAX_SHEET_ROWS))
    if lists.columns:
        _add_list_sheet(book, lists)
    book.save(path)
    return count


def _add_lists(sheet: Any, columns: Sequence[Column], lists: _Lists, last: int) -> None:  # noqa: ANN401  # the class has no public name
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    for place, column in enumerate(columns):
        if column.choices and last > 1:
            letters = column_letters(place)
            rule: Any = DataValidation(
                type="list",
                formula1=lists.rule(column.choices),
                allow_blank=True,
                showErrorMessage=True,
            )
            rule.add(f"{letters}2:{letters}{last}")
            sheet.data_validations.append(rule)


def _add_list_sheet(book: Any, lists: _Lists) -> None:  # noqa: ANN401
    sheet = book.create_sheet(LIST_SHEET)
    sheet.sheet_state = "hidden"
    make = _Cells(sheet)
    for row in _turned(lists.columns):
        sheet.append([make.cell(value) for value in row])


def _turned(columns: Sequence[tuple[str, ...]]) -> Iterator[list[str | None]]:
    for place in range(max(map(len, columns))):
        yield [column[place] if place < len(column) else None for column in columns]


class _Cells:
    """Makes the cells of one sheet."""

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401
        from openpyxl.styles import PatternFill  # noqa: PLC0415

        self._sheet = sheet
        self._fill = PatternFill("solid", fgColor=_FILL)

    def cell(self, value: Written, *, font: Any = None) -> Any:  # noqa: ANN401
        cell: Any
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

        plain = value.value if isinstance(value, Marked) else value
        if isinstance(plain, str):
            cell = WriteOnlyCell(self._sheet, value="")
            # Set behind openpyxl's guesses: what begins with "=" would become a formula.
            cell._value = escaped(plain[:MAX_CELL_CHARS])  # noqa: SLF001
            cell.data_type = "s"
            cell.number_format = _TEXT_FORMAT
        else:
            make: Any = WriteOnlyCell  # its stub lacks datetime.date
            cell = make(self._sheet, value=plain)
            if type(plain) is datetime.date:
                cell.number_format = _DATE_FORMAT
        if font is not None:
            cell.font = font
        if isinstance(value, Marked):
            self._mark(cell, value.comment)
        return cell

    def _mark(self, cell: Any, text: str) -> None:  # noqa: ANN401
        from openpyxl.comments import Comment  # noqa: PLC0415

        cell.fill = self._fill
        if text:
            cell.comment = Comment(escaped(text[:MAX_CELL_CHARS]), "etitle")
