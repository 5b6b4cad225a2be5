"""XML in bounded pieces: expat, without document types, entities, giant tags or deep nesting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeAlias
from xml.parsers import expat

from etitle.errors import DecodeError
from etitle.table.limits import MAX_DEPTH, MAX_TOKEN_BYTES

Attributes: TypeAlias = dict[str, str]
Start: TypeAlias = Callable[[str, Attributes], Any]
End: TypeAlias = Callable[[str], Any]
Text: TypeAlias = Callable[[str], Any]

TRUE: Final = frozenset({"1", "true"})
"""Spellings of xsd:boolean that say yes."""

TRANSITIONAL: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
"""Namespace of sheets, styles and strings (ISO/IEC 29500-4)."""
STRICT: Final = "http://purl.oclc.org/ooxml/spreadsheetml/main"
"""The same in Strict Open XML (ISO/IEC 29500-1)."""


def feed(
    pieces: Iterable[bytes], part: str, *, start: Start, end: End, text: Text | None = None
) -> Iterator[None]:
    """Parse a part and stop after each piece, so that a caller can hand out what it has.

    Tags come as ``namespace name``; attributes by name, with their namespace where they have one.

    Args:
        pieces: the bytes.
        part: what the part is, for errors.
        start: called for a start tag.
        end: called for an end tag.
        text: called for text between tags.

    Raises:
        DecodeError: ``table.workbook_malformed``, ``table.workbook_bomb``, or what a handler
            raises.
    """

    def refuse(*_: object) -> NoReturn:
        # No spreadsheet program writes a document type: it only serves entity tricks.
        raise DecodeError("table.workbook_malformed", what="document type")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    if text is not None:
        parser.CharacterDataHandler = text
    fed = 0
    try:
        for piece in pieces:
            parser.Parse(piece, False)  # noqa: FBT003  # pyexpat takes no keyword
            fed += len(piece)
            # What expat holds back is one tag that has not ended.
            if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                raise DecodeError("table.workbook_bomb", part=part)
            yield
        parser.Parse(b"", True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError):
        raise DecodeError("table.workbook_malformed", what=part) from None
    yield


def parse(
    pieces: Iterable[bytes], part: str, *, start: Start, end: End, text: Text | None = None
) -> None:
    """``feed`` to the end."""
    for _ in feed(pieces, part, start=start, end=end, text=text):
        pass


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a small part.

    Attributes:
        path: local names from the root to it.
        namespace: of the element itself.
        attributes: by name.
    """

    path: tuple[str, ...]
    namespace: str
    attributes: Attributes = field(default_factory=dict[str, str])


def elements(
    pieces: Iterable[bytes], part: str, wanted: frozenset[str], *, most: int
) -> list[Element]:
    """The elements of a small part that have one of the local names wanted, in order.

    Raises:
        DecodeError: ``table.workbook_malformed`` or ``table.workbook_bomb``.
    """
    found: list[Element] = []
    path: list[str] = []

    def start(tag: str, attributes: Attributes) -> None:
        namespace, _, name = tag.rpartition(" ")
        path.append(name)
        if len(path) > MAX_DEPTH or len(found) >= most:
            raise DecodeError("table.workbook_bomb", part=part)
        if name in wanted or len(path) == 1:
            found.append(Element(tuple(path), namespace, attributes))

    def end(_: str) -> None:
        path.pop()

    parse(pieces, part, start=start, end=end)
    return found
