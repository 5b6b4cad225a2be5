"""Code text: the text of a QR code, and the other notations of a frame (clause 4.4)."""

from __future__ import annotations

import re
from typing import Final, Literal

from etitle.errors import DecodeError

MAX_TEXT_CHARS: Final = 8192
"""Characters; a QR code holds 7,089 digits at most (ISO/IEC 18004)."""

MAX_DIGITS: Final = 2720
"""Digits of the largest frame (1124 bytes behind its guard byte), rounded up."""

_GUARD: Final = 1
_GROUP_DIGITS: Final = 600
_GROUP: Final = 10**_GROUP_DIGITS
"""Numbers are read and written in groups: Python may be set to refuse 640 digits at once."""

_URL: Final = re.compile(
    r"https://[a-z0-9._~-]+(?::[0-9]{1,5})?/(?:[a-z0-9._~/-]*/)?v(?:#|/)([0-9]+)",
    re.ASCII | re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"[0-9]+(?:\s+[0-9]+)*", re.ASCII)
_BASE45: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_VALUES: Final = {character: value for value, character in enumerate(_BASE45)}
_BASE45_PREFIX: Final = "ZC1:"
MIN_BARE_DIGITS: Final = 150
"""A bare run of fewer digits is some other number: the shortest frame has 70 bytes."""


def to_number(frame: bytes) -> str:
    r"""The decimal notation of a frame, behind its guard byte.

    >>> to_number(b"\x00\x07")
    '65543'
    """
    number = int.from_bytes(bytes((_GUARD,)) + frame, "big")
    groups: list[str] = []
    while number >= _GROUP:
        number, group = divmod(number, _GROUP)
        groups.append(f"{group:0{_GROUP_DIGITS}}")
    return "".join([str(number), *reversed(groups)])


def to_url(frame: bytes, *, base: str) -> str:
    r"""The code text of a frame.

    Args:
        frame: as ``etitle.token.frame.pack`` gives it.
        base: ``https://<host>``, or with a path; ``/v#`` is added.

    >>> to_url(b"\x00\x07", base="https://zc.sample.cn")
    'https://zc.sample.cn/v#65543'
    """
    return f"{base.rstrip('/')}/v#{to_number(frame)}"


def to_base45(frame: bytes) -> str:
    """The frame as ``ZC1:`` and base 45 (RFC 9285), for alphanumeric QR codes.

    >>> to_base45(b"AB")
    'ZC1:BB8'
    """
    parts = [_BASE45_PREFIX]
    for start in range(0, len(frame), 2):
        pair = frame[start : start + 2]
        value = int.from_bytes(pair, "big")
        rest, first = divmod(value, 45)
        if len(pair) == 1:
            parts.append(_BASE45[first] + _BASE45[rest])
        else:
            last, second = divmod(rest, 45)
            parts.append(_BASE45[first] + _BASE45[second] + _BASE45[last])
    return "".join(parts)


def is_ours(text: str) -> bool:
    """Whether a text has one of the forms of clause 4.4; its content is not checked."""
    return _payload_of(text) is not None


def _payload_of(text: str) -> tuple[str, bool] | None:
    """The number or base 45 part of a text, and whether it is base 45."""
    stripped = text.strip()
    if len(stripped) > MAX_TEXT_CHARS:
        return None
    match = _URL.fullmatch(stripped)
    if match is not None:
        return match[1], False
    if stripped.startswith(_BASE45_PREFIX):
        return stripped.removeprefix(_BASE45_PREFIX), True
    if _DIGITS.fullmatch(stripped):
        digits = "".join(stripped.split())
        if len(digits) >= MIN_BARE_DIGITS:
            return digits, False
    return None


def to_frame(text: str) -> bytes:
    r"""Read a code text of any accepted form.

    The host is ignored: trust never depends on it.

    Raises:
        DecodeError: ``token.not_ours`` or ``token.text_malformed``.

    >>> to_frame("HTTPS://ANY.EXAMPLE/V/65543")
    b'\x00\x07'
    """
    found = _payload_of(text)
    if found is None:
        raise DecodeError("token.not_ours")
    content, base45 = found
    return _from_base45(content) if base45 else _from_number(content)


def _from_number(digits: str) -> bytes:
    if len(digits) > MAX_DIGITS or digits[0] == "0":
        raise DecodeError("token.text_malformed", what="digits")
    number = to_integer(digits)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if data[0] != _GUARD:
        raise DecodeError("token.text_malformed", what="guard byte")
    return data[1:]


def to_integer(digits: str) -> int:
    """The integer of any number of ASCII digits, at least one.

    >>> to_integer("65543")
    65543
    """
    if len(digits) <= _GROUP_DIGITS:
        return int(digits)
    number = 0
    for start in range(0, len(digits), _GROUP_DIGITS):
        group = digits[start : start + _GROUP_DIGITS]
        number = number * 10 ** len(group) + int(group)
    return number


def _from_base45(content: str) -> bytes:
    octets, fault = from_base45(content)
    if fault is not None or not octets:
        raise DecodeError("token.text_malformed", what="base 45")
    return octets


def from_base45(content: str) -> tuple[bytes, Literal["cut", "bad"] | None]:
    """The bytes of base 45 up to the first fault, and that fault.

    Returns:
        ``"cut"`` where only the last group is none, ``"bad"`` for any other fault.

    >>> from_base45("BB8"), from_base45("BB8B"), from_base45("BB8:::BB8")
    ((b'AB', None), (b'AB', 'cut'), (b'AB', 'bad'))
    """
    octets = bytearray()
    for start in range(0, len(content), 3):
        group = content[start : start + 3]
        width = len(group) - 1
        try:
            value = sum(
                _BASE45_VALUES[character] * 45**place for place, character in enumerate(group)
            )
        except KeyError:
            return bytes(octets), "bad"
        if width == 0 or value >> (8 * width):
            last = len(group) < 3  # noqa: PLR2004  # RFC 9285: a group has three characters
            return bytes(octets), "cut" if last else "bad"
        octets += value.to_bytes(width, "big")
    return bytes(octets), None
