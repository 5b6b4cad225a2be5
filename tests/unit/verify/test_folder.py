"""A file, a folder or a stream becomes rows; nothing is passed over in silence."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import pytest
from tests.support.authority import AT, make_world
from tests.support.population import certificates
from tests.support.question import EXAMPLES

from etitle.verdict import Reason, Summary
from etitle.verify import file, folder
from etitle.verify.folder import JudgedRow, PassedOver, verify_path, verify_stream
from etitle.verify.question import Question

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE = certificates(1)[0]
WORLD = make_world([CERTIFICATE])
CODE = WORLD.code(CERTIFICATE)
QUESTION = Question(trust=WORLD.trust, lists=WORLD.lists, at=AT, policy=EXAMPLES)


class Broken(io.BytesIO):
    def read(self, _size: int | None = -1) -> bytes:
        raise OSError


def rows(path: Path | str) -> list[tuple[str, Summary]]:
    found = list(verify_path(str(path), QUESTION))
    return [(row.name, row.verdict.summary) for row in found if isinstance(row, JudgedRow)]


def test_every_file_of_a_folder_is_a_row_in_order(tmp_path: Path) -> None:
    names = ("b.TXT", "a.txt", "sub/c.txt", "d.jfif", "e.pdf(1)", "f")
    for name in (*names, ".hidden.txt", ".git/e.txt", ".DS_Store", "Thumbs.db", "sub/desktop.ini"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(CODE)
    (tmp_path / "~$a.docx").write_text(CODE)
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    order = ("a.txt", "b.TXT", "d.jfif", "e.pdf(1)", "f", "sub/c.txt")
    assert rows(tmp_path) == [(str(tmp_path / name), Summary.VALID) for name in order]
    *_, last = verify_path(str(tmp_path), QUESTION)
    assert last == PassedOver(str(tmp_path), 7)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", b"PK\x03\x04\0\0"), ("a.heic", b"\0\0\0\x18ftypheic" + bytes(20)),
     ("a.mp4", b"\0\0\0\x18ftypisom" + bytes(20)), ("a", b"\x7fELF\0"), ("a.txt", b""),
     ("a.png", b"\x89PNG"), ("a.zip", bytes(9)), ("a.lnk", b"L\0\0\0")],
)  # fmt: skip
def test_a_file_of_any_other_kind_is_a_row_that_is_not_valid(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    assert rows(tmp_path) == [(str(tmp_path / name), Summary.INDETERMINATE)]


def test_lines_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{CODE}\n\n{CODE}\n")
    assert [name for name, _ in rows(tmp_path)] == [f"{tmp_path}/a.txt:1", f"{tmp_path}/a.txt:3"]


@pytest.mark.parametrize("path", ["", "nowhere", "nul\0l"])
def test_what_is_no_file_is_unreadable(path: str) -> None:
    (row,) = verify_path(path, QUESTION)
    assert isinstance(row, JudgedRow)
    assert row.verdict.checks[0].reason is Reason.UNREADABLE


def test_a_pipe_is_unreadable(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    (row,) = verify_path(str(tmp_path), QUESTION)
    assert isinstance(row, JudgedRow)
    assert (row.name, row.verdict.summary) == (f"{tmp_path}/a.txt", Summary.INDETERMINATE)
    assert row.verdict.checks[0].reason is Reason.UNREADABLE


def test_a_folder_that_can_not_be_listed_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def closed(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "closed", str(path))
        return scandir(path)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", closed)
    assert rows(tmp_path) == [(f"{tmp_path}/closed", Summary.INDETERMINATE)]


def test_a_file_longer_than_the_limit_is_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (file, folder):
        monkeypatch.setattr(module, "MAX_FILE_BYTES", len(CODE))
    (tmp_path / "a").write_text(CODE)
    (tmp_path / "b").write_text(CODE + "\n")
    assert [one for _, one in rows(tmp_path)] == [Summary.VALID, Summary.INDETERMINATE]
    (row,) = verify_stream("-", io.BytesIO(CODE.encode() + b"\n"), QUESTION)
    assert row.verdict.checks[0].reason is Reason.TOO_LARGE


def test_a_stream_is_a_file() -> None:
    (row,) = verify_stream("-", io.BytesIO(CODE.encode()), QUESTION)
    assert (row.name, row.verdict.summary) == ("-", Summary.VALID)
    (row,) = verify_stream("-", Broken(), QUESTION)
    assert row.verdict.checks[0].reason is Reason.UNREADABLE
