"""The hole that a document's signature leaves, found by the one /ByteRange (docs/spec clause 9.2).

Nothing of the file is parsed for it, so that a signature can be judged before anything else is.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from dataclasses import dataclass
from hashlib import new
from typing import Final

from etitle.errors import DecodeError

MAX_HOLE_DIGITS: Final = 1 << 20
"""Hex digits of a signature; the longest chain with a time-stamp takes some 40,000."""

RANGE: Final = re.compile(
    rb"/ByteRange ?\[ ?0 {1,10}(\d{1,10}) {1,10}(\d{1,10}) {1,10}(\d{1,10}) ?\]"
)
_TRACES: Final = (b"/ByteRange", b"/DocMDP", b"/ETSI.", b"/adbe.", b"/SubFilter", b"/SigFlags")


@dataclass(frozen=True, slots=True)
class Hole:
    """What a signature leaves out: from ``<`` at ``start`` to the byte before ``end``.

    Attributes:
        start: offset of ``<``.
        end: offset of the byte after ``>``.
        content: what the hex digits say: one DER CMS and zeros.
    """

    start: int
    end: int
    content: bytes

    def digest(self, pdf: bytes, name: str) -> bytes:
        """The hash over every byte of the file but the hole's, by hashlib's name."""
        view = memoryview(pdf)
        state = new(name, view[: self.start])
        state.update(view[self.end :])
        return state.digest()


def has_signature(pdf: bytes) -> bool:
    """Whether anything in a file speaks of a signature."""
    return any(pdf.rfind(trace) >= 0 for trace in _TRACES)  # from the end, where they are


def find_hole(pdf: bytes) -> Hole:
    """The one hole of a file that is signed as a whole (clause 9.2).

    Raises:
        DecodeError: ``document.not_whole`` where there is no such signature, or more than one,
            or bytes that it does not cover.
    """
    at = pdf.rfind(b"/ByteRange")
    if at < 0 or pdf.find(b"/ByteRange", 0, at) >= 0:
        raise DecodeError("document.not_whole", what=f"{pdf.count(b'/ByteRange')} signatures")
    return read_hole(pdf, at, len(pdf))


def read_hole(pdf: bytes, at: int, length: int) -> Hole:
    """The hole of the /ByteRange at a place, where it covers all else up to a length.

    Raises:
        DecodeError: ``document.not_whole``.
    """
    found = RANGE.match(pdf, at)
    if found is None:
        raise DecodeError("document.not_whole", what="its byte range")
    start, end, rest = map(int, found.groups())
    if end + rest != length or not 0 < start < end - 1 or end - start > MAX_HOLE_DIGITS:
        raise DecodeError("document.not_whole", what="its byte range")
    text = pdf[start:end]
    digits = text[1:-1]
    # One spelling: a change of case must not go unseen.
    if text[:1] != b"<" or text[-1:] != b">" or digits not in (digits.lower(), digits.upper()):
        raise DecodeError("document.not_whole", what="its hole")
    try:
        return Hole(start, end, unhexlify(digits))
    except ValueError:
        raise DecodeError("document.not_whole", what="its hole") from None
