"""Values and their canonical bytes: deterministic CBOR (RFC 8949 §4.2.1), nothing else.

The subset (docs/spec clause 2): integers of 64 bits, byte strings, NFC UTF-8 text, arrays, maps
with integer or text keys, false, true and null.  No tags, no floats, no indefinite lengths, no
other simple values.  Each value has exactly one encoding, so decoding and encoding gives back the
same bytes; any other encoding is refused.

Decoded arrays are tuples; decoded maps are dicts in canonical key order.

``_read`` is one long function on purpose: it runs for every item of every token, and a function for
each type would cost a call each.  An independent decoder shadows it in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias, cast
from unicodedata import is_normalized

from etitle.errors import DecodeError

Value: TypeAlias = "int | bytes | str | bool | tuple[Value, ...] | dict[int | str, Value] | None"

MAX_DEPTH: Final = 8
"""Nesting levels; our deepest format, the bundle, uses 6."""

MAX_ITEMS: Final = 1 << 20
"""Items of one encoding, keys and values counted: a bundle of 1 MiB can't hold more, and everything
larger is a few long byte strings.  Without it 64 MB of empty maps would become 5 GB of objects."""

_OUTSIDE: Final = 0xFF
"""Stands for the byte after the last: no item begins with it."""

_WIDTHS: Final = {24: 1, 25: 2, 26: 4, 27: 8}
_SMALLEST: Final = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}


def head(major: int, argument: int) -> bytes:
    """The shortest head of a major type (0–7) with an argument (0 to 2^64-1).

    >>> head(4, 2).hex(), head(2, 300).hex()
    ('82', '59012c')
    """
    top = major << 5
    if argument < 24:  # RFC 8949 §3
        return bytes((top | argument,))
    if argument < 1 << 8:
        return bytes((top | 24, argument))
    if argument < 1 << 16:
        return bytes((top | 25,)) + argument.to_bytes(2, "big")
    if argument < 1 << 32:
        return bytes((top | 26,)) + argument.to_bytes(4, "big")
    return bytes((top | 27,)) + argument.to_bytes(8, "big")


def encode(value: object) -> bytes:
    """Encode a value as its canonical bytes.

    Args:
        value: int, bytes, NFC str, bool, None, or a list, tuple or dict of such.

    Raises:
        DecodeError: ``canon.value_refused`` for any other type, an integer beyond 64 bits, text
            that is not NFC or not encodable, or nesting beyond ``MAX_DEPTH``.

    >>> encode({2: "名", 1: [True, None]}).hex()
    'a20182f5f60263e5908d'
    """
    parts: list[bytes] = []
    _write(value, parts, 0)
    return b"".join(parts)


def _write(value: object, parts: list[bytes], depth: int) -> None:  # noqa: C901, PLR0912  # a case a type
    if depth == MAX_DEPTH and isinstance(value, (tuple, list, dict)):
        raise DecodeError("canon.value_refused", what=f"nesting beyond {MAX_DEPTH} levels")
    if value is None:
        parts.append(b"\xf6")
    elif value is True:
        parts.append(b"\xf5")
    elif value is False:
        parts.append(b"\xf4")
    elif isinstance(value, int):
        if not -(1 << 64) <= value < 1 << 64:
            raise DecodeError("canon.value_refused", what="an integer beyond 64 bits")
        parts.append(head(0, value) if value >= 0 else head(1, -1 - value))
    elif isinstance(value, str):
        parts.append(_text(value))
    elif isinstance(value, bytes):
        parts += (head(2, len(value)), value)
    elif isinstance(value, (tuple, list)):
        items = cast("Sequence[object]", value)
        parts.append(head(4, len(items)))
        for item in items:
            _write(item, parts, depth + 1)
    elif isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        entries = sorted(((_key(key), item) for key, item in pairs), key=_first)
        parts.append(head(5, len(entries)))
        for key, item in entries:
            parts.append(key)
            _write(item, parts, depth + 1)
    else:
        raise DecodeError("canon.value_refused", what=type(value).__name__)


def _first(entry: tuple[bytes, object]) -> bytes:
    return entry[0]


def _text(value: str) -> bytes:
    if not is_normalized("NFC", value):
        raise DecodeError("canon.value_refused", what="text that is not NFC")
    try:
        octets = value.encode()
    except UnicodeEncodeError:
        raise DecodeError("canon.value_refused", what="text with a lone surrogate") from None
    return head(3, len(octets)) + octets


def _key(key: object) -> bytes:
    if isinstance(key, str):
        return _text(key)
    if isinstance(key, int) and not isinstance(key, bool) and -(1 << 64) <= key < 1 << 64:
        return head(0, key) if key >= 0 else head(1, -1 - key)
    raise DecodeError("canon.value_refused", what=f"a map key of type {type(key).__name__}")


def decode(data: bytes, *, max_bytes: int) -> Value:
    """Decode canonical bytes; refuse any other encoding.

    Args:
        data: exactly one item.
        max_bytes: the limit of this format.

    Raises:
        DecodeError: ``canon.too_large``, ``canon.too_many_items``, ``canon.truncated``,
            ``canon.trailing_bytes``, ``canon.not_canonical``, ``canon.type_refused``,
            ``canon.text_refused`` or ``canon.too_deep``.

    >>> decode(bytes.fromhex("a20182f5f60263e5908d"), max_bytes=100)
    {1: (True, None), 2: '名'}
    """
    if len(data) > max_bytes:
        raise DecodeError("canon.too_large", size=len(data), limit=max_bytes)
    if len(data) > MAX_ITEMS and _has_too_many_items(data):
        raise DecodeError("canon.too_many_items", limit=MAX_ITEMS)
    value, end = _read(data, 0, 0)
    if end != len(data):
        raise DecodeError("canon.trailing_bytes", count=len(data) - end)
    return value


def _has_too_many_items(data: bytes) -> bool:
    """Walk from head to head without building values; ``_read`` reports malformed input."""
    at, size = 0, len(data)
    for _ in range(MAX_ITEMS):
        if at >= size:
            return False
        major, argument = data[at] >> 5, data[at] & 0x1F
        width = _WIDTHS.get(argument, 0)
        at += 1 + width
        if major in {2, 3}:
            at += int.from_bytes(data[at - width : at], "big") if width else argument
    return at < size


def _read(data: bytes, at: int, depth: int) -> tuple[Value, int]:  # noqa: C901, PLR0911, PLR0912
    # One function, not one per type: it runs for every item of every token (docs/explain).
    if at >= len(data):
        raise DecodeError("canon.truncated", offset=at)
    initial = data[at]
    major, argument, end = initial >> 5, initial & 0x1F, at + 1
    if argument > 23 and major != 7:  # RFC 8949 §3
        width = _WIDTHS.get(argument)
        if width is None:
            raise DecodeError(
                "canon.type_refused", offset=at, what="an indefinite or reserved length"
            )
        smallest = _SMALLEST[argument]
        end += width
        if end > len(data):
            raise DecodeError("canon.truncated", offset=len(data))
        argument = int.from_bytes(data[at + 1 : end], "big")
        if argument < smallest:
            raise DecodeError("canon.not_canonical", offset=at, rule="shortest length")
    if major == 0:
        return argument, end
    if major == 3:
        start, end = end, end + argument
        if end > len(data):
            raise DecodeError("canon.truncated", offset=len(data))
        return _text_of(data[start:end], at), end
    if major == 2:
        start, end = end, end + argument
        if end > len(data):
            raise DecodeError("canon.truncated", offset=len(data))
        return data[start:end], end
    if major == 1:
        return -1 - argument, end
    if major == 7:
        if initial == 0xF5:
            return True, end
        if initial == 0xF4:
            return False, end
        if initial == 0xF6:
            return None, end
        raise DecodeError("canon.type_refused", offset=at, what="a float or simple value")
    if major == 6:
        raise DecodeError("canon.type_refused", offset=at, what="a tag")
    if depth == MAX_DEPTH:
        raise DecodeError("canon.too_deep", limit=MAX_DEPTH)
    # Every item takes at least one byte: a count beyond the rest is refused before any work.
    if argument * (major - 3) > len(data) - end:
        raise DecodeError("canon.truncated", offset=len(data))
    if major == 4:
        items: list[Value] = []
        for _ in range(argument):
            item, end = _read(data, end, depth + 1)
            items.append(item)
        return tuple(items), end
    return _read_map(data, end, argument, depth)


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[int | str, Value], int]:
    # Keys and values that fit their head, and short text, are read in place: they are most of a
    # token, and a call for each costs more than the reading.
    entries: dict[int | str, Value] = {}
    previous = b""
    size = len(data)
    for _ in range(count):
        key: Value
        if data[at : at + 1] < b"\x18":  # also at the end of the data
            if at >= size:
                raise DecodeError("canon.truncated", offset=at)
            key, end = data[at], at + 1
        else:
            key, end = _read(data, at, MAX_DEPTH)
            if isinstance(key, bool) or not isinstance(key, (int, str)):
                raise DecodeError("canon.type_refused", offset=at, what="a map key")
        spelled = data[at:end]
        # RFC 8949 §4.2.1: ascending bytewise order; equal keys are not ascending either.
        if spelled <= previous:
            raise DecodeError("canon.not_canonical", offset=at, rule="ascending unique map keys")
        previous = spelled
        at = end
        initial = data[at] if at < size else _OUTSIDE
        if initial < 0x18:
            entries[key], at = initial, at + 1
        elif 0x60 <= initial < 0x78 and at + initial - 0x5F <= size:
            end = at + initial - 0x5F
            entries[key], at = _text_of(data[at + 1 : end], at), end
        else:
            entries[key], at = _read(data, at, depth + 1)
    return entries, at


def _text_of(octets: bytes, at: int) -> str:
    try:
        text = str(octets, "utf-8")
    except UnicodeDecodeError:
        raise DecodeError("canon.text_refused", offset=at) from None
    if not text.isascii() and not is_normalized("NFC", text):
        raise DecodeError("canon.text_refused", offset=at)
    return text
