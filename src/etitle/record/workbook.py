"""Workbooks of records: .xlsx and .csv in, rows by field name out; a report of findings back.

A workbook comes from outside, so nothing about it is taken on faith: sizes are looked at before
anything is inflated, and whatever goes wrong inside is an ``IssueError`` with a code.  What a cell
means is the business of ``etitle.record.record``; here only its place is known.
"""

from __future__ import annotations

import contextlib
import csv
import io
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from etitle.errors import IssueError
from etitle.files import read_bounded
from etitle.labels import LABELS, label_of
from etitle.record.cell import shown
from etitle.record.column import field_of
from etitle.record.finding import Finding

MAX_FILE_BYTES: Final = 1 << 25
"""A workbook of 50,000 records takes about 6 MB."""
MAX_SHEET_BYTES: Final = 1 << 27
"""Bytes of one sheet when inflated."""
MAX_PART_BYTES: Final = 1 << 24
"""Bytes of any other XML part (shared strings, styles) when inflated."""
MAX_PARTS: Final = 2000
MAX_ROWS: Final = 50_000
"""Rows that hold something; more are several workbooks."""
MAX_SHEET_ROWS: Final = 1 << 20
"""Rows that a spreadsheet program knows; empty ones below the data cost only time."""
MAX_COLUMNS: Final = 64
MAX_HEADING: Final = 60
"""Characters of a heading that are looked at."""

_HEADING_ROWS: Final = 10
"""The headings stand within the first rows; titles may stand above them."""
_FEWEST_HEADINGS: Final = 3
_SHOWN_NAMES: Final = 8
_ALIASES: Final = {
    "证书编号": "number", "身份证号码": "id_number", "证件种类": "id_kind", "专业": "specialty",
    "资格取得时间": "qualified", "发证时间": "issued", "审批机关": "approving_body",
    "批准文件": "approval_document", "原证书编号": "supersedes",
}  # fmt: skip
"""What offices write beside the headings that a record knows."""
_IGNORED: Final = frozenset({"序号", "no", "no."})
_OLE: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = "*＊:： \t\r\n"
"""Signs around a heading that say nothing of its field: mandatory columns are often starred."""


class Row(NamedTuple):
    """One row of a workbook.

    Attributes:
        number: as the spreadsheet program counts, from 1.
        cells: what stands in it, by English field name; empty cells are left out.
        findings: what is wrong with the cells themselves (formulas, error values).
    """

    number: int
    cells: Mapping[str, object]
    findings: tuple[Finding, ...]


def _field(heading: str) -> str | None:
    """The field of a heading; "" for a column that is not read, None for one not known."""
    plain = heading.strip(_MARKS)
    if plain.lower() in _IGNORED:
        return ""
    return field_of(plain) or _ALIASES.get("".join(plain.split()))


def read_workbook(path: Path, *, sheet: str | None = None) -> tuple[Row, ...]:
    """Read the records of a workbook.

    Headings are 附件1's or the English field names, in any order, in one of the first ten rows
    (titles may stand above).  An empty row is passed over.  A column 序号 is not read.

    Args:
        path: an .xlsx file, or CSV in UTF-8 or GB18030, with commas, semicolons or tabs.
        sheet: name of the sheet; needed only where several hold something.

    Returns:
        The rows that hold something, in order.

    Raises:
        IssueError: ``issue.file_unreadable``, ``issue.file_too_large``, ``issue.file_unknown``,
            ``issue.workbook_malformed``, ``issue.workbook_bomb``, ``issue.too_many_rows``,
            ``issue.sheet_missing``, ``issue.sheet_several``, ``issue.headings_missing``,
            ``issue.heading_unknown``, ``issue.heading_twice``, ``issue.heading_blank``,
            ``issue.encoding_unknown``, ``issue.csv_malformed`` or ``issue.no_rows``.
    """
    try:
        data = read_bounded(path, limit=MAX_FILE_BYTES)
    except (OSError, ValueError):
        raise IssueError("issue.file_unreadable", path=path) from None
    if data is None:
        raise IssueError("issue.file_too_large", path=path.name, limit=MAX_FILE_BYTES >> 20)
    return read_bytes(data, name=path.name, sheet=sheet)


