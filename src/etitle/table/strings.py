"""Text of cells: Excel's escapes, and the shared strings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from etitle.errors import DecodeError
from etitle.table.limits import MAX_CELL_CHARS, MAX_DEPTH, MAX_STRINGS, MAX_STRINGS_CHARS
from etitle.table.markup import Attributes, parse

MAX_RAW_CHARS: Final = 7 * MAX_CELL_CHARS
"""Characters before the escapes are decoded: ``_x000D_`` stands for one."""

_ITEM: Final = 2
_IN_ITEM: Final = 3
_IN_RUN: Final = 4
"""Depths of ``si`` in ``sst``, of what stands in it, and of what stands in a run ``r``."""

_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    r"""A text with each ``_xHHHH_`` as the character that it stands for (ECMA-376, 22.9.2.19).

    >>> unescaped("a_x000D_b"), unescaped("_x005F_x000D_")
    ('a\rb', '_x000D_')
    """
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        # Two escapes may be the halves of one character.
        units = text.encode("utf-16-le", "surrogatepass")
        text = units.decode("utf-16-le", "surrogatepass") if _paired(text) else text
    if len(text) > MAX_CELL_CHARS:
        raise DecodeError("table.workbook_bomb", part="cell")
    return text


def _paired(text: str) -> bool:
    return re.search("[\ud800-\udbff][\udc00-\udfff]", text) is not None


def escaped(text: str) -> str:
    r"""A text as a workbook may hold it: no character that XML forbids, no escape by accident.

    >>> escaped("a\x01b"), escaped("_x000D_")
    ('a_x0001_b', '_x005F_x000D_')
    """
    text = _ESCAPE.sub(lambda found: f"_x005F{found[0]}", text)
    return _FORBIDDEN.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


_FORBIDDEN: Final = re.compile("[\0-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no place for, and the carriage return, which it would turn into a line feed."""


def is_blank(text: str) -> bool:
    """Whether a text shows nothing."""
    return not text or text.isspace()


def read_strings(pieces: Iterator[bytes], namespace: str) -> tuple[str, ...]:
    """The shared strings, by their number; phonetic guides are left out.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    walk = _Strings(namespace)
    parse(pieces, "shared strings", start=walk.start, end=walk.end, text=walk.text)
    return tuple(walk.strings)


class _Strings:
    """The handlers of the shared strings."""

    def __init__(self, namespace: str) -> None:
        self._item, self._run, self._plain = (f"{namespace} {name}" for name in ("si", "r", "t"))
        self._runs: list[str] = []
        self._depth = self._chars = self._total = 0
        self._in_run = self._taking = False
        self.strings: list[str] = []

    def start(self, tag: str, _: Attributes) -> None:
        self._depth += 1
        self._taking = False
        if self._depth == _IN_ITEM:
            self._in_run, self._taking = tag == self._run, tag == self._plain
        elif self._depth == _IN_RUN:
            self._taking = self._in_run and tag == self._plain
        elif self._depth > MAX_DEPTH:
            raise DecodeError("table.workbook_bomb", part="shared strings")

    def text(self, data: str) -> None:
        if self._taking:
            self._chars += len(data)
            if self._chars > MAX_RAW_CHARS:
                raise DecodeError("table.workbook_bomb", part="cell")
            self._runs.append(data)

    def end(self, tag: str) -> None:
        if self._depth == _ITEM and tag == self._item:
            whole = unescaped("".join(self._runs))
            self.strings.append(whole)
            self._total += len(whole)
            if len(self.strings) > MAX_STRINGS or self._total > MAX_STRINGS_CHARS:
                raise DecodeError("table.workbook_bomb", part="shared strings")
            self._runs.clear()
            self._chars = 0
        self._depth -= 1
        self._taking = False


def string_at(strings: tuple[str, ...], number: str) -> str:
    """The shared string that a cell names.

    Raises:
        DecodeError: ``table.workbook_malformed``.
    """
    if not (number.isascii() and number.isdigit() and len(number) <= 9):  # noqa: PLR2004  # digits
        raise DecodeError("table.workbook_malformed", what="shared strings")
    place = int(number)
    if place >= len(strings):
        raise DecodeError("table.workbook_malformed", what="shared strings")
    return strings[place]
