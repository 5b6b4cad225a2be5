"""Templates: the layout, words, colours and seal text of a page, as data that an issuer edits.

A template is a TOML file.  The shipped ones are fictional and marked (``example = true``): they are
refused under real keys, so that no sample passes for a real certificate.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib import resources
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from etitle.errors import DecodeError
from etitle.labels import EVERY_PAGE, PAGE_ALONE, SOME_PAGES

Colour: TypeAlias = tuple[int, int, int]
"""Red, green, blue, 0 to 255 each."""

Border: TypeAlias = Literal["fret", "line", "none"]
Paper: TypeAlias = Literal["portrait", "landscape"]
Rules: TypeAlias = Literal["boxes", "lines"]
Side: TypeAlias = Literal["left", "right"]

FieldRow: TypeAlias = tuple[str, ...]
"""One field, or two that share a row."""

EXAMPLE: Final = "样例"
"""How title and authority of an example begin."""

PLACEABLE: Final = (*EVERY_PAGE, *SOME_PAGES, *PAGE_ALONE)
"""Fields that a template may place; it must place those of ``EVERY_PAGE``."""

SOURCES: Final = ("review", "recognition", "excel")
"""Names of ``etitle.certificate.model.Source`` in a template."""

MAX_TEMPLATE_CHARACTERS: Final = 65_536
MAX_WORDS: Final = 200
"""Characters of one text of a template."""

SLOT: Final = re.compile(r"\{([a-z_]*)\}")
"""Where a text takes the value of a field."""

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
        row_mm: least height of a row; rows grow where the page has room.
        qr_mm: least width of the QR code without its quiet zone.
        beside: rows beside the photo, in order.
        below: rows below it.
        foot: rows beside the QR code; 发证机关 and 发证日期, over which the seal stands, are here.
        paper: A4, upright or lying.
        rules: boxes around rows, or a line under each value.
        photo_side: where the photo stands in the table.
        photo_mm: width and height of the box into which a photo is fitted.
    """

    border: Border
    title_pt: float
    text_pt: float
    least_pt: float
    row_mm: float
    qr_mm: float
    beside: tuple[FieldRow, ...]
    below: tuple[FieldRow, ...]
    foot: tuple[FieldRow, ...]
    paper: Paper = "portrait"
    rules: Rules = "boxes"
    photo_side: Side = "right"
    photo_mm: tuple[float, float] = (35.0, 45.0)

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field that is placed, in order."""
        rows = (*self.beside, *self.below, *self.foot)
        return tuple(field for row in rows for field in row)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealText:
    """What the round seal says.

    Attributes:
        authority: on the arc.
        name: below the star; may be empty, and the seal then stands higher over the date.
        number: below the name, such as （1）; may be empty.
        diameter_mm: of the outer circle.
    """

    authority: str
    name: str
    number: str
    diameter_mm: float


Labels: TypeAlias = tuple[tuple[str, str], ...]
"""Field and label, in the order of the file: a value that can be a key of a cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceWords:
    """What one way of gaining the title changes on a page.

    Attributes:
        word: of 取得方式; empty leaves the field out; None is the usual word.
        statement: in place of the template's; None keeps that.
        labels: in place of the template's, for the fields named.
    """

    word: str | None = None
    statement: str | None = None
    labels: Labels = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything about a page except its certificate.

    Title, subtitle, corner and statement may hold ``{field}``, which stands for the value of a
    field as the page prints it; a text whose value is absent is left out.

    Attributes:
        name: its own.
        example: whether its authority is fictional; title and authority then begin with 样例.
        title: of the page and of the document; without fields.
        subtitle: below the title; may be empty.
        note: at the foot of the page; may be empty.
        scan: below the QR code; may be empty.
        layout: sizes and order.
        colours: of each part.
        seal: what the seal says.
        corner: above the title, right; may be empty.
        statement: a sentence between title and table; may be empty.
        labels: in place of the usual ones, for the fields named.
        sources: by the way of gaining the title.
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
    corner: str = ""
    statement: str = ""
    labels: Labels = ()
    sources: tuple[tuple[str, SourceWords], ...] = ()


_LIMITS: Final = {
    "title_pt": (16.0, 44.0),
    "text_pt": (8.0, 16.0),
    "least_pt": (6.0, 16.0),
    "row_mm": (6.0, 14.0),
    "qr_mm": (25.0, 50.0),
    "diameter_mm": (30.0, 50.0),
}
"""Least and largest value of each number, in its unit."""

_PHOTO_LIMITS: Final = ((22.0, 40.0), (28.0, 56.0))
"""Least and largest width and height of the photo's box, mm."""

_MAY_BE_EMPTY: Final = frozenset(
    {"subtitle", "note", "scan", "corner", "statement", "word", "seal.name", "seal.number"}
)
_HAVE_SLOTS: Final = frozenset({"subtitle", "corner", "statement"})
_CHOICES: Final = {"border": Border, "paper": Paper, "rules": Rules, "photo_side": Side}


