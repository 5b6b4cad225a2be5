"""The one error root and its kinds.

Every error carries a stable ``code`` of the form ``room.reason`` and says, in Chinese and in
English, what is wrong and what to do next.  The words live in ``etitle/messages/<room>.toml`` and
are read only when an error is shown, so that raising stays cheap.  ``command_zh`` and
``command_en`` are the next step of a person at a command line, where a program's is another.

Details are put into messages, so no caller passes an unmasked ID number as a detail.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

Language: TypeAlias = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def _messages(room: str) -> dict[str, dict[str, str]]:
    import tomllib  # noqa: PLC0415  # read only when an error is shown: keeps start-up short

    text = resources.files("etitle").joinpath("messages", f"{room}.toml").read_text("utf-8")
    return tomllib.loads(text)


def explain(code: str, language: Language, **details: object) -> tuple[str, str]:
    """Say what a code means and what to do next.

    Args:
        code: ``room.reason``, as carried by an error or a check.
        language: ``"zh"`` or ``"en"``.
        **details: values for the braces in the message.

    Returns:
        What is wrong, and the next step (empty where there is none to take).

    >>> explain("canon.trailing_bytes", "en", count=2)[0]
    '2 bytes follow the end of the data'
    """
    return _explain(code, language, details, step="next")


def explain_command(code: str, language: Language, **details: object) -> tuple[str, str]:
    """As ``explain``, for a person at a command line: the next step may name commands and options.

    >>> explain("store.not_found", "en")[1] == explain_command("store.not_found", "en")[1]
    False
    """
    return _explain(code, language, details, step="command")


def _explain(
    code: str, language: Language, details: dict[str, object], *, step: str
) -> tuple[str, str]:
    from etitle.labels import detail_of, label_of  # noqa: PLC0415  # as in _messages

    room, _, reason = code.partition(".")
    entry = _messages(room)[reason]
    shown = {key: str(value) for key, value in details.items()}
    if "field" in shown:
        shown.setdefault("label", label_of(shown["field"]))
    for key in {"what", "field", "rule", "now", "to"} & shown.keys():
        shown[key] = detail_of(shown[key], language)
    if "looks" in shown:  # a code itself
        shown["looks"], _ = explain(shown["looks"], language)
    what = entry[language].format_map(_Shown(shown))
    then = entry.get(f"{step}_{language}", entry.get(f"next_{language}", ""))
    return what, then.format_map(_Shown(shown))


class _Shown(dict[str, str]):
    """Details of a message; one that was not given shows as a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


class EtitleError(Exception):
    """Root of everything this library raises on purpose.

    Attributes:
        code: stable reason code, ``room.reason``.
        details: values that belong to the message; never an unmasked ID number.

    >>> str(DecodeError("canon.trailing_bytes", count=2)).splitlines()[0]
    '[canon.trailing_bytes] 2 bytes follow the end of the data'
    """

    def __init__(self, code: str, /, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def __reduce__(self) -> tuple[object, ...]:
        return _made_again, (type(self), self.code, self.details)

    def what(self, language: Language) -> str:
        """What is wrong."""
        return explain(self.code, language, **self.details)[0]

    def next(self, language: Language) -> str:
        """What to do next; empty where there is nothing to do."""
        return explain(self.code, language, **self.details)[1]

    def show(self, language: Language) -> str:
        """The code, what is wrong, and the next step, in one language."""
        what, then = explain(self.code, language, **self.details)
        hint = {"zh": "下一步", "en": "next"}[language]
        return f"[{self.code}] {what}" + (f"\n  {hint}: {then}" if then else "")

    def __str__(self) -> str:
        return f"{self.show('en')}\n{self.show('zh')}"


def _made_again(kind: type[EtitleError], code: str, details: dict[str, object]) -> EtitleError:
    # Pickled errors come back from worker processes; keywords need a function for that.
    return kind(code, **details)


class DecodeError(EtitleError):
    """Bytes or text that are not of the demanded form."""


class FieldError(EtitleError):
    """A value that the rules of its field refuse; ``details["field"]`` names the field."""


class SignerError(EtitleError):
    """A private key that can't be opened or can't sign."""


class TrustError(EtitleError):
    """A bundle, list or delta that can't be believed."""


class StoreError(EtitleError):
    """A local trust folder that is missing, damaged, rolled back or forked."""


class ImageError(EtitleError):
    """A picture that can't be read or drawn."""


class IssueError(EtitleError):
    """Something that must not be issued, voided or published as asked."""


class NaiveTimeError(EtitleError, ValueError):
    """A time without a time zone: a mistake of the calling program, not of data."""


class UsageError(EtitleError):
    """A command line that can't be carried out as it was given."""


class NotValidError(EtitleError):
    """``Verdict.require()`` on anything but a VALID verdict."""
