"""Writes docs/reference/api.md: every public module of every room, from the bottom room up."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "etitle"
PAGE = ROOT / "docs" / "reference" / "api.md"

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

OPENING = """\
# API

Rooms from the bottom up ([architecture](../explain/architecture.md)). This page is written by
`tools/reference.py`.
"""


def modules(room: str) -> list[str]:
    """The public modules of a room, by name; a room of one file is its own module."""
    folder = SOURCE / room
    if not folder.is_dir():
        return [f"etitle.{room}"]
    names = sorted(file.stem for file in folder.glob("*.py") if not file.stem.startswith("_"))
    return [f"etitle.{room}.{name}" for name in names]


def main() -> None:
    """Write the page; stop where a room has no place on it."""
    found = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or path.is_dir()}
    unknown = found - ROOMS.keys() - {"__init__", "__pycache__", "messages"}
    if unknown:
        sys.exit(f"tools/reference.py: no place for {', '.join(sorted(unknown))}")
    parts = [OPENING]
    for room, title in ROOMS.items():
        names = modules(room)
        if names:
            parts.append(f"## {title}\n")
        for name in names:
            if len(names) > 1:
                parts.append(f"### {name}\n")
            parts.append(f"```{{eval-rst}}\n.. automodule:: {name}\n```\n")
    PAGE.write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
