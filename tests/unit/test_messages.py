"""Every code that the program raises has words, and all words have a code."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from functools import cache
from pathlib import Path

import pytest

import etitle
from etitle.errors import LANGUAGES, explain
from etitle.verdict import Reason

SOURCE = Path(etitle.__file__).parent
MESSAGES = {
    path.stem: tomllib.loads(path.read_text("utf-8"))
    for path in sorted((SOURCE / "messages").glob("*.toml"))
}
ENTRIES = [f"{room}.{reason}" for room, entries in MESSAGES.items() for reason in entries]
CODE = re.compile(rf"(?:{'|'.join(MESSAGES)})\.[a-z][a-z0-9_]*")
RENAMED = ("record.date_impossible", "record.date_range")
"""Codes that ``certificate.cell`` makes of those of ``certificate.dates``."""


def is_code(text: str) -> bool:
    """Whether a string of the source has the shape of a code and names no module or file."""
    room, _, reason = text.partition(".")
    return (
        CODE.fullmatch(text) is not None
        and not (SOURCE / room / f"{reason}.py").exists()
        and reason not in {"json", "toml", "py", "sql", "cwt", "cose"}
    )


def entry(code: str) -> dict[str, str]:
    room, _, reason = code.partition(".")
    return MESSAGES[room][reason]  # type: ignore[no-any-return]


@cache
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCE.rglob("*.py")}


@cache
def raised() -> dict[str, str]:
    """Codes and where they stand: first arguments of errors and refusals, named or made."""
    found: dict[str, str] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and is_code(text):
                found[text] = f"{path.relative_to(SOURCE)}:{getattr(node, 'lineno', 0)}"
    found.update({f"verdict.{reason}": "verdict.py" for reason in Reason})
    found.update(dict.fromkeys(RENAMED, "certificate/cell.py"))
    return found


def first_arguments() -> list[tuple[str, str]]:
    """Literal first arguments of calls of ``…Error`` and ``refuse``, whatever their form."""
    found = []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            ours = name in KINDS or name in {"refuse", "warn"}
            if ours and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.append((first.value, f"{path.relative_to(SOURCE)}:{node.lineno}"))
    return found


KINDS = {
    node.name
    for node in ast.walk(trees()[SOURCE / "errors.py"])
    if isinstance(node, ast.ClassDef) and node.name.endswith("Error")
}


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_first_argument_of_an_error_is_a_code_with_words() -> None:
    missing = {(code, where) for code, where in first_arguments() if code not in ENTRIES}
    assert missing == set()
    assert len(first_arguments()) > 100


def test_every_code_in_the_source_has_words() -> None:
    assert {code: where for code, where in raised().items() if code not in ENTRIES} == {}


def test_all_words_are_used() -> None:
    assert set(ENTRIES) - set(raised()) == set()


@pytest.mark.parametrize("code", ENTRIES)
def test_an_entry_has_both_languages_and_both_or_no_next_steps(code: str) -> None:
    words = entry(code)
    steps = {"next_zh", "next_en"}
    commands = {"command_zh", "command_en"}
    assert set(words) - {"zh", "en"} in (set(), steps, steps | commands)
    assert all(text.strip() == text and text for text in words.values())


@pytest.mark.parametrize("code", ENTRIES)
def test_both_languages_name_the_same_details(code: str) -> None:
    words = entry(code)
    # A field has a name in each language: ``field`` in English, ``label`` in Chinese and beside it.
    assert slots(words["zh"]) | {"field"} == slots(words["en"]) | {"field"}
    assert "field" not in slots(words["en"]) - slots(words["zh"]) or "label" in slots(words["zh"])
    assert slots(words.get("next_zh", "")) == slots(words.get("next_en", ""))
    assert slots(words.get("command_zh", "")) == slots(words.get("command_en", ""))

    for text in words.values():
        assert all(re.fullmatch(r"[a-z_]+", name) for name in slots(text))


COMMANDS = re.compile(r"(?<![\w-])--[a-z]|etitle(-verify)? [a-z]+|(?<!\w)authority\.toml")
"""What only a person at a command line can do."""
BEHIND_THE_LIBRARY = ("cli/", "register/", "record/", "issue/authority.py")


@pytest.mark.parametrize(
    "code", sorted(set(ENTRIES) - {f"output.{key}" for key in MESSAGES["output"]})
)
def test_a_program_is_told_no_command(code: str) -> None:
    places = {
        place for place in raised_in().get(code, ()) if not place.startswith(BEHIND_THE_LIBRARY)
    }
    if places or code.startswith("verdict."):
        words = entry(code)
        for language in LANGUAGES:
            assert not COMMANDS.search(words.get(f"next_{language}", "")), places


@cache
def raised_in() -> dict[str, set[str]]:
    """Codes and every file that raises them."""
    found: dict[str, set[str]] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and is_code(text):
                found.setdefault(text, set()).add(str(path.relative_to(SOURCE)))
    return found


@pytest.mark.parametrize("code", ENTRIES)
def test_an_entry_can_be_shown(code: str) -> None:
    for language in LANGUAGES:
        what, _ = explain(code, language)
        assert what
    assert re.search(r"[\u4e00-\u9fff]", explain(code, "zh")[0])
    # A word of the Chinese law may stand in English text, a sentence may not.
    assert not re.search(r"[。，；]", explain(code, "en")[0] + explain(code, "en")[1])


def test_no_message_has_room_for_a_document_number() -> None:
    for code in ENTRIES:
        for text in entry(code).values():
            assert not slots(text) & {"id_number", "identity", "holder", "password", "opening"}
