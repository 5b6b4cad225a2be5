"""Opening (核验码) and commitment: docs/spec clause 2.5.

A certificate shows a mask and a commitment.  Whoever has the certificate's opening and a number
can tell whether it is the holder's; the QR code alone does not allow a search for it.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from typing import Final

from etitle import canon
from etitle.certificate.identity import (
    COMMITMENT_BYTES,
    NUMBER,
    DocumentKind,
    Identity,
    narrow,
    plain_number,
)
from etitle.errors import DecodeError, FieldError

OPENING_BYTES: Final = 10
OPENING_CHARACTERS: Final = 16
"""80 bits are exactly 16 characters of base 32."""

_LABEL: Final = "etitle-id-1"
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {
    **{digit: value for value, digit in enumerate(_DIGITS)},
    **{digit.lower(): value for value, digit in enumerate(_DIGITS)},
    **dict.fromkeys("IiLl", 1),
    **dict.fromkeys("Oo", 0),
}
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212]+")
_MAX_TYPED: Final = 64
"""Characters read at most: 16 and generous separators."""

_NATIONALITY: Final = re.compile(r"[A-Z]{3}")


def new_opening(*, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """10 random bytes, one opening for one certificate.

    Args:
        random: source of that many random bytes; the system's unless a test says otherwise.
    """
    return random(OPENING_BYTES)


def format_opening(opening: bytes) -> str:
    """An opening as it is printed.

    Raises:
        FieldError: ``record.opening_length`` unless it has 10 bytes.

    >>> format_opening(bytes(range(10)))
    '000G-40R4-0M30-E209'
    """
    _check_length(opening)
    bits = int.from_bytes(opening, "big")
    digits = "".join(_DIGITS[(bits >> shift) & 31] for shift in range(75, -1, -5))
    return "-".join(digits[at : at + 4] for at in range(0, OPENING_CHARACTERS, 4))


def parse_opening(text: str) -> bytes:
    """Read an opening as people type it: any case, hyphens, spaces, I and L for 1, O for 0.

    Raises:
        DecodeError: ``record.opening_malformed``.

    >>> parse_opening("ooog 4or4 om3o e2o9").hex()
    '00010203040506070809'
    """
    if len(text) > _MAX_TYPED:
        raise DecodeError("record.opening_malformed", field="opening", count=len(text))
    digits = _SEPARATORS.sub("", narrow(text))
    bits = 0
    for digit in digits:
        value = _VALUES.get(digit)
        if value is None:
            raise DecodeError("record.opening_malformed", field="opening", count=len(digits))
        bits = bits << 5 | value
    if len(digits) != OPENING_CHARACTERS:
        raise DecodeError("record.opening_malformed", field="opening", count=len(digits))
    return bits.to_bytes(OPENING_BYTES, "big")


def commit(opening: bytes, kind: DocumentKind, number: str, nationality: str | None) -> bytes:
    """The commitment to a number (docs/spec clause 2.5.2), 16 bytes.

    Args:
        opening: 10 bytes.
        kind: kind of document.
        number: the whole number, in any spelling ``plain_number`` reads.
        nationality: ISO 3166-1 alpha-3, for passports.

    Raises:
        FieldError: ``record.opening_length``, ``record.id_shape`` or ``record.nationality_shape``.

    >>> commit(bytes(10), DocumentKind.CN_RESIDENT, "11010519491231002X", None).hex()
    '071e0e8905228506e671750e9e1248e0'
    """
    _check_length(opening)
    plain = plain_number(number)
    if not NUMBER.fullmatch(plain):
        raise FieldError("record.id_shape", field="id_number", kind=kind.name.lower())
    if nationality is not None and not _NATIONALITY.fullmatch(nationality):
        raise FieldError("record.nationality_shape", field="nationality")
    message = canon.encode((_LABEL, int(kind), plain, nationality))
    return hmac.digest(opening, message, "sha256")[:COMMITMENT_BYTES]


def matches(
    identity: Identity, opening: bytes, number: str, nationality: str | None = None
) -> bool:
    """Whether a number is the holder's; compares in constant time, never raises.

    Args:
        identity: as the certificate carries it; with the profile full the opening is not used.
        opening: 10 bytes; with any other length nothing matches.
        number: a whole number, in any spelling ``plain_number`` reads.
        nationality: as claimed; None takes the one the certificate shows.
    """
    claimed = identity.nationality if nationality is None else nationality
    if identity.commitment is None:
        same = hmac.compare_digest(
            identity.shown.encode(), plain_number(number).encode("utf-8", "replace")
        )
        return same and claimed == identity.nationality
    try:
        commitment = commit(opening, identity.kind, number, claimed)
    except FieldError:
        return False
    return hmac.compare_digest(commitment, identity.commitment)


def _check_length(opening: bytes) -> None:
    if len(opening) != OPENING_BYTES:
        raise FieldError("record.opening_length", field="opening", count=len(opening))
