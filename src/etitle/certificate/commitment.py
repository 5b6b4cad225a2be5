"""Opening (核验码) and commitment: docs/spec clause 2.5.

A certificate shows a mask and a commitment.  Whoever has the certificate's opening and a number
can tell whether it is the holder's; the QR code alone does not allow a search for it, and mask and
opening together make a search slow: nobody is told the pepper, so every number costs many trials.
"""

from __future__ import annotations

import hashlib
import hmac
import os
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
    person_number,
    plain_number,
    shows,
)
from etitle.errors import DecodeError, FieldError

OPENING_BYTES: Final = 10
OPENING_CHARACTERS: Final = 17
"""80 bits are exactly 16 characters of base 32; the last is the check character."""

PEPPERS: Final = 1 << 7
"""The pepper is one of so many: what a search costs more than one trial of each number."""
SCRYPT_N: Final = 1 << 10
SCRYPT_R: Final = 8
"""1 MiB and about 2 ms a trial (docs/explain/privacy)."""

_LABEL: Final = "etitle-id-1"
_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES: Final = {
    **{digit: value for value, digit in enumerate(_DIGITS)},
    **{digit.lower(): value for value, digit in enumerate(_DIGITS)},
    **dict.fromkeys("IiLl", 1),
    **dict.fromkeys("Oo", 0),
}
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212\ufe58\ufe63]+")
_MAX_TYPED: Final = 64
"""Characters read at most: 17 and generous separators."""
_FIELD: Final = 0b100101
"""GF(32) by x^5 + x^2 + 1, whose x generates all 31 elements but zero."""

_NATIONALITY: Final = re.compile(r"[A-Z]{3}")
_MAX_THREADS: Final = 8


def new_opening(*, random: Callable[[int], bytes] = secrets.token_bytes) -> bytes:
    """10 random bytes, one opening for one certificate.

    Args:
        random: source of that many random bytes; the system's unless a test says otherwise.
    """
    return random(OPENING_BYTES)


def format_opening(opening: str | bytes) -> str:
    """An opening as it is printed.

    Args:
        opening: in any spelling ``read_opening`` takes.

    Raises:
        FieldError: ``record.opening_malformed`` or ``record.opening_mistyped``.

    >>> format_opening(bytes(range(10)))
    '000G-40R4-0M30-E209J'
    """
    bits = int.from_bytes(read_opening(opening), "big")
    values = [(bits >> shift) & 31 for shift in range(75, -1, -5)]
    digits = "".join(_DIGITS[value] for value in (*values, _double(_checksum(values))))
    return "-".join((digits[:4], digits[4:8], digits[8:12], digits[12:]))


def parse_opening(text: str) -> bytes:
    """Read an opening as people type it: any case, hyphens, spaces, I and L for 1, O for 0.

    Raises:
        DecodeError: ``record.opening_malformed``; ``record.opening_mistyped`` where the check
            character belongs to another opening.

    >>> parse_opening("ooog 4or4 om3o e2o9j").hex()
    '00010203040506070809'
    """
    if len(text) > _MAX_TYPED:
        raise DecodeError("record.opening_malformed", field="opening", count=len(text))
    digits = _SEPARATORS.sub("", plain_number(text))
    values = [_VALUES[digit] for digit in digits if digit in _VALUES]
    if not len(values) == len(digits) == OPENING_CHARACTERS:
        raise DecodeError("record.opening_malformed", field="opening", count=len(digits))
    if _checksum(values):
        raise DecodeError("record.opening_mistyped", field="opening")
    bits = 0
    for value in values[:-1]:
        bits = bits << 5 | value
    return bits.to_bytes(OPENING_BYTES, "big")


def read_opening(opening: str | bytes) -> bytes:
    """An opening in any spelling, as its 10 bytes.

    Args:
        opening: its 10 bytes; or what is printed, as text or as bytes of text.

    Raises:
        FieldError: ``record.opening_malformed`` or ``record.opening_mistyped``.

    >>> read_opening("000G-40R4-0M30-E209J") == read_opening(b"000G40R40M30E209J")
    True
    """
    if isinstance(opening, bytes):
        if len(opening) == OPENING_BYTES:
            return opening
        opening = opening.decode("utf-8", "replace")
    try:
        return parse_opening(opening)
    except DecodeError as error:
        raise FieldError(error.code, **error.details) from None


