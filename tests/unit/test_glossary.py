"""One word for each thing: messages, commands, reports and guides keep to the glossary."""

from __future__ import annotations

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "etitle"
PAGES = ROOT / "docs"
PARTS = tomllib.loads((PAGES / "reference" / "glossary.toml").read_text("utf-8"))["part"]
TERMS = [term for part in PARTS for term in part["term"]]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`|\]\([^)]*\)|https?://\S+", re.MULTILINE | re.DOTALL)
"""What stands in a page as code or as an address: commands, names and files keep their spelling."""
CLAUSE = re.compile(r"(?:^|(?<=## ))(\d+(?:\.\d+)+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Variant:
    """A forbidden word, the term to say instead, and longer words that may contain it."""

    word: str
    term: str
    allowed: tuple[str, ...]

    def stands_in(self, text: str) -> bool:
        for longer in self.allowed:
            text = text.replace(longer, "")
        if CHINESE.search(self.word):
            return self.word in text
        # "--opener" and "new_opener" are names, "opener" is a word.
        word = rf"(?<![\w.-]){re.escape(self.word)}(?![\w-])"
        return re.search(word, text, re.IGNORECASE) is not None


def variants(language: str) -> list[Variant]:
    return [
        Variant(word, term[language], tuple(term.get("but", ())))
        for term in TERMS
        for word in term.get(f"not_{language}", ())
    ]


VARIANTS = {language: variants(language) for language in ("zh", "en")}


def refused(text: str, language: str) -> list[str]:
    """The forbidden words of a text, each with the term to say instead."""
    return [f"{each.word} -> {each.term}" for each in VARIANTS[language] if each.stands_in(text)]


def strings(path: Path) -> Iterator[str]:
    """The strings of a module that are no docstrings: what its users may see."""
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and id(node) not in docstrings:
            yield value


MESSAGES = sorted((SOURCE / "messages").glob("*.toml"))
MODULES = sorted(
    [
        SOURCE / "labels.py",
        *(path for room in ("cli", "report") for path in (SOURCE / room).rglob("*.py")),
    ]
)
GUIDES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *PAGES.rglob("*.md")]
    if path.name not in {"CHANGELOG.md", "CONTRIBUTING.md"}
    and path.parent.name not in {"adr", "spec", "reference"}
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_each_term_is_there_once_and_says_what_it_means() -> None:
    for language in ("zh", "en"):
        terms = [term[language] for term in TERMS]
        assert len(terms) == len(set(terms))
    known = {"zh", "en", "means_zh", "means_en", "source", "not_zh", "not_en", "but"}
    for term in TERMS:
        assert set(term) <= known
        assert all(term[key] for key in ("zh", "en", "means_zh", "means_en", "source"))


def test_no_term_is_a_variant_of_another_and_no_definition_uses_one() -> None:
    for term in TERMS:
        for language in ("zh", "en"):
            text = f"{term[language]}\n{term[f'means_{language}']}"
            assert refused(text, language) == [], term[language]


def test_each_clause_that_the_glossary_names_exists() -> None:
    clauses = {
        number
        for path in (PAGES / "spec").glob("*.md")
        for number in CLAUSE.findall(path.read_text("utf-8"))
    }
    for term in TERMS:
        _, found, named = term["source"].partition("spec ")
        if found:
            assert set(named.split(", ")) <= clauses, term["zh"]


@pytest.mark.parametrize("path", MESSAGES, ids=name)
def test_messages_keep_to_the_glossary(path: Path) -> None:
    for reason, words in tomllib.loads(path.read_text("utf-8")).items():
        for key, text in words.items():
            assert refused(text, key[-2:]) == [], f"{reason}.{key}"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_strings_of_commands_and_reports_keep_to_the_glossary(path: Path) -> None:
    for text in strings(path):
        assert refused(text, "en") == [], text
        if CHINESE.search(text):
            assert refused(text, "zh") == [], text


@pytest.mark.parametrize("path", GUIDES, ids=name)
def test_guides_keep_to_the_glossary(path: Path) -> None:
    text = CODE.sub("", path.read_text("utf-8"))
    languages = ("zh", "en") if CHINESE.search(text) else ("en",)
    for language in languages:
        assert refused(text, language) == []


def test_the_test_sees_a_variant_and_not_a_longer_word() -> None:
    assert refused("请更新吊销列表", "zh") == ["吊销列表 -> 状态列表"]
    assert refused("证书吊销列表（CRL）", "zh") == []
    assert refused("the Opener is wrong", "en") == ["opener -> opening"]
    assert refused("give --opener, made by new_opener", "en") == []
