"""DER in one walk: definite minimal lengths, nothing between and nothing after (X.690 clause 10).

Only where things stand is worked out; no value is copied before it is asked for.
"""

from __future__ import annotations

from typing import Final, NamedTuple, NoReturn

from etitle.errors import DecodeError

INTEGER: Final = 0x02
OCTETS: Final = 0x04
NULL: Final = b"\x05\x00"
OID: Final = 0x06
TIME: Final = 0x18
SEQUENCE: Final = 0x30
SET: Final = 0x31
FIRST: Final = 0xA0
"""Context tag 0, constructed; the next ones count on from it."""

_SHORT: Final = 0x80
"""Lengths below have one byte; above, the low bits count the bytes that follow (8.1.3)."""
_LONGEST: Final = 3
"""Bytes of a length: up to 16 MiB."""
_MANY: Final = 0x1F
"""Tag numbers from 31 on take more bytes; nothing of ours has them."""


class Node(NamedTuple):
    """One element: its tag, and where it, its content and its end stand in the data."""

    tag: int
    at: int
    body: int
    end: int


def reject(what: str) -> NoReturn:
    """Refuse a signature that is not of the profile (docs/spec clause 9.3).

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    raise DecodeError("document.cms_malformed", what=what)


def node(data: bytes, at: int, end: int) -> Node:
    r"""The element that begins at a place and must end by another.

    Raises:
        DecodeError: ``document.cms_malformed`` for BER, an odd length or a missing end.

    >>> node(b"\x04\x01a", 0, 3)
    Node(tag=4, at=0, body=2, end=3)
    """
    body = at + 2
    if body > end:
        reject("an element without an end")
    tag, length = data[at], data[at + 1]
    if tag & _MANY == _MANY:
        reject("a tag of several bytes")
    if length >= _SHORT:
        count = length - _SHORT
        body += count
        if not 0 < count <= _LONGEST or body > end:
            reject("a length that is not definite")
        length = int.from_bytes(data[at + 2 : body], "big")
        if length < _SHORT or length >> 8 * (count - 1) == 0:
            reject("a length that is not minimal")
    stop = body + length
    if stop > end:
        reject("an element without an end")
    return Node(tag, at, body, stop)


def children(data: bytes, parent: Node) -> list[Node]:
    """The elements of a constructed one; they fill it.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    at, end = parent.body, parent.end
    found: list[Node] = []
    while at < end:
        child = node(data, at, end)
        found.append(child)
        at = child.end
    return found


def expect(found: list[Node], *tags: int) -> None:
    """Refuse elements of other tags than these, or another number of them.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    if len(found) != len(tags) or any(
        one.tag != tag for one, tag in zip(found, tags, strict=False)
    ):
        reject("elements other than the profile's")


def only(data: bytes, parent: Node, tag: int) -> Node:
    """The one child of an element.

    Raises:
        DecodeError: ``document.cms_malformed``.
    """
    found = children(data, parent)
    expect(found, tag)
    return found[0]


def ascending(data: bytes, found: list[Node]) -> bool:
    """Whether the elements of a SET OF stand in DER's order (X.690 clause 11.6)."""
    texts = [data[one.at : one.end] for one in found]
    return texts == sorted(texts)
