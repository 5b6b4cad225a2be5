"""Command lines in the person's language: argparse's own words too, and kinds of values."""

from __future__ import annotations

import argparse
import datetime
import re
import sys
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from etitle.certificate.dates import CHINA
from etitle.errors import Language, UsageError

_TITLES: Final = {
    "positional arguments": "参数",
    "options": "选项",
}
"""argparse's own headings."""

_ERRORS: Final = (
    (r"the following arguments are required: (.*)", r"缺少参数：\1"),
    (r"unrecognized arguments: (.*)", r"无法识别的参数：\1"),
    (r"argument ([^:]*): (.*)", r"参数 \1：\2"),
    (r"expected one argument", r"须给出一个值"),
    (r"expected at least one argument", r"至少须给出一个值"),
    (r"expected at most one argument", r"至多给出一个值"),
    (r"expected (\d+) arguments?", r"须给出 \1 个值"),
    (r"invalid choice: (.*) \(choose from (.*)\)", r"\1 不在可选范围（\2）"),
    (r"invalid \w+ value: (.*)", r"值 \1 的格式有误"),
    (r"ignored explicit argument (.*)", r"此选项不带值，多出 \1"),
    (r"not allowed with argument (.*)", r"不能与 \1 同时使用"),
    (r"one of the arguments (.*) is required", r"须给出其中之一：\1"),
)
"""What argparse says (3.11 to 3.13), in Chinese; what is not here stays English."""


class Parser(argparse.ArgumentParser):
    """An ``ArgumentParser`` of one language that raises ``UsageError``.

    Args:
        language: of help and errors.
        usage_code: code of the error for a line that can't be read.
        **options: of ``ArgumentParser``.
    """

    def __init__(
        self,
        *,
        language: Language,
        usage_code: str = "cli.usage",
        **options: Any,  # noqa: ANN401  # argparse's own, passed on
    ) -> None:
        self.language: Language = language
        self._usage_code = usage_code
        options.setdefault("formatter_class", _FORMATTERS[language])
        # An abbreviation changes its meaning when an option is added; and --lang is looked for
        # before the line is read.
        super().__init__(allow_abbrev=False, add_help=False, **options)
        self.add_argument(
            "-h",
            "--help",
            action="help",
            help=self.say("show this help", "显示本说明"),
        )

    def say(self, en: str, zh: str) -> str:
        """The words of the parser's language."""
        return zh if self.language == "zh" else en

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line.

        Raises:
            UsageError: always.
        """
        if self.language == "zh":
            message = translated(message)
        raise UsageError(self._usage_code, what=message, program=self.prog)

    def print_help(self, file: Any = None) -> None:  # noqa: ANN401  # argparse's own
        """Write the help; unlike argparse, let an error of the output be known."""
        (sys.stdout if file is None else file).write(self.format_help())

    def add_argument_group(self, *given: Any, **options: Any) -> Any:  # noqa: ANN401  # argparse names no type for a group
        """A group of arguments; argparse's own groups get their titles here."""
        if self.language == "zh" and given:
            given = (_TITLES.get(given[0], given[0]), *given[1:])
        return super().add_argument_group(*given, **options)

    def add_common(self, group: Any = None) -> None:  # noqa: ANN401  # as above
        """``--at`` in seconds and ``--lang``, which most commands take."""
        into = self if group is None else group
        into.add_argument(
            "--at",
            dest="at_s",
            metavar="TIME",
            type=seconds,
            help=self.say(
                "act as of this time (ISO 8601; China time unless an offset is given); "
                "default: now",
                "以此时间为准（ISO 8601，未写时区按北京时间）；默认现在",
            ),
        )
        self.add_language(group)

    def add_language(self, group: Any = None) -> None:  # noqa: ANN401  # as above
        """``--lang``, which every command takes."""
        into = self if group is None else group
        into.add_argument(
            "--lang",
            choices=("zh", "en"),
            help=self.say("language; default: the locale's", "语言；默认随系统"),
        )


def translated(message: str) -> str:
    """What argparse says, in Chinese."""
    for pattern, chinese in _ERRORS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is None:
            continue
        if pattern.startswith("argument "):  # its second half is a message of its own
            return f"参数 {found[1]}：{translated(found[2])}"
        return found.expand(chinese)
    return message


class _Chinese(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Any,  # noqa: ANN401  # as above
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, "用法: " if prefix is None else prefix)


_FORMATTERS: Final[dict[Language, type[argparse.HelpFormatter]]] = {
    "zh": _Chinese,
    "en": argparse.RawDescriptionHelpFormatter,
}


def time(value: str) -> datetime.datetime:
    """A time as typed: ISO 8601, China time unless an offset is given.

    Raises:
        UsageError: ``cli.time_malformed``.

    >>> time("2026-06-30").isoformat()
    '2026-06-30T00:00:00+08:00'
    """
    try:
        at = datetime.datetime.fromisoformat(value)
    except ValueError:
        raise UsageError("cli.time_malformed", value=value) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=CHINA)


def seconds(value: str) -> int:
    """A time as typed, in seconds since 1970 UTC.

    Raises:
        UsageError: ``cli.time_malformed``.
    """
    return int(time(value).timestamp())
