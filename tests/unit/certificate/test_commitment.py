"""Openings and what fits a mask (docs/spec clause 2.5): the edges."""

from __future__ import annotations

import pytest

from etitle.certificate.commitment import format_opening, parse_opening
from etitle.certificate.identity import DocumentKind, fits_mask
from etitle.errors import DecodeError

OPENING = bytes(range(10))
PRINTED = format_opening(OPENING)


def test_as_many_separators_as_are_read_and_one_more() -> None:
    longest = PRINTED + " " * (64 - len(PRINTED))
    assert parse_opening(longest) == OPENING
    with pytest.raises(DecodeError) as caught:
        parse_opening(longest + " ")
    assert caught.value.code == "record.opening_malformed"


@pytest.mark.parametrize("number", ["45009919900101ABCX", "A50099199001011234", "0" * 18])
def test_a_typed_number_of_no_shape_is_compared_and_never_raises(number: str) -> None:
    mask = number[:2] + "*" * 12 + number[-4:]
    assert fits_mask(DocumentKind.CN_RESIDENT, mask, number)
    assert not fits_mask(DocumentKind.CN_RESIDENT, "99" + mask[2:], number)
