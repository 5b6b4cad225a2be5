"""Numbers that are not a person's: 证号 and electronic-licence identifiers.

The layout of a 证号 is the issuer's configuration (编号段, docs/spec clause 5.7); this module has
only the rules for every number.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import category

from etitle.errors import FieldError

MAX_NUMBER: Final = 40
"""Characters of a 证号 (docs/spec clause 2.2)."""

_NARROW: Final = {
    wide: wide - 0xFEE0
    for wide in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0D)
}
_SPACE: Final = re.compile(r"\s")
_LICENCE: Final = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]+)\.([0-9A-Z]+)\.([0-9A-Z]+)\.([0-9]{3})\.([0-9A-Z])"
)
_MAX_LICENCE: Final = 128
_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def plain_certificate_number(text: str, *, field: str = "number") -> str:
    """A 证号 as stored: full-width letters and digits as ASCII, case and signs as given.

    Args:
        text: without control and invisible characters.
        field: ``number`` or ``supersedes``.

    Raises:
        FieldError: ``record.number_shape`` with white space inside, marks or digits of another
            script, or not 1 to 40 characters.

    >>> plain_certificate_number(" 样例２０２６a-００1 ")
    '样例2026a-001'
    """
    number = text.strip().translate(_NARROW)
    if not 0 < len(number) <= MAX_NUMBER or not has_one_spelling(number):
        raise FieldError("record.number_shape", field=field, limit=MAX_NUMBER)
    return number


def has_one_spelling(number: str) -> bool:
    """Whether no other number looks the same but for width, spaces or marks (clause 2.3.1).

    Else who may give only numbers of no other segment (width 0) could give one that everybody
    reads as another body's.

    >>> [has_one_spelling(number) for number in ("4501", "45０1", "45 01", "（2019）12号")]
    [True, False, False, True]
    """
    if _SPACE.search(number) or number.translate(_NARROW) != number:
        return False
    kinds = () if number.isascii() else {category(c) for c in number if not c.isascii()}
    return not any(kind == "Nd" or kind.startswith("M") for kind in kinds)


def licence_check(body: str) -> str:
    """Check character by ISO 7064 MOD 37,36 over characters 0–9 and A–Z.

    >>> licence_check("11100000000013338W01111430000006122244L20230000403001")
    'U'
    """
    carry = 36
    for character in body:
        carry = (carry + _ALPHANUMERIC.index(character)) % 36 or 36
        carry = carry * 2 % 37
    return _ALPHANUMERIC[(37 - carry) % 36]


def is_electronic_licence_id(text: str) -> bool:
    """Whether a text is a 电子证照标识 (GB/T 36904-2018) with a right check character.

    >>> is_electronic_licence_id(
    ...     "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9"
    ... )
    True
    """
    parts = _LICENCE.fullmatch(text) if len(text) <= _MAX_LICENCE else None
    return parts is not None and licence_check("".join(parts.groups()[:4])) == parts[5]