def shipped_templates() -> tuple[str, ...]:
    """Names of the templates that ship.

    >>> shipped_templates()
    ('landscape', 'plain', 'sample', 'statement')
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
    fault = _fault(template)
    if fault:
        raise DecodeError("page.template_malformed", key=fault)
    return template


def _fault(template: Template) -> str:
    """The key at which parts of a template don't fit each other; empty where they do."""
    layout = template.layout
    placed = layout.fields
    foot = [field for row in layout.foot for field in row]
    if len(set(placed)) < len(placed) or not set(placed) >= set(EVERY_PAGE):
        return "layout.foot"
    if not {"issuing_body", "issued"} <= set(foot) or len(foot) > len(layout.foot):
        return "layout.foot"
    if template.example:
        for key, words in (("title", template.title), ("seal.authority", template.seal.authority)):
            if not words.startswith(EXAMPLE):
                return key
    return "layout.least_pt" if layout.least_pt > layout.text_pt else ""


def _part(kind: type[Any], data: object, where: str) -> Any:  # noqa: ANN401  # of that kind
    under = f"{where}." if where else ""
    given = _table(data, where)
    known = {field.name: field for field in fields(kind)}
    for key in [*given, *known]:
        if key not in known or (key not in given and known[key].default is MISSING):
            raise DecodeError("page.template_malformed", key=under + key)
    return kind(**{name: _value(kind, name, given[name], under + name) for name in given})


def _table(data: object, where: str) -> dict[str, object]:
    if not isinstance(data, dict):
        raise DecodeError("page.template_malformed", key=where or "file")
    return cast("dict[str, object]", data)


def _value(kind: type[Any], name: str, value: object, where: str) -> object:
    if kind is Template and name in _SECTIONS:
        return _part(_SECTIONS[name], value, name)
    if name in _TABLES:
        return _TABLES[name](value, where)
    try:
        return _colour(value) if kind is Colours else _entry(name, value, where)
    except (TypeError, ValueError):
        raise DecodeError("page.template_malformed", key=where) from None


def _entry(name: str, value: object, where: str) -> object:
    if name in _LIMITS:
        return _size(value, *_LIMITS[name])
    if name in _CHOICES:
        return _choice(value, get_args(_CHOICES[name]))
    if name in _OTHERS:
        return _OTHERS[name](value)
    empty = name in _MAY_BE_EMPTY or where in _MAY_BE_EMPTY
    return _words(value, may_be_empty=empty, slots=name in _HAVE_SLOTS)


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


def _photo_box(value: object) -> tuple[float, float]:
    sides = cast("list[object]", value) if isinstance(value, list) else []
    width, height = (
        _size(side, *limits) for side, limits in zip(sides, _PHOTO_LIMITS, strict=True)
    )
    return width, height


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _choice(value: object, known: tuple[str, ...]) -> object:
    if value not in known:
        raise ValueError
    return value


def _rows(value: object) -> tuple[FieldRow, ...]:
    """Rows: names of fields, and pairs of names."""
    if not isinstance(value, list):
        raise TypeError
    rows: list[FieldRow] = []
    for row in cast("list[object]", value):
        names = cast("list[object]", row) if isinstance(row, list) else [row]
        if len(names) not in {1, 2} or any(name not in PLACEABLE for name in names):
            raise ValueError
        rows.append(tuple(cast("list[str]", names)))
    return tuple(rows)


def _words(value: object, *, may_be_empty: bool, slots: bool) -> str:
    words = value.strip() if isinstance(value, str) else "\n"
    if len(words) > MAX_WORDS or not words.isprintable() or not (words or may_be_empty):
        raise ValueError
    # A brace that begins no field would be printed.
    rest = SLOT.sub("", words) if slots else words
    named = SLOT.findall(words) if slots else []
    if "{" in rest or "}" in rest or any(name not in PLACEABLE for name in named):
        raise ValueError
    return words


def _labels(value: object, where: str) -> Labels:
    found: list[tuple[str, str]] = []
    for field, label in _table(value, where).items():
        key = f"{where}.{field}"
        if field not in PLACEABLE:
            raise DecodeError("page.template_malformed", key=key)
        try:
            found.append((field, _words(label, may_be_empty=False, slots=False)))
        except ValueError:
            raise DecodeError("page.template_malformed", key=key) from None
    return tuple(found)


def _sources(value: object, where: str) -> tuple[tuple[str, SourceWords], ...]:
    found: list[tuple[str, SourceWords]] = []
    for source, said in _table(value, where).items():
        if source not in SOURCES:
            raise DecodeError("page.template_malformed", key=f"{where}.{source}")
        found.append((source, _part(SourceWords, said, f"{where}.{source}")))
    return tuple(found)


_SECTIONS: Final[dict[str, type[Any]]] = {
    "layout": TemplateLayout,
    "colours": Colours,
    "seal": SealText,
}
_TABLES: Final[dict[str, Callable[[object, str], object]]] = {
    "labels": _labels,
    "sources": _sources,
}
_OTHERS: Final[dict[str, Callable[[object], object]]] = {
    "example": _flag,
    "photo_mm": _photo_box,
    "beside": _rows,
    "below": _rows,
    "foot": _rows,
}
"""How entries that are neither colours, sizes nor words are read."""
