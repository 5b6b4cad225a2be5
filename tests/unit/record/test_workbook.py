"""Workbooks: what offices send is read, what is hostile is refused with a code."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font

from etitle.errors import IssueError
from etitle.record import workbook
from etitle.record.finding import Finding
from etitle.record.workbook import read_bytes, read_workbook, write_findings
from etitle.table import limits, package

HEADINGS = ("证号", "姓名", "身份证号", "专业名称")


def xlsx(*rows: tuple[Any, ...], **sheets: list[tuple[Any, ...]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book["Sheet"])
    for title, content in ({"one": list(rows)} | sheets).items():
        sheet = book.create_sheet(title)
        for row in content:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refused(data: bytes, *, name: str = "sample.xlsx", sheet: str | None = None) -> str:
    with pytest.raises(IssueError) as caught:
        read_bytes(data, name=name, sheet=sheet)
    for language in ("zh", "en"):
        assert "{" not in caught.value.show(language)
        assert "?" not in caught.value.what(language)
    return caught.value.code


def repacked(data: bytes, part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for each in old.infolist():
            new.writestr(each, content if each.filename == part else old.read(each))
    return out.getvalue()


def test_rows_come_with_the_numbers_that_the_spreadsheet_shows() -> None:
    data = xlsx(("某市职称证书数据",), HEADINGS, ("1", "样例甲", "x", "土木"), (), ("2", "样例乙"))
    rows = read_bytes(data, name="a.xlsx")
    assert [(row.number, row.cells["name"]) for row in rows] == [(3, "样例甲"), (5, "样例乙")]


def test_headings_may_be_english_starred_spaced_or_in_any_order() -> None:
    data = xlsx(("ID Number", "* 姓 名", "specialty：", "序号"), ("x", "样例甲", "土木", 1))
    assert dict(read_bytes(data, name="a.xlsx")[0].cells) == {
        "id_number": "x", "name": "样例甲", "specialty": "土木",
    }  # fmt: skip


def test_a_name_beyond_the_basic_plane_survives() -> None:
    assert read_bytes(xlsx(HEADINGS, ("1", "𬱖𠮷㛃")), name="a")[0].cells["name"] == "𬱖𠮷㛃"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_each_encoding_and_with_each_delimiter(
    encoding: str, delimiter: str
) -> None:
    text = f"证号,姓名,专业名称\r\n1,𬱖样例,{'土木' * 3}\r\n".replace(",", delimiter)
    rows = read_bytes(text.encode(encoding), name="a.csv")
    assert rows[0].cells["name"] == "𬱖样例"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04 not a zip", "issue.workbook_malformed"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "issue.file_unknown"),
        ("证号,姓名,专业名称\n1,\ud800".encode("utf-8", "surrogatepass"), "issue.encoding_unknown"),
        ("证号,姓名,专业名称\n1,甲,乙".encode("utf-16-le"), "issue.encoding_unknown"),
        ('证号,姓名,专业名称\n"1,甲'.encode(), "issue.csv_malformed"),
        (b"a" * 200_000, "issue.csv_malformed"),
        (("证号,姓名,专业名称\n" + "," * 200 + "甲").encode(), "issue.csv_malformed"),
        (b"", "issue.headings_missing"),
        ("证号,姓名,专业名称\n".encode(), "issue.no_rows"),
    ],
)  # fmt: skip
def test_what_is_no_workbook_is_refused(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([("a", "b"), ("c", "d")], "issue.headings_missing"),
        ([(*HEADINGS, "手机", "住址"), ("1",)], "issue.heading_unknown"),
        ([(*HEADINGS, "姓名"), ("1",)], "issue.heading_twice"),
        ([HEADINGS, ("1", "甲", "x", "土木", "没有表头")], "issue.heading_blank"),
        ([HEADINGS], "issue.no_rows"),
        ([], "issue.headings_missing"),
    ],
)
def test_headings_are_looked_at_closely(rows: list[tuple[str, ...]], code: str) -> None:
    assert refused(xlsx(*rows)) in {code, "issue.no_rows"}


def test_merged_headings_are_refused_by_the_column_they_leave_without_one() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx((*HEADINGS, None), ("1", "甲", "x", "y", "z"))))
    book["one"].merge_cells("D1:E1")
    out = io.BytesIO()
    book.save(out)
    assert refused(out.getvalue()) == "issue.heading_blank"


def test_a_sheet_must_be_named_where_several_hold_something() -> None:
    data = xlsx(HEADINGS, ("1", "甲"), two=[HEADINGS, ("2", "乙")], empty=[])
    assert refused(data) == "issue.sheet_several"
    assert refused(data, sheet="three") == "issue.sheet_missing"
    assert read_bytes(data, name="a", sheet="two")[0].cells["name"] == "乙"


def test_a_formula_or_an_error_is_a_finding_of_its_row() -> None:
    rows = read_bytes(xlsx(HEADINGS, ("1", "=A1", "#N/A"), ("2", "乙")), name="a")
    assert [finding.code for finding in rows[0].findings] == [
        "issue.cell_formula", "issue.cell_error",
    ]  # fmt: skip
    assert not rows[1].findings
    assert "B" in rows[0].findings[0].what("en")


def test_a_part_that_inflates_too_far_is_not_inflated() -> None:
    data = repacked(xlsx(HEADINGS, ("1",)), "xl/styles.xml", bytes(limits.MAX_PART_BYTES + 1))
    assert len(data) < 100_000
    assert refused(data) == "issue.workbook_bomb"


def test_too_many_parts_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_PARTS", 3)
    assert refused(xlsx(HEADINGS, ("1",))) == "issue.workbook_bomb"


def test_entities_are_refused() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "c">]><sst xmlns="x"><si><t>&b;</t></si></sst>'
    data = repacked(xlsx(HEADINGS, ("1",)), "xl/styles.xml", laughs)
    assert refused(data) == "issue.workbook_malformed"


def test_a_row_number_beyond_every_sheet_ends_the_reading() -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    data = repacked(xlsx(HEADINGS), "xl/worksheets/sheet1.xml", sheet)
    assert refused(data) == "issue.too_many_rows"


def test_empty_rows_below_the_data_cost_nothing_but_time() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(HEADINGS, ("1", "甲"))))
    book["one"].cell(100_000, 1, " ")
    out = io.BytesIO()
    book.save(out)
    assert len(read_bytes(out.getvalue(), name="a")) == 1


def test_more_records_than_a_batch_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    text = "证号,姓名,专业名称\n" + "1,甲,乙\n" * 30
    assert refused(text.encode(), name="a.csv") == "issue.too_many_rows"
    assert refused(xlsx(HEADINGS, *[("1", "甲")] * 5)) == "issue.too_many_rows"


def test_a_file_that_is_missing_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(IssueError) as caught:
        read_workbook(tmp_path / "none.xlsx")
    assert caught.value.code == "issue.file_unreadable"
    monkeypatch.setattr(workbook, "MAX_FILE_BYTES", 10)
    (tmp_path / "a.csv").write_bytes(bytes(11))
    with pytest.raises(IssueError) as caught:
        read_workbook(tmp_path / "a.csv")
    assert caught.value.code == "issue.file_too_large"


SAMPLE = xlsx(HEADINGS, ("1", "样例甲", "x", "土木"))


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_workbook_raises_nothing_but_issue_errors(data: st.DataObject) -> None:
    octets = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(2, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(IssueError):
        read_bytes(bytes(octets), name="a.xlsx")


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_issue_errors(data: bytes) -> None:
    with pytest.raises(IssueError):
        read_bytes(data, name="a")


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_findings_are_written_where_no_program_takes_them_for_formulas(
    tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"report{suffix}"
    evil = Finding("=1+1", "error", "record.column_unknown")
    assert (
        write_findings(path, [(3, evil), (4, Finding("name", "warning", "issue.row_twice"))]) == 2
    )
    if suffix == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    else:
        sheet = openpyxl.load_workbook(path).active
        assert sheet is not None
        rows = [[str(cell.value) for cell in row] for row in sheet.iter_rows()]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert rows[1][0] == "3"
    assert rows[1][1] == "'=1+1"
    assert rows[2][7] == "issue.row_twice"


def test_a_heading_that_is_an_id_number_is_not_repeated() -> None:
    made = "证号,姓名,性别,450099199001010072\n1,样例甲,男,1\n".encode()
    with pytest.raises(IssueError) as caught:
        read_bytes(made, name="sample.csv")
    assert caught.value.code == "issue.heading_unknown"
    assert "0101007" not in str(caught.value)


def test_a_byte_that_is_no_text_is_named_by_line_and_column() -> None:
    data = "证号,姓名,专业名称\n1,样例甲,土木工程\n2,样".encode() + b"\xff,\n"
    with pytest.raises(IssueError) as caught:
        read_bytes(data, name="a.csv")
    assert caught.value.code == "issue.encoding_unknown"
    assert "[3:4]" in caught.value.what("zh")


def test_csv_in_utf16_with_its_mark_is_read() -> None:
    data = "证号,姓名,专业名称\n1,甲,乙".encode("utf-16")
    assert read_bytes(data, name="a.csv")[0].cells["name"] == "甲"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("<html><table><tr><td>姓名</td>".encode(), "table.file_html"),
        (b"%PDF-1.7", "table.file_pdf"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "table.file_password"),
    ],
)
def test_a_file_of_another_kind_is_named(data: bytes, code: str) -> None:
    assert refused(data, name="a.xls") == code


def codes(data: bytes) -> list[list[str]]:
    return [[each.code for each in row.findings] for row in read_bytes(data, name="a")]


def test_rows_that_nobody_sees_are_warned_of() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx(HEADINGS, ("1", "甲"), ("2", "乙"), ("3", "丙"))))
    sheet = book["one"]
    sheet.auto_filter.ref = "A1:B4"
    sheet.row_dimensions[3].hidden = True
    for cell in sheet[4]:
        cell.font = Font(strike=True)
    out = io.BytesIO()
    book.save(out)
    assert codes(out.getvalue()) == [[], ["issue.row_hidden"], ["issue.row_struck"]]
    finding = read_bytes(out.getvalue(), name="a")[1].findings[0]
    assert finding.severity == "warning"
    assert "?" not in finding.what("en") + finding.next("zh")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("yyyy-mm-dd", datetime.datetime(2020, 6, 1)),  # noqa: DTZ001
        ('yyyy"年"m"月"', "2020-06"),
        ("yyyy", datetime.date(2020, 6, 1)),
    ],
)
def test_a_date_is_as_precise_as_it_is_shown(code: str, shown: object) -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx(("姓名", "专业名称", "取得资格时间", "发证日期"), ("甲", "乙", None, None)))
    )
    for column in "CD":
        book["one"][f"{column}2"] = datetime.date(2020, 6, 1)
        book["one"][f"{column}2"].number_format = code
    out = io.BytesIO()
    book.save(out)
    cells = read_bytes(out.getvalue(), name="a")[0].cells
    assert str(cells["qualified"])[:10] == str(shown)[:10]
    assert cells["issued"] == datetime.date(2020, 6, 1)


def test_a_year_alone_is_as_precise_as_it_is_shown() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx(("姓名", "专业名称", "取得资格时间"), ("甲", "乙", None)))
    )
    book["one"]["C2"] = datetime.date(2020, 1, 1)
    book["one"]["C2"].number_format = "yyyy"
    out = io.BytesIO()
    book.save(out)
    assert read_bytes(out.getvalue(), name="a")[0].cells["qualified"] == "2020"


def test_a_carriage_return_as_excel_spells_it_is_one() -> None:
    data = xlsx(HEADINGS, ("1", "样例_x000D_甲"))
    assert read_bytes(data, name="a")[0].cells["name"] == "样例\r甲"


def test_headings_as_offices_write_them() -> None:
    headings = (
        "序号", "持证人姓名", "公民身份号码", "评委会名称（考核认定单位名称）",
        "授予时间（yyyy-MM）", "学历", "管理号", "曾用名",
    )  # fmt: skip
    rows = read_bytes(
        xlsx(headings, (1, "样例甲", "x", "某评委会", "2020-06", "大学", "7", "乙"), (2, "样例丙")),
        name="a",
    )
    assert dict(rows[0].cells) == {
        "name": "样例甲", "id_number": "x", "review_body": "某评委会", "qualified": "2020-06",
    }  # fmt: skip
    assert [(each.field, each.code) for each in rows[0].findings] == [
        (name, "issue.column_ignored") for name in ("学历", "管理号", "曾用名")
    ]
    assert not rows[1].findings


def test_a_value_beyond_the_columns_that_are_read_is_said() -> None:
    row = ("1", "甲", "x", "y", *[None] * 80, "far")
    assert refused(xlsx(HEADINGS, row)) == "issue.heading_blank"


def test_a_hidden_sheet_of_lists_does_not_stand_in_the_way() -> None:
    book = openpyxl.load_workbook(
        io.BytesIO(xlsx(HEADINGS, ("1", "甲"), lists=[("a", "b"), ("c", "d")]))
    )
    book["lists"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert len(read_bytes(out.getvalue(), name="a")) == 1


def test_of_several_sheets_the_one_with_headings_is_read() -> None:
    data = xlsx(HEADINGS, ("1", "甲"), notes=[("填表说明",), ("一、…",)])
    rows = read_bytes(data, name="a")
    assert [row.cells["name"] for row in rows] == ["甲"]
    assert [(each.field, each.code) for each in rows[0].findings] == [
        ("notes", "issue.sheet_ignored")
    ]
    assert refused(xlsx(("a",), notes=[("b",)])) == "issue.sheet_several"


def test_headings_stand_within_the_first_rows() -> None:
    titles = [("某市职称证书数据",)] * 14
    assert len(read_bytes(xlsx(*titles, HEADINGS, ("1", "甲")), name="a")) == 1
    assert refused(xlsx(*titles, ("通知",), HEADINGS, ("1", "甲"))) == "issue.headings_missing"
