"""What frames a text can mean, as people copy texts (docs/spec clauses 4.4.3 and 4.4.4).

Mail programs wrap a code or spell its ``#`` as ``%23``; people put quotation marks or a caption
around it.  A number with a guard byte, a known format and the kid of a key at hand can be nothing
else than a code, so it is looked for wherever it stands.  Other people's numbers and addresses are
not ours; neither they nor a code that lost its end are ever called malformed.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, TypeAlias

from etitle.certificate import payload
from etitle.errors import DecodeError, FieldError
from etitle.keys.suite import BY_FRAME
from etitle.token import frame, text

MAX_COPIED_CHARS: Final = 1 << 16
"""Characters of a text that is searched: a mail with its headers."""

MAX_DROPPED: Final = 3
"""Groups of digits at either end of a run that may belong to what stands around the code."""

MIN_CUT_DIGITS: Final = 30
"""Digits from which the beginning of a number tells guard, format and kid: those take 15."""

Holds: TypeAlias = Callable[[bytes], bool]
"""Whether a key with this kid is at hand."""

_HEAD_BYTES: Final = 5
_TOP_BITS: Final = 8 * _HEAD_BYTES + 1
_UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|=\r?\n")
"""Characters of no width, and quoted-printable's line breaks (RFC 2045 §6.7)."""
_WIDE: Final = {0xFF01 + at: 0x21 + at for at in range(94)}
_BLANK: Final = re.compile(r"%(?:25)*(?:0[AaDd]|20)")
_ESCAPE: Final = re.compile(r"%(?:25)*[0-9A-Fa-f]{2}|&#[0-9]+;")
"""A ``#`` or another character, spelled so that its digits must not join the number."""
_RUN: Final = re.compile(r"[0-9](?:[\s>]*[0-9])*")
_GROUP: Final = re.compile(r"[0-9]+")
_ZC1: Final = re.compile(r"zc1:([0-9a-z $%*+\-./:\r\n]*)", re.ASCII | re.IGNORECASE)
_PER_DIGIT: Final = math.log2(10)
_MAX_CUT: Final = text.MAX_DIGITS


class Fault(StrEnum):
    """Why a text gave no frame."""

    NOT_OURS = "not_ours"
    INCOMPLETE = "incomplete"
    MALFORMED = "text_malformed"


_LEAST_FIRST: Final = (Fault.NOT_OURS, Fault.MALFORMED, Fault.INCOMPLETE)


@dataclass(frozen=True, slots=True)
class Found:
    """What a text holds.

    Attributes:
        frames: the different frames in it, in order.
        fault: of what else is in it; NOT_OURS where nothing else is ours.
    """

    frames: tuple[bytes, ...]
    fault: Fault


_NOTHING: Final = Found((), Fault.NOT_OURS)


def recognise(code: str, holds: Holds) -> Found:
    """The frames that a text can mean.

    Args:
        code: any text.
        holds: whether a key with a kid is at hand.

    >>> recognise("https://pay.example.com/v/20261120123456", lambda kid: True)
    Found(frames=(), fault=<Fault.NOT_OURS: 'not_ours'>)
    """
    if text.is_ours(code):
        try:
            framed = text.to_frame(code)
        except DecodeError:
            pass
        else:
            if counts(framed, holds):
                return Found((framed,), Fault.NOT_OURS)
    if len(code) > MAX_COPIED_CHARS:
        return _NOTHING
    plain = _UNSEEN.sub("", code).translate(_WIDE)
    unescaped = _ESCAPE.sub("#", _BLANK.sub(" ", plain))
    readings = [_of_number(run[0], holds) for run in _RUN.finditer(unescaped)]
    readings += [_of_base45(run[1], holds) for run in _ZC1.finditer(plain)]
    frames = dict.fromkeys(one for one in readings if isinstance(one, bytes))
    faults = [one for one in readings if isinstance(one, Fault)]
    return Found(tuple(frames), max(faults, key=_LEAST_FIRST.index, default=Fault.NOT_OURS))


def counts(framed: bytes, holds: Holds) -> bool:
    """Whether a frame can be nothing else than ours: a kid at hand, or a token with a payload."""
    if holds(framed[1:_HEAD_BYTES]):
        return True
    try:
        payload.decode(frame.unpack(framed).payload)
    except FieldError:
        return False
    except DecodeError as error:
        return error.code == "certificate.version_unknown"
    return True


