"""Writing a PDF of one revision with a hole for its signature: docs/spec clauses 9.1 and 9.2."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from tests.support.blankpage import blank
from tests.support.validators import tool

from etitle.errors import IssueError
from etitle.pades.dss import ValidationData
from etitle.pades.prepared import Prepared, prepare
from etitle.page.writer import Writer
from etitle.pdf import date_string, number, stream, text_string


def prepared(length: int = 64, *, validation_data: ValidationData | None = None) -> Prepared:
    return prepare(
        blank(),
        length,
        name="样例省",
        reason="发证",
        signing_time_s=0,
        validation_data=validation_data,
    )


def test_the_byte_range_covers_everything_but_the_hole() -> None:
    ready = prepared()
    file = ready.file(b"\x30\x03abc")
    found = re.search(rb"/ByteRange \[0 ([ 0-9]{10}) ([ 0-9]{10}) ([ 0-9]{10})\]", file)
    assert found is not None
    a, b, c = map(int, found.groups())
    assert file[a:b] == b"<" + b"3003616263" + b"0" * 54 + b">"
    assert b + c == len(file)
    assert file[:a] + file[b:] == ready.before + ready.after


@pytest.mark.parametrize("length", [2, 64, 12_000])
def test_the_cross_references_name_every_object(length: int) -> None:
    file = prepared(length, validation_data=ValidationData((b"x" * 9, b"y"), ocsps=(b"z",))).file(
        b""
    )
    start = int(file.split(b"startxref\n")[1].split()[0])
    head, count = file[start:].split(b"\n", 2)[:2]
    assert head == b"xref"
    entries = file[start:].split(b"\n", 2)[2].split(b"trailer")[0]
    assert len(entries) == 20 * int(count.split()[1])
    for at in range(1, int(count.split()[1])):
        offset = int(entries[20 * at : 20 * at + 10])
        assert file[offset:].startswith(b"%d 0 obj\n" % at)


def test_there_is_one_revision() -> None:
    file = prepared(validation_data=ValidationData((b"x",), (b"c",), (b"o",))).file(b"")
    for once in (b"%%EOF", b"startxref", b"trailer", b"\nxref\n", b"/ByteRange", b"/Contents <"):
        assert file.count(once) == 1
    assert b"/Reason " + text_string("发证") + b"\n/M (" in file
    assert b"/Prev" not in file
    assert b"/ObjStm" not in file
    assert file.endswith(b"%%EOF\n")


@pytest.mark.parametrize("validation_data", [None, ValidationData((b"x",), (b"c", b"d"), (b"o",))])
def test_qpdf_finds_no_fault(tmp_path: Path, validation_data: ValidationData | None) -> None:
    path = tmp_path / "blank.pdf"
    path.write_bytes(prepared(validation_data=validation_data).file(b"\x30\x00"))
    done = subprocess.run([tool("qpdf"), "--check", path], capture_output=True, check=False)  # noqa: S603  # a test tool
    assert (done.returncode, done.stderr) == (0, b"")


def test_preparing_twice_gives_the_same_bytes() -> None:
    assert prepared() == prepared()


@pytest.mark.parametrize("length", [0, -2, 3, (1 << 20) + 2])
def test_a_senseless_length_of_the_hole_is_refused(length: int) -> None:
    with pytest.raises(IssueError) as caught:
        prepared(length)
    assert caught.value.code == "page.contents_length"


def test_a_signature_longer_than_its_hole_is_refused() -> None:
    with pytest.raises(IssueError) as caught:
        prepared(8).file(b"12345")
    assert caught.value.code == "page.signature_too_long"


def test_an_object_reserved_and_never_written_is_a_fault_of_the_program() -> None:
    writer = Writer()
    writer.reserve()
    with pytest.raises(ValueError, match="3"):
        writer.finish(catalog=b"", info=3)


def test_a_stream_says_its_length_and_filter() -> None:
    body = stream(b"/A 1", b"abc" * 100)
    assert body.startswith(b"<< /A 1 /Filter /FlateDecode /Length ")
    length = int(body.split(b"/Length ")[1].split()[0])
    assert len(body.split(b"stream\n", 1)[1]) == length + len(b"\nendstream")


@pytest.mark.parametrize(
    ("value", "text"), [(0, b"0"), (1.5, b"1.5"), (10.0, b"10"), (-0.001, b"0"), (-2.005, b"-2")]
)
def test_numbers_have_two_decimals_at_most(value: float, text: bytes) -> None:
    assert number(value) == text


def test_text_beyond_the_basic_plane_is_written_as_surrogates() -> None:
    assert text_string("𠮷") == b"<FEFFD842DFB7>"


def test_dates_are_those_of_china() -> None:
    assert date_string(1_795_420_800) == b"(D:20261123160000+08'00')"
