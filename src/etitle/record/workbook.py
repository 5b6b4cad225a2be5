"""Workbooks of records: .xlsx and .csv in, rows by field name out; a report of findings back.

``etitle.table`` reads the file, within bounds; here its headings find their fields, and whatever is
wrong is an ``IssueError`` with a code.  ``etitle.record.record``
interprets the cells; this module only knows their places.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

from etitle.errors import DecodeError, IssueError
from etitle.files import read_bounded
from etitle.labels import LABELS, label_of
from etitle.record.cell import shown
from etitle.record.finding import Finding
from etitle.record.headings import field_of, is_ignored, is_silent
from etitle.table.cells import Value, column_letters
from etitle.table.limits import MAX_FILE_BYTES
from etitle.table.reader import Table, read_table
from etitle.table.sheet import TableRow
from etitle.table.write import Column, Layout, harmless, write_csv, write_xlsx

MAX_ROWS: Final = 50_000
"""Rows that hold something; more are several workbooks."""
MAX_COLUMNS: Final = 64
"""Columns that are read; a value beyond them is refused, not passed over."""
MAX_SHOWN: Final = 60
"""Characters of a heading that a message may repeat."""

_HEADING_ROWS: Final = 15
"""The headings stand within the first rows; titles may stand above them."""
_FEWEST_HEADINGS: Final = 3
_SHOWN_NAMES: Final = 8
_CODES: Final[Mapping[str, str]] = {
    "table.file_ole": "issue.file_unknown",
    "table.file_too_large": "issue.file_too_large",
    "table.workbook_malformed": "issue.workbook_malformed",
    "table.workbook_bomb": "issue.workbook_bomb",
    "table.too_many_rows": "issue.too_many_rows",
    "table.encoding_unknown": "issue.encoding_unknown",
    "table.byte_unreadable": "issue.encoding_unknown",
    "table.csv_malformed": "issue.csv_malformed",
}
"""What an office is told of a file that is no table; other codes of ``table`` are unchanged."""


class RecordRow(NamedTuple):
    """One row of a workbook.

    Attributes:
        number: as the spreadsheet program counts, from 1.
        cells: what stands in it, by English field name; empty cells are left out.
        findings: what is wrong or odd about the row and its cells as they stand in the file:
            formulas, error values, rows that are hidden or struck out, columns that are not read.
    """

    number: int
    cells: Mapping[str, object]
    findings: tuple[Finding, ...]


def read_workbook(path: Path, *, sheet: str | None = None) -> tuple[RecordRow, ...]:
    """Read the records of a workbook.

    Headings are 附件1's, the English field names or what offices write in their place
    (``etitle.record.headings``), in any order, in one of the first fifteen rows (titles may stand
    above).  An empty row is passed over.

    Args:
        path: an .xlsx file, or CSV in UTF-8, GB18030 or UTF-16, with commas, semicolons or tabs.
        sheet: name of the sheet; needed only where several that are shown have a row of headings.

    Returns:
        The rows that hold something, in order.

    Raises:
        IssueError: ``issue.file_unreadable``, ``issue.file_too_large``, ``issue.file_unknown``,
            ``issue.workbook_malformed``, ``issue.workbook_bomb``, ``issue.too_many_rows``,
            ``issue.sheet_missing``, ``issue.sheet_several``, ``issue.headings_missing``,
            ``issue.heading_unknown``, ``issue.heading_twice``, ``issue.heading_blank``,
            ``issue.encoding_unknown``, ``issue.csv_malformed``, ``issue.no_rows``, or
            ``table.file_…`` for a file of another kind.
    """
    try:
        data = read_bounded(path, limit=MAX_FILE_BYTES)
    except (OSError, ValueError):
        raise IssueError("issue.file_unreadable", path=path) from None
    if data is None:
        raise IssueError("issue.file_too_large", path=path.name, limit=MAX_FILE_BYTES >> 20)
    return read_bytes(data, name=path.name, sheet=sheet)


def read_bytes(data: bytes, *, name: str, sheet: str | None = None) -> tuple[RecordRow, ...]:
    r"""``read_workbook`` for bytes at hand; the kind of file is told by its content.

    >>> made = "证号,姓名,性别\n1,样例甲,男\n".encode("gb18030")
    >>> dict(read_bytes(made, name="sample.csv")[0].cells)
    {'number': '1', 'name': '样例甲', 'sex': '男'}
    """
    try:
        table = read_table(data)
        chosen = sheet if table.kind == "csv" else _chosen(table, sheet)
        rows = _arrange(table, chosen)
    except DecodeError as error:
        _refuse(error, name)
    except IssueError as error:
        raise IssueError(error.code, **{"path": name, **error.details}) from None
    if not rows:
        raise IssueError("issue.no_rows", path=name)
    return rows


def _refuse(error: DecodeError, name: str) -> NoReturn:
    """Report an error of the table with the codes of the office's commands."""
    details = {"path": name, "where": "", **error.details}
    if error.code == "table.too_many_rows":
        details["limit"] = MAX_ROWS
    if error.code == "table.byte_unreadable":
        details["where"] = " [{line}:{column}]".format_map(error.details)
    raise IssueError(_CODES.get(error.code, error.code), **details) from None


