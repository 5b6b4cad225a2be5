"""The issuer's command line as tests use it: workbooks to hand in, and errors to look for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from tests.support import exampleoffice

from etitle.cli.etitle import main
from etitle.cli.etitle_verify import main as verify

DAY_1, DAY_2, DAY_3 = "2026-01-05T09:00:00", "2026-01-06T09:00:00", "2026-01-07T09:00:00"
HEADINGS = (
    "姓名",
    "身份证号",
    "职称系列",
    "职称名称",
    "专业名称",
    "取得资格时间",
    "发证机关",
    "审批机构",
)
ROOTS = ("--root", "file:issuer/keys/root-1.pem", "--root", "file:issuer/keys/root-2.pem")


def workbook(path: str, *people: str, title: str = "工程师") -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADINGS)
    for n, name in enumerate(people):
        sheet.append((
            name, exampleoffice.id_number(n), "工程技术人员", title, "测绘工程", "2025-09-10",
            "样例省人力资源和社会保障厅", exampleoffice.CITY,
        ))  # fmt: skip
    book.save(path)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def refused(capsys: pytest.CaptureFixture[str], *arguments: str, expect: int = 1) -> str:
    """The code of the error on standard error, of ``etitle``."""
    return _refused(capsys, main, arguments, expect)


def refused_trust(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The code of the error on standard error, of ``etitle-verify trust``."""
    return _refused(capsys, verify, ("trust", *arguments), 2)


def _refused(
    capsys: pytest.CaptureFixture[str],
    run: Callable[[list[str]], int],
    arguments: tuple[str, ...],
    expect: int,
) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == expect
    lines = capsys.readouterr().err.splitlines()
    line = next(line for line in lines if re.match(r"etitle(-verify)?: error\[", line))
    return line.partition("[")[2].partition("]")[0]
