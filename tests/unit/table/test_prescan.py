"""What a workbook holds is measured before it is read; what would cost too much is refused."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import workbooks
from tests.support.workbooks import MAIN, changed, parts, relations_xml, sheet_xml, workbook, zipped

from etitle.errors import DecodeError
from etitle.table import book, limits, package
from etitle.table.kind import kind_of
from etitle.table.prescan import scan
from etitle.table.reader import read_table

ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'


def refused(data: bytes) -> str:
    with pytest.raises(DecodeError) as caught:
        read_table(data)
    for language in ("zh", "en"):
        assert "{" not in caught.value.show(language)
        assert "?" not in caught.value.what(language)
    return caught.value.code


# --- bombs --------------------------------------------------------------------------------------


def _repeated(element: str, count: int) -> bytes:
    return sheet_xml(element * count)


def bomb_empty_rows() -> bytes:
    return changed(parts(), sheet=_repeated("<row/>", 20_000_000))


def bomb_shared_strings() -> bytes:
    return changed(parts(), strings=workbooks.strings_xml("<si/>" * 3_000_000))


def bomb_numbered_rows() -> bytes:
    rows = "".join(f'<row r="{number}" ht="{number % 409}"/>' for number in range(1, 2_000_000))
    return changed(parts(), sheet=sheet_xml(rows))


def bomb_cells() -> bytes:
    row = "".join(f'<c s="{(place * 7919) % 997}"/>' for place in range(16_000))
    return changed(parts(), sheet=sheet_xml(f"<row>{row}</row>" * 1000))


def bomb_by_another_name() -> bytes:
    """The sheet is a part that no name gives away."""
    content = parts()
    content["xl/media/image1.png"] = _repeated("<row/>", 20_000_000)
    return changed(content, relations=relations_xml(("s1", "worksheet", "media/image1.png")))


def bomb_beside() -> bytes:
    """Nothing names it; a reader of everything would inflate it."""
    return zipped({**parts(), "xl/vbaProject.bin": bytes(limits.MAX_INFLATED_BYTES)}.items())


def bomb_sheets() -> bytes:
    """Each sheet is bearable."""
    names = [f"s{place}" for place in range(40)]
    listed = "".join(f'<sheet name="{each}" sheetId="1" r:id="{each}"/>' for each in names)
    content = parts(sheets=listed)
    body = "".join(f'<row r="{at}"><c s="{at % 991}"/></row>' for at in range(1, 100_000))
    sheet = sheet_xml(body)
    content |= {f"xl/{each}.xml": sheet for each in names}
    return changed(
        content, relations=relations_xml(*((each, "worksheet", f"{each}.xml") for each in names))
    )


def bomb_one_tag() -> bytes:
    noise = "".join(f"{place:07d}" for place in range(2_000_000))
    return changed(parts(), sheet=sheet_xml(f'<row spans="{noise}"/>'))


def bomb_one_text() -> bytes:
    noise = "".join(f"{place:07d}" for place in range(2_000_000))
    return changed(parts(), strings=workbooks.strings_xml(f"<si><t>{noise}</t></si>"))


def bomb_depth() -> bytes:
    deep = "".join(f'<a b="{place}">' for place in range(1_000_000))
    return changed(parts(), sheet=sheet_xml(deep))


def bomb_styles() -> bytes:
    xfs = "".join(f'<xf numFmtId="{place}"/>' for place in range(400_000))
    return changed(parts(), styles=workbooks.styles_xml(xfs))


def bomb_entities() -> bytes:
    laughs = "".join(f'<!ENTITY a{at} "{f"&a{at - 1};" * 10}">' for at in range(1, 12))
    body = (
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><sst xmlns="{MAIN}"><si><t>&a11;</t></si></sst>'
    )
    return changed(parts(), strings=body.encode())


def bomb_members() -> bytes:
    return zipped([*parts().items(), *((f"xl/{place}", b"") for place in range(60_000))])


def bomb_columns() -> bytes:
    cols = '<col min="1" max="16384" hidden="1"/>' * 200_000
    noise = "".join(f"<!--{place}-->" for place in range(500_000))
    return changed(parts(), sheet=sheet_xml(ROW, before=f"<cols>{cols}</cols>{noise}"))


def bomb_empty_cells() -> bytes:
    """Few enough tags, no two rows alike, and nothing in them."""
    rows = "".join(
        "<row>" + "".join(f'<c s="{(at * 31 + place) % 1009}"/>' for place in range(500)) + "</row>"
        for at in range(10_000)
    )
    return changed(parts(), sheet=sheet_xml(rows))


def bomb_other_elements() -> bytes:
    other = "".join(f'<mergeCell ref="A{at}"/>' for at in range(2_000_000))
    return changed(parts(), sheet=sheet_xml("", after=f"<mergeCells>{other}</mergeCells>"))


def bomb_one_cell() -> bytes:
    values = "".join(f"<v>{at % 97}</v>" for at in range(3_000_000))
    return changed(parts(), sheet=sheet_xml(f"<row><c>{values}</c></row>"))


BOMBS: dict[Callable[[], bytes], str] = {
    bomb_empty_rows: "table.workbook_bomb",
    bomb_shared_strings: "table.workbook_bomb",
    bomb_numbered_rows: "table.workbook_bomb",
    bomb_cells: "table.workbook_bomb",
    bomb_by_another_name: "table.workbook_bomb",
    bomb_beside: "table.workbook_bomb",
    bomb_sheets: "table.workbook_bomb",
    bomb_one_tag: "table.workbook_bomb",
    bomb_one_text: "table.workbook_bomb",
    bomb_depth: "table.workbook_bomb",
    bomb_styles: "table.workbook_bomb",
    bomb_entities: "table.workbook_malformed",
    bomb_members: "table.workbook_bomb",
    bomb_empty_cells: "table.workbook_bomb",
    bomb_other_elements: "table.workbook_bomb",
    bomb_one_cell: "table.workbook_bomb",
}

MAX_CPU_S = 2
MAX_MEMORY_KB = 200 << 10
CHILD = """
import json, resource, sys
from pathlib import Path
from etitle.errors import DecodeError
from etitle.table.reader import read_table
data = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
code = ""
try:
    for row in read_table(data).rows():
        pass