def _chosen(table: Table, sheet: str | None) -> str | None:
    """The name of the sheet to read; None where none holds anything.

    Of several that hold something and are shown, it is the one with a row of headings.
    """
    if sheet is not None:
        names = [each.name for each in table.sheets]
        if sheet not in names:
            raise IssueError("issue.sheet_missing", sheet=sheet, names=_names(names))
        return sheet
    names = [each.name for each in table.choice]
    if len(names) > 1:
        fitting = [each for each in names if _has_headings(table, each)]
        if len(fitting) != 1:
            raise IssueError("issue.sheet_several", names=_names(fitting or names))
        return fitting[0]
    return names[0] if names else None


def _has_headings(table: Table, sheet: str) -> bool:
    top = islice(table.rows(sheet, columns=MAX_COLUMNS), _HEADING_ROWS)
    return any(_known(row) >= _FEWEST_HEADINGS for row in top)


def _known(row: TableRow) -> int:
    return sum(field_of(_text(value)) is not None for value in row.values)


def _arrange(table: Table, sheet: str | None) -> tuple[RecordRow, ...]:
    if sheet is None and table.kind == "xlsx":
        return ()
    rows = table.rows(sheet if table.kind == "xlsx" else None, columns=MAX_COLUMNS)
    top: list[TableRow] = []
    for row in rows:
        top.append(row)
        fields = _fields(row)
        if fields is not None:
            break
        if len(top) == _HEADING_ROWS:
            raise IssueError("issue.headings_missing", names=_names(list(LABELS.values())))
    else:
        raise IssueError("issue.headings_missing", names=_names(list(LABELS.values())))
    found: list[RecordRow] = []
    for count, row in enumerate(rows):
        if count >= MAX_ROWS:
            raise IssueError("issue.too_many_rows", limit=MAX_ROWS)
        made = _row(row, fields, table.kind)
        if made is not None:
            found.append(made)
    if found:
        said = (*_other_sheets(table, sheet), *_ignored(top[-1]))
        found[0] = found[0]._replace(findings=(*found[0].findings, *said))
    return tuple(found)


def _text(value: Value) -> str:
    return "" if value is None else str(value).strip()[:MAX_SHOWN]


def _fields(row: TableRow) -> list[str | None] | None:
    """The field of each column, "" for one that is passed over; None for no row of headings."""
    if _known(row) < _FEWEST_HEADINGS:
        return None
    texts = [_text(value) for value in row.values]
    fields = [(field_of(text) or ("" if is_ignored(text) else None)) for text in texts]
    named = [field for field in fields if field]
    unknown = [
        text for text, field in zip(texts, fields, strict=True) if text and field is None
    ]  # fmt: skip
    if unknown:
        raise IssueError("issue.heading_unknown", names=_names(unknown))
    twice = {LABELS[field] for field in named if named.count(field) > 1}
    if twice:
        raise IssueError("issue.heading_twice", names=_names(sorted(twice)))
    return fields


