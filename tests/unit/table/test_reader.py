"""Values of cells and rows, as a spreadsheet program shows them."""

from __future__ import annotations

import datetime
import io
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.workbooks import (
    changed,
    parts,
    relations_xml,
    sheet_xml,
    strings_xml,
    styles_xml,
    zipped,
)

from etitle.errors import DecodeError
from etitle.table import limits, reader
from etitle.table.cells import Value, date_of
from etitle.table.reader import read_table
from etitle.table.sheet import TableRow
from etitle.table.strings import escaped, unescaped
from etitle.table.styles import precision_of

DATE = datetime.date
MOMENT = datetime.datetime


def rows_of(
    data: bytes, *, sheet: str | None = None, columns: int = limits.MAX_COLUMNS
) -> list[TableRow]:
    return list(read_table(data).rows(sheet, columns=columns))


def first(cells: str, *, styles: bytes = b"", strings: str = "", properties: str = "") -> TableRow:
    content = parts(
        sheet_xml(f'<row r="1">{cells}</row>'),
        styles=styles,
        strings=strings_xml(strings),
        properties=properties,
    )
    return rows_of(zipped(content.items()))[0]


def refused(data: bytes, *, sheet: str | None = None) -> DecodeError:
    with pytest.raises(DecodeError) as caught:
        rows_of(data, sheet=sheet)
    return caught.value


# --- .xlsx --------------------------------------------------------------------------------------


def test_every_type_of_cell_has_its_value() -> None:
    row = first(
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>b</v></c>'
        '<c r="C1" t="inlineStr"><is><t>c</t><rPh><t>x</t></rPh></is></c>'
        '<c r="D1" t="b"><v>1</v></c>'
        '<c r="E1" t="b"><v>0</v></c><c r="F1"><v>7</v></c><c r="G1" t="n"><v>-7.5E1</v></c>'
        '<c r="H1" t="d"><v>2025-11-20T10:30:00</v></c><c r="I1"/><c r="J1" t="e"><v>#N/A</v></c>'
        '<c r="K1"><v></v></c><c r="L1" t="inlineStr"><v>no</v></c><c r="M1" t="d"><v>soon</v></c>',
        strings="<si><r><t>样</t></r><r><t>例</t></r><rPh><t>yang</t></rPh></si>",
    )
    assert row.values == (
        "样例", "b", "c", True, False, 7, -75.0, MOMENT(2025, 11, 20, 10, 30), None, "#N/A", None,
        None, "soon",
    )  # fmt: skip
    assert isinstance(row.values[5], int)
    assert row.errors == {9}


def test_a_formula_has_the_value_that_was_last_computed() -> None:
    row = first('<c r="A1"><f>1+1</f><v>2</v></c><c r="B1"><f>A2</f></c>')
    assert row.values == (2, None)
    assert row.formulas == {0, 1}


@pytest.mark.parametrize("number", [*range(14, 18), *range(27, 37), *range(50, 59), 22])
def test_dates_in_built_in_formats_are_dates(number: int) -> None:
    row = first('<c r="A1" s="1"><v>45981</v></c>', styles=styles_xml(f'<xf numFmtId="{number}"/>'))
    assert row.values == (DATE(2025, 11, 20),)
    assert dict(row.partial) == ({0: "month"} if number in {17, 27, 36, 50, 52, 57} else {})


@pytest.mark.parametrize("number", [0, 1, 2, 9, 10, 11, 37, 44, 45, 46, 47, 48, 49])
def test_other_built_in_formats_are_numbers(number: int) -> None:
    row = first('<c r="A1" s="1"><v>45981</v></c>', styles=styles_xml(f'<xf numFmtId="{number}"/>'))
    assert row.values == (45981,)


@pytest.mark.parametrize(
    ("code", "precision"),
    [
        ("yyyy-mm-dd", "day"),
        ('yyyy"年"m"月"d"日";@', "day"),
        ("[$-F800]dddd, mmmm dd, yyyy", "day"),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日"', "day"),
        ("m/d/yy h:mm", "day"),
        ('上午/下午h"时"mm"分"', "day"),
        ("yyyy年m月", "month"),
        ("mmm-yy", "month"),
        ("e/m", "month"),
        ("yyyy", "year"),
        ("General", None),
        ("G/通用格式", None),
        ("0.00E+00", None),
        ('0"day"', None),
        ("[Red]0.0;[Blue]-0.0", None),
        ("[h]:mm:ss", None),
        (r"0\d", None),
        ("@", None),
        ("", None),
        ("#,##0_d", None),
    ],
)
def test_a_number_format_says_how_much_of_a_date_it_shows(code: str, precision: str | None) -> None:
    assert precision_of(code) == precision


