"""Short typed forms of payload values (docs/spec clauses 2.3 and 2.4), each lossless.

Where a value has a typed form, that is its only form; ``payload`` and ``reader`` share these.
"""

from __future__ import annotations

import re
from typing import Final

from etitle.certificate.identity import CHECKSUMMED, EIGHTEEN, DocumentKind, Identity, check_digit
from etitle.certificate.model import Sex

COMPACT_NUMBER: Final = re.compile(r"[1-9][0-9]{0,17}")
"""A number that is written as an integer."""

MAX_COMPACT_NUMBER: Final = 10**18 - 1

_COMPACT_MASK: Final = re.compile(r"[0-9]{2}\*{12}[0-9]{3}[0-9X]")
_CHECK_CHARACTERS: Final = "0123456789X"


def is_checksummed(kind: DocumentKind, number: str) -> bool:
    """Whether a number is of an 18-character kind and its check digit is right."""
    return (
        kind in CHECKSUMMED
        and EIGHTEEN.fullmatch(number) is not None
        and check_digit(number[:17]) == number[17]
    )


def derived_sex(identity: Identity | None) -> Sex | None:
    """The sex that an 18-character number or its mask shows in digit 17, else None."""
    if identity is None or identity.kind not in CHECKSUMMED:
        return None
    shown = identity.shown
    if len(shown) != 18 or not "0" <= shown[16] <= "9":  # GB 11643
        return None
    return Sex.MALE if int(shown[16]) % 2 else Sex.FEMALE


def pack_full(kind: DocumentKind, number: str) -> int | None:
    """The integer of a number with a right check digit; None where text is the form."""
    return int(number[:17]) if is_checksummed(kind, number) else None


def unpack_full(packed: int) -> str | None:
    """The number behind an integer; None where no number has that integer.

    >>> unpack_full(11010519491231002)
    '11010519491231002X'
    """
    if not 10**16 <= packed < 10**17:  # 17 digits
        return None
    return f"{packed}{check_digit(str(packed))}"


def pack_mask(kind: DocumentKind, mask: str) -> int | None:
    """The integer of a mask with two digits before and four characters after the stars.

    >>> pack_mask(DocumentKind.CN_RESIDENT, "45************123X"), unpack_mask(496363)
    (496363, '45************123X')
    """
    if kind not in CHECKSUMMED or not _COMPACT_MASK.fullmatch(mask):
        return None
    return (int(mask[:2]) * 1000 + int(mask[14:17])) * 11 + _CHECK_CHARACTERS.index(mask[17])


def unpack_mask(packed: int) -> str | None:
    """The mask behind an integer; None where no mask has that integer."""
    lead, rest = divmod(packed, 11_000)
    if not 0 <= lead <= 99:
        return None
    tail, last = divmod(rest, 11)
    return f"{lead:02}{'*' * 12}{tail:03}{_CHECK_CHARACTERS[last]}"
