"""Foreign text within our lines: it neither ends a line nor passes for one.

Whoever made a file chose its name and what its code claims.  They may hold line
breaks, control sequences of a terminal, marks that turn the direction of writing, and spaces enough
to fill a line so that the rest stands alone on the next.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

COLUMNS: Final = 79
"""Columns of a line that holds foreign text: a terminal of 80 never wraps it by itself."""

_REPLACED: Final = "\N{REPLACEMENT CHARACTER}"
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Printable by their category, and still empty on a screen."""
_RUN: Final = re.compile(" {2,}")


def one_line(text: str) -> str:
    r"""The text without line breaks, controls and blanks that are no spaces.

    >>> one_line("a\nb\u202ec")
    'a\ufffdb\ufffdc'
    """
    return "".join(c if _is_plain(c) else _REPLACED for c in text)


def single_spaced(text: str) -> str:
    r"""The text of ``one_line``, with each run of spaces made one space.

    >>> single_spaced("a     b\n")
    'a b\ufffd'
    """
    return _RUN.sub(" ", one_line(text))


def quoted(name: str) -> str:
    r"""A name in quotation marks, every doubtful character escaped as Python would.

    >>> print(quoted('x: VALID\n "a"'))
    "x: VALID\n \"a\""
    >>> print(quoted("a   b"))
    "a \x20\x20b"
    """
    escaped = "".join(_escaped(c) for c in name)
    return '"' + _RUN.sub(lambda run: " " + r"\x20" * (len(run[0]) - 1), escaped) + '"'


def folded(lead: str, foreign: str, *, hang: int) -> list[str]:
    """Lines of at most ``COLUMNS`` columns: our lead, then the text, further lines indented.

    A text that would be cut, and fits on a line of its own, gets one.

    Args:
        lead: of our own; the first line begins with it.
        foreign: as ``single_spaced`` or ``quoted`` gave it.
        hang: spaces that later lines begin with.

    >>> folded("VALID: ", "x" * 80, hang=4)[1]
    '    xxxxxxxx'
    >>> folded("VALID: ", "x" * 75, hang=4)[0]
    'VALID:'
    """
    lines = [lead]
    room = COLUMNS - sum(map(_columns, lead))
    if room < sum(map(_columns, foreign)) <= COLUMNS - hang:
        return [lead.rstrip(), " " * hang + foreign]
    for character in foreign:
        needed = _columns(character)
        if needed > room:
            lines.append(" " * hang)
            room = COLUMNS - hang
        lines[-1] += character
        room -= needed
    return lines


def _is_plain(character: str) -> bool:
    return character.isprintable() and character not in _BLANK


def _escaped(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    return character if _is_plain(character) else character.encode("unicode_escape").decode()


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    # Ambiguous ones are wide on a Chinese terminal: better a short line than a wrapped one.
    return 2 if unicodedata.east_asian_width(character) in "WFA" else 1
