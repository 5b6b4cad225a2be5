"""Identity documents: kinds, check digits, and what a certificate shows of its holder's number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from etitle.errors import FieldError


class DocumentKind(IntEnum):
    """Kinds of identity document; the numbers are those of the payload (docs/spec clause 2.4)."""

    CN_RESIDENT = 1
    HMT_RESIDENCE = 2
    FOREIGN_PR_2023 = 3
    FOREIGN_PR_2017 = 4
    HM_TRAVEL = 5
    TW_TRAVEL = 6
    PASSPORT = 7


class Profile(IntEnum):
    """How much of the holder's number a certificate carries."""

    NONE = 0
    MASKED = 1
    FULL = 2


COMMITMENT_BYTES: Final = 16

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS: Final = "10X98765432"

EIGHTEEN: Final = re.compile(r"[1-9][0-9]{16}[0-9X]")
"""Shape of the numbers with an ISO 7064 MOD 11-2 check digit (GB 11643 and its relatives)."""


def check_digit(first17: str) -> str:
    """Check digit of an 18-character number (GB 11643, ISO 7064 MOD 11-2).

    >>> check_digit("11010519491231002")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first17, strict=True))
    return _CHECK_DIGITS[total % 11]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a certificate says about its holder's document.

    Attributes:
        kind: kind of document.
        shown: the whole number (profile full) or its mask (profile masked).
        commitment: 16 bytes that bind the whole number to the mask (profile masked), else None.
        nationality: ISO 3166 alpha-3, for passports; else None.
    """

    kind: DocumentKind
    shown: str
    commitment: bytes | None = None
    nationality: str | None = None

    @property
    def profile(self) -> Profile:
        """MASKED with a commitment, FULL without."""
        return Profile.FULL if self.commitment is None else Profile.MASKED

    @property
    def masked(self) -> str:
        """The number as anybody may see it: never more than a mask shows, whatever came in.

        >>> Identity(DocumentKind.PASSPORT, "E12345678").masked
        'E******78'
        """
        first, last = SIGHT[self.kind]
        hidden = max(0, len(self.shown) - first - last)
        if not hidden:
            return "*" * len(self.shown)
        return f"{self.shown[:first]}{'*' * hidden}{self.shown[first + hidden :]}"

    def __repr__(self) -> str:
        # The mask even where the whole number is carried: a repr ends up in logs.
        rest = f"{self.commitment!r}, {self.nationality!r}"
        return f"Identity({self.kind.name}, {self.masked!r}, {rest})"


SIGHT: Final = {
    DocumentKind.CN_RESIDENT: (2, 4),
    DocumentKind.HMT_RESIDENCE: (2, 4),
    DocumentKind.FOREIGN_PR_2023: (2, 4),
    DocumentKind.FOREIGN_PR_2017: (3, 2),
    DocumentKind.HM_TRAVEL: (1, 3),
    DocumentKind.TW_TRAVEL: (0, 3),
    DocumentKind.PASSPORT: (1, 2),
}
"""Characters that a mask leaves in sight, first and last (docs/spec clause 2.4.4)."""

NUMBER: Final = re.compile(r"[0-9A-Z]{5,20}")
"""Shape that every document number has (docs/spec clause 2.2, ``shown``)."""

_NARROW: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def narrow(text: str) -> str:
    """Full-width letters, digits and signs (U+FF01 to U+FF5E) as ASCII.

    >>> narrow("４５００９９Ｘ")
    '450099X'
    """
    return text if text.isascii() else text.translate(_NARROW)


CHECKSUMMED: Final = frozenset(
    {DocumentKind.CN_RESIDENT, DocumentKind.HMT_RESIDENCE, DocumentKind.FOREIGN_PR_2023}
)
"""Kinds with 18 characters: a birth date, a sequence that shows the sex, a check digit."""

_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
"""What comes along when a number is copied from a page or an address book (clause 2.5.4)."""


def plain_number(raw: str) -> str:
    """A document number as it is compared: ASCII, upper case, no white or unseen space.

    >>> plain_number(" ４５ 0099x ")
    '450099X'
    """
    seen = raw if raw.isascii() else _UNSEEN.sub("", raw)
    return "".join(narrow(seen).split()).upper()


_OLD_FIFTEEN: Final = re.compile(r"[0-9]{15}")
"""GB 11643-1989: no century, no check digit."""

