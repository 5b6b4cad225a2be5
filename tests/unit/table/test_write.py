"""Tables that are written: text stays text in every program that opens them."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etitle.table.reader import read_table
from etitle.table.write import (
    LIST_SHEET,
    Column,
    Layout,
    Marked,
    harmless,
    write_csv,
    write_xlsx,
)

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")')
COLUMNS = (Column("姓名"), Column("=2+2", width=30))


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_a_formula(text: str, tmp_path: Path) -> None:
    assert write_xlsx(tmp_path / "a.xlsx", COLUMNS, [(text, Marked(text, text))]) == 1
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["Sheet1"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    row = list(read_table(tmp_path / "a.xlsx").rows())[1]
    assert (row.values, row.formulas) == ((text, text), frozenset())
    assert write_csv(tmp_path / "a.csv", COLUMNS, [(text, Marked(text, ""))]) == 1
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        head, body = list(csv.reader(file))
    assert head == ["姓名", "'=2+2"]
    assert body == [f"'{text}"] * 2
    assert harmless(f"'{text}") == f"'{text}"


def test_values_come_back(tmp_path: Path) -> None:
    row = (
        "样例", 5, -1.5, True, None, datetime.date(2025, 11, 20),
        datetime.datetime(2025, 11, 20, 8, 15),  # noqa: DTZ001  # a sheet knows no zone
        "450099199001010072", "a\r\nb\x01_x000D_",
    )  # fmt: skip
    write_xlsx(tmp_path / "a.xlsx", [Column(str(at)) for at in range(len(row))], [row])
    assert list(read_table(tmp_path / "a.xlsx").rows())[1].values == row
    write_csv(tmp_path / "a.csv", [Column("a")], [row])
    assert list(read_table(tmp_path / "a.csv").rows())[1].values == (
        "样例", "5", "-1.5", "True", None, "2025-11-20", "2025-11-20T08:15:00",
        "450099199001010072", "a\r\nb\x01_x000D_",
    )  # fmt: skip


@given(text=st.text(st.characters(), min_size=1, max_size=30))
def test_any_text_comes_back(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    write_xlsx(path, [Column("a")], [("x", text)])
    found = list(read_table(path).rows())[1].values
    assert found == ("x", text) if text.strip() else found == ("x",)


def test_a_sheet_has_its_looks(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    columns = (Column("姓名", width=9), Column("级别", choices=("正高级", "副高级")))
    layout = Layout(title="样例" * 40, blank_rows=100)
    write_xlsx(path, columns, [(Marked("甲", "看这里"), "正高级")], layout=layout)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert sheet.title == ("样例" * 40)[:31]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 9
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet["A1"].font.bold
    comment = sheet["A2"].comment
    assert comment is not None
    assert comment.text == "看这里"
    assert sheet["A2"].fill.fill_type == "solid"
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.formula1, str(rule.sqref)) == ('"正高级,副高级"', "B2:B102")


def test_headings_need_not_be_frozen(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "a.xlsx", COLUMNS, [], layout=Layout(frozen=False))
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0].freeze_panes is None


@pytest.mark.parametrize(
    "choices", [tuple(f"职称系列{at:03}" for at in range(60)), ("a,b", "c"), ('a"b', "=c")]
)
def test_a_list_that_a_rule_cannot_hold_stands_on_a_sheet(
    choices: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "a.xlsx"
    columns = (Column("a", choices=choices), Column("b", choices=choices), Column("c"))
    write_xlsx(path, columns, [("x",)], layout=Layout(blank_rows=3))
    book = openpyxl.load_workbook(path)
    assert book[LIST_SHEET].sheet_state == "hidden"
    rules = book.worksheets[0].data_validations.dataValidation
    assert {rule.formula1 for rule in rules} == {f"{LIST_SHEET}!$A$1:$A${len(choices)}"}
    listed = [row.values[0] for row in read_table(path).rows(LIST_SHEET)]
    assert listed == list(choices)
    assert next(read_table(path).rows()).values == ("a", "b", "c")


def test_rows_are_taken_one_at_a_time(tmp_path: Path) -> None:
    rows = ((str(at), at) for at in range(1000))
    assert write_xlsx(tmp_path / "a.xlsx", COLUMNS, rows) == 1000
    assert read_table(tmp_path / "a.xlsx").sheets[0].rows == 1001
