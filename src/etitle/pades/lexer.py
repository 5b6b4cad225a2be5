"""Text of a PDF object -> its value (ISO 32000-1 clause 7.3), in the one notation that we accept.

No comments, no escapes in names but that of the slash, only generation 0, no key twice: what
other readers might read differently is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from etitle.errors import DecodeError

MAX_DEPTH: Final = 24
MAX_TEXT_BYTES: Final = 1 << 16
"""Bytes of an object's text; relevant ones have a few hundred."""


class Ref(NamedTuple):
    """A reference to an object of generation 0."""

    number: int


PdfValue: TypeAlias = (
    "dict[str, PdfValue] | list[PdfValue] | Ref | str | bytes | int | float | bool | None"
)
"""Names are str, strings are bytes."""

_TOKEN: Final = re.compile(
    rb"<<|>>|[\[\]]"
    rb"|/(?:[!\"$&'*-.0-;=?-Z\\^-z|~]|#2F)*+"
    rb"|[1-9]\d{0,6} 0 R\b"
    rb"|[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})(?![\w.+-])"
    rb"|\([^()\\]*+(?:\\[^0-9][^()\\]*+)*+\)"
    rb"|<[0-9A-Fa-f]*+>"
    rb"|(?:true|false|null)\b"
    rb"|[^ \n\r\t][\s\S]*+"  # anything else takes the rest, and is refused
)
_EVERYWHERE: Final = re.compile(
    rb"(?:[^()<>{}%]++|<<|>>|<[0-9A-Fa-f\0\t\n\f\r ]*+>|%[^\r\n]*+[\r\n]"
    rb"|\((?:[^()\\]++|\\[\s\S]|\((?:[^()\\]++|\\[\s\S])*+\))*+\))*+"
)
_SLASH, _ROUND, _LESS, _GREATER, _R = b"/(<>R"
_REFERENCE: Final = re.compile(rb"[1-9]\d{0,6} 0 R")
_NUMBER: Final = re.compile(rb"[+-]?(?:\d{1,12}(?:\.\d{0,12})?|\.\d{1,12})")
_LITERAL: Final = re.compile(rb"\([^()\\]*+(?:\\[^0-9][^()\\]*+)*+\)")
_ESCAPED: Final = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}
_WORDS: Final[dict[bytes, bool | None]] = {b"true": True, b"false": False, b"null": None}


def is_of_tokens(text: bytes) -> bool:
    r"""Whether an object's text is of tokens that every reader sees alike (docs/spec clause 9.7.4).

    Asked of objects that nobody parses, too: less than ``parse`` asks, and fast.

    >>> is_of_tokens(b"[/A#20B (x(y)) % comment\n]"), is_of_tokens(b"[/A)]")
    (True, False)
    """
    return _EVERYWHERE.fullmatch(text) is not None


@lru_cache(maxsize=512)
def parse(text: bytes) -> PdfValue:
    """The value of an object's text; not to be changed, for equal texts share it.

    Documents of one template have most of their dictionaries in common.

    Raises:
        DecodeError: ``document.malformed``.

    >>> parse(b"<< /A [1 0 R (x) 2.5] /B /C#2FD >>")
    {'A': [Ref(number=1), b'x', 2.5], 'B': 'C/D'}
    """
    if len(text) > MAX_TEXT_BYTES:
        raise DecodeError("document.malformed", what="a long object")
    tokens = _TOKEN.findall(text)
    # Lists of what has been opened; a dictionary's keys and values stand in turn in its list.
    stack: list[list[PdfValue]] = [[]]
    kinds: list[bytes] = []
    top = stack[0]
    for token in tokens:
        first = token[0]
        if first == _SLASH:
            name = str(token[1:], "ascii")
            top.append(name.replace("#2F", "/") if "#" in name else name)
        elif token in (b"<<", b"["):
            if len(stack) > MAX_DEPTH:
                raise DecodeError("document.malformed", what="nesting")
            opened: list[PdfValue] = []
            top = opened
            stack.append(opened)
            kinds.append(token)
        elif token in (b">>", b"]"):
            if not kinds or (kinds.pop() == b"[") != (token == b"]"):
                raise DecodeError("document.malformed", what="brackets")
            done = stack.pop()
            top = stack[-1]
            value: PdfValue = done if token == b"]" else _dictionary(done)
            top.append(value)
        else:
            top.append(_scalar(token, first))
    if kinds or len(top) != 1:
        raise DecodeError("document.malformed", what="an object")
    return top[0]


def _dictionary(items: list[PdfValue]) -> dict[str, PdfValue]:
    keys = items[::2]
    if len(items) % 2 or not all(isinstance(key, str) for key in keys):
        raise DecodeError("document.malformed", what="a dictionary")
    entries: dict[str, PdfValue] = dict(zip(keys, items[1::2], strict=True))  # type: ignore[arg-type]
    if len(entries) != len(keys):
        raise DecodeError("document.malformed", what="a key twice")
    return entries


def _scalar(token: bytes, first: int) -> PdfValue:
    last = token[-1]
    if first == _ROUND and _LITERAL.fullmatch(token):
        inside = token[1:-1]
        if b"\\" in inside:
            return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), inside)
        return inside
    digits = token[1:-1]
    if first == _LESS and last == _GREATER and (digits.isalnum() or not digits):
        try:
            return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
        except ValueError:
            raise DecodeError("document.malformed", what="a token") from None
    if last == _R and _REFERENCE.fullmatch(token):
        return Ref(int(token[:-4]))
    if token in _WORDS:
        return _WORDS[token]
    if not _NUMBER.fullmatch(token):
        raise DecodeError("document.malformed", what="a token")
    return float(token) if b"." in token else int(token)