_RENEWED: Final = {
    DocumentKind.HM_TRAVEL: re.compile(r"([HM][0-9]{8})[0-9]{2}"),
    DocumentKind.TW_TRAVEL: re.compile(r"([0-9]{8})[0-9]{2}"),
}
"""Permits whose last two digits count how often they were renewed."""


def person_number(kind: DocumentKind, number: str) -> str:
    """The part of a document number that stays the person's (docs/spec clause 2.4.7).

    Args:
        kind: kind of document.
        number: a number as ``plain_number`` gives it.

    >>> person_number(DocumentKind.HM_TRAVEL, "M1234567803")
    'M12345678'
    >>> person_number(DocumentKind.CN_RESIDENT, "110105491231002")
    '11010519491231002X'
    """
    if kind is DocumentKind.CN_RESIDENT and _OLD_FIFTEEN.fullmatch(number):
        first17 = f"{number[:6]}19{number[6:]}"
        return first17 + check_digit(first17)
    renewed = _RENEWED.get(kind)
    found = renewed.fullmatch(number) if renewed is not None else None
    return number if found is None else found[1]


_SHAPES: Final = {
    DocumentKind.FOREIGN_PR_2017: re.compile(r"[A-Z]{3}[0-9]{12}"),
    DocumentKind.HM_TRAVEL: re.compile(r"[HM][0-9]{8}"),
    DocumentKind.TW_TRAVEL: re.compile(r"[0-9]{8}"),
    DocumentKind.PASSPORT: NUMBER,
}


def is_possible(kind: DocumentKind, number: str) -> bool:
    """Whether a person's number can be one of the kind (docs/spec clause 2.4.8).

    Args:
        kind: kind of document.
        number: as ``person_number`` gives it.

    >>> is_possible(DocumentKind.CN_RESIDENT, "110105194912310021")
    False
    """
    if kind in CHECKSUMMED:
        return EIGHTEEN.fullmatch(number) is not None and check_digit(number[:17]) == number[17]
    return _SHAPES[kind].fullmatch(number) is not None


def mask(kind: DocumentKind, number: str) -> str:
    """The mask of a person's number (docs/spec clause 2.4.4).

    Args:
        kind: kind of document.
        number: the whole number, as ``plain_number`` gives it.

    Raises:
        FieldError: ``record.id_shape`` for anything but a document number, or one so short that the
            mask would hide nothing.

    >>> mask(DocumentKind.CN_RESIDENT, "11010519491231002X")
    '11************002X'
    >>> mask(DocumentKind.TW_TRAVEL, "12345678")
    '*****678'
    """
    number = person_number(kind, number)
    first, last = SIGHT[kind]
    hidden = len(number) - first - last
    if hidden < 1 or not NUMBER.fullmatch(number):
        raise FieldError("record.id_shape", field="id_number", kind=kind.name.lower())
    return f"{number[:first]}{'*' * hidden}{number[-last:]}"


def is_mask(kind: DocumentKind, shown: str) -> bool:
    """Whether a text has the form of the kind's masks (docs/spec clause 2.4.4).

    >>> is_mask(DocumentKind.PASSPORT, "E******42"), is_mask(DocumentKind.PASSPORT, "E1*****42")
    (True, False)
    """
    first, last = SIGHT[kind]
    hidden = len(shown) - first - last
    return (
        hidden >= 1
        and shown[first : first + hidden] == "*" * hidden
        and NUMBER.fullmatch(shown.replace("*", "0")) is not None
        and "*" not in shown[:first] + shown[first + hidden :]
    )


def shows(mask: str, number: str) -> bool:
    """Whether a mask shows nothing but what a person's number has at the same place."""
    return len(number) == len(mask) and all(
        shown in ("*", digit) for shown, digit in zip(mask, number, strict=True)
    )


def fits_mask(kind: DocumentKind, mask: str, number: str) -> bool:
    """Whether a number could be the one behind a mask; many numbers fit one mask.

    Args:
        kind: kind of document.
        mask: as a certificate shows it.
        number: a whole number, in any spelling ``plain_number`` reads.

    >>> fits_mask(DocumentKind.CN_RESIDENT, "11************002X", "11010519491231002x")
    True
    """
    person = person_number(kind, plain_number(number))
    return shows(mask, person) and is_possible(kind, person)