except DecodeError as error:
    code = error.code
used = resource.getrusage(resource.RUSAGE_SELF)
memory = used.ru_maxrss
status = Path("/proc/self/status")
if status.exists():  # Linux counts what the parent had, before it became this program
    lines = [line.split() for line in status.read_text().splitlines()]
    memory = next(int(line[1]) for line in lines if line[0] == "VmHWM:")
print(json.dumps([code, used.ru_utime + used.ru_stime, memory]))
"""


def measured(path: Path) -> tuple[str, float, int]:
    """Code, seconds of the processor and peak memory in KB of a process that reads a file."""
    answer = subprocess.run(  # noqa: S603  # this Python, and a program that stands above
        [sys.executable, "-c", CHILD, str(path)], check=True, capture_output=True
    )
    code, seconds, memory = json.loads(answer.stdout)
    return code, seconds, memory


@pytest.mark.skipif(sys.platform == "win32", reason="resource is of Unix")
@pytest.mark.parametrize("make", BOMBS, ids=lambda each: each.__name__)
def test_a_bomb_is_refused_in_bounded_time_and_memory(
    make: Callable[[], bytes], tmp_path: Path
) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(make())
    code, seconds, memory = measured(path)
    assert code == BOMBS[make]
    assert seconds < MAX_CPU_S
    assert memory < MAX_MEMORY_KB


def test_many_names_of_hidden_columns_cost_no_time(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(bomb_columns())
    code, seconds, _ = measured(tmp_path / "a.xlsx")
    assert not code
    assert seconds < 2 * MAX_CPU_S


# --- the zip ------------------------------------------------------------------------------------


def patched(data: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert old in data
    return data.replace(old, new, count)


def test_a_name_that_comes_twice_is_refused_without_regard_to_case() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped([*parts().items(), (workbooks.SHEET, sheet_xml(ROW))])
    assert refused(twice) == "table.workbook_malformed"
    other = [*parts().items(), ("XL/Worksheets/SHEET1.xml", sheet_xml(ROW))]
    assert refused(zipped(other)) == "table.workbook_malformed"


@pytest.mark.parametrize("name", ["/xl/a.xml", "xl/../a.xml", "xl\\a.xml", "xl//a.xml", "./a"])
def test_names_that_programs_resolve_differently_are_refused(name: str) -> None:
    assert refused(zipped([*parts().items(), (name, b"")])) == "table.workbook_malformed"


def test_what_stands_before_or_behind_the_zip_is_refused() -> None:
    data = workbook(ROW)
    assert refused(data + b"x") == "table.workbook_malformed"
    assert refused(data + data) == "table.workbook_malformed"
    assert refused(b"PK\x03\x04" + data) == "table.workbook_malformed"
    assert refused(data[:-1]) == "table.workbook_malformed"


def test_a_locked_member_is_named_as_that() -> None:
    data = bytearray(workbook(ROW))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)) == "table.file_password"


def test_a_size_that_is_a_lie_is_refused() -> None:
    content = sheet_xml(ROW * 1 + " " * 70_000)
    data = changed(parts(), sheet=content)
    for lie in (10, len(content) - 1, len(content) + 1, 0xFFFF_FFFE):
        wrong = data.replace(len(content).to_bytes(4, "little"), lie.to_bytes(4, "little"))
        assert wrong != data
        assert refused(wrong) == "table.workbook_malformed"


def with_zip64(data: bytes, *, entries: int | None = None, disks: int = 1) -> bytes:
    """The zip as some programs write it: with a ZIP64 record before its end."""
    at = data.rindex(b"PK\x05\x06")
    *_, here, size, offset, _ = struct.unpack_from("<4s4H2LH", data, at)
    count = here if entries is None else entries
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, disks)
    return data[:at] + record + locator + data[at:]


def test_a_zip64_record_must_say_what_the_other_says() -> None:
    data = workbook(ROW)
    assert next(read_table(with_zip64(data)).rows()).values == (1,)
    at = data.rindex(b"PK\x05\x06") + 8
    unsaid = data[:at] + b"\xff" * 12 + data[at + 12 :]
    assert refused(unsaid) == "table.workbook_bomb"
    for wrong in (with_zip64(data, entries=3), with_zip64(data, disks=2)):
        assert refused(wrong) == "table.workbook_malformed"
    assert refused(with_zip64(data).replace(b"PK\x06\x06", b"PK\x06\x05")) == (
        "table.workbook_malformed"
    )


def test_members_that_share_bytes_are_refused() -> None:
    data = zipped([*parts().items(), ("a", b"1" * 50), ("b", b"1" * 50)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = (archive.getinfo(name).header_offset for name in "ab")
    place = data.rindex(second.to_bytes(4, "little"))
    wrong = data[:place] + first.to_bytes(4, "little") + data[place + 4 :]
    assert refused(wrong) == "table.workbook_malformed"


def test_other_ways_of_packing_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        for name, content in parts().items():
            archive.writestr(name, content)
    assert refused(out.getvalue()) == "table.workbook_malformed"


def test_the_sum_of_all_members_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MAX_INFLATED_BYTES", 1000)
    assert refused(workbook(ROW)) == "table.workbook_bomb"


def test_the_size_of_a_part_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = "".join(map(str, range(2000)))
    data = changed(parts(), styles=workbooks.styles_xml(f"<!--{noise}-->"))
    read_table(data)
    monkeypatch.setattr(book.parsed, "__kwdefaults__", {"most": 1000})
    assert refused(data) == "table.workbook_bomb"


# --- what the package is ------------------------------------------------------------------------


def test_the_sheet_is_what_the_relationship_says() -> None:
    content = parts(sheet_xml('<row><c t="str"><v>decoy</v></c></row>'))
    content["xl/other.bin"] = sheet_xml('<row><c t="str"><v>shown</v></c></row>')
    data = changed(content, relations=relations_xml(("s1", "worksheet", "../XL/./other.bin")))
    assert [row.values for row in read_table(data).rows()] == [("shown",)]


@pytest.mark.parametrize(
    "relations",
    [
        relations_xml(),
        relations_xml(("s1", "worksheet", "none.xml")),
        relations_xml(("s1", "worksheet", "../../../a.xml")),
        relations_xml(("s1", "worksheet", "a.xml"), ("s1", "worksheet", "b.xml")),
        relations_xml(
            ("s1", "worksheet", "worksheets/sheet1.xml"),
            ("t1", "sharedStrings", "sharedStrings.xml"),
            ("t2", "sharedStrings", "styles.xml"),
        ),
        relations_xml(("s1", "worksheet", "worksheets/sheet1.xml"), ("t1", "styles", "none.xml")),
        b"<Relationships",
        b"",
    ],
)
def test_relationships_that_lead_nowhere_or_twice_are_refused(relations: bytes) -> None:
    assert refused(changed(parts(), relations=relations)) == "table.workbook_malformed"


def test_two_sheets_are_two_parts() -> None:
    sheets = '<sheet name="a" r:id="s1"/><sheet name="b" r:id="s2"/>'
    place = "worksheets/sheet1.xml"
    content = parts(sheets=sheets)
    relations = relations_xml(("s1", "worksheet", place), ("s2", "worksheet", place))
    assert refused(changed(content, relations=relations)) == "table.workbook_malformed"


def test_a_chart_is_no_sheet_that_holds_something() -> None:
    content = parts(sheets='<sheet name="a" r:id="s1"/><sheet name="b" r:id="s2"/>')
    relations = relations_xml(
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "chartsheet", "none.xml")
    )
    table = read_table(changed(content, relations=relations))
    assert [sheet.name for sheet in table.sheets] == ["a"]


def test_strict_workbooks_are_read() -> None:
    strict = workbooks.STRICT
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c>'
        '<c r="B1" t="d" s="1"><v>2025-11-20</v></c><c r="C1" s="1"><v>45981</v></c></row>'
    )
    data = zipped(
        parts(
            sheet_xml(rows, namespace=strict),
            strings=workbooks.strings_xml("<si><t>甲</t></si>", strict),
            styles=workbooks.styles_xml('<xf numFmtId="31"/>', namespace=strict),
            namespace=strict,
            relations=workbooks.STRICT_RELATIONS,
        ).items()
    )
    first = next(read_table(data).rows())
    assert first.values[0] == "甲"
    assert str(first.values[1]) == str(first.values[2]) == "2025-11-20"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xd0\xcf\x11\xe0" + bytes(600), "table.file_ole"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), "table.file_xls"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "table.file_password"),
        (b"\x09\x08\x10\x00\x00\x06", "table.file_xls"),
        (b"%PDF-1.7\n", "table.file_pdf"),
        (b"\x89PNG\r\n\x1a\n", "table.file_picture"),
        (b"\xff\xd8\xff\xe0", "table.file_picture"),
        (b"BM\x00\x00\x00\x00", "table.file_picture"),
        (b"\x00\x00\x00\x18ftypheic", "table.file_picture"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "table.file_picture"),
        (b"7z\xbc\xaf\x27\x1c", "table.file_archive"),
        (b"{\\rtf1", "table.file_word"),
        ("\ufeff<html><table><tr><td>姓名".encode(), "table.file_html"),
        ("<TABLE border=1>".encode("utf-16"), "table.file_html"),
        (b"<meta charset=gbk><table>", "table.file_html"),
        (b"MIME-Version: 1.0\r\n", "table.file_html"),
        (b'<?xml version="1.0"?><Workbook>', "table.file_xml"),
        (b'<?xml version="1.0"?><html xmlns="a">', "table.file_html"),
        (zipped([("a.csv", b"1")]), "table.file_archive"),
        (zipped([("mimetype", b""), ("content.xml", b"")]), "table.file_ods"),
    ],
)
def test_what_is_no_table_is_named(data: bytes, code: str) -> None:
    assert refused(data) == code


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        ("wordprocessingml.document.main+xml", "table.file_word"),
        ("presentationml.presentation.main+xml", "table.file_word"),
        ("sheet.binary.macroEnabled.main", "table.file_xlsb"),
        ("other", "table.workbook_malformed"),
    ],
)
def test_other_packages_are_named(piece: str, code: str) -> None:
    types = f'<Types xmlns="x"><Override PartName="/a" ContentType="application/{piece}"/></Types>'
    assert refused(changed(parts(), types=types.encode())) == code


def test_bm_begins_a_text_too() -> None:
    assert kind_of(b"BMI,name\n") == "text"


# --- what is measured ---------------------------------------------------------------------------


def test_a_sheet_is_measured() -> None:
    rows = (
        '<row r="2"><c r="B2" s="1"><v>1</v></c><c r="D2" s="1" t="e"><v>#N/A</v></c></row>'
        '<row r="3" hidden="1"><c r="A3" t="s"><v>1</v></c><c r="B3"><f>A1</f></c></row>'
        '<row r="4"><c r="A4" t="s"><v>0</v></c><c r="B4" s="1"/></row>'
        '<row r="9" ht="0"><c r="A9" s="1" t="inlineStr"><is><r><t>ab</t></r></is></c></row>'
    )
    sheet = sheet_xml(
        rows,
        before='<cols><col min="2" max="3" hidden="1"/><col min="9" max="9" width="0"/></cols>',
        after='<autoFilter ref="A1:B9"><filterColumn colId="0"/></autoFilter>',
    )
    styles = workbooks.styles_xml(
        '<xf fontId="1"/>', fonts='<font/><font><strike/></font><font><strike val="0"/></font>'
    )
    strings = workbooks.strings_xml("<si><t> </t></si><si><t>x</t></si>")
    found = scan(zipped(parts(sheet, styles=styles, strings=strings).items())).sheets[0]
    assert (found.rows, found.last_row, found.columns, found.cells) == (3, 9, 4, 5)
    assert (found.hidden_rows, found.struck_rows, found.filtered) == (2, 2, True)
    assert (found.error_cells, found.formula_cells) == (1, 1)
    assert found.hidden_columns == {1, 2, 8}
    assert found.largest_chars == 4


def test_a_hidden_sheet_is_said() -> None:
    sheets = '<sheet name="one" sheetId="1" r:id="s1" state="veryHidden"/>'
    assert scan(zipped(parts(sheets=sheets).items())).sheets[0].state == "veryHidden"


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1"/><row r="1"/>',
        '<row r="0"/>',
        '<row r="x"/>',
        '<row r="1"><c r="B1"/><c r="A1"/></row>',
        '<row r="1"><c r="A2"/></row>',
        '<row r="1"><c r="a1"/></row>',
        '<row r="1"><c r="XFE1"/></row>',
        '<row r="1"><c r="A1" s="x"><v>1</v></c></row>',
        "<row><c/>" + "<c/>" * 16_384 + "</row>",
        "<row>",
        "<row><c><v>1</c></v></row>",
    ],
)
def test_a_sheet_whose_numbers_do_not_ascend_is_refused(rows: str) -> None:
    assert refused(workbook(rows)) == "table.workbook_malformed"


def test_a_row_beyond_every_sheet_is_refused() -> None:
    assert refused(workbook('<row r="1048577"/>')) == "table.too_many_rows"


def test_a_damaged_column_is_refused() -> None:
    sheet = sheet_xml("", before='<cols><col min="x" max="2" hidden="1"/></cols>')
    assert refused(changed(parts(), sheet=sheet)) == "table.workbook_malformed"


def test_a_document_type_is_refused_in_every_part() -> None:
    for name, content in parts().items():
        wrong = {**parts(), name: b"<!DOCTYPE x>" + content}
        assert refused(zipped(wrong.items())) == "table.workbook_malformed"


def test_parts_in_utf16_are_read() -> None:
    sheet = sheet_xml('<row><c t="str"><v>样例</v></c></row>').decode()
    data = changed(parts(), sheet=sheet.encode("utf-16"))
    assert next(read_table(data).rows()).values == ("样例",)


SAMPLE = workbook(
    '<row r="1"><c r="A1" t="inlineStr"><is><t>样例</t></is></c><c r="B1"><v>1.5</v></c></row>'
)


@settings(max_examples=100)
@given(st.data())
def test_a_damaged_workbook_raises_nothing_but_our_errors(data: st.DataObject) -> None:
    octets = bytearray(SAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        octets[data.draw(st.integers(2, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DecodeError):
        list(read_table(bytes(octets)).rows())


@settings(max_examples=150)
@given(st.sampled_from(sorted(parts())), st.data())
def test_a_damaged_part_raises_nothing_but_our_errors(name: str, data: st.DataObject) -> None:
    content = parts(
        sheet_xml('<row r="1"><c r="A1" t="s" s="1"><v>0</v></c><c r="B1"><v>1.5</v></c></row>'),
        strings=workbooks.strings_xml("<si><t>样例</t></si>"),
        styles=workbooks.styles_xml('<xf numFmtId="14"/>'),
    )
    octets = bytearray(content[name])
    for _ in range(data.draw(st.integers(1, 3))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    content[name] = bytes(octets)
    with contextlib.suppress(DecodeError):
        list(read_table(zipped(content.items())).rows())


@given(st.binary(max_size=300))
def test_any_bytes_raise_nothing_but_our_errors(data: bytes) -> None:
    with contextlib.suppress(DecodeError):
        list(read_table(b"PK\x03\x04" + data).rows())
    with contextlib.suppress(DecodeError):
        list(read_table(data).rows())


def test_a_workbook_of_openpyxl_is_measured_as_openpyxl_sees_it() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in range(1, 40):
        sheet.append([f"样例{row}", row, None, row / 7])
    out = io.BytesIO()
    made.save(out)
    found = scan(out.getvalue()).sheets[0]
    assert (found.rows, found.columns, found.cells) == (39, 4, 117)


@pytest.mark.parametrize(
    ("sheets", "namespace"),
    [
        ('<sheet name="a"/>', MAIN),
        ('<sheet name="a" r:id="none"/>', MAIN),
        ('<sheet name="a" r:id="s1" state="gone"/>', MAIN),
        ('<sheet name="a" r:id="s1"/><sheet name="A" r:id="s2"/>', MAIN),
        ('<sheet name="a" r:id="s1"/>', "urn:other"),
    ],
)
def test_a_list_of_sheets_that_is_not_sound_is_refused(sheets: str, namespace: str) -> None:
    content = parts(sheets=sheets, namespace=namespace)
    content["xl/two.xml"] = sheet_xml("")
    relations = relations_xml(
        ("s1", "worksheet", "worksheets/sheet1.xml"), ("s2", "worksheet", "two.xml")
    )
    assert refused(changed(content, relations=relations)) == "table.workbook_malformed"


def test_a_package_has_one_workbook() -> None:
    two = relations_xml(
        ("a", "officeDocument", "xl/workbook.xml"), ("b", "officeDocument", "xl/styles.xml")
    )
    assert refused(zipped({**parts(), "_rels/.rels": two}.items())) == "table.workbook_malformed"
    other = {**parts(), "xl/workbook.xml": sheet_xml("")}
    assert refused(zipped(other.items())) == "table.workbook_malformed"


def test_a_workbook_with_macros_is_read_without_them() -> None:
    types = parts(sheet_xml(ROW))
    kind = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    old = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert old in types[workbooks.TYPES]
    data = changed(types, types=types[workbooks.TYPES].replace(old, kind))
    assert next(read_table(data).rows()).values == (1,)


def test_deep_elements_are_refused_in_every_part() -> None:
    deep = ("<a>" * 70 + "</a>" * 70).encode()
    for name, before in (
        (workbooks.STRINGS, f'<sst xmlns="{MAIN}">'), (workbooks.STYLES, "<styleSheet>"),
        (workbooks.BOOK_RELATIONS, "<Relationships>"),
    ):  # fmt: skip
        end = f"</{before[1:].split()[0].strip('>')}>".encode()
        wrong = {**parts(), name: before.encode() + deep + end}
        assert refused(zipped(wrong.items())) == "table.workbook_bomb"
