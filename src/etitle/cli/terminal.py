"""How both commands speak to a person: one language, one manner of messages.

Results go to standard output, messages to standard error::

    etitle: error[issue.file_unreadable]: the file none.xlsx can't be read
    hint: check the path and your permission to read it

Every word comes from ``etitle/messages``; what others wrote is made safe for a line here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Literal

from etitle.errors import EtitleError, Language, explain, explain_command
from etitle.report.foreign import one_line

Severity = Literal["error", "warning"]

_SEVERITIES: Final[dict[Severity, dict[Language, str]]] = {
    "error": {"zh": "错误", "en": "error"},
    "warning": {"zh": "提醒", "en": "warning"},
}
_HINT: Final[dict[Language, str]] = {"zh": "提示：", "en": "hint: "}
_YES: Final = frozenset({"yes", "是"})
_COLON: Final[dict[Language, str]] = {"zh": "：", "en": ": "}


class Terminal:
    """Where a command speaks.

    Attributes:
        program: name of the command, which begins every message.
        language: of every message and every result for people.
    """

    def __init__(self, program: str, language: Language) -> None:
        self.program = program
        self.language: Language = language
        self._last_hint = ""

    def pick(self, zh: str, en: str) -> str:
        """The words of the person's language."""
        return zh if self.language == "zh" else en

    def words(self, code: str, **details: object) -> str:
        """The words of a code, every detail safe for a line."""
        safe = {name: one_line(str(value)) for name, value in details.items()}
        return explain(code, self.language, **safe)[0]

    def say(self, code: str, /, *, indent: int = 0, **details: object) -> None:
        """A line of the result, on standard output, ``indent`` spaces from the edge."""
        sys.stdout.write(" " * indent + self.words(code, **details) + "\n")

    def show(self, line: str) -> None:
        """A line of the result that was put together from words; safe for a line too."""
        sys.stdout.write(one_line(line) + "\n")

    def error(self, code: str, *, where: str = "", **details: object) -> None:
        """An error and its next step, on standard error."""
        self.message("error", code, explain_command(code, self.language, **details), where=where)

    def warn(self, code: str, *, where: str = "", **details: object) -> None:
        """A warning and its next step, on standard error."""
        self.message("warning", code, explain_command(code, self.language, **details), where=where)

    def fail(self, error: EtitleError, *, where: str = "") -> None:
        """Report one of our errors on standard error."""
        words = explain_command(error.code, self.language, **error.details)
        self.message("error", error.code, words, where=where)

    def message(
        self, severity: Severity, code: str, words: tuple[str, str], *, where: str = ""
    ) -> None:
        """A message on standard error.

        Args:
            severity: whether something failed, or asks for a look.
            code: stable, ``room.reason``.
            words: what is wrong, and the next step (empty for none).
            where: what it is about, such as a row.
        """
        what, then = words
        kind, colon = _SEVERITIES[severity][self.language], _COLON[self.language]
        place = f"{one_line(where)}{colon}" if where else ""
        self._write(f"{self.program}: {place}{kind}[{code}]{colon}{one_line(what)}")
        if then and then != self._last_hint:
            self._write(f"{_HINT[self.language]}{one_line(then)}")
        self._last_hint = then

    def ask(self, prompt: str) -> str | None:
        """A line that the person types; None where there is no terminal."""
        if not sys.stdin.isatty():
            return None
        sys.stdout.flush()
        sys.stderr.write(prompt)
        sys.stderr.flush()
        return sys.stdin.readline()

    def agrees(self, answer: str) -> bool:
        """Whether an answer is a yes, typed out."""
        return answer.strip().lower() in _YES

    def note(self, code: str, **details: object) -> None:
        """A remark of the program's own on standard error, such as how many more there are."""
        self._write(f"{self.program}: {self.words(code, **details)}")

    def _write(self, line: str) -> None:
        with suppress(OSError):  # nobody hears: what the exit code says must still be said
            sys.stderr.write(line + "\n")


def language_of(arguments: Sequence[str]) -> Language:
    """The language that ``--lang`` asks for, else the locale's."""
    for at, argument in enumerate(arguments):
        if argument == "--":
            break
        given = argument.partition("=")[2] if argument.startswith("--lang=") else None
        if argument == "--lang" and at + 1 < len(arguments):
            given = arguments[at + 1]
        if given in {"zh", "en"}:
            return "zh" if given == "zh" else "en"
    return locale_language()


def locale_language() -> Language:
    """The language of the person's locale; English where it says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "en"
