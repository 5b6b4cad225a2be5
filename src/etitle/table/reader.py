r"""A table from outside: .xlsx or CSV, measured first, then read row by row.

>>> table = read_table("number,name\n1,样例甲\n".encode())
>>> [row.values for row in table.rows()]
[('number', 'name'), ('1', '样例甲')]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from etitle.errors import DecodeError
from etitle.files import read_bounded
from etitle.table.delimited import csv_rows, encoding_of
from etitle.table.kind import kind_of
from etitle.table.limits import MAX_COLUMNS, MAX_FILE_BYTES, MAX_SHEET_ROWS
from etitle.table.prescan import Scan, Sheet, scan
from etitle.table.sheet import TableRow, sheet_rows


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was measured and may be read.

    Attributes:
        kind: what the file is, by its content.
        encoding: of CSV; "" for .xlsx.
        sheets: all worksheets in the order of their tabs; one for CSV.
    """

    kind: Literal["xlsx", "csv"]
    encoding: str
    sheets: tuple[Sheet, ...]
    _content: Scan | bytes = field(repr=False)

    @property
    def filled(self) -> tuple[Sheet, ...]:
        """The sheets that hold something."""
        return tuple(sheet for sheet in self.sheets if sheet.rows)

    @property
    def choice(self) -> tuple[Sheet, ...]:
        """The filled sheets that are shown, or all filled ones where none is shown."""
        return tuple(each for each in self.filled if each.state == "visible") or self.filled

    def rows(self, sheet: str | None = None, *, columns: int = MAX_COLUMNS) -> Iterator[TableRow]:
        """The rows of a sheet that hold something, in order and one at a time.

        Args:
            sheet: its name; where it is left out, the only filled sheet that is shown, or the only
                filled one if none is shown.
            columns: how many columns are read; a row says what lies beyond.

        Raises:
            DecodeError: ``table.sheet_missing``, ``table.sheet_several``,
                ``table.workbook_malformed``, ``table.workbook_bomb`` or ``table.csv_malformed``.
        """
        if isinstance(self._content, bytes):
            return csv_rows(self._content, self.encoding, columns=columns)
        names = [each.name for each in self.choice if sheet is None]
        names += [each.name for each in self.sheets if each.name == sheet]
        if sheet is None and not names:
            return iter(())
        if len(names) != 1:
            raise DecodeError("table.sheet_several" if names else "table.sheet_missing")
        part = next(each for each in self._content.book.sheets if each.name == names[0])
        return sheet_rows(self._content, part, columns=columns)


def read_table(source: bytes | Path) -> Table:
    """Measure a table: .xlsx, or CSV in UTF-8, GB18030, or UTF-16 with its mark.

    The kind is told by the content.  The values are read by ``Table.rows``.

    Args:
        source: a file, or its content.

    Raises:
        DecodeError: ``table.file_unreadable``, ``table.file_too_large``, ``table.file_…`` for what
            is no table, ``table.workbook_malformed``, ``table.workbook_bomb``,
            ``table.too_many_rows``, ``table.csv_malformed``, ``table.byte_unreadable`` or
            ``table.encoding_unknown``.
    """
    try:
        data = read_bounded(source, limit=MAX_FILE_BYTES) if isinstance(source, Path) else source
    except (OSError, ValueError):
        raise DecodeError("table.file_unreadable") from None
    if data is None or len(data) > MAX_FILE_BYTES:
        raise DecodeError("table.file_too_large", limit=MAX_FILE_BYTES >> 20)
    if kind_of(data) == "zip":
        found = scan(data)
        return Table("xlsx", "", found.sheets, found)
    encoding = encoding_of(data)
    return Table("csv", encoding, (_measured(data, encoding),), data)


def _measured(data: bytes, encoding: str) -> Sheet:
    rows = last = columns = cells = largest = 0
    for row in csv_rows(data, encoding, columns=MAX_COLUMNS):
        rows += 1
        last = row.number
        if last > MAX_SHEET_ROWS:
            raise DecodeError("table.too_many_rows", limit=MAX_SHEET_ROWS)
        columns = max(columns, len(row.values), 0 if row.beyond is None else row.beyond + 1)
        filled = [len(value) for value in row.values if isinstance(value, str)]
        cells += len(filled)
        largest = max(largest, *filled) if filled else largest
    return replace(
        Sheet(""), rows=rows, last_row=last, columns=columns, cells=cells, largest_chars=largest
    )