def _double(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD if doubled > 31 else doubled  # noqa: PLR2004  # five bits


def _checksum(values: list[int]) -> int:
    """Clause 2.5.1: the sum of the characters, each times a power of x of its own."""
    total = 0
    for value in values:
        total = _double(total) ^ value
    return total


def commit(
    opening: str | bytes,
    kind: DocumentKind,
    number: str,
    nationality: str | None = None,
    *,
    pepper: int | None = None,
) -> bytes:
    """The commitment to a person's number (docs/spec clause 2.5.2), 16 bytes.

    Args:
        opening: in any spelling ``read_opening`` takes.
        kind: kind of document.
        number: the whole number, in any spelling ``plain_number`` reads.
        nationality: ISO 3166-1 alpha-3, for passports.
        pepper: 0 to 127, for tests; None draws one, which nobody is told.

    Raises:
        FieldError: ``record.opening_malformed``, ``record.opening_mistyped``, ``record.id_shape``
            or ``record.nationality_shape``.

    >>> commit(bytes(10), DocumentKind.CN_RESIDENT, "11010519491231002X", pepper=0).hex()
    '1085ab2beb33619eb0c9d4e717c03425'
    """
    salt = read_opening(opening)
    person = person_number(kind, plain_number(number))
    if not NUMBER.fullmatch(person):
        raise FieldError("record.id_shape", field="id_number", kind=kind.name.lower())
    if nationality is not None and not _NATIONALITY.fullmatch(nationality):
        raise FieldError("record.nationality_shape", field="nationality")
    if pepper is None:
        pepper = secrets.randbelow(PEPPERS)
    return _stretched(salt, (int(kind), person, nationality), pepper)


def matches(
    identity: Identity, opening: str | bytes, number: str, nationality: str | None = None
) -> bool:
    """Whether a number is the holder's; compares in constant time, never raises.

    A masked certificate takes up to 128 trials, on every processor at hand.

    Args:
        identity: as the certificate carries it; with the profile full the opening is not used.
        opening: in any spelling ``read_opening`` takes; nothing matches an unreadable one.
        number: a whole number, in any spelling ``plain_number`` reads.
        nationality: as claimed; not asked where the certificate shows none, and None takes the one
            that it shows.
    """
    person = person_number(identity.kind, plain_number(number))
    shown = identity.nationality
    if shown is not None and nationality is not None and nationality != shown:
        return False
    if identity.commitment is None:
        whole = person_number(identity.kind, identity.shown)
        return hmac.compare_digest(whole.encode(), person.encode("utf-8", "replace"))
    if not shows(identity.shown, person) or not NUMBER.fullmatch(person):
        return False  # as anybody can see, without a trial
    try:
        salt = read_opening(opening)
    except FieldError:
        return False
    return _search(salt, (int(identity.kind), person, shown), identity.commitment)


_Person = tuple[int, str, str | None]
"""Kind, person's number, nationality."""


def _stretched(salt: bytes, person: _Person, pepper: int) -> bytes:
    return hashlib.scrypt(
        canon.encode((_LABEL, *person, pepper)),
        salt=salt,
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=1,
        dklen=COMMITMENT_BYTES,
    )


def _search(salt: bytes, person: _Person, commitment: bytes) -> bool:
    """Whether some pepper gives the commitment, tried by threads: scrypt leaves them the lock."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  # only when a holder is named

    found: list[int] = []
    threads = _threads()

    def search(first: int) -> None:
        for pepper in range(first, PEPPERS, threads):
            if found:
                return
            if hmac.compare_digest(_stretched(salt, person, pepper), commitment):
                found.append(pepper)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(search, range(threads)))
    return bool(found)


def _threads() -> int:
    """Processors that this process may use."""
    try:
        usable = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        usable = os.cpu_count() or 1
    return min(usable, _MAX_THREADS)
