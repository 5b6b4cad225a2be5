"""Identity documents: kinds, check digits, what a certificate says of its holder's number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


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
    """What a certificate says of its holder's document.

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
