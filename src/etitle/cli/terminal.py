"""What both commands share in speaking with a person: language, times, and safe text."""

from __future__ import annotations

import argparse
import datetime
import os

from etitle.certificate.dates import CHINA
from etitle.errors import Language

_REPLACED = "\N{REPLACEMENT CHARACTER}"


def locale_language() -> Language:
    """The language of the person's locale; English where it says nothing."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.startswith("zh") else "en"
    return "en"


def parse_time(value: str) -> datetime.datetime:
    """A time as typed: ISO 8601, China time unless an offset is given."""
    try:
        at = datetime.datetime.fromisoformat(value)
    except ValueError:
        message = f"'{value}' is not an ISO 8601 time such as 2026-06-30 or 2026-06-30T12:00:00Z"
        raise argparse.ArgumentTypeError(message) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=CHINA)


def china_time(at_s: int) -> str:
    """A time as shown, in China; ``at_s`` is seconds since 1970 UTC."""
    return datetime.datetime.fromtimestamp(at_s, CHINA).isoformat()


def printable(text: str) -> str:
    """The text without control characters but line breaks: a name must not drive a terminal."""
    return "".join(c if c == "\n" or c.isprintable() else _REPLACED for c in text)


def in_a_line(text: str) -> str:
    """The text without line breaks either: a name must not write a line of its own."""
    return printable(text).replace("\n", _REPLACED)
