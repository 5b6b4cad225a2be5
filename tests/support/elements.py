"""DER as a tree whose elements can be exchanged one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tests.support.forge import tlv

from etitle import der


@dataclass(frozen=True, slots=True)
class Element:
    """An element and those within, of constructed ones."""

    tag: int
    content: bytes | tuple[Element, ...]

    def encoded(self) -> bytes:
        if isinstance(self.content, bytes):
            return tlv(self.tag, self.content)
        return tlv(self.tag, *(one.encoded() for one in self.content))


class Octets(Element):
    """Octets as they are, head and all, in the place of an element."""

    __slots__ = ()

    def encoded(self) -> bytes:
        assert isinstance(self.content, bytes)
        return self.content


def octets(data: bytes) -> Octets:
    return Octets(0, data)


def tree(data: bytes, node: der.DerNode | None = None) -> Element:
    node = node or der.node(data, 0, len(data))
    if not node.tag & 0x20:
        return Element(node.tag, der.content(data, node))
    return Element(node.tag, tuple(tree(data, child) for child in der.children(data, node)))


Path = tuple[int, ...]
ATTRIBUTES: Final[Path] = (1, 0, 4, 0, 3)


def paths(element: Element, skipped: Sequence[Path], path: Path = ()) -> Iterator[Path]:
    """Each element but those within the skipped ones, as the places that lead to it."""
    yield path
    if isinstance(element.content, tuple) and path not in skipped:
        for place, child in enumerate(element.content):
            yield from paths(child, skipped, (*path, place))


def at(element: Element, path: Path) -> Element:
    for place in path:
        assert isinstance(element.content, tuple)
        element = element.content[place]
    return element


def put(element: Element, path: Path, new: Sequence[Element]) -> Element:
    """The tree with other elements in the place of one."""
    assert isinstance(element.content, tuple)
    place, *rest = path
    inner = [put(element.content[place], tuple(rest), new)] if rest else new
    return Element(element.tag, (*element.content[:place], *inner, *element.content[place + 1 :]))


def other_value(element: Element) -> list[Element]:
    if isinstance(element.content, tuple):
        return [replace(element, content=(*element.content, Element(5, b"")))]
    *head, last = element.content or b"\0"
    return [replace(element, content=bytes((*head, last ^ 1)))]


CHANGES: Final[dict[str, Callable[[Element], list[Element]]]] = {
    "missing": lambda _: [],
    "twice": lambda one: [one, one],
    "another tag": lambda one: [replace(one, tag=one.tag ^ 1)],
    "a context tag": lambda one: [replace(one, tag=one.tag ^ 0x82)],
    "another value": other_value,  # of a constructed one: a NULL more
    "empty": lambda one: [replace(one, content=b"")],
}


def in_order(whole: Element, changed: Path) -> Element:
    """The tree with its signed attributes in order, where one of them was changed."""
    if changed[:-1][: len(ATTRIBUTES)] != ATTRIBUTES:
        return whole
    held = at(whole, ATTRIBUTES)
    assert isinstance(held.content, tuple)
    return put(
        whole,
        ATTRIBUTES,
        [replace(held, content=tuple(sorted(held.content, key=lambda one: one.encoded())))],
    )
