"""What a document's signature covers, read from the one /ByteRange (docs/spec clause 9.2).

Nothing else of the file is parsed, so the signature is judged first.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from dataclasses import dataclass
from hashlib import new
from typing import Final

from etitle.errors import DecodeError

MAX_CONTENTS_DIGITS: Final = 1 << 20
"""Hex digits of a signature; the longest chain with a time-stamp takes some 40,000."""

RANGE: Final = re.compile(
    rb"/ByteRange ?\[ ?0 {1,10}(\d{1,10}) {1,10}(\d{1,10}) {1,10}(\d{1,10}) ?\]"
)
_ESCAPE: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_TRACES: Final = (b"/ByteRange", b"/DocMDP", b"/ETSI.", b"/adbe.", b"/SubFilter", b"/SigFlags")
_TRACES_OF_CUT: Final = (b"/application/cose", b"/FT /Sig", b"/AFRelationship")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """What a signature covers: all of a file but one gap, from ``<`` to ``>``.

    Attributes:
        gap_start: offset of ``<``.
        gap_end: offset of the byte after ``>``.
        contents: what the hex digits in the gap stand for: one DER CMS and zeros.
    """

    gap_start: int
    gap_end: int
    contents: bytes

    def digest(self, pdf: bytes, name: str) -> bytes:
        """The hash over every byte of the file outside the gap, by hashlib's name."""
        view = memoryview(pdf)
        state = new(name, view[: self.gap_start])
        state.update(view[self.gap_end :])
        return state.digest()


def has_signature(pdf: bytes) -> bool:
    """Whether anything in a file mentions a signature; of one cut short, what a seal comes with."""
    traces = _TRACES if b"%%EOF" in pdf[-1024:] else _TRACES + _TRACES_OF_CUT
    if any(pdf.rfind(trace) >= 0 for trace in traces):  # from the end, where they are
        return True
    if _ESCAPE.search(pdf) is None:
        return False
    plain = _ESCAPE.sub(lambda one: bytes((int(one[1], 16),)), pdf)  # names are what they say
    return any(trace in plain for trace in traces)


def find_byte_range(pdf: bytes) -> ByteRange:
    """The one byte range of a file that is signed as a whole (clause 9.2).

    Raises:
        DecodeError: ``document.not_whole`` where there is no such signature, or more than one,
            or bytes that it does not cover.
    """
    at = pdf.rfind(b"/ByteRange")
    # From the end on: so CPython skips what can't match in half the time.
    if at < 0 or pdf.rfind(b"/ByteRange", 0, at) >= 0:
        raise DecodeError("document.not_whole", what=f"{pdf.count(b'/ByteRange')} signatures")
    return read_byte_range(pdf, at, len(pdf))


def read_byte_range(pdf: bytes, at: int, length: int) -> ByteRange:
    """The byte range that is written at an offset, if it covers all up to a length but its gap.

    Raises:
        DecodeError: ``document.not_whole``.
    """
    found = RANGE.match(pdf, at)
    if found is None:
        raise DecodeError("document.not_whole", what="its byte range")
    start, end, rest = map(int, found.groups())
    if end + rest != length or not 0 < start < end - 1 or end - start > MAX_CONTENTS_DIGITS:
        raise DecodeError("document.not_whole", what="its byte range")
    text = pdf[start:end]
    digits = text[1:-1]
    # Only one case: a change of case must not go unseen.
    is_one_case = digits == digits.lower() or digits == digits.upper()
    if text[:1] != b"<" or text[-1:] != b">" or not is_one_case:
        raise DecodeError("document.not_whole", what="its gap")
    try:
        return ByteRange(start, end, unhexlify(digits))
    except ValueError:
        raise DecodeError("document.not_whole", what="its gap") from None