def test_a_format_of_the_file_goes_before_the_built_in_one() -> None:
    styles = styles_xml(
        '<xf numFmtId="200"/>', formats='<numFmt numFmtId="200" formatCode="yyyy&quot;年&quot;"/>'
    )
    row = first('<c r="A1" s="1"><v>45981.75</v></c><c r="B1" s="9"><v>1</v></c>', styles=styles)
    assert row.values == (MOMENT(2025, 11, 20, 18), 1)
    assert dict(row.partial) == {0: "year"}


@pytest.mark.parametrize(
    ("serial", "shown"),
    [
        (1, DATE(1900, 1, 1)),
        (59, DATE(1900, 2, 28)),
        (60, None),
        (60.5, None),
        (61, DATE(1900, 3, 1)),
        (0.5, None),
        (-1, None),
        (2_958_465, DATE(9999, 12, 31)),
        (2_958_466, None),
        (2_958_465.999_999_999, None),
        (45981.5, MOMENT(2025, 11, 20, 12)),
        (45980.999_999_999_9, DATE(2025, 11, 20)),
    ],
)
def test_serial_numbers_are_the_days_that_excel_shows(serial: float, shown: Value) -> None:
    assert date_of(serial, epoch_1904=False) == shown


def test_days_may_count_from_1904() -> None:
    row = first(
        '<c r="A1" s="1"><v>44519</v></c><c r="B1" s="1"><v>0</v></c>',
        styles=styles_xml('<xf numFmtId="14"/>'),
        properties='<workbookPr date1904="1"/>',
    )
    assert row.values == (DATE(2025, 11, 20), DATE(1904, 1, 1))


def test_what_is_no_day_stays_a_number() -> None:
    row = first('<c r="A1" s="1"><v>-5</v></c>', styles=styles_xml('<xf numFmtId="14"/>'))
    assert row.values == (-5,)


def test_escapes_are_the_characters_that_they_stand_for() -> None:
    row = first(
        '<c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>_x005F_x000D_</v></c>'
        '<c r="C1" t="str"><v>_xD842__xDFB7_</v></c><c r="D1" t="str"><v>_xD842_</v></c>',
        strings="<si><t>甲_x000D_</t></si>",
    )
    assert row.values == ("甲\r", "_x000D_", "𠮷", "\ud842")


@given(st.text(max_size=60))
def test_what_is_escaped_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


def test_a_ruined_number_is_distinguishable() -> None:
    row = first(
        '<c r="A1"><v>450099199001010000</v></c><c r="B1"><v>4.50099199001010E+17</v></c>'
        '<c r="C1" t="str"><v>450099199001010072</v></c><c r="D1"><v>999999999999999</v></c>'
    )
    assert row.inexact == {0, 1}
    assert row.values[2] == "450099199001010072"


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><v>abc</v></c>',
        '<c r="A1"><v>1e999</v></c>',
        f'<c r="A1"><v>{"1" * 500}</v></c>',
        '<c r="A1" t="s"><v>1</v></c>',
        '<c r="A1" t="s"><v>x</v></c>',
        '<c r="A1" t="z"><v>1</v></c>',
    ],
)
def test_a_cell_that_is_not_what_it_says_is_refused(cell: str) -> None:
    assert refused(zipped(parts(sheet_xml(f"<row>{cell}</row>")).items())).code == (
        "table.workbook_malformed"
    )


def test_a_cell_has_no_more_characters_than_excel_allows() -> None:
    noise = "".join(map(str, range(7000)))
    for count, ok in ((limits.MAX_CELL_CHARS, True), (limits.MAX_CELL_CHARS + 1, False)):
        text = (noise * 2)[:count]
        data = zipped(parts(sheet_xml(f'<row><c t="str"><v>{text}</v></c></row>')).items())
        if ok:
            assert rows_of(data)[0].values == (text,)
        else:
            assert refused(data).code == "table.workbook_bomb"