def _is_whole(framed: bytes, holds: Holds) -> bool:
    try:
        frame.unpack(framed)
    except DecodeError:
        return False
    return counts(framed, holds)


def _of_number(run: str, holds: Holds) -> bytes | Fault:
    """A run of digits in groups: the frame of its number, or what is wrong with it."""
    groups = _GROUP.findall(run)
    digits = "".join(groups)
    if len(digits) < MIN_CUT_DIGITS:
        return Fault.NOT_OURS
    held: bytes | None = None
    for number in _choices(groups):
        framed = _framed(number)
        if framed is not None and _is_whole(framed, holds):
            return framed
        if framed is not None and holds(framed[1:_HEAD_BYTES]):
            held = held or framed
    if held is not None:
        return held
    if len(digits) <= text.MAX_TEXT_CHARS and _is_held(text.to_integer(digits), holds):
        return Fault.MALFORMED  # a leading zero, or too many digits
    return Fault.INCOMPLETE if _is_cut(digits, holds) else Fault.NOT_OURS


def _choices(groups: list[str]) -> Iterator[str]:
    """The digits of all groups, then without some at either end, those with the most first."""
    dropped = range(min(MAX_DROPPED + 1, len(groups)))
    for front, end in sorted(((a, b) for a in dropped for b in dropped), key=sum):
        yield "".join(groups[front : len(groups) - end])


def _framed(digits: str) -> bytes | None:
    try:
        return text.to_frame(digits)
    except DecodeError:
        return None


def _is_held(number: int, holds: Holds) -> bool:
    """Whether a number begins with a guard byte, a known format and a kid at hand."""
    bits = number.bit_length()
    if bits < _TOP_BITS or bits % 8 != 1:
        return False
    head = (number >> (bits - _TOP_BITS)) & ((1 << 8 * _HEAD_BYTES) - 1)
    data = head.to_bytes(_HEAD_BYTES, "big")
    return _is_format(data[0]) and holds(data[1:])


def _is_format(first: int) -> bool:
    return first >> 4 in BY_FRAME and first & 0x0F in frame.DICTIONARIES


def _is_cut(digits: str, holds: Holds) -> bool:
    """Whether zeros in the place of lost digits give guard, format and a kid at hand.

    The logarithm tells in which few lengths the first byte would be the guard's.
    """
    if digits[0] == "0":
        return False
    known = text.to_integer(digits)
    first = math.log2(int(digits[:MIN_CUT_DIGITS])) + (len(digits) - MIN_CUT_DIGITS) * _PER_DIGIT
    return any(
        _is_held(known * 10**lost, holds)
        for begin, end in _WINDOWS
        for lost in _between((begin - first) % 8, end - begin)
        if lost + len(digits) <= _MAX_CUT
    )


_WINDOWS: Final = tuple(
    (math.log2(1 + first / 256), math.log2(1 + (first + 1) / 256))
    for first in (suite << 4 | number for suite in BY_FRAME for number in frame.DICTIONARIES)
)
"""Of a number's logarithm modulo 8, where the guard byte and a known format lead it."""

_SLACK: Final = 1e-9
"""Of a logarithm near 9,000 in double precision."""


def _between(begin: float, width: float) -> Iterator[int]:
    """The numbers of lost digits that add so much to the logarithm modulo 8.

    None adds so little more than a multiple of 8 that it lay in a window around 0.
    """
    residues = _residues()
    low = bisect_left(residues, (begin - _SLACK,))
    high = bisect_left(residues, (begin + width + _SLACK,))
    yield from (lost for _, lost in residues[low:high])


@cache
def _residues() -> list[tuple[float, int]]:
    """What each number of lost digits adds to the logarithm modulo 8, ascending."""
    return sorted((lost * _PER_DIGIT % 8, lost) for lost in range(_MAX_CUT))


def _of_base45(content: str, holds: Holds) -> bytes | Fault:
    """The text behind ``ZC1:``: its frame, or what is wrong with it."""
    spelled = "".join(content.splitlines()).upper()
    for choice in dict.fromkeys((spelled, spelled.rstrip())):
        framed, fault = text.from_base45(choice)
        if fault is None and framed and counts(framed, holds):
            return framed
    framed, fault = text.from_base45(spelled.rstrip())
    if fault is None or not holds(framed[1:_HEAD_BYTES]):
        return Fault.NOT_OURS
    return Fault.INCOMPLETE if fault == "cut" else Fault.MALFORMED
