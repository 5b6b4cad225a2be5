"""Successors of a list or delta: which number replaces which index (docs/spec clause 6.4).

A list of ten million may name 60,000 successors, so they stay as their canonical bytes: checked as
a whole when read, decoded one by one when asked for.

One regular expression reads them, for speed.  Its reference is the decoder of ``etitle.canon``;
``tests/unit/trust/test_successors.py`` compares the two.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from itertools import accumulate, chain, islice
from operator import add, lt, ne
from struct import iter_unpack
from typing import Final
from unicodedata import is_normalized

from etitle import canon
from etitle.certificate.compact import COMPACT_NUMBER
from etitle.certificate.decode import FORBIDDEN
from etitle.certificate.number import MAX_NUMBER
from etitle.errors import TrustError

MAX_SUCCESSOR_BYTES: Final = 1 + 5 + 2 + 4 * MAX_NUMBER
"""Bytes of one [index, number]: array head, index, text head, text."""
MAX_SUCCESSORS_BYTES: Final = 1 << 24
"""Bytes of all of them: a million at the usual 15 bytes.  To read so many takes 2 s and 450 MB."""
NONE: Final = canon.encode(())
"""No successors."""

_INDEX: Final = rb"\x1a(?!\x00\x00).{4}|[\x00-\x17]|\x18[\x18-\xff]|\x19(?!\x00).."
_UINT: Final = (
    rb"\x1b(?!\x00{4}).{8}|[\x01-\x17]|\x18[\x18-\xff]|\x19(?!\x00)..|\x1a(?!\x00\x00).{4}"
)
_TEXT: Final = b"|".join(
    re.escape(canon.head(3, size)) + b".{%d}" % size for size in range(1, 4 * MAX_NUMBER + 1)
)
_PAIR: Final = re.compile(rb"(\x82(?:%b))(%b|%b)" % (_INDEX, _UINT, _TEXT), re.DOTALL)
"""One canonical [index, number]: a pattern reads 60,000 in the time a loop reads 10,000."""
_WIDE_BYTES: Final = 6
"""Bytes of array head and index from 65536 on."""
_TOO_GREAT: Final = canon.head(0, 10**18)
_FIRST_TEXT: Final = b"\x60"
_DIGITS: Final = re.compile(rf"^{COMPACT_NUMBER.pattern}$", re.MULTILINE)


def read(raw: bytes) -> tuple[array[int], array[int]]:
    """Check the canonical bytes of successors.

    Returns:
        The indices, ascending, and where in ``raw`` each entry starts; one more start is the end.

    Raises:
        TrustError: ``list.malformed``.

    >>> indices, starts = read(bytes.fromhex("8182031a0006de33"))
    >>> list(indices), list(starts)
    ([3], [1, 8])
    """
    if len(raw) > MAX_SUCCESSORS_BYTES:
        raise TrustError("list.malformed", what="successors")
    # Head, then for each entry array head with index, number, and what lies before the next.
    parts = _PAIR.split(raw)
    heads, numbers = parts[1::3], parts[2::3]
    if parts[0] != canon.head(4, len(heads)) or any(parts[3::3]):
        raise TrustError("list.malformed", what="successors")
    # Canonical integers of our range sort as their bytes do.
    if not all(map(lt, heads, islice(heads, 1, None))):
        raise TrustError("list.malformed", what="order of the successors")
    if _refused(numbers):
        raise TrustError("list.malformed", what="a successor's number")
    wide = bisect_left(heads, _WIDE_BYTES, key=len)
    indices = array("I", [int.from_bytes(h[2:] or h[1:], "big") for h in heads[:wide]])
    indices.extend(chain.from_iterable(iter_unpack(">2xI", b"".join(heads[wide:]))))
    sizes = map(add, map(len, heads), map(len, numbers))
    return indices, array("I", accumulate(sizes, initial=len(parts[0])))


def _refused(numbers: list[bytes]) -> bool:
    """Whether a number breaks docs/spec clause 2.2.1 or is not in the form of clause 2.3.1."""
    texts = [n[1:] if n[0] < 0x78 else n[2:] for n in numbers if n >= _FIRST_TEXT]  # noqa: PLR2004  # RFC 8949 §3
    if max((n for n in numbers if n < _FIRST_TEXT), default=b"") >= _TOO_GREAT:
        return True
    try:
        text = b"\n".join(texts).decode()
    except UnicodeDecodeError:
        return True
    lines = text.split("\n") if texts else []
    return (
        len(lines) != len(texts)
        or max(map(len, lines), default=0) > MAX_NUMBER
        or any(map(ne, lines, map(str.strip, lines)))
        or not (text.isascii() or is_normalized("NFC", text))
        or _DIGITS.search(text) is not None
        or FORBIDDEN.search("".join(lines)) is not None
    )


def spell(index: int, number: str) -> bytes | None:
    """The canonical [index, number]; None for a number that docs/spec clause 2 refuses.

    >>> spell(3, "450099").hex(), spell(3, " ")
    ('82031a0006de33', None)
    """
    if COMPACT_NUMBER.fullmatch(number):
        spelled = canon.head(0, int(number))
    else:
        octets = number.encode("utf-8", "surrogatepass")
        spelled = canon.head(3, len(octets)) + octets
        if not octets or len(number) > MAX_NUMBER or _refused([spelled]):
            return None
    return canon.head(4, 2) + canon.head(0, index) + spelled


def number_at(raw: bytes, start: int, index: int) -> str:
    """The number of the entry for that index that starts there, in bytes that were checked."""
    at = start + 1 + len(canon.head(0, index))
    initial = raw[at]
    if initial < 24:  # noqa: PLR2004  # RFC 8949 §3
        return str(initial)
    if initial < 0x60:  # noqa: PLR2004  # an unsigned integer
        return str(int.from_bytes(raw[at + 1 : at + 1 + (1 << initial - 24)], "big"))
    if initial < 0x78:  # noqa: PLR2004  # text of up to 23 bytes
        return raw[at + 1 : at + 1 + (initial & 0x1F)].decode()
    return raw[at + 2 : at + 2 + raw[at + 1]].decode()