def test_rows_have_the_numbers_that_the_spreadsheet_shows() -> None:
    body = (
        '<row r="3"><c r="B3"><v>1</v></c></row><row><c><v>2</v></c></row><row r="9"/>'
        '<row r="10"><c r="A10" t="str"><v> </v></c></row><row r="12"><c><v>3</v></c></row>'
    )
    rows = rows_of(zipped(parts(sheet_xml(body)).items()))
    assert [(row.number, row.values) for row in rows] == [(3, (None, 1)), (4, (2,)), (12, (3,))]


def test_hidden_and_struck_rows_are_said() -> None:
    body = (
        '<row r="1" hidden="1"><c r="A1" s="1"><v>1</v></c></row>'
        '<row r="2"><c r="A2" s="1"><v>1</v></c><c r="B2"><v>1</v></c></row>'
    )
    styles = styles_xml('<xf fontId="1"/>', fonts="<font/><font><strike/></font>")
    rows = rows_of(zipped(parts(sheet_xml(body), styles=styles).items()))
    assert [(row.hidden, row.struck) for row in rows] == [(True, True), (False, False)]


def test_columns_beyond_the_limit_are_said() -> None:
    body = "<row><c><v>1</v></c><c><v>2</v></c><c/><c><v>4</v></c><c><v>5</v></c></row>"
    row = rows_of(zipped(parts(sheet_xml(body)).items()), columns=2)[0]
    assert (row.values, row.beyond) == ((1, 2), 3)
    only = rows_of(zipped(parts(sheet_xml(body)).items()), columns=0)[0]
    assert (only.values, only.beyond) == ((), 0)
    text = rows_of(b"a,b,,d,e\n", columns=2)[0]
    assert (text.values, text.beyond) == (("a", "b"), 3)


def two_sheets(second: str, *, state: str = "visible") -> bytes:
    content = parts(
        sheet_xml("<row><c><v>1</v></c></row>"),
        sheets=f'<sheet name="one" r:id="s1"/><sheet name="two" r:id="s2" state="{state}"/>',
    )
    content["xl/two.xml"] = sheet_xml(second)
    return changed(
        content,
        relations=relations_xml(
            ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", "two.xml")
        ),
    )


def test_a_sheet_must_be_named_where_several_are_filled() -> None:
    filled = "<row><c><v>2</v></c></row>"
    assert refused(two_sheets(filled)).code == "table.sheet_several"
    assert rows_of(two_sheets(filled), sheet="two")[0].values == (2,)
    assert refused(two_sheets(filled), sheet="three").code == "table.sheet_missing"
    assert rows_of(two_sheets(""))[0].values == (1,)


def test_a_hidden_sheet_does_not_stand_in_the_way() -> None:
    data = two_sheets("<row><c><v>2</v></c></row>", state="hidden")
    assert rows_of(data)[0].values == (1,)
    assert [sheet.name for sheet in read_table(data).filled] == ["one", "two"]


def test_a_workbook_that_holds_nothing_has_no_rows() -> None:
    assert rows_of(zipped(parts().items())) == []


def test_what_openpyxl_writes_is_read_as_openpyxl_reads_it() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    values: list[tuple[Any, ...]] = [
        ("样例", 1, 1.5, True, DATE(2025, 11, 20), MOMENT(2025, 11, 20, 8, 15)),
        ("𬱖𠮷", -3, 1e300, False, DATE(1900, 1, 1), None),
        (None, None, "<&>\"'", 12345678901234, DATE(9999, 12, 31), "  x "),
    ]
    for row in values:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    for put, found in zip(values, rows_of(out.getvalue()), strict=True):
        assert found.values == put[: len(found.values)]
        assert not any(put[len(found.values) :])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r", min_codepoint=32), max_size=9)
CELL = TEXT | st.integers(-(10**14), 10**14) | st.booleans() | st.floats(-1e9, 1e9) | st.none()


