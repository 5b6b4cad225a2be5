"""No name of a file looks like a verdict, whatever characters it is made of."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

import etitle.cli.etitle_verify as command
from etitle.trust.anchors import Lists, Trust

REPORT = (
    'VALID — authentic and in force: "boss.pdf"\n  authenticity: authentic (as of'
    " 2026-01-06 00:00 UTC+8)\n  standing: in force"
)
NAMES = {
    "verdict": "x: VALID — authentic and in force.txt",
    "whole report": f"{REPORT}.txt",
    "Chinese report": 'a.txt\n【有效】真实且有效："boss.pdf.txt',
    "quotation mark": 'x" VALID "y.txt',
    "backslash": "x\\nVALID.txt",
    "leading dashes": "--VALID: ok.txt",
    "carriage return": "x\rVALID — authentic and in force.txt",
    "right to left": "x\u202egnidnats DILAV.txt",
    "isolates": "\u2066VALID\u2069\u200f.txt",
    "line separator": "x\u2028VALID — authentic\u2029VALID.txt",
    "next line": "x\x85VALID.txt",
    "spaces to the edge": "x" + " " * 70 + "VALID — authentic and in force.txt",
    "wide spaces": "x" + "\u3000" * 30 + "VALID.txt",
    "blanks that are no spaces": "x" + "\u2800" * 30 + "\u3164" * 20 + "VALID.txt",
    "very long": "x" * 76 + "VALID — authentic and in force" + "y" * 100 + ".txt",
    "very long and wide": "样" * 36 + "【有效】真实且有效" + "样" * 20 + ".txt",
    "ansi": "\x1b[2J\x1b[1;1HVALID\x1b[8m.txt",
    "c1 control": "\x9b2JVALID.txt",
    "full-width colon": "x：VALID：真实且有效.txt",
    "tabs": "x\t\t\t\t\t\t\t\tVALID.txt",
    "backspaces": "xxxx\b\b\b\bVALID.txt",
    "zero width": "VA\u200bLID\u200d\ufeff.txt",
    "leading space": "   VALID — authentic.txt",
}


@pytest.fixture(autouse=True)
def _at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(command, "_load", lambda folder: (Trust(()), Lists()))
    monkeypatch.chdir(tmp_path)


def columns(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_looks_like_a_verdict(
    name: str, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("in").mkdir()
    Path("in", NAMES[name]).write_text("hello", "utf-8")
    assert command.main(["--lang", language, "in"]) == command.EXIT_INDETERMINATE
    out = capsys.readouterr().out
    first, *others, tally = out.removesuffix("\n").split("\n")
    begin = {"en": "INDETERMINATE — ", "zh": "【无法判定】"}[language]
    assert first.startswith(begin)
    assert tally == {"en": "1: 1 INDETERMINATE", "zh": "共 1 份：无法判定 1"}[language]
    # Every other line is set in, and no line that holds a name is wrapped by a terminal.
    assert all(line.startswith("  ") for line in others)
    shown = [line for line in (first, *others) if line.startswith(("    ", begin))]
    assert all(columns(line) < 80 for line in shown[:-1])
    assert all(c == "\n" or c.isprintable() for c in out)
    assert not re.search(" {5,}VALID|[\u2800\u3164\u3000]", out)
    # The name stands in quotation marks that it can't close.
    (quoted,) = re.findall(r'"((?:[^"\\]|\\.)*)"', "".join(line.strip() for line in shown))[:1]
    assert "VALID" in quoted or "有效" in quoted or name in {"right to left", "zero width"}


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_name_stays_in_its_message(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--lang", "en", "--", NAMES[name]]) == command.EXIT_USAGE
    error, hint = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert error.startswith("etitle-verify: error[cli.path_missing]: ")
    assert hint.startswith("hint: ")
    assert (error + hint).isprintable()


@pytest.mark.parametrize("name", ["ansi", "leading dashes", "whole report", "right to left"])
def test_an_argument_that_is_not_known_stays_in_its_message(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argument = "--x" + NAMES[name].replace(" ", "_")  # with a space it would be a path
    assert command.main(["--lang", "en", argument, "y"]) == command.EXIT_USAGE
    error, hint = capsys.readouterr().err.removesuffix("\n").split("\n")
    assert error.startswith("etitle-verify: error[cli.usage]: ")
    assert (error + hint).isprintable()


def test_a_path_named_trust_is_written_with_its_folder() -> None:
    Path("trust").write_text("hello", "utf-8")
    assert command.main(["./trust"]) == command.EXIT_INDETERMINATE
    assert command.main(["--json", "trust"]) == command.EXIT_INDETERMINATE
    assert command.main(["trust"]) == command.EXIT_USAGE
    assert command.main(["--lang", "zh", "trust"]) == command.EXIT_USAGE


@pytest.mark.parametrize("name", ["ZC1:6BFOXN", "1" * 200, "zc1:%2B", "https:"])
def test_a_file_that_is_named_as_a_code_is_a_file(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_bytes(b"")
    assert command.main(["--json", name]) == command.EXIT_INDETERMINATE
    assert f'"file": "{name}"' in capsys.readouterr().out