def read_bytes(data: bytes, *, name: str, sheet: str | None = None) -> tuple[Row, ...]:
    r"""``read_workbook`` for bytes at hand; the kind of file is told by its content.

    >>> made = "证号,姓名,性别\n1,样例甲,男\n".encode("gb18030")
    >>> dict(read_bytes(made, name="sample.csv")[0].cells)
    {'number': '1', 'name': '样例甲', 'sex': '男'}
    """
    if data.startswith(b"PK"):
        rows = _from_xlsx(data, name, sheet)
    elif data.startswith(_OLE):
        raise IssueError("issue.file_unknown", path=name)
    else:
        rows = _from_csv(data, name)
    if not rows:
        raise IssueError("issue.no_rows", path=name)
    return rows


def _from_xlsx(data: bytes, name: str, sheet: str | None) -> tuple[Row, ...]:
    try:
        _look_inside(data)
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions that it leaves out; none holds a value.
            warnings.simplefilter("ignore")
            return _read_sheets(data, sheet)
    except IssueError as error:
        raise IssueError(error.code, **{"path": name, **error.details}) from None
    except Exception as error:  # noqa: BLE001  # openpyxl raises whatever comes
        raise IssueError("issue.workbook_malformed", path=name, what=type(error).__name__) from None


def _look_inside(data: bytes) -> None:
    """Refuse what would inflate beyond measure, before anything is inflated."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS:
            raise IssueError("issue.workbook_bomb", part="zip")
        for part in parts:
            if not part.filename.lower().endswith((".xml", ".rels")):
                continue
            is_sheet = part.filename.lower().startswith("xl/worksheets/")
            # zipfile reads no more than this size says, whatever the stream holds.
            if part.file_size > (MAX_SHEET_BYTES if is_sheet else MAX_PART_BYTES):
                raise IssueError("issue.workbook_bomb", part=part.filename[:MAX_HEADING])
            with archive.open(part) as file:
                head = file.read(4096)
            # No spreadsheet program writes a document type: it only serves entity tricks.
            if b"<!" in head.replace(b"<!--", b"") or head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                raise IssueError("issue.workbook_malformed", what="document type")


def _read_sheets(data: bytes, sheet: str | None) -> tuple[Row, ...]:
    import openpyxl  # noqa: PLC0415  # half of the start-up time of a command that reads none

    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=False, keep_links=False
    )
    try:
        names = [each.title for each in book.worksheets]
        if sheet is not None:
            if sheet not in names:
                raise IssueError("issue.sheet_missing", sheet=sheet, names=_names(names))
            names = [sheet]
        found = [(each, rows) for each in names if (rows := _filled(book[each]))]
        if len(found) > 1:
            raise IssueError("issue.sheet_several", names=_names([each for each, _ in found]))
        return _arrange(found[0][1]) if found else ()
    finally:
        book.close()


def _filled(sheet: Any) -> list[tuple[int, Sequence[Any]]]:  # noqa: ANN401  # stubs lack the class
    """The rows that hold something, at most ``MAX_ROWS`` of them."""
    sheet.reset_dimensions()  # what the file says of its own extent may be wrong
    rows: list[tuple[int, Sequence[Any]]] = []
    blank: object = None
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        if number > MAX_SHEET_ROWS:
            raise IssueError("issue.too_many_rows", limit=MAX_ROWS)
        if row is blank:
            continue  # a row that the file leaves out is one object, whatever its number
        if all(each.value is None for each in row):
            blank = row
            continue
        cells = [_Cell(each.value, each.data_type) for each in row]
        while cells and _is_blank(cells[-1].value):
            cells.pop()
        if cells:
            if len(rows) > MAX_ROWS + _HEADING_ROWS:
                raise IssueError("issue.too_many_rows", limit=MAX_ROWS)
            rows.append((number, cells))
    return rows


class _Cell(NamedTuple):
    value: object
    kind: str


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _decoded(data: bytes, name: str) -> str:
    if b"\0" not in data:
        for encoding in ("utf-8-sig", "gb18030"):
            with contextlib.suppress(UnicodeDecodeError):
                return data.decode(encoding)
    raise IssueError("issue.encoding_unknown", path=name)


def _from_csv(data: bytes, name: str) -> tuple[Row, ...]:
    text = _decoded(data, name)
    first = text[:4096].splitlines()[:_HEADING_ROWS]
    delimiter = max(",\t;，", key=lambda sign: sum(line.count(sign) for line in first))
    rows: list[tuple[int, list[_Cell]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = [_Cell(value, "s") for value in row]
            while cells and _is_blank(cells[-1].value):
                cells.pop()
            if len(cells) > MAX_COLUMNS:
                raise IssueError("issue.csv_malformed", path=name, line=reader.line_num)
            if cells:
                rows.append((reader.line_num, cells))
            if len(rows) > MAX_ROWS + _HEADING_ROWS:
                raise IssueError("issue.too_many_rows", path=name, limit=MAX_ROWS)
    except csv.Error:
        raise IssueError("issue.csv_malformed", path=name, line=reader.line_num) from None
    try:
        return _arrange(rows)
    except IssueError as error:
        raise IssueError(error.code, **{"path": name, **error.details}) from None


def _arrange(rows: Sequence[tuple[int, Sequence[_Cell]]]) -> tuple[Row, ...]:
    at, fields = _headings(rows)
    below = rows[at + 1 :]
    if len(below) > MAX_ROWS:
        raise IssueError("issue.too_many_rows", limit=MAX_ROWS)
    return tuple(row for number, cells in below if (row := _row(number, cells, fields)))


def _headings(rows: Sequence[tuple[int, Sequence[_Cell]]]) -> tuple[int, list[str | None]]:
    """The place of the row of headings, and the field of each column; "" is passed over."""
    for at, (_, cells) in enumerate(rows[:_HEADING_ROWS]):
        texts = ["" if _is_blank(cell.value) else str(cell.value)[:MAX_HEADING] for cell in cells]
        fields = [_field(text) if text else None for text in texts]
        named = [field for field in fields if field]
        if len(named) < _FEWEST_HEADINGS:
            continue
        unknown = [
            text.strip() for text, field in zip(texts, fields, strict=True)
            if text and field is None
        ]  # fmt: skip
        if unknown:
            raise IssueError("issue.heading_unknown", names=_names(unknown))
        twice = {LABELS[field] for field in named if named.count(field) > 1}
        if twice:
            raise IssueError("issue.heading_twice", names=_names(sorted(twice)))
        return at, fields
    raise IssueError("issue.headings_missing", names=_names(list(LABELS.values())))


def _row(number: int, cells: Sequence[_Cell], fields: Sequence[str | None]) -> Row | None:
    found: dict[str, object] = {}
    findings: list[Finding] = []
    for column, cell in enumerate(cells):
        if _is_blank(cell.value):
            continue
        field = fields[column] if column < len(fields) else None
        if field is None:
            raise IssueError("issue.heading_blank", column=_letters(column), row=number)
        if not field:
            continue
        found[field] = cell.value
        if cell.kind in {"f", "e"}:
            code = "issue.cell_formula" if cell.kind == "f" else "issue.cell_error"
            findings.append(Finding(field, "error", code, (("column", _letters(column)),)))
    return Row(number, found, tuple(findings)) if found else None


def _letters(column: int) -> str:
    """A column as spreadsheet programs name it.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    high, low = divmod(column, 26)
    return (_letters(high - 1) if high else "") + chr(ord("A") + low)


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
    rows = list(_report(findings))
    if path.suffix.lower() == ".xlsx":
        import openpyxl  # noqa: PLC0415  # as in _read_sheets

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("findings")
        for row in (_COLUMNS, *rows):
            sheet.append(row)
        book.save(path)
    else:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows((_COLUMNS, *rows))
    return len(rows)


def _report(findings: Iterable[tuple[int, Finding]]) -> Iterator[tuple[object, ...]]:
    for number, each in findings:
        label = label_of(each.field)
        texts = (each.what("zh"), each.what("en"), each.next("zh"), each.next("en"))
        what_zh, what_en, next_zh, next_en = map(harmless, texts)
        yield (
            number or "照片 photos", harmless(label), _SEVERITIES[each.severity],
            what_zh, what_en, next_zh, next_en, each.code,
        )  # fmt: skip


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text