@given(st.lists(st.lists(CELL, max_size=5), max_size=6))
def test_two_readers_agree_on_what_openpyxl_writes(content: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for at, row in enumerate(content, 1):
        for column, value in enumerate(row, 1):
            cell: Any = sheet.cell(at, column)
            cell.value = None if isinstance(value, str) else value
            if isinstance(value, str):
                cell._value, cell.data_type = escaped(value), "s"
    out = io.BytesIO()
    book.save(out)
    found = {row.number: row.values for row in rows_of(out.getvalue())}
    for at, row in enumerate(content, 1):
        wanted = [None if isinstance(each, str) and not each.strip() else each for each in row]
        while wanted and wanted[-1] is None:
            wanted.pop()
        got = found.get(at, ())
        assert [type(each) for each in got] == [_kept(each) for each in wanted]
        for one, other in zip(got, wanted, strict=True):
            # openpyxl writes 16 digits of a number.
            assert one == (pytest.approx(other) if isinstance(other, float) else other)


def _kept(value: object) -> type:
    # openpyxl writes 3.0 as "3".
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e16
    return int if whole else type(value)


# --- CSV ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "，"])
def test_csv_is_read_in_each_encoding_and_with_each_delimiter(
    encoding: str, delimiter: str
) -> None:
    text = "证号,姓名,专业名称\r\n1,𬱖样例,土木\r\n".replace(",", delimiter)
    table = read_table(text.encode(encoding))
    assert [row.values for row in table.rows()] == [
        ("证号", "姓名", "专业名称"),
        ("1", "𬱖样例", "土木"),
    ]
    assert table.kind == "csv"
    assert (table.sheets[0].rows, table.sheets[0].columns, table.sheets[0].cells) == (2, 3, 6)


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_a_line_that_names_the_delimiter_is_no_row(line: str) -> None:
    rows = rows_of(f"{line}\r\na,b;c\r\n".encode())
    assert [(row.number, row.values) for row in rows] == [(1, ("a,b", "c"))]
    assert rows_of(b"sep=\t\na,b\tc\n")[0].values == ("a,b", "c")


def test_quoted_cells_hold_delimiters_quotes_and_lines() -> None:
    rows = rows_of(b'a,"b,""c""\nd"\n\n" ",,\n2,x\n')
    assert [(row.number, row.values) for row in rows] == [
        (1, ("a", 'b,"c"\nd')), (4, ("2", "x")),
    ]  # fmt: skip


HEAD = "证号,姓名,专业名称\n1,样例,土木工程\n"


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (HEAD.encode() + "2,样".encode() + b"\xff" + "例\n".encode(), 3, 4),
        (HEAD.encode() + b"2,\xe6\xa0", 3, 3),
        (b"\xef\xbb\xbfa,b\nc\xff", 2, 2),
        ((HEAD * 9).encode("gb18030") + b"\x81\n", 19, 1),
        (("a" * (limits.PIECE_BYTES - 4) + "样样样").encode() + b"\xe6x", 1, limits.PIECE_BYTES),
        (b"\xff\xfea\0b\0\n\0c\0\0\xd8", 2, 2),
    ],
)
def test_a_byte_that_is_no_text_is_named_by_its_place(data: bytes, line: int, column: int) -> None:
    error = refused(data)
    assert error.code == "table.byte_unreadable"
    assert error.details == {"line": line, "column": column}


@pytest.mark.parametrize("data", [b"a\0b", bytes(range(128, 256)) * 3])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    assert refused(data).code == "table.encoding_unknown"


@pytest.mark.parametrize("data", [b'a,b\n"c,d', b'"a"b,c', b"x" * 200_000, b"x" * 40_000])
def test_what_is_no_csv_is_refused(data: bytes) -> None:
    assert refused(data).code == "table.csv_malformed"


def test_an_empty_text_has_no_rows() -> None:
    assert rows_of(b"") == []
    assert read_table(b"").filled == ()


# --- files and sizes ----------------------------------------------------------------------------


def test_a_file_is_read_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    assert next(read_table(tmp_path / "a.csv").rows()).values == ("a", "b")


def test_what_is_no_file_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (tmp_path, tmp_path / "none", Path("a\0b")):
        with pytest.raises(DecodeError) as caught:
            read_table(path)
        assert caught.value.code == "table.file_unreadable"
    monkeypatch.setattr(reader, "MAX_FILE_BYTES", 3)
    (tmp_path / "a.csv").write_bytes(b"a,b\n")
    for source in (tmp_path / "a.csv", b"a,b\n"):
        with pytest.raises(DecodeError) as caught:
            read_table(source)
        assert caught.value.code == "table.file_too_large"


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_SHEET_ROWS", 3)
    assert refused(b"a\nb\nc\nd\n").code == "table.too_many_rows"


def test_rows_come_one_at_a_time() -> None:
    row = "".join(f'<c t="str"><v>{"样例" * 10}{place}</v></c>' for place in range(10))
    body = "".join(f'<row r="{at}">{row}</row>' for at in range(1, 6001))
    table = read_table(zipped(parts(sheet_xml(body)).items()))
    tracemalloc.start()
    assert sum(1 for _ in table.rows()) == 6000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 21
