"""``--lang`` is honoured everywhere: help, argparse's own errors, results and prompts."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

import pytest

from etitle.cli import etitle_verify, parser, trustcommands
from etitle.cli.arguments import Parser, translated
from etitle.cli.terminal import language_of
from etitle.errors import LANGUAGES, Language, UsageError

MAKERS = (etitle_verify.make_parser, trustcommands.make_parser, parser.make_parser)


def parsers(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield top
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


def every(language: Language) -> list[argparse.ArgumentParser]:
    return [each for make in MAKERS for each in parsers(make(language))]


@pytest.mark.parametrize("each", every("zh"), ids=lambda each: each.prog)
def test_chinese_help_is_chinese(each: argparse.ArgumentParser) -> None:
    text = each.format_help()
    assert text.startswith("用法: ")
    assert not re.search(r"usage:|options:|positional|show this|default", text)
    assert all(
        re.search(r"[\u4e00-\u9fff]", action.help or "")
        for action in each._actions
        if not isinstance(action, argparse._SubParsersAction)
    )


@pytest.mark.parametrize("each", every("en"), ids=lambda each: each.prog)
def test_english_help_is_english(each: argparse.ArgumentParser) -> None:
    text = each.format_help()
    assert text.startswith("usage: ")
    # 核验码, 姓名 and the like are names; a sentence in Chinese has Chinese punctuation.
    assert not re.search(r"[，。；：（）]", text)
    assert all(
        action.help
        for action in each._actions
        if not isinstance(action, argparse._SubParsersAction)
    )


def test_both_languages_take_the_same_arguments() -> None:
    found = [
        [(each.prog, [(a.option_strings, a.dest, a.nargs) for a in each._actions]) for each in all_]
        for all_ in (every("zh"), every("en"))
    ]
    assert found[0] == found[1]


def make(language: Language) -> Parser:
    made = Parser(prog="x", language=language)
    made.add_argument("--one")
    made.add_argument("--some", nargs="+")
    made.add_argument("--two", nargs=2)
    made.add_argument("--flag", action="store_true")
    made.add_argument("--row", type=int)
    made.add_argument("--pick", choices=("a", "b"))
    either = made.add_mutually_exclusive_group()
    either.add_argument("--left", action="store_true")
    either.add_argument("--right", action="store_true")
    made.add_argument("place")
    return made


@pytest.mark.parametrize(
    "line",
    [
        "", "p --nix", "p --one", "p --some", "p --two 1", "p --flag=1", "p --row x", "p --pick c",
        "p --left --right", "p --on 1",
    ],
)  # fmt: skip
def test_argparse_refuses_in_the_language(line: str) -> None:
    told = {}
    for language in LANGUAGES:
        with pytest.raises(UsageError) as caught:
            make(language).parse_args(line.split())
        told[language] = str(caught.value.details["what"])
    assert re.search(r"[\u4e00-\u9fff]", told["zh"])
    assert not re.search(r"[a-z]{3,} [a-z]{3,}", told["zh"])
    assert not re.search(r"[\u4e00-\u9fff]", told["en"])


def test_what_is_not_known_stays_as_it_is() -> None:
    assert translated("a message of a later Python") == "a message of a later Python"


@pytest.mark.parametrize(
    ("arguments", "language"),
    [
        (["--lang", "zh"], "zh"), (["--lang=zh"], "zh"), (["x", "--lang", "zh"], "zh"),
        (["--", "--lang", "zh"], "en"), (["--lang"], "en"), (["--lang", "fr"], "en"), ([], "en"),
    ],
)  # fmt: skip
def test_the_language_is_known_before_the_line_is_read(
    arguments: list[str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert language_of(arguments) == language
