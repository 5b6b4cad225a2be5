"""Templates: the layout, words, colours and seal text of a page, as data that an issuer edits.

A template is a TOML file.  The shipped ones are fictional and marked (``example = true``): they are
refused under real keys, so that no sample passes for a real certificate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from etitle.errors import DecodeError
from etitle.labels import EVERY_PAGE

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

Border: TypeAlias = Literal["fret", "line", "none"]

EXAMPLE: Final = "样例"
"""How title and authority of an example begin."""

MAX_TEMPLATE_CHARACTERS: Final = 65_536
MAX_WORDS: Final = 200
"""Characters of one text of a template."""

_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """Colours of a page, ``#RRGGBB`` in the file."""

    text: Colour
    label: Colour
    title: Colour
    border: Colour
    rule: Colour
    ground: Colour
    seal: Colour
    note: Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateLayout:
    """Sizes and order.

    Attributes:
        border: ornament around the page.
        title_pt: size of the title.
        text_pt: size of values; made smaller, down to ``least_pt``, where they don't fit.
        least_pt: the smallest.
        row_mm: least height of a row.
        qr_mm: least width of the QR code without its quiet zone.
        beside: fields beside the photo, in order.
        below: fields below it.
        foot: fields under the seal; the three lists hold each of the twelve fields once.
    """

    border: Border
    title_pt: float
    text_pt: float
    least_pt: float
    row_mm: float
    qr_mm: float
    beside: tuple[str, ...]
    below: tuple[str, ...]
    foot: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SealText:
    """What the round seal says.

    Attributes:
        authority: on the arc.
        name: below the star.
        number: below the name, such as （1）; may be empty.
        diameter_mm: of the outer circle.
    """

    authority: str
    name: str
    number: str
    diameter_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything about a page except its certificate.

    Attributes:
        name: its own.
        example: whether its authority is fictional; title and authority then begin with 样例.
        title: of the page and of the document.
        subtitle: below the title; may be empty.
        note: at the foot of the page; may be empty.
        scan: below the QR code; may be empty.
        layout: sizes and order.
        colours: of each part.
        seal: what the seal says.
    """

    name: str
    example: bool
    title: str
    subtitle: str
    note: str
    scan: str
    layout: TemplateLayout
    colours: Colours
    seal: SealText


_LIMITS: Final = {
    "title_pt": (16.0, 44.0),
    "text_pt": (8.0, 16.0),
    "least_pt": (6.0, 16.0),
    "row_mm": (6.0, 14.0),
    "qr_mm": (25.0, 50.0),
    "diameter_mm": (30.0, 50.0),
}
"""Least and largest value of each number, in its unit."""

_MAY_BE_EMPTY: Final = frozenset({"subtitle", "note", "scan", "number"})
_SECTIONS: Final = {"layout": TemplateLayout, "colours": Colours, "seal": SealText}


def shipped_templates() -> tuple[str, ...]:
    """Names of the templates that ship.

    >>> shipped_templates()
    ('plain', 'sample')
    """
    folder = resources.files("etitle.page").joinpath("templates")
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir()))


@cache
def shipped_template(name: str) -> Template:
    """One of the templates that ship.

    Raises:
        DecodeError: ``page.template_unknown``.

    >>> shipped_template("sample").title
    '样例省职称证书'
    """
    if name not in shipped_templates():
        raise DecodeError("page.template_unknown", known=", ".join(shipped_templates()))
    folder = resources.files("etitle.page").joinpath("templates")
    return parse_template(folder.joinpath(f"{name}.toml").read_text("utf-8"))


def parse_template(text: str) -> Template:
    """Read a template.

    Args:
        text: TOML, as the templates that ship.

    Raises:
        DecodeError: ``page.template_malformed``, naming the key.
    """
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        raise DecodeError("page.template_malformed", key="file")
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise DecodeError("page.template_malformed", key="TOML") from None
    template: Template = _part(Template, data, "")
    layout = template.layout
    if sorted((*layout.beside, *layout.below, *layout.foot)) != sorted(EVERY_PAGE):
        raise DecodeError("page.template_malformed", key="layout.foot")
    if template.example:
        for key, words in (("title", template.title), ("seal.authority", template.seal.authority)):
            if not words.startswith(EXAMPLE):
                raise DecodeError("page.template_malformed", key=key)
    if layout.least_pt > layout.text_pt:
        raise DecodeError("page.template_malformed", key="layout.least_pt")
    return template


def _part(kind: type[Any], data: object, where: str) -> Any:  # noqa: ANN401  # of that kind
    if not isinstance(data, dict):
        raise DecodeError("page.template_malformed", key=where or "file")
    given = cast("dict[str, object]", data)
    under = f"{where}." if where else ""
    names = [field.name for field in fields(kind)]
    for key in [*given, *names]:
        if key not in names or key not in given:
            raise DecodeError("page.template_malformed", key=under + key)
    return kind(**{name: _value(kind, name, given[name], under + name) for name in names})


def _value(kind: type[Any], name: str, value: object, where: str) -> object:
    if kind is Template and name in _SECTIONS:
        return _part(_SECTIONS[name], value, name)
    try:
        if kind is Colours:
            return _colour(value)
        if name in _LIMITS:
            return _size(value, *_LIMITS[name])
        if name in _OTHERS:
            return _OTHERS[name](value)
        return _words(value, may_be_empty=name in _MAY_BE_EMPTY)
    except (TypeError, ValueError):
        raise DecodeError("page.template_malformed", key=where) from None


def _colour(value: object) -> Colour:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise ValueError
    red, green, blue = bytes.fromhex(value[1:])
    return red, green, blue


def _size(value: object, least: float, largest: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    if not least <= value <= largest:
        raise ValueError
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _border(value: object) -> object:
    if value not in get_args(Border):
        raise ValueError
    return value


def _field_names(value: object) -> tuple[object, ...]:
    names = cast("list[object]", value) if isinstance(value, list) else [None]
    if any(name not in EVERY_PAGE for name in names):
        raise ValueError
    return tuple(names)


def _words(value: object, *, may_be_empty: bool) -> str:
    words = value.strip() if isinstance(value, str) else "\n"
    if len(words) > MAX_WORDS or not words.isprintable() or not (words or may_be_empty):
        raise ValueError
    return words


_OTHERS: Final[dict[str, Callable[[object], object]]] = {
    "example": _flag,
    "border": _border,
    "beside": _field_names,
    "below": _field_names,
    "foot": _field_names,
}
"""How entries that are neither colours, sizes nor words are read."""
