"""Writes what docs/reference takes from the code.

``commands.md``: the options of both commands.  ``public.md``: the public names.  ``api.md``: every
module of every room, from the bottom room up.  ``codes.md``: every error code and every
reason of a check, with its words.  ``glossary.md``: the terms of ``glossary.toml``.  And
``docs/spec/reasons.md``: exactly when each reason is given, of ``reasons.toml``.
"""

from __future__ import annotations

import argparse
import inspect
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import etitle
import etitle.issue
from etitle.cli import etitle_verify, parser, trustcommands

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "etitle"
PAGES = ROOT / "docs" / "reference"
SPEC = ROOT / "docs" / "spec"

ROOMS = {
    "labels": "Labels",
    "errors": "Errors",
    "files": "Files",
    "canon": "Canonical bytes",
    "der": "DER",
    "certificate": "Certificate",
    "keys": "Keys",
    "verdict": "Verdict",
    "cose": "Envelopes",
    "pdf": "PDF syntax",
    "token": "Token and code",
    "trust": "Trust, as published",
    "table": "Tables",
    "page": "Page",
    "pades": "Seal",
    "report": "Reports",
    "store": "Trust, as kept",
    "record": "Records",
    "verify": "Verification",
    "issue": "Issuing",
    "register": "Register",
    "cli": "Commands",
}

PUBLIC = """\
# Public API

These modules and names are public. They are provisional until version 1 freezes them: until then a
release may change them, and the changelog says so. Everything else is private, whatever its name:
modules move and functions change without notice. The [commands](commands.md), the
[codes](codes.md) and the [formats](../spec/index.md) are public too.

Times at the surface are timezone-aware `datetime`s; names that end in `_s` are seconds since
1970 UTC. Every error is an `EtitleError` with a stable code. This page is written by
`tools/reference.py`.
"""

API = """\
# Modules

Every module, public or not; what programs may rely on is the [public API](public.md).
Rooms from the bottom up ([architecture](../explain/architecture.md)). This page is written by
`tools/reference.py`.
"""

COMMANDS = """\
# Commands

`etitle-verify` is for employers, `etitle` for issuers. Both speak Chinese too: `--lang zh`.
This page is written by `tools/reference.py` from their parsers.
"""

CODES = """\
# Codes

Codes are stable, words are not: programs and tests compare codes. An error carries `room.reason`;
the reasons of checks are in the room `verdict` ([clause 8.4](../spec/verdict.md)). In braces stand
details that the program fills in. This page is written by `tools/reference.py` from
`src/etitle/messages`.
"""


REASONS = """\
# Reasons

Each reason of a check ([clause 8.4](verdict.md)), and exactly when a verifier gives it.
Of the rows of a check the first that applies counts; a check of which none applies is `ok`.
The rows say again what the clauses say, in one place: the clause in the last column is the rule.
`tools/reference.py` writes this page from `docs/spec/reasons.toml`.
A test holds the rows against the table of 8.4, the code and the vectors.
"""

