"""Which part of a workbook is what: by its relationships, as spreadsheet programs decide."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from etitle.errors import DecodeError
from etitle.table.limits import (
    MAX_PART_BYTES,
    MAX_PARTS,
    MAX_RATIO,
    MAX_SHEETS,
    MAX_TAGS,
    RATIO_FROM_BYTES,
)
from etitle.table.markup import STRICT, TRANSITIONAL, TRUE, Element, elements
from etitle.table.package import Package

State: TypeAlias = Literal["visible", "hidden", "veryHidden"]
_STATES: Final[dict[str, State]] = {
    "visible": "visible",
    "hidden": "hidden",
    "veryHidden": "veryHidden",
}

_RELATIONS: Final = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
"""Transitional and Strict (ISO/IEC 29500)."""
_TYPES: Final = "[content_types].xml"
_KINDS: Final = (
    ("wordprocessingml", "table.file_word"),
    ("presentationml", "table.file_word"),
    ("sheet.binary", "table.file_xlsb"),
)
"""What else a package can be, by a piece of its content types."""


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet as the workbook lists it."""

    name: str
    state: State
    part: str


@dataclass(frozen=True, slots=True)
class Book:
    """The parts that hold values.

    Attributes:
        namespace: of sheets, styles and strings: transitional or strict.
        epoch_1904: whether days are counted from 1904-01-01.
        sheets: worksheets in the order of their tabs; charts and dialogs are no worksheets.
        strings: the part of the shared strings, if there is one.
        styles: the part of the styles, if there is one.
    """

    namespace: str
    epoch_1904: bool
    sheets: tuple[SheetPart, ...]
    strings: str | None
    styles: str | None


def parsed(
    package: Package, name: str, label: str, *, most: int = MAX_PART_BYTES
) -> Iterator[bytes]:
    """The pieces of a part that is about to be parsed, if parsing it is worth the time.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    part = package.parts.get(name)
    if part is None:
        raise DecodeError("table.workbook_malformed", what=label)
    regular = part.inflated_bytes > MAX_RATIO * max(part.deflated_bytes, 1)
    if part.inflated_bytes > most or (regular and part.inflated_bytes > RATIO_FROM_BYTES):
        raise DecodeError("table.workbook_bomb", part=label)
    if part.tags > MAX_TAGS:
        raise DecodeError("table.workbook_bomb", part=label)
    return package.pieces(name)


def open_book(package: Package) -> Book:
    """Find the workbook and its sheets, strings and styles.

    Raises:
        DecodeError: ``table.workbook_malformed``, ``table.workbook_bomb``, ``table.file_word``,
            ``table.file_ods``, ``table.file_xlsb`` or ``table.file_archive``.
    """
    if _TYPES not in package.parts:
        is_ods = "content.xml" in package.parts
        raise DecodeError("table.file_ods" if is_ods else "table.file_archive")
    _check_kind(package)
    targets = _targets(package, "")
    main = [part for kind, part in targets.values() if kind == "officeDocument"]
    if len(main) != 1:
        raise DecodeError("table.workbook_malformed", what="relationships")
    wanted = frozenset({"workbookPr", "sheet"})
    found = elements(parsed(package, main[0], "workbook"), "workbook", wanted, most=MAX_SHEETS + 10)
    if not found or found[0].path != ("workbook",):
        raise DecodeError("table.workbook_malformed", what="workbook")
    namespace = found[0].namespace
    if namespace not in {TRANSITIONAL, STRICT}:
        raise DecodeError("table.workbook_malformed", what="workbook")
    parts = _targets(package, main[0])
    return Book(
        namespace,
        any(
            each.path == ("workbook", "workbookPr") and each.attributes.get("date1904") in TRUE
            for each in found
        ),
        _sheets(found, parts),
        _only(parts, "sharedStrings"),
        _only(parts, "styles"),
    )


def _check_kind(package: Package) -> None:
    wanted = frozenset({"Override", "Default"})
    pieces = parsed(package, _TYPES, "content types")
    found = elements(pieces, "content types", wanted, most=2 * MAX_PARTS)
    types = {each.attributes.get("ContentType", "") for each in found}
    if any("spreadsheetml" in each and "main+xml" in each for each in types):
        return
    for piece, code in _KINDS:
        if any(piece in each for each in types):
            raise DecodeError(code)
    if any("ms-excel" in each and "main+xml" in each for each in types):  # with macros
        return
    raise DecodeError("table.workbook_malformed", what="content types")


def _targets(package: Package, source: str) -> dict[str, tuple[str, str]]:
    """Kind and part of each relationship of a part, by its id; the root's for ""."""
    folder, name = posixpath.split(source)
    place = posixpath.join(folder, "_rels", f"{name}.rels")
    pieces = parsed(package, place, "relationships")
    wanted = frozenset({"Relationship"})
    targets: dict[str, tuple[str, str]] = {}
    for each in elements(pieces, "relationships", wanted, most=MAX_PARTS):
        said = each.attributes
        kind = _kind(said.get("Type", ""))
        if said.get("TargetMode") == "External" or kind is None:
            continue
        if "Id" not in said or said["Id"] in targets:
            raise DecodeError("table.workbook_malformed", what="relationships")
        targets[said["Id"]] = (kind, _resolved(folder, said.get("Target", "")))
    return targets


def _kind(relation: str) -> str | None:
    base, _, kind = relation.rpartition("/")
    return kind if base in _RELATIONS else None


def _resolved(folder: str, target: str) -> str:
    """A target as the name of a part; none leads out of the package."""
    whole = target if target.startswith("/") else f"/{folder}/{target}"
    steps: list[str] = []
    for step in unquote(whole).lower().split("/"):
        if step == "..":
            if not steps:
                raise DecodeError("table.workbook_malformed", what="relationships")
            steps.pop()
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _only(parts: dict[str, tuple[str, str]], kind: str) -> str | None:
    found = [part for each, part in parts.values() if each == kind]
    if len(found) > 1:
        raise DecodeError("table.workbook_malformed", what="relationships")
    return found[0] if found else None


def _sheets(found: list[Element], parts: dict[str, tuple[str, str]]) -> tuple[SheetPart, ...]:
    sheets: list[SheetPart] = []
    for each in found:
        if each.path != ("workbook", "sheets", "sheet"):
            continue
        said = each.attributes
        place = next((said[key] for base in _RELATIONS if (key := f"{base} id") in said), None)
        if place is None or place not in parts:
            raise DecodeError("table.workbook_malformed", what="workbook")
        kind, part = parts[place]
        state = _STATES.get(said.get("state", "visible"))
        if state is None:
            raise DecodeError("table.workbook_malformed", what="workbook")
        if kind == "worksheet":
            sheets.append(SheetPart(said.get("name", ""), state, part))
    if len({sheet.part for sheet in sheets}) < len(sheets):
        raise DecodeError("table.workbook_malformed", what="workbook")
    if len({sheet.name.lower() for sheet in sheets}) < len(sheets):
        raise DecodeError("table.workbook_malformed", what="workbook")
    return tuple(sheets)
