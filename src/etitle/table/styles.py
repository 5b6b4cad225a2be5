"""Styles of cells, as far as they say what a value is: dates, their precision, struck-out text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from etitle.errors import DecodeError
from etitle.table.limits import MAX_DEPTH, MAX_STYLES
from etitle.table.markup import TRUE, Attributes, parse

Precision: TypeAlias = Literal["year", "month", "day"]

_BUILT_IN: Final[dict[int, Precision]] = {
    **dict.fromkeys((*range(14, 17), *range(18, 23)), "day"),
    **dict.fromkeys((*range(28, 36), *range(53, 57), 51, 58), "day"),
    **dict.fromkeys((17, 27, 36, 50, 52, 57), "month"),
}
"""Formats that a file need not spell out: 14 to 22, and those of Chinese editions, 27 to 36 and
50 to 58 (ECMA-376 part 1, 18.8.30, zh-cn: 27, 36, 50, 52 and 57 are yyyy年m月; 17 is mmm-yy)."""

_SAID: Final = re.compile(
    r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]?|am/pm|a/p|上午/下午|general|e[+-]',
    re.IGNORECASE,
)
"""What a format shows as it stands, and names that hold a date's letters."""
_ELAPSED: Final = re.compile(r"\[[hms]+\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """What the style of a cell says of its value.

    Attributes:
        date: how much of a date it shows; None for what is no date.
        struck: whether the text is struck out.
    """

    date: Precision | None = None
    struck: bool = False


_NAMES: Final = ("styleSheet", "numFmts", "numFmt", "fonts", "font", "strike", "cellXfs", "xf")

PLAIN: Final = Style()


def precision_of(code: str) -> Precision | None:
    """How much of a date a number format shows; None for one that shows no date.

    A format that shows a time of day is one of dates too; one of elapsed time is not.

    >>> precision_of('yyyy"年"m"月"d"日";@'), precision_of("[$-804]yyyy年m月")
    ('day', 'month')
    >>> precision_of("0.00E+00") is None
    True
    """
    first = _SAID.sub("", code).split(";")[0].lower()
    if _ELAPSED.search(first):
        return None
    letters = set(first) & set("yemdhs")
    if not letters:
        return None
    if "d" in letters or letters & {"h", "s"} or not letters & {"y", "e"}:
        return "day"
    return "month" if "m" in letters else "year"


def read_styles(pieces: Iterator[bytes], namespace: str) -> tuple[Style, ...]:
    """The styles of cells, by their number.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    formats: dict[int, Precision | None] = dict(_BUILT_IN)
    struck: list[bool] = []
    pairs: list[tuple[int, int]] = []
    path: list[str] = []
    known = {f"{namespace} {name}": name for name in _NAMES}

    def start(tag: str, said: Attributes) -> None:
        path.append(known.get(tag, ""))
        if len(path) > MAX_DEPTH or max(len(formats), len(struck), len(pairs)) > MAX_STYLES:
            raise DecodeError("table.workbook_bomb", part="styles")
        match path[1:]:
            case ["numFmts", "numFmt"]:
                formats[_number(said, "numFmtId")] = precision_of(said.get("formatCode", ""))
            case ["fonts", "font"]:
                struck.append(False)
            case ["fonts", "font", "strike"]:
                struck[-1] = said.get("val", "1") in TRUE
            case ["cellXfs", "xf"]:
                pairs.append((_number(said, "numFmtId"), _number(said, "fontId")))
            case _:
                pass

    def end(_: str) -> None:
        path.pop()

    parse(pieces, "styles", start=start, end=end)
    made: dict[Style, Style] = {}
    styles: list[Style] = []
    for number, font in pairs:
        style = Style(formats.get(number), font < len(struck) and struck[font])
        styles.append(made.setdefault(style, style))
    return tuple(styles)


def _number(said: Attributes, name: str) -> int:
    text = said.get(name, "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 9):  # noqa: PLR2004  # digits
        raise DecodeError("table.workbook_malformed", what="styles")
    return int(text)