def _other_sheets(table: Table, sheet: str | None) -> Iterator[Finding]:
    for each in table.filled if table.kind == "xlsx" else ():
        # A hidden one is often a list of choices, which the program that made it put there.
        if each.name != sheet and each.state == "visible":
            yield Finding(shown(each.name), "warning", "issue.sheet_ignored")


def _ignored(headings: TableRow) -> Iterator[Finding]:
    for text in map(_text, headings.values):
        if text and field_of(text) is None and not is_silent(text):
            yield Finding(shown(text), "warning", "issue.column_ignored")


def _row(row: TableRow, fields: Sequence[str | None], kind: str) -> RecordRow | None:
    found: dict[str, object] = {}
    findings = list(_oddities(row))
    if row.beyond is not None:
        if kind == "csv":
            raise IssueError("issue.csv_malformed", line=row.number)
        _refuse_blank(row.beyond, row)
    for column, value in enumerate(row.values):
        is_formula = column in row.formulas
        if value is None and not is_formula:
            continue
        field = fields[column] if column < len(fields) else None
        if field is None:
            _refuse_blank(column, row)
        if not field:
            continue
        found[field] = _as_shown(row, column, field) if value is not None else "="
        if is_formula or column in row.errors:
            code = "issue.cell_formula" if is_formula else "issue.cell_error"
            letters = column_letters(column)
            findings.append(Finding(field, "error", code, (("column", letters),)))
    return RecordRow(row.number, found, tuple(findings)) if found else None


def _as_shown(row: TableRow, column: int, field: str) -> object:
    """A value of a row, with no more of a date than the spreadsheet shows.

    A month that was typed is stored as its first day; the one field that may lack a day keeps it
    as a month.
    """
    value = row.values[column]
    precision = row.partial.get(column)
    if field == "qualified" and isinstance(value, datetime.date) and value.day == 1:
        if precision == "month":
            return f"{value:%Y-%m}"
        if precision == "year" and value.month == 1:
            return f"{value:%Y}"
    return value


def _oddities(row: TableRow) -> Iterator[Finding]:
    if row.hidden:
        yield Finding("row", "warning", "issue.row_hidden")
    if row.struck:
        yield Finding("row", "warning", "issue.row_struck")


def _refuse_blank(column: int, row: TableRow) -> NoReturn:
    raise IssueError("issue.heading_blank", column=column_letters(column), row=row.number)


def _names(names: Sequence[str]) -> str:
    return "、".join(map(shown, names[:_SHOWN_NAMES])) + ("…" if len(names) > _SHOWN_NAMES else "")


_COLUMNS: Final = (
    "行 row", "字段 field", "程度 severity", "问题", "problem", "处理", "repair", "code",
)  # fmt: skip
_SEVERITIES: Final = {"error": "错误 error", "warning": "提醒 warning"}


def write_findings(path: Path, findings: Iterable[tuple[int, Finding]]) -> int:
    """Write a report of findings, a row each: .xlsx, or else CSV in UTF-8 with a BOM.

    Args:
        path: its suffix says which.
        findings: row number of the workbook, 0 for its folder of photos, and what was found there.

    Returns:
        How many findings.
    """
    columns = [Column(heading) for heading in _COLUMNS]
    rows = _report(findings)
    if path.suffix.lower() == ".xlsx":
        return write_xlsx(path, columns, rows, layout=Layout(title="findings"))
    return write_csv(path, columns, rows)


def _report(findings: Iterable[tuple[int, Finding]]) -> Iterator[tuple[Value, ...]]:
    for number, each in findings:
        label = label_of(each.field)
        texts = (each.what("zh"), each.what("en"), each.next("zh"), each.next("en"))
        what_zh, what_en, next_zh, next_en = map(harmless, texts)
        yield (
            number or "照片 photos", harmless(label), _SEVERITIES[each.severity],
            what_zh, what_en, next_zh, next_en, each.code,
        )  # fmt: skip