GLOSSARY = """\
# Glossary 术语表

One word for each thing, in both languages.
Messages, the commands, the reports and the guides use the words in the first two columns.
A test refuses the variants in the last.
This page is written by `tools/reference.py` from `docs/reference/glossary.toml`.

同一事物只用一个词。提示信息、命令、报告和指南均使用前两列的词；最后一列的词不用。
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


ALIASES = {"Severity": 'How much a finding weighs: ``"error"`` or ``"warning"``.'}
"""What public names are that have no docstring at run time."""


def public() -> str:
    """The page of public names: each with the first line of its docstring, and its module."""
    parts = [PUBLIC]
    for module in (etitle, etitle.issue):
        first = (module.__doc__ or "").partition("\n")[0]
        parts.append(f"## {module.__name__}\n\n{first}\n\n| name | is | module |\n|---|---|---|")
        for name in module.__all__:
            value = getattr(module, name)
            line = ALIASES.get(name) or (inspect.getdoc(value) or "").partition("\n")[0]
            home = f"etitle.{vars(module)['_HOMES'][name]}" if name in ALIASES else value.__module__
            line = line.replace("|", "\\|").replace("``", "`")
            parts.append(f"| `{name}` | {line} | `{home}` |")
        parts[-1] += "\n"
    return "\n".join(parts)


def codes() -> str:
    """The page of all codes, by room and in the order of their files."""
    parts = [CODES]
    for file in sorted((SOURCE / "messages").glob("*.toml")):
        if file.stem == "output":  # lines of results, which nobody compares
            continue
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


def glossary() -> str:
    """The page of terms: Chinese, English, what each means, and what it is not called."""
    parts = [GLOSSARY]
    for part in tomllib.loads((PAGES / "glossary.toml").read_text("utf-8"))["part"]:
        parts.append(
            f"## {part['zh']} {part['en']}\n\n"
            "| 中文 | English | 含义 meaning | 出处 source | 不用 not |\n|---|---|---|---|---|"
        )
        for term in part["term"]:
            variants = ["、".join(term.get("not_zh", [])), ", ".join(term.get("not_en", []))]
            meaning = f"{_cell(term['means_zh'])}<br>{_cell(term['means_en'])}"
            cells = [term["zh"], term["en"], meaning, term["source"]]
            cells.append("<br>".join(filter(None, variants)))
            parts.append(f"| {' | '.join(cells)} |")
        parts[-1] += "\n"
    return "\n".join(parts)


def _cell(text: str) -> str:
    for character in "\\|*_<`[":
        text = text.replace(character, f"\\{character}")
    return text.replace("\n", " ")


def commands() -> str:
    """The page of the two commands, from their parsers: every option with its words."""
    tops = [
        etitle_verify.make_parser("en"),
        trustcommands.make_parser("en"),
        parser.make_parser("en"),
    ]
    return "\n".join([COMMANDS, *(part for top in tops for part in _command(top))])


def _command(parser: argparse.ArgumentParser, *, level: int = 2) -> Iterator[str]:
    yield f"{'#' * level} {parser.prog}\n"
    for text in (parser.description, parser.epilog):
        if text:
            yield f"```text\n{text.strip()}\n```\n"
    rows: list[str] = []
    below: list[argparse.ArgumentParser] = []
    for action in parser._actions:  # noqa: SLF001  # argparse has no other list
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # nor another name
            below += dict.fromkeys(action.choices.values())
        elif not isinstance(action, argparse._HelpAction):  # noqa: SLF001  # nor another name
            shown = (action.help or "") % {"default": action.default, "prog": parser.prog}
            rows.append(f"| `{_spelled(action)}` | {_cell(shown)} |")
    if rows:
        yield "| argument | means |\n|---|---|\n" + "\n".join(rows) + "\n"
    for each in below:
        yield from _command(each, level=min(level + 1, 4))


def _spelled(action: argparse.Action) -> str:
    choices = "{" + ",".join(map(str, action.choices)) + "}" if action.choices else None
    value = action.metavar or choices or action.dest.upper()
    if not action.option_strings:
        return f"{value} …" if action.nargs == "+" else str(value)
    name = ", ".join(action.option_strings)
    return name if action.nargs == 0 else f"{name} {value}"


def reasons() -> str:
    """The page of the reasons of checks; their rows stand in the specification's own file."""
    found: dict[str, dict[str, dict[str, str]]] = tomllib.loads(
        (SPEC / "reasons.toml").read_text("utf-8")
    )
    parts = [REASONS]
    for check, rows in found.items():
        title = "Any check" if check == "any" else f"`{check}`"
        parts.append(
            f"## {title}\n\n| reason | outcome | exactly when | clause |\n|---|---|---|---|"
        )
        parts += [f"| `{reason}` | {row['outcome']} | {row['when']} | {row['clause']} |"
                  for reason, row in rows.items()]  # fmt: skip
        parts[-1] += "\n"
    return "\n".join(parts)


def main() -> None:
    """Write the pages."""
    (SPEC / "reasons.md").write_text(reasons(), encoding="utf-8")
    (PAGES / "commands.md").write_text(commands(), encoding="utf-8")
    (PAGES / "public.md").write_text(public(), encoding="utf-8")
    (PAGES / "api.md").write_text(api(), encoding="utf-8")
    (PAGES / "codes.md").write_text(codes(), encoding="utf-8")
    (PAGES / "glossary.md").write_text(glossary(), encoding="utf-8")


if __name__ == "__main__":
    main()
