"""Writes what docs/reference takes from the code.

``api.md``: every public module of every room, from the bottom room up.  ``codes.md``: every error
code and every reason of a check, with its words.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "etitle"
PAGES = ROOT / "docs" / "reference"

ROOMS = {
    "errors": "Errors",
    "canon": "Canonical bytes",
    "certificate": "Certificate",
    "keys": "Keys",
    "verdict": "Verdict",
    "cose": "Envelopes",
    "token": "Token and code",
    "trust": "Trust",
    "report": "Reports",
    "verify": "Verification",
    "issue": "Issuing",
    "cli": "Commands",
}

API = """\
# API

Rooms from the bottom up ([architecture](../explain/architecture.md)). This page is written by
`tools/reference.py`.
"""

CODES = """\
# Codes

Codes are stable, words are not: programs and tests compare codes. An error carries `room.reason`;
the reasons of checks are in the room `verdict` ([clause 8.4](../spec/verdict.md)). In braces stand
details that the program fills in. This page is written by `tools/reference.py` from
`src/etitle/messages`.
"""


def modules(room: str) -> list[str]:
    """The public modules of a room, by name; a room of one file is its own module."""
    folder = SOURCE / room
    if not folder.is_dir():
        return [f"etitle.{room}"]
    names = sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))
    return [f"etitle.{room}.{name}" for name in names]


def api() -> str:
    """The page of all modules; stops where a room has no place on it."""
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    unknown = found - ROOMS.keys() - {"__init__", "__pycache__", "messages"}
    if unknown:
        sys.exit(f"tools/reference.py: no place for {', '.join(sorted(unknown))}")
    parts = [API]
    for room, title in ROOMS.items():
        names = modules(room)
        if names:
            parts.append(f"## {title}\n")
        for name in names:
            if len(names) > 1:
                parts.append(f"### {name}\n")
            parts.append(f"```{{eval-rst}}\n.. automodule:: {name}\n```\n")
    return "\n".join(parts)


def codes() -> str:
    """The page of all codes, by room and in the order of their files."""
    parts = [CODES]
    for file in sorted((SOURCE / "messages").glob("*.toml")):
        parts.append(f"## {file.stem}\n\n| code | 中文 | English |\n|---|---|---|")
        for reason, words in tomllib.loads(file.read_text("utf-8")).items():
            cells = [f"`{file.stem}.{reason}`"]
            for language, then in (("zh", "下一步"), ("en", "next")):
                step = words.get(f"next_{language}", "")
                cells.append(
                    _cell(words[language]) + (f"<br>{then}: {_cell(step)}" if step else "")
                )
            parts.append(f"| {' | '.join(cells)} |")
        parts[-1] += "\n"
    return "\n".join(parts)


def _cell(text: str) -> str:
    for character in "\\|*_<`[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")


def main() -> None:
    """Write both pages."""
    (PAGES / "api.md").write_text(api(), encoding="utf-8")
    (PAGES / "codes.md").write_text(codes(), encoding="utf-8")


if __name__ == "__main__":
    main()
