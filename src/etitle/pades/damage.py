"""What happened to a sealed file on its way, told without a key (docs/spec clause 9.7.3).

Damage is not forgery: white space behind the file is taken, and the rest is called what it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

from etitle.errors import DecodeError
from etitle.pades.byterange import RANGE, find_byte_range

MAX_SPACE_BYTES: Final = 1024
"""Bytes of white space or NULs that may follow a file: padding of mail and of disks."""

_SPACE: Final = b"\0\t\n\f\r "
"""White space of PDF (ISO 32000-1 §7.2.2), NUL included."""
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{512,}+")
_LITERAL: Final = re.compile(rb"\((0(?:[^()\\]++|\\[\s\S])*+)\)")
"""A literal string that begins as DER does, as some programs write a signature anew."""
_LEAST_BYTES: Final = 256
"""Bytes of a place where a signature may stand; no signer certificate is shorter."""
_ESCAPED: Final = re.compile(rb"\\(?:([0-7]{1,3})|(\r\n|[\s\S]))")
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f",
                   b"\n": b"", b"\r": b"", b"\r\n": b""}  # fmt: skip
"""ISO 32000-1 table 3; any other character stands for itself."""
_ENCRYPTED: Final = re.compile(rb"/Encrypt(?![^\0\t\n\f\r ()<>\[\]{}/%])")


class Damage(Enum):
    """What is wrong with a file that its seal doesn't cover wholly."""

    PROTECTED = "protected"
    CUT_SHORT = "cut_short"
    JOINED = "joined"
    SAVED_AGAIN = "saved_again"
    CHANGED = "changed"


def without_trailing_space(pdf: bytes) -> bytes:
    """A file up to where its last byte range ends, if little but white space follows there."""
    found = RANGE.match(pdf, max(0, pdf.rfind(b"/ByteRange")))
    if found is None:
        return pdf
    end = int(found[2]) + int(found[3])
    if 0 < len(pdf) - end <= MAX_SPACE_BYTES and not pdf[end:].strip(_SPACE):
        return pdf[:end]
    return pdf


def possible_signatures(pdf: bytes) -> Iterator[bytes]:
    """What stands where a file may have a signature: in hexadecimal, or in a literal string."""
    for digits in _HEX.findall(pdf):
        for start in (0, 1):
            even = digits[start : len(digits) - (len(digits) - start) % 2]
            yield bytes.fromhex(even.decode("ascii"))
    for inside in _LITERAL.findall(pdf):
        if len(inside) >= _LEAST_BYTES:
            yield _ESCAPED.sub(_unescaped, inside)


def _unescaped(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return bytes((int(found[1], 8) & 0xFF,))
    return _ESCAPES.get(found[2], found[2])


def damage_of(pdf: bytes, *, seals: int) -> Damage:
    """What happened to a file that neither clause 9.2 nor 9.10 covers; the first that applies.

    Args:
        pdf: the file.
        seals: how many different signatures of trusted seals it holds.
    """
    if _ENCRYPTED.search(pdf):
        return Damage.PROTECTED
    found = RANGE.match(pdf, max(0, pdf.find(b"/ByteRange")))
    end = 0 if found is None else int(found[2]) + int(found[3])
    if is_cut(pdf.rstrip(_SPACE)) or (end > len(pdf) and _holds_hole(pdf, found)):
        return Damage.CUT_SHORT
    if seals > 1 or (pdf.count(b"/ByteRange") > 1 and pdf.count(b"%PDF-") > 1):
        return Damage.JOINED
    return Damage.SAVED_AGAIN if _is_whole(pdf[:end]) else Damage.CHANGED


def _holds_hole(pdf: bytes, found: re.Match[bytes] | None) -> bool:
    """Whether the signature stands where the byte range says, so that nothing before it moved."""
    if found is None:
        return False
    first, second = int(found[1]), int(found[2])
    return pdf[first : first + 1] == b"<" and pdf[second - 1 : second] == b">"


def is_cut(pdf: bytes) -> bool:
    """Whether the end of a file is missing: no end-of-file marker stands there."""
    return b"%%EOF" not in pdf[-MAX_SPACE_BYTES:]


def _is_whole(pdf: bytes) -> bool:
    try:
        find_byte_range(pdf)
    except DecodeError:
        return False
    return True
