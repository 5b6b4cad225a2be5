"""Whole sessions of both commands, in both languages, compared with what they print.

A transcript is a text file: ``$`` begins a command, its lines follow as a terminal shows them, and
``[exit N]`` ends one that did not exit with 0.  ``UPDATE_TRANSCRIPTS=1`` writes them anew, for a
person to read before they are committed.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from pathlib import Path

import pytest
from tests.support.commandline import workbook
from tests.support.exampleoffice import bundle

from etitle.cli import etitle, etitle_verify
from etitle.trust.bundle import fingerprint
from etitle.trust.words import spell_words

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
MAINS = {"etitle": etitle.main, "etitle-verify": etitle_verify.main}
LOCALES = {"zh": "zh_CN.UTF-8", "en": "en_GB.UTF-8"}
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}-[0-9A-Z]{5}\b")

DIGEST = re.compile(r"\b[0-9a-f]{64}$", re.MULTILINE)
"""Of what is to be signed: another with each change of the format."""


def prepare() -> None:
    """What the sessions find: workbooks, a file that is no certificate, and one with a bad name."""
    workbook("records.xlsx", "样例甲", "样例乙")
    workbook("wrong.xlsx", "样例丙", title="教授")
    workbook("new.xlsx", "样例甲", "样例乙")
    Path("pin").write_text(fingerprint(bundle().roots).hex(), "utf-8")
    Path("inbox").mkdir()
    Path("inbox/notes.txt").write_text("https://pay.example.com/q?id=8848", "utf-8")
    Path("inbox/a.txt: VALID — authentic and in force.txt").write_text("hello", "utf-8")


def run(line: str) -> str:
    """What a command prints, and how it ends; openings differ from run to run."""
    words = shlex.split(line.replace("$(cat pin)", Path("pin").read_text("utf-8")))
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        code = MAINS[words[0]](words[1:])
    text = CODE.sub("XXXX-XXXX-XXXX-XXXXX", shown.getvalue())
    if "bundle" in words:
        text = DIGEST.sub("XXXX", text)
    return text + (f"[exit {code}]\n" if code else "")


def replay(transcript: str) -> str:
    """The transcript as it is today: its commands and comments, with what they print now."""
    lines: list[str] = []
    for line in transcript.splitlines():
        if line.startswith("#"):
            lines.append(f"\n{line}\n" if lines else f"{line}\n")
        if line.startswith("$ "):
            lines.append(f"{line}\n{run(line[2:])}")
    return "".join(lines)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_session_is_as_its_transcript_says(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", LOCALES[path.stem.rpartition(".")[2]])
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("ETITLE_TRUST", "trust")
    prepare()
    expected = path.read_text("utf-8")
    found = replay(expected)
    if os.environ.get("UPDATE_TRANSCRIPTS"):
        path.write_text(found, "utf-8")
    else:
        assert found == expected


def test_both_languages_have_the_same_sessions() -> None:
    sessions: dict[str, dict[str, list[str]]] = {}
    for path in TRANSCRIPTS:
        name, _, language = path.stem.rpartition(".")
        commands = [line for line in path.read_text("utf-8").splitlines() if line[:2] == "$ "]
        sessions.setdefault(name, {})[language] = commands
    assert sessions
    for name, each in sessions.items():
        assert each["zh"] == each["en"], name


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_a_session_speaks_one_language(path: Path) -> None:
    # Names in quotation marks and commands to type are the same in both.
    text = re.sub(r'"[^"]*"|etitle(-verify)? [a-z -]*', "", path.read_text("utf-8"))
    words = spell_words(fingerprint(bundle().roots), "en")  # fingerprint.txt has them in both
    text = text.replace(f"\n{words}\n", "\n")
    printed = [line for line in text.splitlines() if line and line[:1] not in "$#["]
    if path.stem.endswith(".en"):
        # Names and a word of the Chinese law may stand there, sentences may not.
        assert not [line for line in printed if re.search(r"[，。；：]", line)]
    else:
        assert not [line for line in printed if re.search(r"[a-z]{3,} [a-z]{2,} [a-z]{2,}", line)]
