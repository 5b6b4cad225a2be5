"""Whether every viewer finds the same objects in a file of another shape (docs/spec clause 9.7.4).

A viewer that takes a cross-reference for damaged makes a new one of what looks like objects; one
that knows no object streams sees nothing of what is in them; one takes the first of two trailers
and another the last.  So a file is refused in which any of that could make a difference, whether
or not a library can read it.  ``etitle.pades.objects`` asks for more, of documents of our shape.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from etitle.errors import DecodeError

_SPACE: Final = rb"[\0\t\n\f\r ]"
_HEADER: Final = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[\r\n]")
_END: Final = re.compile(rb"startxref%b+(\d{1,10})%b+%%%%EOF(?:\r\n|\r|\n)?" % (_SPACE, _SPACE))
_TABLE: Final = re.compile(rb"xref *(?:\r\n|\r|\n)")
_SECTION: Final = re.compile(rb"(\d{1,10}) (\d{1,10}) *(?:\r\n|\r|\n)")
_ENTRY: Final = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_ENTRY_BYTES: Final = 20
_AFTER_TABLE: Final = re.compile(rb"%b*trailer" % _SPACE)
_WORD: Final = re.compile(rb"obj")
_BEFORE_WORD: Final = re.compile(rb"\d(?:%b|%%[^\r\n]*[\r\n])*\Z" % _SPACE)
"""What makes ``obj`` the begin of an object, to readers that pass over comments too."""
_TEXT: Final = re.compile(
    rb"\d+%b+0%b+obj(?:"
    rb"[\0\t\n\f\r ]|%%[^\r\n]*+[\r\n]|<<|>>|[\[\]]|/?[^\0\t\n\f\r ()<>\[\]{}/%%]++"
    rb"|/(?![^\0\t\n\f\r ()<>\[\]{}/%%])"
    rb"|<[0-9A-Fa-f\0\t\n\f\r ]*+>"
    rb"|\((?:[^()\\]|\\[\s\S]|\((?:[^()\\]|\\[\s\S])*+\))*+\)"
    rb")*?(?:\bendobj\b|>>%b*stream\r?\n)" % (_SPACE, _SPACE, _SPACE)
)
"""An object's text up to its end or its stream, in the tokens of ISO 32000-1 §7.2 and §7.3."""
_REACH: Final = 256
"""Bytes before ``obj`` in which its numbers would stand."""


def check_layout(pdf: bytes) -> tuple[int, ...]:
    """Refuse a file in which two viewers might find different objects.

    Args:
        pdf: a whole file, without what may follow it.

    Returns:
        The numbers of its objects.

    Raises:
        DecodeError: ``document.malformed``.
    """
    end = _END.fullmatch(pdf, max(0, pdf.rfind(b"startxref")))
    once = all(pdf.count(word) == 1 for word in (b"%PDF-", b"trailer", b"startxref", b"%%EOF"))
    if end is None or not once or not _HEADER.match(pdf):
        raise DecodeError("document.malformed", what="the header or the end")
    offsets = _offsets(pdf, int(end[1]))
    if _heads(pdf) != len(offsets):
        raise DecodeError("document.malformed", what="objects beside those of the table")
    for number, offset in offsets.items():
        if not re.compile(rb"%d%b+0%b+obj" % (number, _SPACE, _SPACE)).match(pdf, offset):
            raise DecodeError("document.malformed", what="the place of an object")
    begins = sorted(offsets.values())
    for offset, stop in pairwise([*begins, len(pdf)]):  # a string left open ends nowhere
        if not _TEXT.match(pdf, offset, stop):
            raise DecodeError("document.malformed", what="the text of an object")
    return tuple(offsets)


def _offsets(pdf: bytes, at: int) -> dict[int, int]:
    """Where the objects are, by number, as the one table says, which the trailer follows."""
    head = _TABLE.match(pdf, at)
    if head is None:
        raise DecodeError("document.malformed", what="the cross-reference table")
    at, next_number, offsets = head.end(), 0, dict[int, int]()
    while section := _SECTION.match(pdf, at):
        first, at = int(section[1]), section.end()
        if first < next_number:
            raise DecodeError("document.malformed", what="an entry twice")
        next_number = first + int(section[2])
        for number in range(first, next_number):
            entry = _ENTRY.match(pdf, at)
            if entry is None or (entry[3] == b"n" and entry[2] != b"00000"):
                raise DecodeError("document.malformed", what="an entry of the table")
            if entry[3] == b"n":
                offsets[number] = int(entry[1])
            at += _ENTRY_BYTES
    if not _AFTER_TABLE.match(pdf, at):
        raise DecodeError("document.malformed", what="the cross-reference table")
    return offsets


def _heads(pdf: bytes) -> int:
    """How many objects seem to begin in a file, within streams and comments too."""
    return sum(
        _BEFORE_WORD.search(pdf, max(0, word.start() - _REACH), word.start()) is not None
        for word in _WORD.finditer(pdf)
    )
